// test_commands_zset_store.c -- sorted sets combined, as redis-server 7.0
// answers.
// SPDX-License-Identifier: MIT
#include "tests/stage1/both_protocols.h"
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

TEST(unions_add_scores_up)
{
    expect_both((const struct both[]){
        {"zadd a 1 x 2 y", SAME(":2")},
        {"zadd b 10 y 20 z", SAME(":2")},
        {"zunion 2 a b", SAME("(x y z)")},
        {"zunion 2 a b withscores", "(x 1 y 12 z 20)",
         "((x ,1) (y ,12) (z ,20))"},
        {"zunion 2 a b weights 2 0.5 withscores", "(x 2 y 9 z 10)",
         "((x ,2) (y ,9) (z ,10))"},
        {"zunion 2 a b aggregate min withscores", "(x 1 y 2 z 20)",
         "((x ,1) (y ,2) (z ,20))"},
        {"zunion 2 a b aggregate MAX weights 1 1 withscores", "(x 1 y 10 z 20)",
         "((x ,1) (y ,10) (z ,20))"},
        {"zunion 2 a none withscores", "(x 1 y 2)", "((x ,1) (y ,2))"},
        {"zunion 1 none", SAME("()")},
        {"zunionstore d 3 a b a", SAME(":3")},
        {"zrange d 0 -1 withscores", "(x 2 y 14 z 20)",
         "((x ,2) (y ,14) (z ,20))"},
        {"zunionstore a 2 a b aggregate max", SAME(":3")},
        {"zrange a 0 -1 withscores", "(x 1 y 10 z 20)",
         "((x ,1) (y ,10) (z ,20))"},
        {"zunionstore d 1 none", SAME(":0")},
        {"exists d", SAME(":0")},
        {0},
    });
}

TEST(intersections_keep_what_all_have)
{
    expect_both((const struct both[]){
        {"zadd a 1 x 2 y 3 w", SAME(":3")},
        {"zadd b 10 y 20 z 30 w", SAME(":3")},
        {"zinter 2 a b", SAME("(y w)")},
        {"zinter 2 a b withscores", "(y 12 w 33)", "((y ,12) (w ,33))"},
        {"zinter 2 a b weights 2 3 aggregate max withscores", "(y 30 w 90)",
         "((y ,30) (w ,90))"},
        {"zinter 2 a a withscores", "(x 2 y 4 w 6)", "((x ,2) (y ,4) (w ,6))"},
        {"zinter 2 a none", SAME("()")},
        {"zinterstore d 2 a b aggregate min", SAME(":2")},
        {"zrange d 0 -1 withscores", "(y 2 w 3)", "((y ,2) (w ,3))"},
        {"zinterstore d 2 a none", SAME(":0")},
        {"exists d", SAME(":0")},
        {"zintercard 2 a b", SAME(":2")},
        {"zintercard 2 a b limit 1", SAME(":1")},
        {"zintercard 2 a b limit 0", SAME(":2")},
        {"zintercard 1 a", SAME(":3")},
        {"zintercard 2 a none", SAME(":0")},
        {0},
    });
}

TEST(differences_keep_what_the_first_has_alone)
{
    expect_both((const struct both[]){
        {"zadd a 1 x 2 y 3 w", SAME(":3")},
        {"zadd b 10 y", SAME(":1")},
        {"zadd c 1 w", SAME(":1")},
        {"zdiff 2 a b withscores", "(x 1 w 3)", "((x ,1) (w ,3))"},
        {"zdiff 3 a b c", SAME("(x)")},
        {"zdiff 2 a a", SAME("()")},
        {"zdiff 2 a none withscores", "(x 1 y 2 w 3)",
         "((x ,1) (y ,2) (w ,3))"},
        {"zdiff 2 none a", SAME("()")},
        {"zdiffstore d 2 a c", SAME(":2")},
        {"zrange d 0 -1 withscores", "(x 1 y 2)", "((x ,1) (y ,2))"},
        {"zdiffstore d 2 a a", SAME(":0")},
        {"exists d", SAME(":0")},
        {0},
    });
}

TEST(plain_sets_have_scores_of_one)
{
    expect_both((const struct both[]){
        {"sadd s a b c", SAME(":3")},
        {"sadd n 1 2 3", SAME(":3")},
        {"zadd z 5 a 6 x 7 2", SAME(":3")},
        {"zunion 2 s z withscores", "(b 1 c 1 a 6 x 6 2 7)",
         "((b ,1) (c ,1) (a ,6) (x ,6) (2 ,7))"},
        {"zunion 2 n z withscores weights 2 1", "(1 2 3 2 a 5 x 6 2 9)",
         "((1 ,2) (3 ,2) (a ,5) (x ,6) (2 ,9))"},
        {"zinter 2 z s withscores", "(a 6)", "((a ,6))"},
        {"zinter 2 n z withscores", "(2 8)", "((2 ,8))"},
        {"zdiff 2 s z", SAME("(b c)")},
        {"zdiff 2 z n", SAME("(a x)")},
        {"zintercard 2 s z", SAME(":1")},
        {"zunionstore d 1 s", SAME(":3")},
        {"type d", SAME("+zset")},
        {0},
    });
}

TEST(sums_that_are_no_numbers_are_zero)
{
    expect_both((const struct both[]){
        {"zadd a inf x -inf y", SAME(":2")},
        {"zadd b -inf x inf y", SAME(":2")},
        {"zunion 2 a b withscores", "(x 0 y 0)", "((x ,0) (y ,0))"},
        {"zinter 2 a b withscores", "(x 0 y 0)", "((x ,0) (y ,0))"},
        {"zadd c 0 x", SAME(":1")},
        {"zunion 1 c weights inf withscores", "(x 0)", "((x ,0))"},
        {0},
    });
}

TEST(combinations_refuse_bad_arguments)
{
    expect_both((const struct both[]){
        {"zadd a 1 x", SAME(":1")},
        {"set s 1", SAME("+OK")},
        {"zunion 0 a",
         SAME("-ERR at least 1 input key is needed for 'zunion' command")},
        {"zinter -1 a",
         SAME("-ERR at least 1 input key is needed for 'zinter' command")},
        {"zdiffstore d 0 a",
         SAME("-ERR at least 1 input key is needed for 'zdiffstore' command")},
        {"zintercard 0 a",
         SAME("-ERR at least 1 input key is needed for 'zintercard' command")},
        {"zunion x a", SAME("-ERR value is not an integer or out of range")},
        {"zunion 2 a", SAME("-ERR syntax error")},
        {"zunionstore d 2 a", SAME("-ERR syntax error")},
        {"zunion 1 s", SAME("-WRONGTYPE Operation against a key holding the "
                            "wrong kind of value")},
        {"zunion 1 s weights", SAME("-WRONGTYPE Operation against a key "
                                    "holding the wrong kind of value")},
        {"zinterstore d 2 a s", SAME("-WRONGTYPE Operation against a key "
                                     "holding the wrong kind of value")},
        {"zunion 1 a weights", SAME("-ERR syntax error")},
        {"zunion 1 a weights x", SAME("-ERR weight value is not a float")},
        {"zunion 1 a weights nan", SAME("-ERR weight value is not a float")},
        {"zunion 1 a aggregate", SAME("-ERR syntax error")},
        {"zunion 1 a aggregate avg", SAME("-ERR syntax error")},
        {"zunion 1 a foo", SAME("-ERR syntax error")},
        {"zunionstore d 1 a withscores", SAME("-ERR syntax error")},
        {"zdiff 1 a weights 1", SAME("-ERR syntax error")},
        {"zdiff 1 a aggregate sum", SAME("-ERR syntax error")},
        {"zintercard 1 a limit", SAME("-ERR syntax error")},
        {"zintercard 1 a limit -1", SAME("-ERR LIMIT can't be negative")},
        {"zintercard 1 a limit x", SAME("-ERR LIMIT can't be negative")},
        {"zintercard 1 a withscores", SAME("-ERR syntax error")},
        {"zunionstore s 1 a", SAME(":1")},
        {"type s", SAME("+zset")},
        {0},
    });
}

TEST(combinations_say_whether_they_changed_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"zadd z 1 a 2 b", true},
        {"zunion 1 z", false},
        {"zinterstore d 2 z none", false},
        {"zunionstore d 1 z", true},
        {"zdiffstore d 2 z z", true},
        {"zdiffstore d 2 z z", false},
        {"zintercard 1 z", false},
        {"zunionstore d 1 lst", false},
        {0},
    });
}
