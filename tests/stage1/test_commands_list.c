// test_commands_list.c -- lists, as redis-server 7.0 answers.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#define NIL_ARRAY(resp) ((resp) == 2 ? "*-1\r\n" : "_\r\n")
#define EMPTY "*0\r\n"
#define BULK(one) "$1\r\n" one "\r\n"
#define NOT_POSITIVE "-ERR value is out of range, must be positive\r\n"

TEST(push_puts_elements_one_after_another)
{
    harness_expect((const struct golden[]){
        {"lpush l a b c", INTEGER(3)},
        {"rpush l x y", INTEGER(5)},
        {"lrange l 0 -1",
         "*5\r\n" BULK("c") BULK("b") BULK("a") BULK("x") BULK("y")},
        {"llen l", INTEGER(5)},
        {"type l", "+list\r\n"},
        {"object encoding l", "$9\r\nquicklist\r\n"},
        {"set s 1", OK},
        {"lpush s 1", WRONG_TYPE},
        {"rpush s 1", WRONG_TYPE},
        {"lpushx s 1", WRONG_TYPE},
        {"llen s", WRONG_TYPE},
        {"lpush l", WRONG_ARITY("lpush")},
        {"llen nokey", INTEGER(0)},
        {0},
    });
}

TEST(pushx_wants_a_list_that_exists)
{
    harness_expect((const struct golden[]){
        {"lpushx l a b", INTEGER(0)},
        {"rpushx l a", INTEGER(0)},
        {"exists l", INTEGER(0)},
        {"rpush l m", INTEGER(1)},
        {"lpushx l a b", INTEGER(3)},
        {"rpushx l z", INTEGER(4)},
        {"lrange l 0 9", "*4\r\n" BULK("b") BULK("a") BULK("m") BULK("z")},
        {"rpushx l", WRONG_ARITY("rpushx")},
        {0},
    });
}

TEST(pop_takes_one_or_some_and_the_last_takes_the_key)
{
    harness_expect((const struct golden[]){
        {"rpush l a b c d e", INTEGER(5)},
        {"lpop l", BULK("a")},
        {"rpop l", BULK("e")},
        {"rpop l 2", "*2\r\n" BULK("d") BULK("c")},
        {"lpop l 0", EMPTY},
        {"lpop l 9223372036854775807", "*1\r\n" BULK("b")},
        {"exists l", INTEGER(0)},
        {"lpop l", NIL},
        {"lpop l x", NOT_POSITIVE},
        {"rpop l -1", NOT_POSITIVE},
        {"lpop l 1 2", WRONG_ARITY("lpop")},
        {"set s 1", OK},
        {"rpop s", WRONG_TYPE},
        {"lpop s 0", WRONG_TYPE},
        {0},
    });
}

TEST_FOR(popping_several_of_nothing_is_a_null_array, 2)
{
    int protocol = _i + 2;
    struct harness harness;
    harness_init(&harness, protocol);
    static const char *const lines[] = {"lpop nokey 0", "rpop nokey 3",
                                        "lmpop 2 nokey other left"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert(slice_equal(harness_run(&harness, lines[i]),
                              slice_of(NIL_ARRAY(protocol))));
    harness_deinit(&harness);
}

TEST(a_range_counts_from_either_end)
{
    harness_expect((const struct golden[]){
        {"rpush l a b c", INTEGER(3)},
        {"lrange l -2 -1", "*2\r\n" BULK("b") BULK("c")},
        {"lrange l -100 0", "*1\r\n" BULK("a")},
        {"lrange l 1 100", "*2\r\n" BULK("b") BULK("c")},
        {"lrange l 2 1", EMPTY},
        {"lrange l 3 5", EMPTY},
        {"lrange l -9223372036854775808 9223372036854775807",
         "*3\r\n" BULK("a") BULK("b") BULK("c")},
        {"lrange nokey 0 -1", EMPTY},
        {"lrange nokey x 1", NOT_AN_INTEGER},
        {"lrange nokey 1 x", NOT_AN_INTEGER},
        {"set s 1", OK},
        {"lrange s 0 1", WRONG_TYPE},
        {0},
    });
}

TEST(trim_keeps_what_is_between)
{
    harness_expect((const struct golden[]){
        {"rpush l a b c d e", INTEGER(5)},
        {"ltrim l 1 -2", OK},
        {"lrange l 0 -1", "*3\r\n" BULK("b") BULK("c") BULK("d")},
        {"ltrim l 0 100", OK},
        {"ltrim l -2 -1", OK},
        {"lrange l 0 -1", "*2\r\n" BULK("c") BULK("d")},
        {"ltrim l 5 9", OK},
        {"exists l", INTEGER(0)},
        {"ltrim l 0 1", OK},
        {"ltrim l x 1", NOT_AN_INTEGER},
        {"set s 1", OK},
        {"ltrim s 0 1", WRONG_TYPE},
        {0},
    });
}

TEST(lists_are_renamed_copied_and_expire_as_strings_do)
{
    harness_expect((const struct golden[]){
        {"rpush l a b", INTEGER(2)},
        {"copy l c", INTEGER(1)},
        {"rename l r", OK},
        {"lpush r z", INTEGER(3)},
        {"lrange c 0 -1", "*2\r\n" BULK("a") BULK("b")},
        {"pexpire r 100", INTEGER(1)},
        {"lpush r y", INTEGER(4)},
        {"pttl r", INTEGER(100)},
        {"set c 1", OK},
        {"+100", ""},
        {"llen r", INTEGER(0)},
        {"get c", BULK("1")},
        {0},
    });
}

TEST(list_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"lpushx l a", false},
        {"rpush l a b c d e f", true},
        {"lrange l 0 -1", false},
        {"llen l", false},
        {"ltrim l 0 -1", false},
        {"ltrim l 0 4", true},
        {"lpop l 0", false},
        {"lpop l", true},
        {"rpop l 1", true},
        {0},
    });
}
