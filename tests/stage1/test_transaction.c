// test_transaction.c -- MULTI and WATCH as Redis 7.0.15 answers, and what goes
// down the stack for them.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/transaction.h"

#include "common/base/check.h"
#include "common/server/command.h"
#include "common/server/transaction.h"
#include "tests/stage1/node_harness.h"
#include "tests/test.h"

#define OK "+OK\r\n"
#define QUEUED "+QUEUED\r\n"
#define ABORTED                                                                \
    "-EXECABORT Transaction discarded because of previous errors.\r\n"
#define EXEC_ARITY                                                             \
    "-EXECABORT Transaction discarded because of: wrong number of arguments "  \
    "for 'exec' command\r\n"

TEST(exec_answers_for_all_that_was_queued)
{
    node_expect_all((const struct node_golden[]){
        {"MULTI", OK},
        {"SET a 1", QUEUED},
        {"INCR a", QUEUED},
        {"GET b", QUEUED},
        {"EXEC", "*3\r\n+OK\r\n:2\r\n$-1\r\n"},
        {"GET a", "$1\r\n2\r\n"},
        {"MULTI", OK},
        {"EXEC", "*0\r\n"},
        {0},
    });
}

TEST(nothing_runs_before_exec_nor_after_discard)
{
    node_expect_all((const struct node_golden[]){
        {"MULTI", OK},
        {"SET a 1", QUEUED},
        {"DISCARD", OK},
        {"GET a", "$-1\r\n"},
        {"EXEC", "-ERR EXEC without MULTI\r\n"},
        {"DISCARD", "-ERR DISCARD without MULTI\r\n"},
        {"MULTI", OK},
        {"SET a 1", QUEUED},
        {"RESET", "+RESET\r\n"},
        {"GET a", "$-1\r\n"},
        {0},
    });
}

TEST(an_error_in_the_queue_aborts_everything)
{
    node_expect_all((const struct node_golden[]){
        {"MULTI", OK},
        {"SET a 1", QUEUED},
        {"SET a", "-ERR wrong number of arguments for 'set' command\r\n"},
        {"GET a", QUEUED},
        {"EXEC", ABORTED},
        {"EXEC", "-ERR EXEC without MULTI\r\n"},
        {"GET a", "$-1\r\n"},
        {"MULTI", OK},
        {"NOPE x",
         "-ERR unknown command 'NOPE', with args beginning with: 'x' \r\n"},
        {"EXEC", ABORTED},
        {"MULTI", OK},
        {"SHUTDOWN", "-ERR Command not allowed inside a transaction\r\n"},
        {"EXEC", ABORTED},
        {"MULTI", OK},
        {"DISCARD x",
         "-ERR wrong number of arguments for 'discard' command\r\n"},
        {"EXEC", ABORTED},
        {0},
    });
}

TEST(an_error_while_running_stops_nobody)
{
    node_expect_all((const struct node_golden[]){
        {"SET a text", OK},
        {"MULTI", OK},
        {"INCR a", QUEUED},
        {"SET b 1", QUEUED},
        {"EXEC", "*2\r\n-ERR value is not an integer or out of range\r\n"
                 "+OK\r\n"},
        {"GET b", "$1\r\n1\r\n"},
        {0},
    });
}

TEST(exec_with_arguments_discards)
{
    node_expect_all((const struct node_golden[]){
        {"EXEC x", EXEC_ARITY},
        {"MULTI", OK},
        {"SET a 1", QUEUED},
        {"EXEC x", EXEC_ARITY},
        {"EXEC", "-ERR EXEC without MULTI\r\n"},
        {0},
    });
}

TEST(nesting_and_watching_are_refused_but_spoil_nothing)
{
    node_expect_all((const struct node_golden[]){
        {"MULTI", OK},
        {"MULTI", "-ERR MULTI calls can not be nested\r\n"},
        {"WATCH a", "-ERR WATCH inside MULTI is not allowed\r\n"},
        {"UNWATCH", QUEUED},
        {"EXEC", "*1\r\n+OK\r\n"},
        {0},
    });
}

TEST(commands_above_the_stack_take_their_place)
{
    node_expect_all((const struct node_golden[]){
        {"SET a 1", OK},
        {"MULTI", OK},
        {"PING", QUEUED},
        {"GET a", QUEUED},
        {"CLIENT SETNAME me", QUEUED},
        {"SELECT 0", QUEUED},
        {"LRANGE a 0 1", QUEUED},
        {"CLIENT GETNAME", QUEUED},
        {"SELECT 9", QUEUED},
        {"MGET a b", QUEUED},
        {"CONFIG GET port", QUEUED},
        {"EXEC", "*9\r\n+PONG\r\n$1\r\n1\r\n+OK\r\n+OK\r\n-WRONGTYPE Operation "
                 "against a key holding the wrong kind of value\r\n$2\r\nme\r\n"
                 "-ERR DB index is out of range\r\n*2\r\n$1\r\n1\r\n$-1\r\n"
                 "*2\r\n$4\r\nport\r\n$4\r\n6379\r\n"},
        {0},
    });
}

TEST(what_would_wait_gives_up_at_once)
{
    node_expect_all((const struct node_golden[]){
        {"MULTI", OK},
        {"WAIT 1 0", QUEUED},
        {"SET a 1", QUEUED},
        {"EXEC", "*2\r\n:0\r\n+OK\r\n"},
        {0},
    });
}

TEST(quit_inside_multi_is_not_queued)
{
    node_expect_all((const struct node_golden[]){
        {"MULTI", OK},
        {"QUIT", OK},
        {0},
    });
}

TEST(replies_follow_the_protocol)
{
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    node_client_open(&client, &harness);
    node_client_send(&client, "HELLO 3");
    node_expect(&client, "SET a 1", OK);
    node_expect(&client, "WATCH a", OK);
    node_expect(&client, "SET a 2", OK);
    node_expect(&client, "MULTI", OK);
    node_expect(&client, "PING", QUEUED);
    node_expect(&client, "EXEC", "_\r\n");
    node_expect(&client, "MULTI", OK);
    node_expect(&client, "GET b", QUEUED);
    node_expect(&client, "CONFIG GET port", QUEUED);
    node_expect(&client, "EXEC",
                "*2\r\n_\r\n%1\r\n$4\r\nport\r\n$4\r\n6379\r\n");
    node_client_close(&client);
    node_deinit(&harness);
}

// ---- WATCH

// What another client does between WATCH and EXEC, and whether EXEC runs. `a`
// is a string, `soon` one that expires, `b` is absent.
static const struct watch_case {
    const char *watch;
    const char *other; // "+100": time passes.
    bool runs;
} watch_cases[] = {
    {"WATCH a", "GET a", true},          {"WATCH a", "SET a 2", false},
    {"WATCH a", "SET a 1", false}, // The same value, but written.
    {"WATCH a", "SET c 1", true},        {"WATCH c a", "APPEND a x", false},
    {"WATCH a", "DEL a", false},         {"WATCH a", "DEL b", true},
    {"WATCH a", "EXPIRE a 100", false},  {"WATCH a", "PERSIST a", true},
    {"WATCH a", "RENAME a c", false},    {"WATCH c", "RENAME a c", false},
    {"WATCH a", "FLUSHALL", false},      {"WATCH b", "FLUSHALL", true},
    {"WATCH b", "SET b 1", false},       {"WATCH b", "LPUSH b 1", false},
    {"WATCH b", "GET b", true},          {"WATCH soon", "+100", true},
    {"WATCH soon", "+2000", false},      {"WATCH a", "+2000", true},
    {"WATCH b", "BATCH PUT b 1", false},
};

enum { WATCH_CASES = sizeof watch_cases / sizeof *watch_cases };

TEST_FOR(exec_depends_on_what_is_watched, WATCH_CASES)
{
    const struct watch_case *row = &watch_cases[_i];
    struct node_harness harness;
    struct node_client one, other;
    node_init(&harness);
    node_client_open(&one, &harness);
    node_client_open(&other, &harness);
    node_client_send(&one, "MSET a 1");
    node_client_send(&one, "SET soon 1 PX 1000");
    node_expect(&one, row->watch, OK);
    if (row->other[0] == '+')
        node_advance_ms(&harness, strtoll(row->other, NULL, 10));
    else
        node_client_send(&other, row->other);
    node_expect(&one, "MULTI", OK);
    node_expect(&one, "SET done 1", QUEUED);
    const char *reply = node_client_send(&one, "EXEC");
    ck_assert_msg(!strcmp(reply, row->runs ? "*1\r\n+OK\r\n" : "*-1\r\n"),
                  "%s, %s: %s", row->watch, row->other, reply);
    node_expect(&other, "EXISTS done", row->runs ? ":1\r\n" : ":0\r\n");
    node_client_close(&one);
    node_client_close(&other);
    node_deinit(&harness);
}

TEST(every_end_forgets_what_is_watched)
{
    node_expect_all((const struct node_golden[]){
        {"SET a 1", OK},
        {"WATCH a", OK},
        {"SET a 2", OK},
        {"UNWATCH", OK},
        {"MULTI", OK},
        {"EXEC", "*0\r\n"},
        {"WATCH a", OK},
        {"SET a 2", OK},
        {"MULTI", OK},
        {"DISCARD", OK},
        {"MULTI", OK},
        {"EXEC", "*0\r\n"},
        {"WATCH a", OK},
        {"SET a 2", OK},
        {"MULTI", OK},
        {"EXEC", "*-1\r\n"},
        {"MULTI", OK},
        {"EXEC", "*0\r\n"},
        {0},
    });
}

TEST(watching_twice_keeps_the_older_version)
{
    node_expect_all((const struct node_golden[]){
        {"SET a 1", OK},
        {"WATCH a", OK},
        {"SET a 2", OK},
        {"WATCH a", OK},
        {"MULTI", OK},
        {"EXEC", "*-1\r\n"},
        {0},
    });
}

// ---- BATCH

TEST(a_batch_answers_for_each_operation)
{
    node_expect_all((const struct node_golden[]){
        {"LPUSH l 1", ":1\r\n"},
        {"BATCH PUT a 1 GET a delete A Delete a GET a GET l",
         "*6\r\n+OK\r\n$1\r\n1\r\n:0\r\n:1\r\n$-1\r\n-WRONGTYPE Operation "
         "against a key holding the wrong kind of value\r\n"},
        {"MULTI", OK},
        {"BATCH PUT a 2 GET a", QUEUED},
        {"EXEC", "*1\r\n*2\r\n+OK\r\n$1\r\n2\r\n"},
        {0},
    });
}

TEST(a_malformed_batch_runs_nothing)
{
    node_expect_all((const struct node_golden[]){
        {"BATCH PUT a 1 NOPE b", "-ERR unknown operation 'NOPE' in BATCH\r\n"},
        {"BATCH PUT a 1 PUT b",
         "-ERR wrong number of arguments for 'batch' command\r\n"},
        {"BATCH PUT a 1 GET",
         "-ERR wrong number of arguments for 'batch' command\r\n"},
        {"EXISTS a", ":0\r\n"},
        {0},
    });
}

TEST(a_batch_tells_its_keys)
{
    node_expect_all((const struct node_golden[]){
        {"COMMAND GETKEYS BATCH PUT a 1 GET b DELETE c",
         "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"},
        {"COMMAND GETKEYS BATCH PUT a 1 NOPE b",
         "-ERR Invalid arguments specified for command\r\n"},
        {"COMMAND GETKEYS BATCH GET a PUT b",
         "-ERR Invalid arguments specified for command\r\n"},
        {0},
    });
}

// ---- One request

TEST(a_transaction_goes_down_as_one_request)
{
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    node_client_open(&client, &harness);
    node_client_send(&client, "MULTI");
    node_client_send(&client, "SET a 1");
    node_client_send(&client, "PING");
    node_client_send(&client, "INCR a");
    ck_assert_uint_eq(harness.record_count, 0);
    node_client_send(&client, "EXEC");
    node_client_send(&client, "BATCH PUT b 1 PUT c 2");
    ck_assert_uint_eq(harness.record_count, 2);
    struct argv *argv = &harness.records[0].argv;
    ck_assert(slice_equal(argv_slices(argv)[0], SLICE("EXEC")));
    ck_assert(harness.records[0].changed);
    ck_assert(harness.records[1].changed);
    node_client_close(&client);
    node_deinit(&harness);
}

TEST(what_changes_nothing_says_so)
{
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    node_client_open(&client, &harness);
    node_client_send(&client, "WATCH a");
    node_client_send(&client, "MULTI");
    node_client_send(&client, "GET a");
    node_client_send(&client, "DEL a");
    node_client_send(&client, "EXEC");
    ck_assert_uint_eq(harness.record_count, 2);
    ck_assert(!harness.records[0].changed);
    ck_assert(!harness.records[1].changed);
    node_client_close(&client);
    node_deinit(&harness);
}

// The layers below know nothing of transactions: replaying what they saw must
// be enough, randomness included.
TEST(replaying_the_requests_gives_the_same_store)
{
    static const char *const lines[] = {
        "RPUSH l 1 2 3 4",
        "MULTI",
        "LPOP l",
        "SET a 1 PX 5000",
        "INCR a",
        "EXEC",
        "BEGIN",
        "RPUSH l 5",
        "LMOVE l m LEFT RIGHT",
        "SET b 7",
        "APPEND b 8",
        "COMMIT",
        "BATCH PUT c 1 PUT d 2 DELETE c",
    };
    struct node_harness harness, copy;
    struct node_client client, reader;
    node_init(&harness);
    node_init(&copy);
    node_client_open(&client, &harness);
    node_client_open(&reader, &copy);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_int_ne(node_client_send(&client, lines[i])[0], '-');
    node_replay(&harness, &copy);
    static const char *const looks[] = {
        "LRANGE l 0 -1", "LRANGE m 0 -1", "MGET a b c d",
        "PEXPIRETIME a", "DBSIZE",
    };
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        node_expect(&reader, looks[i], node_client_send(&client, looks[i]));
    node_client_close(&client);
    node_client_close(&reader);
    node_deinit(&harness);
    node_deinit(&copy);
}

TEST(a_malformed_flat_request_is_refused_whole)
{
    static const struct slice bad[][8] = {
        {{"EXEC", 4}},
        {{"EXEC", 4}, {"1", 1}, {"0", 1}},
        {{"EXEC", 4}, {"0", 1}, {"1", 1}, {"9", 1}, {"3", 1}, {"SET", 3}},
        {{"EXEC", 4}, {"0", 1}, {"0", 1}, {"x", 1}},
        {{"EXEC", 4}, {"-1", 2}, {"0", 1}},
        {{"EXEC", 4}, {"99999999999", 11}, {"0", 1}},
    };
    struct node_harness harness;
    node_init(&harness);
    struct hash_secret secret = {0};
    struct store *store = store_create(&secret);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buffer out = {0};
        struct request request = {
            .command = command_find(harness.server->commands, SLICE("exec")),
            .argv = bad[i],
            .reply = {.out = &out, .protocol = 2},
        };
        while (request.argc < 8 && bad[i][request.argc].data)
            request.argc++;
        transaction_exec(store, &request);
        ck_assert(slice_equal(buffer_slice(&out),
                              SLICE("-ERR malformed transaction\r\n")));
        buffer_deinit(&out);
    }
    store_destroy(store);
    node_deinit(&harness);
}

// ---- A layer that answers later

TEST(a_slow_layer_changes_no_reply)
{
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    harness.slow = true;
    node_client_open(&client, &harness);
    // All at once: what follows WATCH must wait for the version.
    node_expect(&client,
                "SET a 1\r\nWATCH a\r\nMULTI\r\nINCR a\r\nPING\r\nEXEC\r\n"
                "GET a",
                "");
    for (int i = 0; i < 5; i++) {
        node_release(&harness);
        session_resume(client.session);
    }
    ck_assert_str_eq(node_client_take(&client),
                     "+OK\r\n+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n"
                     "*2\r\n:2\r\n+PONG\r\n$1\r\n2\r\n");
    node_client_close(&client);
    node_deinit(&harness);
}

TEST(a_client_may_go_while_its_exec_is_under_way)
{
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    harness.slow = true;
    node_client_open(&client, &harness);
    node_expect(&client, "MULTI\r\nSET a 1\r\nPING\r\nEXEC",
                "+OK\r\n+QUEUED\r\n+QUEUED\r\n");
    node_client_close(&client);
    node_release(&harness);
    harness.slow = false;
    node_client_open(&client, &harness);
    node_expect(&client, "GET a", "$1\r\n1\r\n");
    node_client_close(&client);
    node_deinit(&harness);
}

TEST(a_queue_is_bounded)
{
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    harness.settings.input_buffer_max = 100;
    node_client_open(&client, &harness);
    node_expect(&client, "MULTI", OK);
    for (int i = 0; i < 5; i++)
        node_expect(&client, "SET a 123456789012345", QUEUED);
    node_expect(&client, "SET a 123456789012345",
                "-ERR transaction exceeds input_buffer_max\r\n");
    node_expect(&client, "EXEC", ABORTED);
    node_client_close(&client);
    node_deinit(&harness);
}

TEST(client_list_says_how_much_is_queued)
{
    struct node_harness harness;
    struct node_client client, other;
    node_init(&harness);
    node_client_open(&client, &harness);
    node_client_open(&other, &harness);
    const char *lists = "CLIENT LIST ID 1";
    ck_assert(strstr(node_client_send(&other, lists), "flags=N "));
    ck_assert(strstr(node_client_send(&other, lists), " multi=-1 "));
    node_client_send(&client, "MULTI");
    node_client_send(&client, "GET a");
    ck_assert(strstr(node_client_send(&other, lists), "flags=x "));
    ck_assert(strstr(node_client_send(&other, lists), " multi=1 "));
    node_client_send(&client, "EXEC");
    ck_assert(strstr(node_client_send(&other, lists), " multi=-1 "));
    node_client_close(&client);
    node_client_close(&other);
    node_deinit(&harness);
}

TEST(monitors_see_what_runs_in_a_transaction)
{
    struct node_harness harness;
    struct node_client client, monitor;
    node_init(&harness);
    node_client_open(&client, &harness);
    node_client_open(&monitor, &harness);
    node_expect(&monitor, "MONITOR", OK);
    node_client_send(&client, "MULTI");
    node_client_send(&client, "SET a 1");
    ck_assert(!strstr(node_client_take(&monitor), "SET"));
    node_client_send(&client, "EXEC");
    ck_assert(strstr(node_client_take(&monitor), "\"SET\" \"a\" \"1\"\r\n"));
    node_client_send(&client, "BEGIN");
    node_client_send(&client, "SET b 1");
    ck_assert(strstr(node_client_take(&monitor), "\"SET\" \"b\" \"1\"\r\n"));
    node_client_close(&client);
    node_client_close(&monitor);
    node_deinit(&harness);
}

// How often a command has run, how many of these times were measured, and how
// often it failed.
static void expect_counted(const struct node_harness *harness, const char *name,
                           uint64_t calls, uint64_t timed, uint64_t failed)
{
    const struct server *server = harness->server;
    uint32_t id = command_find(server->commands, slice_of(name))->id;
    struct histogram times;
    command_stats_read(&server->command_stats, id, COMMAND_SINCE_START, &times);
    ck_assert_msg(server->calls[id] == calls, "%s", name);
    ck_assert_msg(times.count == timed, "%s", name);
    histogram_deinit(&times);
    ck_assert_msg(server->command_stats.records[id].failed == failed, "%s",
                  name);
}

TEST(commands_count_wherever_they_run)
{
    static const char *const lines[] = {
        "MULTI",      "SET a 1",   "LPUSH a x",
        "PING",       "EXEC",      "MULTI",
        "SET a 2",    "DISCARD",   "BEGIN",
        "INCR a",     "LPUSH a x", "COMMIT",
        "BEGIN",      "DECR a",    "ROLLBACK",
        "WATCH a",    "SET a 3",   "MULTI",
        "APPEND a 1", "EXEC",      "BATCH PUT a 1 GET a PUT b 2 GET b",
    };
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    node_client_open(&client, &harness);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        node_client_send(&client, lines[i]);
    expect_counted(&harness, "exec", 2, 2, 0);
    expect_counted(&harness, "set", 2, 2, 0); // Not the one discarded.
    expect_counted(&harness, "ping", 1, 1, 0);
    expect_counted(&harness, "lpush", 2, 2, 2);
    expect_counted(&harness, "incr", 1, 1, 0); // By the client, not by COMMIT.
    expect_counted(&harness, "decr", 1, 1, 0);
    expect_counted(&harness, "begin", 2, 2, 0);
    expect_counted(&harness, "commit", 1, 1, 0);
    expect_counted(&harness, "append", 0, 0, 0); // A watched key had changed.
    expect_counted(&harness, "batch", 1, 1, 0);
    expect_counted(&harness, "put", 2, 2, 0);
    expect_counted(&harness, "get", 2, 2, 0);
    ck_assert_uint_eq(harness.server->stats.commands_processed, 23);

    harness.settings.command_times = false;
    node_client_send(&client, "BATCH PUT a 1");
    expect_counted(&harness, "put", 3, 2, 0);
    node_client_close(&client);
    node_deinit(&harness);
}

TEST(slowlog_shows_what_exec_ran_instead_of_exec)
{
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    node_client_open(&client, &harness);
    harness.settings.slowlog_log_slower_than = 0;
    static const char *const lines[] = {"MULTI", "SET a 1", "PING", "EXEC"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        node_client_send(&client, lines[i]);
    const char *shown = node_client_send(&client, "SLOWLOG GET");
    ck_assert_uint_eq(harness.server->slowlog.count, 4); // And SLOWLOG itself.
    ck_assert(strstr(shown, "$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"));
    ck_assert(strstr(shown, "$4\r\nPING\r\n"));
    ck_assert(strstr(shown, "$5\r\nMULTI\r\n"));
    ck_assert(!strstr(shown, "EXEC"));
    node_client_close(&client);
    node_deinit(&harness);
}

TEST(errors_inside_exec_count_by_their_codes)
{
    node_expect_all((const struct node_golden[]){
        {"MULTI", OK},
        {"SET a 1", QUEUED},
        {"LPUSH a x", QUEUED},
        {"SELECT 9", QUEUED},
        {"EXEC", "*3\r\n+OK\r\n-WRONGTYPE Operation against a key holding the "
                 "wrong kind of value\r\n-ERR DB index is out of range\r\n"},
        {"INFO errorstats",
         "$66\r\n# Errorstats\r\nerrorstat_WRONGTYPE:count=1\r\n"
         "errorstat_ERR:count=1\r\n\r\n"},
        {0},
    });
}
