// test_interactive.c -- BEGIN, COMMIT, ROLLBACK: what a transaction sees, when
// it conflicts, and that it leaves no trace when it does not come to its end.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/interactive.h"

#include <stdio.h>

#include "tests/stage1/node_harness.h"
#include "tests/test.h"

#define OK "+OK\r\n"
#define NIL "$-1\r\n"
#define TIMED_OUT                                                              \
    "-ERR transaction took longer than 60 s and was rolled back\r\n"

TEST(a_transaction_sees_its_own_writes)
{
    node_expect_all((const struct node_golden[]){
        {"SET a 1", OK},
        {"RPUSH l x", ":1\r\n"},
        {"BEGIN", OK},
        {"INCR a", ":2\r\n"},
        {"GET a", "$1\r\n2\r\n"},
        {"PUT b new", OK},
        {"APPEND b er", ":5\r\n"},
        {"GET b", "$5\r\nnewer\r\n"},
        {"RPUSH l y", ":2\r\n"},
        {"LRANGE l 0 -1", "*2\r\n$1\r\nx\r\n$1\r\ny\r\n"},
        {"DEL a", ":1\r\n"},
        {"GET a", NIL},
        {"COMMIT", OK},
        {"GET a", NIL},
        {"GET b", "$5\r\nnewer\r\n"},
        {"LRANGE l 0 -1", "*2\r\n$1\r\nx\r\n$1\r\ny\r\n"},
        {0},
    });
}

TEST(the_words_have_their_places)
{
    node_expect_all((const struct node_golden[]){
        {"COMMIT", "-ERR COMMIT without BEGIN\r\n"},
        {"ROLLBACK", "-ERR ROLLBACK without BEGIN\r\n"},
        {"BEGIN one two",
         "-ERR wrong number of arguments for 'begin' command\r\n"},
        {"BEGIN one", OK},
        {"BEGIN two", "-ERR BEGIN calls can not be nested\r\n"},
        {"MULTI", "-ERR MULTI inside another transaction is not allowed\r\n"},
        {"WATCH a", "-ERR WATCH inside another transaction is not allowed\r\n"},
        {"EXEC", "-ERR EXEC without MULTI\r\n"},
        {"DISCARD", "-ERR DISCARD without MULTI\r\n"},
        {"PING", "+PONG\r\n"},
        {"COMMIT", OK},
        {"MULTI", OK},
        {"BEGIN", "-ERR Command not allowed inside a transaction\r\n"},
        {"DISCARD", OK},
        {0},
    });
}

TEST(commands_that_name_no_keys_are_refused)
{
    node_expect_all((const struct node_golden[]){
        {"BEGIN", OK},
        {"KEYS *",
         "-ERR 'keys' does not name its keys, and can't run inside BEGIN\r\n"},
        {"FLUSHALL", "-ERR 'flushall' does not name its keys, and can't run "
                     "inside BEGIN\r\n"},
        {"DBSIZE", "-ERR 'dbsize' does not name its keys, and can't run inside "
                   "BEGIN\r\n"},
        {"SET a 1", OK},
        {"COMMIT", OK},
        {"GET a", "$1\r\n1\r\n"},
        {0},
    });
}

TEST(an_error_leaves_the_transaction_as_it_was)
{
    node_expect_all((const struct node_golden[]){
        {"BEGIN", OK},
        {"SET a x", OK},
        {"INCR a", "-ERR value is not an integer or out of range\r\n"},
        {"SET a", "-ERR wrong number of arguments for 'set' command\r\n"},
        {"SETEX b 0 1", "-ERR invalid expire time in 'setex' command\r\n"},
        {"COMMIT", OK},
        {"GET a", "$1\r\nx\r\n"},
        {0},
    });
}

TEST(rollback_and_reset_leave_no_trace)
{
    node_expect_all((const struct node_golden[]){
        {"SET a 1", OK},
        {"BEGIN", OK},
        {"SET a 2", OK},
        {"SET b 2", OK},
        {"ROLLBACK", OK},
        {"BEGIN", OK},
        {"DEL a", ":1\r\n"},
        {"RESET", "+RESET\r\n"},
        {"COMMIT", "-ERR COMMIT without BEGIN\r\n"},
        {"MGET a b", "*2\r\n$1\r\n1\r\n$-1\r\n"},
        {0},
    });
}

TEST(time_stands_still_inside)
{
    node_expect_all((const struct node_golden[]){
        {"BEGIN", OK},
        {"SET a 1 PX 1000", OK},
        {"+5000", NULL},
        {"INCR a", ":2\r\n"},
        {"PTTL a", ":1000\r\n"},
        {"COMMIT", OK},
        {"MGET a", "*1\r\n$1\r\n2\r\n"},
        {"PTTL a", ":1000\r\n"},
        {"+1000", NULL},
        {"GET a", NIL},
        {0},
    });
}

TEST(a_transaction_ends_when_its_time_is_up)
{
    node_expect_all((const struct node_golden[]){
        {"BEGIN slow", OK},
        {"SET a 1", OK},
        {"+59999", NULL},
        {"GET a", "$1\r\n1\r\n"},
        {"+1", NULL},
        {"GET a", TIMED_OUT},
        {"PING", "+PONG\r\n"},
        {"SET a 2", TIMED_OUT},
        {"COMMIT", TIMED_OUT},
        {"GET a", NIL},
        {"BEGIN", OK},
        {"+60000", NULL},
        {"ROLLBACK", OK},
        {"GET a", NIL},
        {0},
    });
}

// ---- With others around

struct pair {
    struct node_harness harness;
    struct node_client one, two;
};

static void pair_init(struct pair *pair)
{
    node_init(&pair->harness);
    node_client_open(&pair->one, &pair->harness);
    node_client_open(&pair->two, &pair->harness);
}

static void pair_deinit(struct pair *pair)
{
    node_client_close(&pair->one);
    node_client_close(&pair->two);
    node_deinit(&pair->harness);
}

TEST(nobody_sees_what_is_not_committed)
{
    struct pair pair;
    pair_init(&pair);
    node_expect(&pair.one, "BEGIN", OK);
    node_expect(&pair.one, "SET a 1", OK);
    node_expect(&pair.two, "GET a", NIL);
    node_expect(&pair.one, "COMMIT", OK);
    node_expect(&pair.two, "GET a", "$1\r\n1\r\n");
    pair_deinit(&pair);
}

TEST(events_come_from_commit_alone)
{
    struct pair pair;
    pair_init(&pair);
    node_expect(&pair.two, "CONFIG SET notify-keyspace-events KEA", OK);
    node_client_send(&pair.two, "PSUBSCRIBE *");
    node_expect(&pair.one, "BEGIN", OK);
    node_expect(&pair.one, "SET a 1", OK);
    ck_assert_str_eq(node_client_take(&pair.two), "");
    node_expect(&pair.one, "COMMIT", OK);
    ck_assert(strstr(node_client_take(&pair.two), "__keyevent@0__:set"));
    pair_deinit(&pair);
}

TEST(a_dropped_connection_leaves_no_trace)
{
    struct pair pair;
    pair_init(&pair);
    node_expect(&pair.one, "BEGIN", OK);
    node_expect(&pair.one, "SET a 1", OK);
    node_client_close(&pair.one);
    node_advance_ms(&pair.harness, INTERACTIVE_MS_MAX + 1);
    node_expect(&pair.two, "GET a", NIL);
    pair_deinit(&pair);
}

// What one does inside, what two does meanwhile, and the key that conflicts.
// `a` is 1, `l` a list, `soon` expires, `b` is absent.
static const struct conflict_case {
    const char *inside;
    const char *other; // "+100": time passes.
    const char *key;   // NULL: it commits.
} conflict_cases[] = {
    {"GET a", "GET a", NULL},
    {"GET a", "SET a 2", "a"},
    {"GET a", "SET c 2", NULL},
    {"GET a", "DEL a", "a"},
    {"GET a", "FLUSHALL", "a"},
    {"INCR a", "INCR a", "a"},
    {"GET b", "SET b 1", "b"}, // A phantom.
    {"EXISTS x b", "LPUSH b 1", "b"},
    {"GET b", "DEL b", NULL},
    {"LRANGE l 0 -1", "RPUSH l z", "l"},
    {"MGET c a", "APPEND a x", "a"},
    {"COPY a d", "SET d 1", "d"},
    {"RENAME a d", "SET d 1", "d"},
    {"GET soon", "+2000", "soon"},
    {"GET a", "+2000", NULL},
    {"GET a", "EXPIRE a 100", "a"},
    // Who overwrites without a look has read nothing.
    {"SET a 5", "SET a 2", NULL},
    {"PUT b 5", "PUT b 2", NULL},
    {"SET a 5 EX 100", "SET a 2", NULL},
    {"MSET a 5 b 5", "MSET a 2 b 2", NULL},
    {"SETEX a 10 5", "DEL a", NULL},
    // These look.
    {"SET b 5 NX", "SET b 2", "b"},
    {"SET a 5 XX", "SET a 2", "a"},
    {"SET a 5 GET", "SET a 2", "a"},
    {"SET a 5 KEEPTTL", "SET a 2", "a"},
    {"SETNX b 5", "SET b 2", "b"},
    {"DEL a", "SET a 2", "a"},
    {"SETEX a 0 5", "SET a 2", NULL}, // It was refused.
    // Keys that move about in the arguments.
    {"LMPOP 2 b l LEFT", "RPUSH l z", "l"},
    {"LMPOP 2 b l LEFT", "RPUSH b z", "b"},
    {"SINTERCARD 2 b b", "SADD b x", "b"},
    {"BATCH GET a PUT c 1", "SET a 2", "a"},
    {"BATCH GET a PUT c 1", "SET PUT 2", NULL}, // No key of it.
};

enum { CONFLICT_CASES = sizeof conflict_cases / sizeof *conflict_cases };

TEST_FOR(commit_validates_what_was_read, CONFLICT_CASES)
{
    const struct conflict_case *row = &conflict_cases[_i];
    struct pair pair;
    char wanted[128] = OK;
    if (row->key)
        snprintf(wanted, sizeof wanted,
                 "-CONFLICT %s changed since it was read\r\n", row->key);
    pair_init(&pair);
    node_client_send(&pair.one, "SET a 1");
    node_client_send(&pair.one, "RPUSH l x y");
    node_client_send(&pair.one, "SET soon 1 PX 1000");
    node_expect(&pair.one, "BEGIN", OK);
    node_client_send(&pair.one, row->inside);
    node_expect(&pair.one, "SET done 1", OK);
    if (row->other[0] == '+')
        node_advance_ms(&pair.harness, strtoll(row->other, NULL, 10));
    else
        node_client_send(&pair.two, row->other);
    const char *reply = node_client_send(&pair.one, "COMMIT");
    ck_assert_msg(!strcmp(reply, wanted), "%s, %s: %s", row->inside, row->other,
                  reply);
    node_expect(&pair.two, "EXISTS done", row->key ? ":0\r\n" : ":1\r\n");
    // It is over either way.
    node_expect(&pair.one, "ROLLBACK", "-ERR ROLLBACK without BEGIN\r\n");
    pair_deinit(&pair);
}

TEST(what_was_overwritten_first_is_the_transactions_own)
{
    struct pair pair;
    pair_init(&pair);
    node_expect(&pair.one, "BEGIN", OK);
    node_expect(&pair.one, "SET a 5", OK);
    node_expect(&pair.one, "INCR a", ":6\r\n");
    node_expect(&pair.two, "SET a 100", OK);
    node_expect(&pair.one, "INCR a", ":7\r\n");
    node_expect(&pair.one, "COMMIT", OK);
    node_expect(&pair.two, "GET a", "$1\r\n7\r\n");
    pair_deinit(&pair);
}

TEST(reads_repeat_inside)
{
    struct pair pair;
    pair_init(&pair);
    node_expect(&pair.two, "SET a 1", OK);
    node_expect(&pair.one, "BEGIN", OK);
    node_expect(&pair.one, "MGET a b", "*2\r\n$1\r\n1\r\n$-1\r\n");
    node_expect(&pair.two, "MSET a 2 b 2", OK);
    node_expect(&pair.one, "MGET a b", "*2\r\n$1\r\n1\r\n$-1\r\n");
    node_expect(&pair.one, "COMMIT",
                "-CONFLICT a changed since it was read\r\n");
    pair_deinit(&pair);
}

// Two doctors on call; each goes home if the other stays. (Write skew: each
// reads both and writes one, so that no key is written twice.)
TEST(write_skew_conflicts)
{
    struct pair pair;
    pair_init(&pair);
    node_expect(&pair.one, "MSET x on y on", OK);
    node_expect(&pair.one, "BEGIN", OK);
    node_expect(&pair.two, "BEGIN", OK);
    node_expect(&pair.one, "MGET x y", "*2\r\n$2\r\non\r\n$2\r\non\r\n");
    node_expect(&pair.two, "MGET x y", "*2\r\n$2\r\non\r\n$2\r\non\r\n");
    node_expect(&pair.one, "SET x off", OK);
    node_expect(&pair.two, "SET y off", OK);
    node_expect(&pair.one, "COMMIT", OK);
    node_expect(&pair.two, "COMMIT",
                "-CONFLICT x changed since it was read\r\n");
    node_expect(&pair.one, "MGET x y", "*2\r\n$3\r\noff\r\n$2\r\non\r\n");
    pair_deinit(&pair);
}

// COMMIT runs the command again: with the same randomness, on a set in the same
// order.
static void expect_same_picks(const char *fill)
{
    struct pair pair;
    char popped[32][32];
    char line[64];
    pair_init(&pair);
    ck_assert_int_eq(node_client_send(&pair.one, fill)[0], ':');
    node_expect(&pair.one, "BEGIN", OK);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(sscanf(node_client_send(&pair.one, "SPOP s"),
                                "$%*d %31s", popped[i]),
                         1);
    node_expect(&pair.one, "COMMIT", OK);
    for (int i = 0; i < 3; i++) {
        snprintf(line, sizeof line, "SISMEMBER s %.31s", popped[i]);
        node_expect(&pair.two, line, ":0\r\n");
    }
    pair_deinit(&pair);
}

TEST(commit_picks_what_was_picked)
{
    struct buffer many = {0};
    buffer_append_text(&many, "SADD s");
    for (int i = 0; i < 1000; i++)
        buffer_printf(&many, " member:%d", i);
    buffer_append_byte(&many, '\0');
    expect_same_picks("SADD s 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
    expect_same_picks("SADD s a b c d e f g h i j k l m n o p q r s t u");
    expect_same_picks(many.data);
    buffer_deinit(&many);
}

TEST(a_conflict_names_a_key_of_any_bytes)
{
    struct pair pair;
    pair_init(&pair);
    node_expect(&pair.one, "BEGIN", OK);
    node_expect(&pair.one, "GET \"a\\r\\nb\"", NIL);
    node_expect(&pair.two, "SET \"a\\r\\nb\" 1", OK);
    node_expect(&pair.one, "COMMIT",
                "-CONFLICT a  b changed since it was read\r\n");
    pair_deinit(&pair);
}

TEST(a_slow_layer_keeps_the_order_inside)
{
    struct pair pair;
    pair_init(&pair);
    pair.harness.slow = true;
    node_expect(&pair.one,
                "BEGIN\r\nSET a 1\r\nINCR a\r\nGET b\r\nCOMMIT\r\nGET a", OK);
    for (int i = 0; i < 6; i++) {
        node_release(&pair.harness);
        session_resume(pair.one.session);
    }
    ck_assert_str_eq(node_client_take(&pair.one),
                     "+OK\r\n:2\r\n$-1\r\n+OK\r\n$1\r\n2\r\n");
    pair_deinit(&pair);
}

TEST(a_client_may_go_while_its_command_is_under_way)
{
    struct pair pair;
    pair_init(&pair);
    pair.harness.slow = true;
    node_expect(&pair.one, "BEGIN\r\nSET a 1\r\nCOMMIT", OK);
    node_client_close(&pair.one);
    node_release(&pair.harness);
    pair.harness.slow = false;
    node_expect(&pair.two, "GET a", NIL);
    pair_deinit(&pair);
}

TEST(time_may_be_up_while_a_command_is_under_way)
{
    struct pair pair;
    pair_init(&pair);
    pair.harness.slow = true;
    node_expect(&pair.one, "BEGIN\r\nSET a 1\r\nCOMMIT", OK);
    node_advance_ms(&pair.harness, INTERACTIVE_MS_MAX);
    node_release(&pair.harness);
    pair.harness.slow = false;
    ck_assert_str_eq(node_client_take(&pair.one), TIMED_OUT TIMED_OUT);
    node_expect(&pair.two, "GET a", NIL);
    pair_deinit(&pair);
}

TEST(a_transaction_is_bounded)
{
    struct pair pair;
    pair_init(&pair);
    node_client_send(&pair.two, "SETBIT big 400000000 1"); // 50 MB
    node_expect(&pair.one, "BEGIN", OK);
    node_expect(&pair.one, "STRLEN big", ":50000001\r\n");
    node_client_send(&pair.two, "SETBIT bigger 400000000 1");
    node_expect(&pair.one, "STRLEN bigger",
                "-ERR transaction is too large\r\n");
    node_expect(&pair.one, "SET a 1", OK);
    node_expect(&pair.one, "COMMIT", OK);
    pair_deinit(&pair);
}
