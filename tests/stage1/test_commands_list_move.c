// test_commands_list_move.c -- commands on several lists, as redis-server 7.0
// answers.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#define BULK(one) "$1\r\n" one "\r\n"

TEST(move_goes_from_any_end_to_any)
{
    harness_expect((const struct golden[]){
        {"rpush a 1 2 3", INTEGER(3)},
        {"lmove a b left right", BULK("1")},
        {"lmove a b RIGHT LEFT", BULK("3")},
        {"lrange b 0 -1", "*2\r\n" BULK("3") BULK("1")},
        {"rpoplpush a b", BULK("2")},
        {"exists a", INTEGER(0)},
        {"lmove b b left right", BULK("2")},
        {"lrange b 0 -1", "*3\r\n" BULK("3") BULK("1") BULK("2")},
        {"rpoplpush b b", BULK("2")},
        {"lindex b 0", BULK("2")},
        {"rpush one 1", INTEGER(1)},
        {"lmove one one left left", BULK("1")},
        {"llen one", INTEGER(1)},
        {0},
    });
}

TEST(move_refuses_before_it_takes)
{
    harness_expect((const struct golden[]){
        {"rpush a 1", INTEGER(1)},
        {"set s 1", OK},
        {"lmove a s left left", WRONG_TYPE},
        {"rpoplpush a s", WRONG_TYPE},
        {"lmove s a left left", WRONG_TYPE},
        {"llen a", INTEGER(1)},
        {"lmove nokey s left left", NIL},
        {"rpoplpush nokey s", NIL},
        {"lmove nokey a left foo", SYNTAX_ERROR},
        {"lmove nokey a foo left", SYNTAX_ERROR},
        {0},
    });
}

TEST(mpop_takes_from_the_first_list_that_is_there)
{
    harness_expect((const struct golden[]){
        {"rpush l a b c d", INTEGER(4)},
        {"rpush m 1", INTEGER(1)},
        {"lmpop 3 nokey l m left", "*2\r\n" BULK("l") "*1\r\n" BULK("a")},
        {"lmpop 1 l right count 2",
         "*2\r\n" BULK("l") "*2\r\n" BULK("d") BULK("c")},
        {"lmpop 2 l m LEFT COUNT 9", "*2\r\n" BULK("l") "*1\r\n" BULK("b")},
        {"exists l", INTEGER(0)},
        {"set s 1", OK},
        {"lmpop 2 s m left", WRONG_TYPE},
        {"lmpop 2 m s left", "*2\r\n" BULK("m") "*1\r\n" BULK("1")},
        {0},
    });
}

TEST(mpop_checks_its_arguments_in_order)
{
    static const char keys[] = "-ERR numkeys should be greater than 0\r\n";
    static const char count[] = "-ERR count should be greater than 0\r\n";
    harness_expect((const struct golden[]){
        {"lmpop 0 l left", keys},
        {"lmpop x l left", keys},
        {"lmpop 9223372036854775808 l left", keys},
        {"lmpop 9223372036854775807 l left", SYNTAX_ERROR},
        {"lmpop 2 l left", SYNTAX_ERROR},
        {"lmpop 1 l foo", SYNTAX_ERROR},
        {"lmpop 1 l left count 0", count},
        {"lmpop 1 l left count x", count},
        {"lmpop 1 l left count", SYNTAX_ERROR},
        {"lmpop 1 l left count 1 count 1", SYNTAX_ERROR},
        {"lmpop 1 l", WRONG_ARITY("lmpop")},
        {0},
    });
}

TEST(moves_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"rpush l a b c", true},
        {"lmove nokey l left left", false},
        {"lmove l l left left", true},
        {"rpoplpush l m", true},
        {"lmpop 1 nokey left", false},
        {"lmpop 1 m left", true},
        {"lpop m", false},
        {0},
    });
}
