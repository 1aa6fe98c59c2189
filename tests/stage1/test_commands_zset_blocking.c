// test_commands_zset_blocking.c -- BZPOPMIN and the like: what they answer at
// once, as redis-server 7.0 does, and how they wait.
// SPDX-License-Identifier: MIT
#include "tests/stage1/both_protocols.h"
#include "tests/stage1/node_harness.h"
#include "tests/test.h"

TEST(they_answer_at_once_when_something_is_there)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 3 c 4 d 5 e", SAME(":5")},
        {"bzpopmin z 0", "(z a 1)", "(z a ,1)"},
        {"bzpopmax none z 0.5", "(z e 5)", "(z e ,5)"},
        {"bzmpop 1 2 none z min", "(z ((b 2)))", "(z ((b ,2)))"},
        {"bzmpop 1 1 z max count 9", "(z ((d 4) (c 3)))",
         "(z ((d ,4) (c ,3)))"},
        {"exists z", SAME(":0")},
        {"bzpopmin z 0.01", "*-1", "_"},
        {"bzmpop 0.01 1 z min", "*-1", "_"},
        {0},
    });
}

TEST(they_check_their_arguments_in_order)
{
    expect_both((const struct both[]){
        {"zadd z 1 a", SAME(":1")},
        {"set s 1", SAME("+OK")},
        {"bzpopmin s x", SAME("-ERR timeout is not a float or out of range")},
        {"bzpopmin s -1", SAME("-ERR timeout is negative")},
        {"bzpopmax s nan", SAME("-ERR timeout is not a float or out of range")},
        {"bzpopmin z s x", SAME("-ERR timeout is not a float or out of range")},
        {"bzpopmin none s 1", SAME("-WRONGTYPE Operation against a key holding "
                                   "the wrong kind of value")},
        {"bzpopmin z s 1", "(z a 1)", "(z a ,1)"},
        {"bzpopmin z",
         SAME("-ERR wrong number of arguments for 'bzpopmin' command")},
        {"bzmpop x 0 z min", SAME("-ERR numkeys should be greater than 0")},
        {"bzmpop x 1 z foo", SAME("-ERR syntax error")},
        {"bzmpop x 2 z min", SAME("-ERR syntax error")},
        {"bzmpop x 1 z min",
         SAME("-ERR timeout is not a float or out of range")},
        {"bzmpop -1 1 z min", SAME("-ERR timeout is negative")},
        {"bzmpop 1 1 s min", SAME("-WRONGTYPE Operation against a key holding "
                                  "the wrong kind of value")},
        {"bzmpop 1 1 z min count 0",
         SAME("-ERR count should be greater than 0")},
        {"bzmpop 1 2 s z min", SAME("-WRONGTYPE Operation against a key "
                                    "holding the wrong kind of value")},
        {0},
    });
}

// ---- Waiting

static struct node_harness node;
static struct node_client anna, bert, carl;

static void begin(void)
{
    node_init(&node);
    node_client_open(&anna, &node);
    node_client_open(&bert, &node);
    node_client_open(&carl, &node);
}

static void end(void)
{
    node_client_close(&anna);
    node_client_close(&bert);
    node_client_close(&carl);
    node_deinit(&node);
}

#define BULK(one) "$1\r\n" one "\r\n"
#define POPPED(member, score) "*3\r\n" BULK("z") BULK(member) BULK(score)

TEST(those_who_wait_are_served_in_order)
{
    begin();
    node_expect(&anna, "bzpopmin z 0", "");
    node_expect(&bert, "bzpopmax y z 0", "");
    node_expect(&carl, "zadd z 1 a 2 b 3 c", ":3\r\n");
    ck_assert_str_eq(node_client_take(&anna), POPPED("a", "1"));
    ck_assert_str_eq(node_client_take(&bert), POPPED("c", "3"));
    node_expect(&carl, "zcard z", ":1\r\n");
    end();
}

TEST(a_set_that_comes_in_any_way_wakes)
{
    begin();
    node_expect(&anna, "bzpopmin z 0", "");
    node_expect(&carl, "zadd other 1 a", ":1\r\n");
    ck_assert_str_eq(node_client_take(&anna), "");
    node_expect(&carl, "rename other z", "+OK\r\n");
    ck_assert_str_eq(node_client_take(&anna), POPPED("a", "1"));

    node_expect(&carl, "zadd other 2 b", ":1\r\n");
    node_expect(&anna, "bzmpop 0 1 z min count 5", "");
    node_expect(&carl, "zunionstore z 1 other weights 2", ":1\r\n");
    ck_assert_str_eq(node_client_take(&anna),
                     "*2\r\n" BULK("z") "*1\r\n*2\r\n" BULK("b") BULK("4"));
    node_expect(&carl, "exists z", ":0\r\n");
    end();
}

TEST(waiting_ends_in_time)
{
    begin();
    node_expect(&anna, "bzpopmin z 0.1", "");
    node_expect(&bert, "bzmpop 0.2 1 z max", "");
    node_advance_ms(&node, 150);
    ck_assert_str_eq(node_client_take(&anna), "*-1\r\n");
    ck_assert_str_eq(node_client_take(&bert), "");
    node_advance_ms(&node, 100);
    ck_assert_str_eq(node_client_take(&bert), "*-1\r\n");
    node_expect(&carl, "zadd z 1 a", ":1\r\n");
    node_expect(&carl, "zcard z", ":1\r\n");
    end();
}

TEST(who_waits_does_not_mind_values_of_other_types)
{
    begin();
    node_expect(&anna, "bzpopmin z 0", "");
    node_expect(&carl, "rpush z a", ":1\r\n");
    ck_assert_str_eq(node_client_take(&anna), "");
    node_expect(&carl, "del z", ":1\r\n");
    node_expect(&carl, "zadd z 1 a", ":1\r\n");
    ck_assert_str_eq(node_client_take(&anna), POPPED("a", "1"));
    end();
}

TEST(lists_and_sorted_sets_wait_side_by_side)
{
    begin();
    node_expect(&anna, "blpop z 0", "");
    node_expect(&bert, "bzpopmin z 0", "");
    node_expect(&carl, "zadd z 1 a", ":1\r\n");
    ck_assert_str_eq(node_client_take(&anna), "");
    ck_assert_str_eq(node_client_take(&bert), POPPED("a", "1"));
    node_expect(&carl, "rpush z b", ":1\r\n");
    ck_assert_str_eq(node_client_take(&anna), "*2\r\n" BULK("z") BULK("b"));
    end();
}

TEST(a_transaction_does_not_wait)
{
    begin();
    node_expect(&anna, "multi", "+OK\r\n");
    node_expect(&anna, "bzpopmin z 0", "+QUEUED\r\n");
    node_expect(&anna, "bzmpop 0 1 z min", "+QUEUED\r\n");
    node_expect(&anna, "exec", "*2\r\n*-1\r\n*-1\r\n");
    end();
}
