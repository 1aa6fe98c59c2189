// test_commands_set.c -- SADD, SREM, SMOVE and the like.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

TEST(sadd_and_srem_count_what_changed)
{
    harness_expect((const struct golden[]){
        {"sadd s a b a", INTEGER(2)},
        {"sadd s b c", INTEGER(1)},
        {"scard s", INTEGER(3)},
        {"type s", "+set\r\n"},
        {"srem s a nobody a", INTEGER(1)},
        {"srem s b c", INTEGER(2)},
        {"exists s", INTEGER(0)},
        {"srem s a", INTEGER(0)},
        {"scard s", INTEGER(0)},
        {"sadd s", WRONG_ARITY("sadd")},
        {"srem s", WRONG_ARITY("srem")},
        {0},
    });
}

TEST(members_are_told_from_others)
{
    harness_expect((const struct golden[]){
        {"sadd s 1 b \"\"", INTEGER(3)},
        {"sismember s 1", INTEGER(1)},
        {"sismember s \"\"", INTEGER(1)},
        {"sismember s 01", INTEGER(0)},
        {"sismember nokey 1", INTEGER(0)},
        {"smismember s b c 1", "*3\r\n:1\r\n:0\r\n:1\r\n"},
        {"smismember nokey a b", "*2\r\n:0\r\n:0\r\n"},
        {"sismember s", WRONG_ARITY("sismember")},
        {0},
    });
}

TEST(smembers_answers_a_set)
{
    harness_expect((const struct golden[]){
        {"smembers nokey", "~0\r\n"},
        {"sadd s 30 -1 200", INTEGER(3)},
        {"smembers s", "~3\r\n$2\r\n-1\r\n$2\r\n30\r\n$3\r\n200\r\n"},
        {"sadd s a", INTEGER(1)},
        {"smembers s",
         "~4\r\n$2\r\n-1\r\n$2\r\n30\r\n$3\r\n200\r\n$1\r\na\r\n"},
        {"srem s -1", INTEGER(1)},
        {"smembers s", "~3\r\n$1\r\na\r\n$2\r\n30\r\n$3\r\n200\r\n"},
        {0},
    });
}

TEST(a_set_says_how_it_is_kept)
{
    harness_expect((const struct golden[]){
        {"sadd s 1 2", INTEGER(2)},
        {"object encoding s", "$6\r\nintset\r\n"},
        {"sadd s x", INTEGER(1)},
        {"object encoding s", "$9\r\nhashtable\r\n"},
        {"srem s x", INTEGER(1)},
        {"object encoding s", "$9\r\nhashtable\r\n"},
        {0},
    });
}

TEST(smove_takes_a_member_along)
{
    harness_expect((const struct golden[]){
        {"sadd a 1 2", INTEGER(2)},
        {"smove a b 1", INTEGER(1)},
        {"smembers a", "~1\r\n$1\r\n2\r\n"},
        {"smembers b", "~1\r\n$1\r\n1\r\n"},
        {"smove a b 7", INTEGER(0)},
        {"sadd b 2", INTEGER(1)},
        {"smove a b 2", INTEGER(1)},
        {"exists a", INTEGER(0)},
        {"scard b", INTEGER(2)},
        {"smove b b 1", INTEGER(1)},
        {"smove b b 9", INTEGER(0)},
        {"scard b", INTEGER(2)},
        {"smove nokey lst 1", INTEGER(0)},
        {"smove b lst 9", WRONG_TYPE},
        {"smove lst b 9", WRONG_TYPE},
        {0},
    });
}

TEST(sets_refuse_other_types_and_others_refuse_sets)
{
    harness_expect((const struct golden[]){
        {"sadd lst a", WRONG_TYPE},
        {"srem lst a", WRONG_TYPE},
        {"sismember lst a", WRONG_TYPE},
        {"smismember lst a", WRONG_TYPE},
        {"scard lst", WRONG_TYPE},
        {"smembers lst", WRONG_TYPE},
        {"sadd s a", INTEGER(1)},
        {"get s", WRONG_TYPE},
        {"append s x", WRONG_TYPE},
        {"hget s f", WRONG_TYPE},
        {"set s 1", OK},
        {"sadd s a", WRONG_TYPE},
        {0},
    });
}

TEST(sets_are_copied_renamed_and_expire_as_any_value)
{
    harness_expect((const struct golden[]){
        {"sadd s 1 2", INTEGER(2)},
        {"copy s t", INTEGER(1)},
        {"sadd t x", INTEGER(1)},
        {"scard s", INTEGER(2)},
        {"rename t u", OK},
        {"scard u", INTEGER(3)},
        {"pexpire s 100", INTEGER(1)},
        {"sadd s 3", INTEGER(1)},
        {"pttl s", INTEGER(100)},
        {"+100", ""},
        {"scard s", INTEGER(0)},
        {"sadd s 1", INTEGER(1)},
        {"ttl s", INTEGER(-1)},
        {0},
    });
}

TEST(set_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"sadd s a b", true},
        {"sadd s a", false},
        {"sadd lst a", false},
        {"srem s nobody", false},
        {"srem nokey a", false},
        {"srem s b", true},
        {"smembers s", false},
        {"sismember s a", false},
        {"smove s t nobody", false},
        {"smove s s a", false},
        {"smove s lst a", false},
        {"smove s t a", true},
        {0},
    });
}
