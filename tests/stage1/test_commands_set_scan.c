// test_commands_set_scan.c -- SPOP, SRANDMEMBER, SSCAN.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"

#include <stdio.h>

#include "tests/test.h"

#define NOT_POSITIVE "-ERR value is out of range, must be positive\r\n"

// A set "s" of the numbers below `count`, or of as many words.
static void make_set(struct harness *harness, const char *format, int count)
{
    char line[64], member[32];
    for (int i = 0; i < count; i++) {
        snprintf(member, sizeof member, format, i);
        snprintf(line, sizeof line, "sadd s %s", member);
        harness_run(harness, line);
    }
}

// Reads "$N\r\n...\r\n" from the front of `reply`.
static struct slice take_bulk(struct slice *reply)
{
    struct slice bulk;
    const char *end = memchr(reply->data, '\n', reply->size);
    ck_assert(reply->data[0] == '$' && end);
    bulk.size = (size_t)strtol(reply->data + 1, NULL, 10);
    bulk.data = end + 1;
    reply->size -= (size_t)(bulk.data + bulk.size + 2 - reply->data);
    reply->data = bulk.data + bulk.size + 2;
    return bulk;
}

static long take_header(struct slice *reply, char kind)
{
    const char *end = memchr(reply->data, '\n', reply->size);
    ck_assert(end);
    ck_assert_int_eq(reply->data[0], kind);
    long count = strtol(reply->data + 1, NULL, 10);
    reply->size -= (size_t)(end + 1 - reply->data);
    reply->data = end + 1;
    return count;
}

// Counts, by the number at their end, the members of a reply that has `count`
// of them. Those of one reply differ unless `repeats`.
static void count_members(struct slice reply, char kind, long count,
                          bool repeats, int *seen, int size)
{
    bool here[1024] = {false};
    ck_assert_int_eq(take_header(&reply, kind), count);
    for (long i = 0; i < count; i++) {
        struct slice member = take_bulk(&reply);
        int64_t number;
        if (member.data[0] == 'm')
            member = (struct slice){member.data + 1, member.size - 1};
        ck_assert(slice_to_int64(member, &number));
        ck_assert(number >= 0 && number < size);
        ck_assert(repeats || !here[number]);
        here[number] = true;
        seen[number]++;
    }
    ck_assert_uint_eq(reply.size, 0);
}

static const char *const formats[] = {"%d", "m%d"};

TEST(random_members_of_nothing)
{
    harness_expect((const struct golden[]){
        {"spop nokey", NIL},
        {"spop nokey 0", "~0\r\n"},
        {"spop nokey 3", "~0\r\n"},
        {"srandmember nokey", NIL},
        {"srandmember nokey 3", "*0\r\n"},
        {"srandmember nokey -3", "*0\r\n"},
        {"spop lst", WRONG_TYPE},
        {"spop lst 0", WRONG_TYPE},
        {"srandmember lst", WRONG_TYPE},
        {"srandmember lst 0", WRONG_TYPE},
        {0},
    });
}

TEST(counts_are_checked_before_the_key)
{
    harness_expect((const struct golden[]){
        {"spop lst -1", NOT_POSITIVE},
        {"spop lst x", NOT_POSITIVE},
        {"spop lst 1 2", SYNTAX_ERROR},
        {"srandmember lst x", NOT_AN_INTEGER},
        {"srandmember lst 1 2", SYNTAX_ERROR},
        {"srandmember lst -9223372036854775808",
         "-ERR value is out of range, value must between "
         "-9223372036854775807 and 9223372036854775807\r\n"},
        {0},
    });
}

TEST(asking_for_all_members_or_more_gets_all)
{
    harness_expect((const struct golden[]){
        {"sadd s 1 2", INTEGER(2)},
        {"spop s 0", "~0\r\n"},
        {"srandmember s 0", "*0\r\n"},
        {"srandmember s 2", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n"},
        {"srandmember s 9223372036854775807", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n"},
        {"spop s 9223372036854775807", "~2\r\n$1\r\n1\r\n$1\r\n2\r\n"},
        {"exists s", INTEGER(0)},
        {"sadd s 1", INTEGER(1)},
        {"srandmember s", "$1\r\n1\r\n"},
        {"srandmember s -2", "*2\r\n$1\r\n1\r\n$1\r\n1\r\n"},
        {"spop s", "$1\r\n1\r\n"},
        {"exists s", INTEGER(0)},
        {0},
    });
}

TEST_FOR(spop_removes_every_member_once, 4)
{
    enum { COUNT = 700 };
    int seen[COUNT] = {0}, left = COUNT;
    struct harness harness;
    harness_init(&harness, 2 + _i / 2);
    make_set(&harness, formats[_i % 2], COUNT);
    for (int n = 0; left > 0; n++) {
        char line[32];
        long count = n < left ? n : left;
        snprintf(line, sizeof line, "spop s %d", n);
        count_members(harness_run(&harness, line), _i / 2 ? '~' : '*', count,
                      false, seen, COUNT);
        left -= (int)count;
        store_check_invariants(harness.store);
    }
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(seen[i], 1);
    ck_assert(
        slice_equal(harness_run(&harness, "exists s"), SLICE(INTEGER(0))));
    harness_deinit(&harness);
}

TEST_FOR(every_member_is_about_equally_likely, 4)
{
    static const char *const lines[] = {"srandmember s 5", "srandmember s -5"};
    enum { COUNT = 20, ROUNDS = 4000, EACH = 5 * ROUNDS / COUNT };
    int seen[COUNT] = {0};
    struct harness harness;
    harness_init(&harness, 2);
    make_set(&harness, formats[_i % 2], COUNT);
    for (int round = 0; round < ROUNDS; round++)
        count_members(harness_run(&harness, lines[_i / 2]), '*', 5, _i / 2,
                      seen, COUNT);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_gt(seen[i], EACH - 200);
        ck_assert_int_lt(seen[i], EACH + 200);
    }
    ck_assert(
        slice_equal(harness_run(&harness, "scard s"), SLICE(INTEGER(20))));
    harness_deinit(&harness);
}

// Everything random comes from the request's seed and the history of the set.
TEST_FOR(equal_histories_pop_equal_members, 2)
{
    struct harness one, two;
    harness_init(&one, 2);
    harness_init(&two, 2);
    // Another secret: the place of nothing may matter.
    struct hash_secret secret;
    memset(&secret, 0xa5, sizeof secret);
    store_destroy(two.store);
    two.store = store_create(&secret);
    make_set(&one, formats[_i], 600);
    make_set(&two, formats[_i], 600);
    for (int i = 0; i < 100; i++) {
        const char *line = i % 2 ? "spop s 3" : "srandmember s 10";
        ck_assert(
            slice_equal(harness_run(&one, line), harness_run(&two, line)));
    }
    harness_deinit(&one);
    harness_deinit(&two);
}

TEST(sscan_answers_a_small_set_in_one_go)
{
    harness_expect((const struct golden[]){
        {"sscan nokey 0", "*2\r\n$1\r\n0\r\n*0\r\n"},
        {"sscan nokey 0 bad", "*2\r\n$1\r\n0\r\n*0\r\n"},
        {"sscan nokey x", "-ERR invalid cursor\r\n"},
        {"sscan lst 0 bad", WRONG_TYPE},
        {"sadd s 3 1 20", INTEGER(3)},
        {"sscan s 0 count 1",
         "*2\r\n$1\r\n0\r\n*3\r\n$1\r\n1\r\n$1\r\n3\r\n$2\r\n20\r\n"},
        {"sscan s 7 match 2*", "*2\r\n$1\r\n0\r\n*1\r\n$2\r\n20\r\n"},
        {"sscan s 0 match x", "*2\r\n$1\r\n0\r\n*0\r\n"},
        {"sscan s 0 bad", SYNTAX_ERROR},
        {"sscan s 0 type set", SYNTAX_ERROR},
        {"sscan s 0 count 0", SYNTAX_ERROR},
        {"sscan s 0 count x", NOT_AN_INTEGER},
        {0},
    });
}

TEST(sscan_walks_over_a_table_by_count)
{
    enum { COUNT = 105 };
    int seen[COUNT] = {0}, calls = 0;
    struct harness harness;
    char line[64];
    long cursor = 0;
    harness_init(&harness, 2);
    make_set(&harness, "m%d", COUNT);
    do {
        int64_t number;
        snprintf(line, sizeof line, "sscan s %ld", cursor);
        struct slice reply = harness_run(&harness, line);
        ck_assert_int_eq(take_header(&reply, '*'), 2);
        ck_assert(slice_to_int64(take_bulk(&reply), &number));
        cursor = (long)number;
        count_members(reply, '*', cursor ? 10 : 5, false, seen, COUNT);
        ck_assert_int_lt(++calls, 12);
    } while (cursor != 0);
    ck_assert_int_eq(calls, 11);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(seen[i], 1);
    harness_deinit(&harness);
}

TEST(random_and_scanning_commands_say_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"sadd s a b c d", true},
        {"srandmember s", false},
        {"srandmember s 2", false},
        {"sscan s 0", false},
        {"spop s 0", false},
        {"spop nokey", false},
        {"spop nokey 3", false},
        {"spop lst", false},
        {"spop s", true},
        {"spop s 1", true},
        {"spop s 5", true},
        {"spop s 5", false},
        {0},
    });
}

TEST(more_repetitions_than_a_reply_can_hold_are_refused_at_once)
{
    struct harness harness;
    harness_init(&harness, 2);
    harness_run(&harness, "sadd k a");
    harness.reply.max = 800;
    struct slice reply = harness_run(&harness, "srandmember k -100");
    ck_assert_int_eq(reply.data[0], '*');
    reply = harness_run(&harness, "srandmember k -9000000000000");
    ck_assert(slice_equal(
        reply, SLICE("-ERR value is out of range, the reply would exceed "
                     "output_buffer_limits\r\n")));
    ck_assert(!harness.reply.overflowed);
    harness_deinit(&harness);
}
