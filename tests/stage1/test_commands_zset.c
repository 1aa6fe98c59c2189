// test_commands_zset.c -- members of sorted sets, as redis-server 7.0 answers.
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "tests/stage1/both_protocols.h"
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

TEST(zadd_counts_new_members)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b", SAME(":2")},
        {"zadd z 1.5 a 3 c", SAME(":1")},
        {"zadd z ch 2 a 4 d 3 c", SAME(":2")},
        {"zrange z 0 -1 withscores", "(a 2 b 2 c 3 d 4)",
         "((a ,2) (b ,2) (c ,3) (d ,4))"},
        {"zadd z 5 e 6 e", SAME(":1")},
        {"zscore z e", "6", ",6"},
        {"type z", SAME("+zset")},
        {"object encoding z", SAME("listpack")},
        {0},
    });
}

TEST(zadd_heeds_its_conditions)
{
    expect_both((const struct both[]){
        {"zadd z xx 1 a", SAME(":0")},
        {"exists z", SAME(":0")},
        {"zadd z nx 1 a 2 b", SAME(":2")},
        {"zadd z nx 9 a", SAME(":0")},
        {"zadd z xx ch 3 a 3 new", SAME(":1")},
        {"zadd z gt ch 2 a 4 b 1 c", SAME(":2")},
        {"zadd z lt ch 5 a 1 b 1 c", SAME(":1")},
        {"zadd z xx gt ch 9 a 9 none", SAME(":1")},
        {"zrange z 0 -1 withscores", "(b 1 c 1 a 9)", "((b ,1) (c ,1) (a ,9))"},
        {"zadd z NX gt 1 a", SAME("-ERR GT, LT, and/or NX options at the same "
                                  "time are not compatible")},
        {"zadd z nx xx 1 a",
         SAME("-ERR XX and NX options at the same time are not compatible")},
        {"zadd z lt nx 1 a", SAME("-ERR GT, LT, and/or NX options at the same "
                                  "time are not compatible")},
        {"zadd z lt gt 1 a", SAME("-ERR GT, LT, and/or NX options at the same "
                                  "time are not compatible")},
        {0},
    });
}

TEST(zadd_incr_replies_the_score)
{
    expect_both((const struct both[]){
        {"zadd z incr 1.5 a", "1.5", ",1.5"},
        {"zadd z incr 2 a", "3.5", ",3.5"},
        {"zadd z xx incr 1 none", "$-1", "_"},
        {"zadd z nx incr 1 a", "$-1", "_"},
        {"zadd z gt incr -1 a", "$-1", "_"},
        {"zadd z lt incr -1 a", "2.5", ",2.5"},
        {"zadd z incr 1 a 2 b",
         SAME("-ERR INCR option supports a single increment-element pair")},
        {"zadd z xx incr 1 a", "3.5", ",3.5"},
        {"zadd none xx incr 1 a", "$-1", "_"},
        {"zadd z incr inf a", "inf", ",inf"},
        {"zadd z incr -inf a",
         SAME("-ERR resulting score is not a number (NaN)")},
        {"zincrby z -inf a",
         SAME("-ERR resulting score is not a number (NaN)")},
        {"zincrby z 3 b", "3", ",3"},
        {"zincrby z x b", SAME("-ERR value is not a valid float")},
        {"zincrby fresh 1e20 m", "1e+20", ",1e+20"},
        {"zrange z 0 -1 withscores", "(b 3 a inf)", "((b ,3) (a ,inf))"},
        {0},
    });
}

TEST(zadd_refuses_what_is_no_score)
{
    expect_both((const struct both[]){
        {"zadd z 1", SAME("-ERR wrong number of arguments for 'zadd' command")},
        {"zadd z 1 a 2", SAME("-ERR syntax error")},
        {"zadd z nx",
         SAME("-ERR wrong number of arguments for 'zadd' command")},
        {"zadd z nx ch", SAME("-ERR syntax error")},
        {"zadd z x a", SAME("-ERR value is not a valid float")},
        {"zadd z nan a", SAME("-ERR value is not a valid float")},
        {"zadd z 1 a 1e400 b", SAME("-ERR value is not a valid float")},
        {"zadd z 1 a \"\" b", SAME("-ERR value is not a valid float")},
        {"exists z", SAME(":0")},
        {"set s 1", SAME("+OK")},
        {"zadd s 1 a", SAME("-WRONGTYPE Operation against a key holding the "
                            "wrong kind of value")},
        {"zadd s nan a", SAME("-ERR value is not a valid float")},
        {"zincrby s 1 a", SAME("-WRONGTYPE Operation against a key holding the "
                               "wrong kind of value")},
        {0},
    });
}

TEST(scores_are_read_and_written_as_numbers_are)
{
    expect_both((const struct both[]){
        {"zadd z inf a -inf b 1e17 c 0x10 d .1 e 3.0 f 123456789012345678 g "
         "1e-7 h",
         SAME(":8")},
        {"zrange z 0 -1 withscores",
         "(b -inf h 9.9999999999999995e-08 e 0.10000000000000001 f 3 d 16 c "
         "1e+17 g 1.2345678901234568e+17 a inf)",
         "((b ,-inf) (h ,9.9999999999999995e-08) (e ,0.10000000000000001) (f "
         ",3) (d ,16) (c ,1e+17) (g ,1.2345678901234568e+17) (a ,inf))"},
        {"zscore z e", "0.10000000000000001", ",0.10000000000000001"},
        {"zscore z a", "inf", ",inf"},
        {"zscore z d", "16", ",16"},
        {0},
    });
}

TEST(zrem_counts_what_was_there)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 3 c", SAME(":3")},
        {"zrem z a x c a", SAME(":2")},
        {"zcard z", SAME(":1")},
        {"zrem z b", SAME(":1")},
        {"exists z", SAME(":0")},
        {"zrem z b", SAME(":0")},
        {"set s 1", SAME("+OK")},
        {"zrem s a", SAME("-WRONGTYPE Operation against a key holding the "
                          "wrong kind of value")},
        {"zrem z", SAME("-ERR wrong number of arguments for 'zrem' command")},
        {0},
    });
}

TEST(zscore_zmscore_and_zcard_read)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2.25 b", SAME(":2")},
        {"zscore z b", "2.25", ",2.25"},
        {"zscore z none", "$-1", "_"},
        {"zscore none a", "$-1", "_"},
        {"zmscore z a none b", "(1 $-1 2.25)", "(,1 _ ,2.25)"},
        {"zmscore none a b", "($-1 $-1)", "(_ _)"},
        {"zcard z", SAME(":2")},
        {"zcard none", SAME(":0")},
        {"set s 1", SAME("+OK")},
        {"zscore s a", SAME("-WRONGTYPE Operation against a key holding the "
                            "wrong kind of value")},
        {"zmscore s a", SAME("-WRONGTYPE Operation against a key holding the "
                             "wrong kind of value")},
        {"zcard s", SAME("-WRONGTYPE Operation against a key holding the wrong "
                         "kind of value")},
        {0},
    });
}

TEST(zrank_counts_from_either_end)
{
    expect_both((const struct both[]){
        {"zadd z 1 b 1 a 2 c 3 d", SAME(":4")},
        {"zrank z a", SAME(":0")},
        {"zrank z d", SAME(":3")},
        {"zrevrank z a", SAME(":3")},
        {"zrevrank z d", SAME(":0")},
        {"zrank z none", "$-1", "_"},
        {"zrevrank none a", "$-1", "_"},
        {"zrank z a withscore",
         SAME("-ERR wrong number of arguments for 'zrank' command")},
        {"set s 1", SAME("+OK")},
        {"zrank s a", SAME("-WRONGTYPE Operation against a key holding the "
                           "wrong kind of value")},
        {"zrevrank s a", SAME("-WRONGTYPE Operation against a key holding the "
                              "wrong kind of value")},
        {0},
    });
}

TEST(keys_of_sorted_sets_behave_as_others_do)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b", SAME(":2")},
        {"copy z y", SAME(":1")},
        {"rename z w", SAME("+OK")},
        {"zrange y 0 -1", SAME("(a b)")},
        {"zrange w 0 -1", SAME("(a b)")},
        {"get w", SAME("-WRONGTYPE Operation against a key holding the wrong "
                       "kind of value")},
        {"expire w 100", SAME(":1")},
        {"zadd w 3 c", SAME(":1")},
        {"ttl w", SAME(":100")},
        {"del w y", SAME(":2")},
        {"zcard w", SAME(":0")},
        {0},
    });
}

TEST(commands_say_whether_they_changed_a_sorted_set)
{
    harness_expect_changes((const struct golden_change[]){
        {"zadd z 1 a", true},
        {"zadd z 1 a", false},
        {"zadd z 2 a", true},
        {"zadd z nx 3 a", false},
        {"zadd z incr 0 a", false},
        {"zincrby z 1 a", true},
        {"zadd none xx 1 a", false},
        {"zscore z a", false},
        {"zrem z b", false},
        {"zadd z incr inf a", true},
        {"zadd z incr -inf a", false},
        {"zrem z a", true},
        {"zrem z a", false},
        {"zadd lst 1 a", false},
        {0},
    });
}

TEST(a_large_sorted_set_answers_as_a_small_one)
{
    struct harness harness;
    char line[64], wanted[64];
    harness_init(&harness, 2);
    for (int i = 0; i < 1000; i++) {
        snprintf(line, sizeof line, "zadd z %d m%03d", i * 7 % 1000,
                 i * 7 % 1000);
        harness_run(&harness, line);
    }
    for (int i = 0; i < 1000; i += 11) {
        snprintf(line, sizeof line, "zrank z m%03d", i);
        snprintf(wanted, sizeof wanted, ":%d\r\n", i);
        ck_assert(slice_equal(harness_run(&harness, line), slice_of(wanted)));
        snprintf(line, sizeof line, "zrange z %d %d", i, i);
        snprintf(wanted, sizeof wanted, "*1\r\n$4\r\nm%03d\r\n", i);
        ck_assert(slice_equal(harness_run(&harness, line), slice_of(wanted)));
    }
    ck_assert(slice_equal(harness_run(&harness, "object encoding z"),
                          SLICE("$8\r\nskiplist\r\n")));
    harness_deinit(&harness);
}
