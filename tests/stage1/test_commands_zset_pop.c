// test_commands_zset_pop.c -- the ends of sorted sets, as redis-server 7.0
// answers.
// SPDX-License-Identifier: MIT
#include "tests/stage1/both_protocols.h"
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

TEST(zpop_takes_from_the_ends)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 3 c 4 d 5 e", SAME(":5")},
        {"zpopmin z", "(a 1)", "(a ,1)"},
        {"zpopmax z", "(e 5)", "(e ,5)"},
        {"zpopmin z 2", "(b 2 c 3)", "((b ,2) (c ,3))"},
        {"zpopmax z 9", "(d 4)", "((d ,4))"},
        {"exists z", SAME(":0")},
        {"zpopmin z", SAME("()")},
        {"zpopmax z 3", SAME("()")},
        {"zadd z 1 a", SAME(":1")},
        {"zpopmin z 0", SAME("()")},
        {"zpopmin z", "(a 1)", "(a ,1)"},
        {"exists z", SAME(":0")},
        {0},
    });
}

TEST(zpop_refuses_bad_arguments)
{
    expect_both((const struct both[]){
        {"zadd z 1 a", SAME(":1")},
        {"zpopmin z -1", SAME("-ERR value is out of range, must be positive")},
        {"zpopmin z x", SAME("-ERR value is out of range, must be positive")},
        {"zpopmin z 1 2", SAME("-ERR syntax error")},
        {"zpopmax z 1 2 3", SAME("-ERR syntax error")},
        {"set s 1", SAME("+OK")},
        {"zpopmin s", SAME("-WRONGTYPE Operation against a key holding the "
                           "wrong kind of value")},
        {"zpopmin s 0", SAME("-WRONGTYPE Operation against a key holding the "
                             "wrong kind of value")},
        {"zpopmax s x", SAME("-ERR value is out of range, must be positive")},
        {0},
    });
}

TEST(zmpop_takes_from_the_first_that_has_any)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 3 c", SAME(":3")},
        {"zmpop 1 z min", "(z ((a 1)))", "(z ((a ,1)))"},
        {"zmpop 2 none z max count 5", "(z ((c 3) (b 2)))",
         "(z ((c ,3) (b ,2)))"},
        {"zmpop 2 none z max", "*-1", "_"},
        {"zadd z 1 a", SAME(":1")},
        {"set s 1", SAME("+OK")},
        {"zmpop 2 z s min", "(z ((a 1)))", "(z ((a ,1)))"},
        {"zmpop 2 none s min", SAME("-WRONGTYPE Operation against a key "
                                    "holding the wrong kind of value")},
        {0},
    });
}

TEST(zmpop_refuses_bad_arguments)
{
    expect_both((const struct both[]){
        {"zadd z 1 a", SAME(":1")},
        {"zmpop 0 z min", SAME("-ERR numkeys should be greater than 0")},
        {"zmpop x z min", SAME("-ERR numkeys should be greater than 0")},
        {"zmpop -1 z min", SAME("-ERR numkeys should be greater than 0")},
        {"zmpop 2 z min", SAME("-ERR syntax error")},
        {"zmpop 1 z foo", SAME("-ERR syntax error")},
        {"zmpop 1 z min count", SAME("-ERR syntax error")},
        {"zmpop 1 z min count 0", SAME("-ERR count should be greater than 0")},
        {"zmpop 1 z min count x", SAME("-ERR count should be greater than 0")},
        {"zmpop 1 z min count 1 count 2", SAME("-ERR syntax error")},
        {"zmpop 1 z min foo 1", SAME("-ERR syntax error")},
        {"zmpop 9 z min", SAME("-ERR syntax error")},
        {0},
    });
}

TEST(pops_say_whether_they_changed_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"zpopmin z", false},
        {"zadd z 1 a 2 b 3 c", true},
        {"zpopmin z 0", false},
        {"zpopmax z", true},
        {"zmpop 2 none z min count 2", true},
        {"zmpop 1 z min", false},
        {"zpopmin lst", false},
        {0},
    });
}
