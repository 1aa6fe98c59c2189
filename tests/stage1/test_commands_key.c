// test_commands_key.c -- DEL, EXISTS, RENAME, COPY and the like.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#define NO_SUCH_KEY "-ERR no such key\r\n"

TEST(del_unlink_and_delete_count_what_existed)
{
    harness_expect((const struct golden[]){
        {"mset a 1 b 2 c 3 d 4", OK},
        {"del a nokey a", INTEGER(1)},
        {"unlink b lst", INTEGER(2)},
        {"delete c c", INTEGER(1)},
        {"dbsize", INTEGER(1)},
        {"del", WRONG_ARITY("del")},
        {"delete", WRONG_ARITY("delete")},
        {0},
    });
}

TEST(exists_and_touch_count_every_mention)
{
    harness_expect((const struct golden[]){
        {"set a 1", OK},
        {"exists a a nokey lst", INTEGER(3)},
        {"touch a a nokey", INTEGER(2)},
        {"type a", "+string\r\n"},
        {"type lst", "+list\r\n"},
        {"type nokey", "+none\r\n"},
        {"pexpire a 1", INTEGER(1)},
        {"+1", ""},
        {"exists a", INTEGER(0)},
        {"touch a", INTEGER(0)},
        {"type a", "+none\r\n"},
        {0},
    });
}

TEST(touch_is_noted_as_a_use_and_exists_is_not)
{
    harness_expect((const struct golden[]){
        {"set a 1", OK},
        {"+5000", ""},
        {"object idletime a", INTEGER(5)},
        {"exists a", INTEGER(1)},
        {"type a", "+string\r\n"},
        {"ttl a", INTEGER(-1)},
        {"object idletime a", INTEGER(5)},
        {"touch a", INTEGER(1)},
        {"object idletime a", INTEGER(0)},
        {0},
    });
}

TEST(rename_takes_value_and_lifetime_along)
{
    harness_expect((const struct golden[]){
        {"set a 1 px 500", OK},
        {"set b 2", OK},
        {"rename a b", OK},
        {"get b", "$1\r\n1\r\n"},
        {"pttl b", INTEGER(500)},
        {"exists a", INTEGER(0)},
        {"rename b b", OK},
        {"get b", "$1\r\n1\r\n"},
        {"rename nokey b", NO_SUCH_KEY},
        {"rename nokey nokey", NO_SUCH_KEY},
        {"renamenx nokey b", NO_SUCH_KEY},
        {"set c 3", OK},
        {"renamenx b c", INTEGER(0)},
        {"renamenx b b", INTEGER(0)},
        {"renamenx b d", INTEGER(1)},
        {"mget b c d", "*3\r\n$-1\r\n$1\r\n3\r\n$1\r\n1\r\n"},
        {"+500", ""},
        {"renamenx c d", INTEGER(1)},
        {0},
    });
}

TEST(copy_takes_value_and_lifetime_unless_the_target_exists)
{
    harness_expect((const struct golden[]){
        {"set a 1 px 500", OK},
        {"copy a b", INTEGER(1)},
        {"pttl b", INTEGER(500)},
        {"set a 2", OK},
        {"copy a b", INTEGER(0)},
        {"copy a b REPLACE", INTEGER(1)},
        {"get b", "$1\r\n2\r\n"},
        {"ttl b", INTEGER(-1)},
        {"copy nokey c", INTEGER(0)},
        {"copy a c db 0 replace", INTEGER(1)},
        {0},
    });
}

TEST(copy_checks_its_options_in_order)
{
    harness_expect((const struct golden[]){
        {"copy a a", "-ERR source and destination objects are the same\r\n"},
        {"copy a b db 1", "-ERR DB index is out of range\r\n"},
        {"copy a b db -1", "-ERR DB index is out of range\r\n"},
        {"copy a b db x", NOT_AN_INTEGER},
        {"copy a b db 2147483648",
         "-ERR value is out of range, value must between -2147483648 and "
         "2147483647\r\n"},
        {"copy a b db", SYNTAX_ERROR},
        {"copy a a nonsense", SYNTAX_ERROR},
        {"copy a b replace db 1", "-ERR DB index is out of range\r\n"},
        {0},
    });
}

TEST(flush_leaves_nothing)
{
    harness_expect((const struct golden[]){
        {"mset a 1 b 2", OK},
        {"flushall foo", SYNTAX_ERROR},
        {"flushdb async sync", SYNTAX_ERROR},
        {"dbsize", INTEGER(3)},
        {"flushdb async", OK},
        {"dbsize", INTEGER(0)},
        {"get a", NIL},
        {"set a 1", OK},
        {"flushall SYNC", OK},
        {"flushall", OK},
        {"dbsize", INTEGER(0)},
        {0},
    });
}

TEST(key_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"del k", false},          {"set k v", true},
        {"exists k", false},       {"touch k", false},
        {"type k", false},         {"rename k k", false},
        {"rename k k2", true},     {"rename k k2", false},
        {"renamenx k2 k", true},   {"renamenx k k", false},
        {"renamenx k lst", false}, {"copy k k2", true},
        {"copy k k2", false},      {"copy k k2 replace", true},
        {"copy nokey k", false},   {"dbsize", false},
        {"unlink k k2", true},     {"flushall", true},
        {"flushall foo", false},   {0},
    });
}
