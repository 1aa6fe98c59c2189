// test_commands_zset_scan.c -- members without a name, as redis-server 7.0
// answers.
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "tests/stage1/both_protocols.h"
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

TEST(zscan_returns_small_sets_at_once)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2.5 b inf c 1e17 d", SAME(":4")},
        {"zscan z 0", SAME("(0 (a 1 b 2.5 d 100000000000000000 c inf))")},
        {"zscan z 0 count 1",
         SAME("(0 (a 1 b 2.5 d 100000000000000000 c inf))")},
        {"zscan z 5 count 1",
         SAME("(0 (a 1 b 2.5 d 100000000000000000 c inf))")},
        {"zscan z 0 match b", SAME("(0 (b 2.5))")},
        {"zscan z 0 match x* count 100", SAME("(0 ())")},
        {"zscan none 0", SAME("(0 ())")},
        {0},
    });
}

TEST(zscan_refuses_bad_arguments)
{
    expect_both((const struct both[]){
        {"zadd z 1 a", SAME(":1")},
        {"set s 1", SAME("+OK")},
        {"zscan z x", SAME("-ERR invalid cursor")},
        {"zscan none x", SAME("-ERR invalid cursor")},
        {"zscan s x", SAME("-ERR invalid cursor")},
        {"zscan s 0", SAME("-WRONGTYPE Operation against a key holding the "
                           "wrong kind of value")},
        {"zscan z 0 count 0", SAME("-ERR syntax error")},
        {"zscan z 0 count x",
         SAME("-ERR value is not an integer or out of range")},
        {"zscan z 0 type zset", SAME("-ERR syntax error")},
        {"zscan z 0 match", SAME("-ERR syntax error")},
        {"zscan none 0 foo", SAME("(0 ())")},
        {"zscan z", SAME("-ERR wrong number of arguments for 'zscan' command")},
        {0},
    });
}

TEST(zrandmember_of_one_has_no_choice)
{
    expect_both((const struct both[]){
        {"zadd z 1.5 a", SAME(":1")},
        {"zrandmember z", SAME("a")},
        {"zrandmember z 3", SAME("(a)")},
        {"zrandmember z -3", SAME("(a a a)")},
        {"zrandmember z 1 withscores", "(a 1.5)", "((a ,1.5))"},
        {"zrandmember z -2 WITHSCORES", "(a 1.5 a 1.5)", "((a ,1.5) (a ,1.5))"},
        {"zrandmember z 0", SAME("()")},
        {"zrandmember z 0 withscores", SAME("()")},
        {"zrandmember none", "$-1", "_"},
        {"zrandmember none 2", SAME("()")},
        {0},
    });
}

TEST(zrandmember_refuses_bad_arguments)
{
    expect_both((const struct both[]){
        {"zadd z 1 a", SAME(":1")},
        {"set s 1", SAME("+OK")},
        {"zrandmember s", SAME("-WRONGTYPE Operation against a key holding the "
                               "wrong kind of value")},
        {"zrandmember s 1", SAME("-WRONGTYPE Operation against a key holding "
                                 "the wrong kind of value")},
        {"zrandmember z x",
         SAME("-ERR value is not an integer or out of range")},
        {"zrandmember z 1 foo", SAME("-ERR syntax error")},
        {"zrandmember z 1 withscores 2", SAME("-ERR syntax error")},
        {"zrandmember z -9223372036854775808",
         SAME("-ERR value is out of range, value must between "
              "-9223372036854775807 and 9223372036854775807")},
        {"zrandmember z 9223372036854775807 withscores",
         SAME("-ERR value is out of range")},
        {"zrandmember z -9223372036854775807 withscores",
         SAME("-ERR value is out of range")},
        {0},
    });
}

enum { MANY = 500 };

static void fill(struct harness *harness)
{
    char line[64];
    harness_init(harness, 2);
    for (int i = 0; i < MANY; i++) {
        snprintf(line, sizeof line, "zadd z %d m%03d", i, i);
        harness_run(harness, line);
    }
}

// Notes which of m000, m001, ... a reply names; returns how many times any is.
static int note_members(struct slice reply, bool seen[MANY])
{
    int found = 0;
    for (size_t i = 0; i + 9 < reply.size; i++) {
        if (memcmp(reply.data + i, "$4\r\nm", 5) != 0)
            continue;
        int number = (reply.data[i + 5] - '0') * 100 +
                     (reply.data[i + 6] - '0') * 10 + reply.data[i + 7] - '0';
        ck_assert_int_ge(number, 0);
        ck_assert_int_lt(number, MANY);
        seen[number] = true;
        found++;
    }
    return found;
}

TEST(zscan_sees_all_of_a_large_set_though_others_go)
{
    struct harness harness;
    bool seen[MANY] = {0};
    char line[64], head[64], cursor[32] = "0";
    int calls = 0;
    fill(&harness);
    do {
        snprintf(line, sizeof line, "zscan z %s", cursor);
        struct slice reply = harness_run(&harness, line);
        note_members(reply, seen);
        // "*2", the size of the cursor, the cursor.
        size_t size =
            reply.size < sizeof head - 1 ? reply.size : sizeof head - 1;
        memcpy(head, reply.data, size);
        head[size] = 0;
        ck_assert_int_eq(sscanf(head, "*2 $%*d %31[0-9]", cursor), 1);
        snprintf(line, sizeof line, "zrem z m%03d", calls * 2 + 1);
        harness_run(&harness, line);
        ck_assert_int_lt(++calls, MANY);
    } while (strcmp(cursor, "0") != 0);
    ck_assert_int_ge(calls, MANY / 20);
    for (int i = 0; i < MANY; i += 2)
        ck_assert_msg(seen[i], "missed m%03d", i);
    harness_deinit(&harness);
}

TEST(zrandmember_draws_all_in_time_and_none_twice)
{
    struct harness harness;
    bool seen[MANY] = {0};
    fill(&harness);
    ck_assert_int_eq(
        note_members(harness_run(&harness, "zrandmember z 499"), seen), 499);
    int different = 0;
    for (int i = 0; i < MANY; i++)
        different += seen[i];
    ck_assert_int_eq(different, 499);
    ck_assert_int_eq(
        note_members(harness_run(&harness, "zrandmember z -6000"), seen), 6000);
    for (int i = 0; i < MANY; i++)
        ck_assert(seen[i]);
    ck_assert(!harness.changed);
    harness_deinit(&harness);
}

TEST(more_repetitions_than_a_reply_can_hold_are_refused_at_once)
{
    struct harness harness;
    harness_init(&harness, 2);
    harness_run(&harness, "zadd k 1 a");
    harness.reply.max = 800;
    struct slice reply = harness_run(&harness, "zrandmember k -100");
    ck_assert_int_eq(reply.data[0], '*');
    reply = harness_run(&harness, "zrandmember k -9000000000000");
    ck_assert(slice_equal(
        reply, SLICE("-ERR value is out of range, the reply would exceed "
                     "output_buffer_limits\r\n")));
    ck_assert(!harness.reply.overflowed);
    harness_deinit(&harness);
}
