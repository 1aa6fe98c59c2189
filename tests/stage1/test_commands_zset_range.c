// test_commands_zset_range.c -- ranges of sorted sets, as redis-server 7.0
// answers.
// SPDX-License-Identifier: MIT
#include "tests/stage1/both_protocols.h"
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

TEST(zrange_goes_by_rank)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 3 c 4 d", SAME(":4")},
        {"zrange z 0 -1", SAME("(a b c d)")},
        {"zrange z 1 2 withscores", "(b 2 c 3)", "((b ,2) (c ,3))"},
        {"zrange z -2 100", SAME("(c d)")},
        {"zrange z -100 0", SAME("(a)")},
        {"zrange z 3 1", SAME("()")},
        {"zrange z 4 9", SAME("()")},
        {"zrange z 0 -9", SAME("()")},
        {"zrange z 0 1 rev withscores", "(d 4 c 3)", "((d ,4) (c ,3))"},
        {"zrange z -1 -1 REV", SAME("(a)")},
        {"zrevrange z 0 1", SAME("(d c)")},
        {"zrevrange z -2 -1 withscores", "(b 2 a 1)", "((b ,2) (a ,1))"},
        {"zrange none 0 -1", SAME("()")},
        {"zrange z x 1", SAME("-ERR value is not an integer or out of range")},
        {"zrange z 0 1.5",
         SAME("-ERR value is not an integer or out of range")},
        {"zrange z 0 -1 limit 0 1",
         SAME("-ERR syntax error, LIMIT is only supported in combination with "
              "either BYSCORE or BYLEX")},
        {"zrange z 0 -1 limit 0 -1", SAME("(a b c d)")},
        {"zrevrange z 0 -1 rev", SAME("-ERR syntax error")},
        {0},
    });
}

TEST(zrange_goes_by_score)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 2 bb 3 c inf d", SAME(":5")},
        {"zrange z 2 3 byscore", SAME("(b bb c)")},
        {"zrange z (1 (3 byscore withscores", "(b 2 bb 2)", "((b ,2) (bb ,2))"},
        {"zrange z -inf +inf byscore limit 1 2", SAME("(b bb)")},
        {"zrange z -inf inf byscore limit 3 -1", SAME("(c d)")},
        {"zrange z 3 1 byscore", SAME("()")},
        {"zrange z 3 1 byscore rev", SAME("(c bb b a)")},
        {"zrange z +inf (2 rev byscore limit 1 5 withscores", "(c 3)",
         "((c ,3))"},
        {"zrangebyscore z 2 2 withscores limit 1 1", "(bb 2)", "((bb ,2))"},
        {"zrangebyscore z (inf inf", SAME("()")},
        {"zrangebyscore z -inf inf limit -1 2", SAME("()")},
        {"zrangebyscore z -inf inf limit 0 0", SAME("()")},
        {"zrangebyscore z -inf inf limit 9 1", SAME("()")},
        {"zrevrangebyscore z inf -inf limit 1 2", SAME("(c bb)")},
        {"zrevrangebyscore z (3 2 withscores", "(bb 2 b 2)",
         "((bb ,2) (b ,2))"},
        {"zrangebyscore z \"\" 1", SAME("(a)")},
        {"zrangebyscore z ( 1", SAME("(a)")},
        {"zrangebyscore z \" 1\" 2", SAME("(a b bb)")},
        {"zrangebyscore z 0 1e999", SAME("(a b bb c d)")},
        {"zrangebyscore none 0 1", SAME("()")},
        {0},
    });
}

TEST(zrange_goes_by_member)
{
    expect_both((const struct both[]){
        {"zadd z 0 a 0 b 0 c 0 d 0 \"\"", SAME(":5")},
        {"zrange z - + bylex", SAME("(\"\" a b c d)")},
        {"zrange z [b (d bylex", SAME("(b c)")},
        {"zrange z (b [d bylex limit 1 1", SAME("(d)")},
        {"zrange z + - bylex rev limit 1 2", SAME("(c b)")},
        {"zrange z [d [b rev bylex", SAME("(d c b)")},
        {"zrangebylex z - (a", SAME("(\"\")")},
        {"zrangebylex z [ [a", SAME("(\"\" a)")},
        {"zrangebylex z ( [a", SAME("(a)")},
        {"zrangebylex z + -", SAME("()")},
        {"zrangebylex z [zz +", SAME("()")},
        {"zrangebylex z (b (b", SAME("()")},
        {"zrangebylex z [c [c", SAME("(c)")},
        {"zrevrangebylex z [c -", SAME("(c b a \"\")")},
        {"zrevrangebylex z + [c limit 0 1", SAME("(d)")},
        {"zrangebylex none - +", SAME("()")},
        {0},
    });
}

TEST(ranges_refuse_bad_arguments)
{
    expect_both((const struct both[]){
        {"zadd z 1 a", SAME(":1")},
        {"zrange z 0 1 bylex",
         SAME("-ERR min or max not valid string range item")},
        {"zrange z x 1 byscore", SAME("-ERR min or max is not a float")},
        {"zrange z 0 nan byscore", SAME("-ERR min or max is not a float")},
        {"zrange z (x 1 byscore", SAME("-ERR min or max is not a float")},
        {"zrange z 0 1 foo", SAME("-ERR syntax error")},
        {"zrange z - + bylex withscores",
         SAME("-ERR syntax error, WITHSCORES not supported in combination with "
              "BYLEX")},
        {"zrange z 0 1 byscore limit 1", SAME("-ERR syntax error")},
        {"zrange z 0 1 byscore limit x 1",
         SAME("-ERR value is not an integer or out of range")},
        {"zrange z 0 1 byscore limit 1 x",
         SAME("-ERR value is not an integer or out of range")},
        {"zrangebyscore z 0 1 bylex", SAME("-ERR syntax error")},
        {"zrangebyscore z 0 1 rev", SAME("-ERR syntax error")},
        {"zrevrange z 0 1 limit 0 1",
         SAME("-ERR syntax error, LIMIT is only supported in combination with "
              "either BYSCORE or BYLEX")},
        {"zrangebylex z - + withscores",
         SAME("-ERR syntax error, WITHSCORES not supported in combination with "
              "BYLEX")},
        {"zrangebylex z a b",
         SAME("-ERR min or max not valid string range item")},
        {"zrangebylex z -x +",
         SAME("-ERR min or max not valid string range item")},
        {"zrangebylex z \"\" +",
         SAME("-ERR min or max not valid string range item")},
        {"set s 1", SAME("+OK")},
        {"zrange s 0 1", SAME("-WRONGTYPE Operation against a key holding the "
                              "wrong kind of value")},
        {"zrange s x 1", SAME("-ERR value is not an integer or out of range")},
        {"zrangebyscore s 0 1", SAME("-WRONGTYPE Operation against a key "
                                     "holding the wrong kind of value")},
        {0},
    });
}

TEST(zcount_and_zlexcount_count)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 3 c", SAME(":3")},
        {"zcount z 1 2", SAME(":2")},
        {"zcount z (1 (3", SAME(":1")},
        {"zcount z -inf +inf", SAME(":3")},
        {"zcount z 3 1", SAME(":0")},
        {"zcount none 0 1", SAME(":0")},
        {"zcount z a 1", SAME("-ERR min or max is not a float")},
        {"zadd l 0 a 0 b 0 c", SAME(":3")},
        {"zlexcount l - +", SAME(":3")},
        {"zlexcount l (a [c", SAME(":2")},
        {"zlexcount l + -", SAME(":0")},
        {"zlexcount none - +", SAME(":0")},
        {"zlexcount l a b",
         SAME("-ERR min or max not valid string range item")},
        {"set s 1", SAME("+OK")},
        {"zcount s 0 1", SAME("-WRONGTYPE Operation against a key holding the "
                              "wrong kind of value")},
        {"zlexcount s - +", SAME("-WRONGTYPE Operation against a key holding "
                                 "the wrong kind of value")},
        {0},
    });
}

TEST(zremrange_removes_ranges)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 3 c 4 d 5 e", SAME(":5")},
        {"zremrangebyrank z 1 -4", SAME(":1")},
        {"zremrangebyrank z 5 9", SAME(":0")},
        {"zremrangebyscore z (4 5", SAME(":1")},
        {"zremrangebyscore z 9 1", SAME(":0")},
        {"zrange z 0 -1", SAME("(a c d)")},
        {"zremrangebyrank z 0 -1", SAME(":3")},
        {"exists z", SAME(":0")},
        {"zremrangebyrank z 0 1", SAME(":0")},
        {"zadd l 0 a 0 b 0 c", SAME(":3")},
        {"zremrangebylex l (a [b", SAME(":1")},
        {"zrange l 0 -1", SAME("(a c)")},
        {"zremrangebylex l x y",
         SAME("-ERR min or max not valid string range item")},
        {"zremrangebyrank l 0 x",
         SAME("-ERR value is not an integer or out of range")},
        {"zremrangebyscore l 0 x", SAME("-ERR min or max is not a float")},
        {"set s 1", SAME("+OK")},
        {"zremrangebyrank s 0 1", SAME("-WRONGTYPE Operation against a key "
                                       "holding the wrong kind of value")},
        {"zremrangebyscore s 0 1", SAME("-WRONGTYPE Operation against a key "
                                        "holding the wrong kind of value")},
        {"zremrangebylex s - +", SAME("-WRONGTYPE Operation against a key "
                                      "holding the wrong kind of value")},
        {0},
    });
}

TEST(zrangestore_stores_ranges)
{
    expect_both((const struct both[]){
        {"zadd z 1 a 2 b 3 c 4 d", SAME(":4")},
        {"zrangestore y z 1 2", SAME(":2")},
        {"zrange y 0 -1 withscores", "(b 2 c 3)", "((b ,2) (c ,3))"},
        {"zrangestore y z (1 +inf byscore limit 1 1", SAME(":1")},
        {"zrange y 0 -1 withscores", "(c 3)", "((c ,3))"},
        {"zrangestore y z 0 0 rev", SAME(":1")},
        {"zrange y 0 -1 withscores", "(d 4)", "((d ,4))"},
        {"zrangestore y z 5 9", SAME(":0")},
        {"exists y", SAME(":0")},
        {"set s 1", SAME("+OK")},
        {"zrangestore s z 0 -1", SAME(":4")},
        {"type s", SAME("+zset")},
        {"zrangestore s none 0 -1", SAME(":0")},
        {"exists s", SAME(":0")},
        {"zrangestore z z 1 2", SAME(":2")},
        {"zrange z 0 -1", SAME("(b c)")},
        {"set s 1", SAME("+OK")},
        {"zrangestore y s 0 1", SAME("-WRONGTYPE Operation against a key "
                                     "holding the wrong kind of value")},
        {"zrangestore y z 0 1 withscores", SAME("-ERR syntax error")},
        {"zrangestore y z 0 1 limit 0 1",
         SAME("-ERR syntax error, LIMIT is only supported in combination with "
              "either BYSCORE or BYLEX")},
        {0},
    });
}

TEST(range_commands_say_whether_they_changed_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"zadd z 1 a 2 b", true},
        {"zrange z 0 -1", false},
        {"zremrangebyrank z 5 6", false},
        {"zremrangebyscore z 2 2", true},
        {"zremrangebylex none - +", false},
        {"zrangestore y z 0 -1", true},
        {"zrangestore y z 5 9", true},
        {"zrangestore y z 5 9", false},
        {"zrangestore y none 0 -1", false},
        {0},
    });
}
