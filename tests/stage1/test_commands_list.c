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

TEST(range_and_index_count_from_either_end)
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
        {"lindex l 0", BULK("a")},
        {"lindex l -1", BULK("c")},
        {"lindex l 3", NIL},
        {"lindex l -4", NIL},
        {"lindex nokey x", NIL},
        {"lindex l x", NOT_AN_INTEGER},
        {"set s 1", OK},
        {"lrange s 0 1", WRONG_TYPE},
        {"lindex s x", WRONG_TYPE},
        {0},
    });
}

TEST(set_replaces_what_is_there)
{
    harness_expect((const struct golden[]){
        {"rpush l a b c", INTEGER(3)},
        {"lset l 1 x", OK},
        {"lset l -1 y", OK},
        {"lrange l 0 -1", "*3\r\n" BULK("a") BULK("x") BULK("y")},
        {"lset l 3 z", "-ERR index out of range\r\n"},
        {"lset l -4 z", "-ERR index out of range\r\n"},
        {"lset l x z", NOT_AN_INTEGER},
        {"lset nokey x z", "-ERR no such key\r\n"},
        {"set s 1", OK},
        {"lset s x z", WRONG_TYPE},
        {0},
    });
}

TEST(insert_finds_the_first_pivot)
{
    harness_expect((const struct golden[]){
        {"rpush l a b a", INTEGER(3)},
        {"linsert l before a x", INTEGER(4)},
        {"linsert l AFTER b y", INTEGER(5)},
        {"linsert l after a z", INTEGER(6)},
        {"lrange l 0 -1",
         "*6\r\n" BULK("x") BULK("a") BULK("z") BULK("b") BULK("y") BULK("a")},
        {"linsert l before q x", INTEGER(-1)},
        {"linsert nokey before q x", INTEGER(0)},
        {"linsert nokey foo q x", SYNTAX_ERROR},
        {"set s 1", OK},
        {"linsert s before q x", WRONG_TYPE},
        {0},
    });
}

TEST(remove_counts_from_the_end_that_the_sign_says)
{
    harness_expect((const struct golden[]){
        {"rpush l a b a c a", INTEGER(5)},
        {"lrem l 1 a", INTEGER(1)},
        {"lrem l -1 a", INTEGER(1)},
        {"lrange l 0 -1", "*3\r\n" BULK("b") BULK("a") BULK("c")},
        {"rpush l a a", INTEGER(5)},
        {"lrem l -9223372036854775808 x", INTEGER(0)},
        {"lrem l -2 a", INTEGER(2)},
        {"lrem l 0 a", INTEGER(1)},
        {"lrem l 0 b", INTEGER(1)},
        {"lrem l 5 c", INTEGER(1)},
        {"exists l", INTEGER(0)},
        {"lrem l 0 c", INTEGER(0)},
        {"lrem l x c", NOT_AN_INTEGER},
        {"set s 1", OK},
        {"lrem s x c", NOT_AN_INTEGER},
        {"lrem s 0 c", WRONG_TYPE},
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

#define ZERO_RANK                                                              \
    "-ERR RANK can't be zero: use 1 to start from the first match, 2 from "    \
    "the second ... or use negative to start from the end of the list\r\n"

TEST(pos_finds_by_rank_count_and_maxlen)
{
    harness_expect((const struct golden[]){
        {"rpush l a b c a b c a", INTEGER(7)},
        {"lpos l a", INTEGER(0)},
        {"lpos l x", NIL},
        {"lpos l a rank 2", INTEGER(3)},
        {"lpos l a rank -1", INTEGER(6)},
        {"lpos l a rank -3", INTEGER(0)},
        {"lpos l a rank 4", NIL},
        {"lpos l a rank -9223372036854775808", INTEGER(6)},
        {"lpos l a count 0", "*3\r\n:0\r\n:3\r\n:6\r\n"},
        {"lpos l a count 2", "*2\r\n:0\r\n:3\r\n"},
        {"lpos l a rank -2 count 0", "*2\r\n:3\r\n:0\r\n"},
        {"lpos l x count 0", EMPTY},
        {"lpos l a count 0 maxlen 3", "*1\r\n:0\r\n"},
        {"lpos l a rank 2 maxlen 3", NIL},
        {"lpos l a rank -1 count 5 maxlen 4", "*2\r\n:6\r\n:3\r\n"},
        {"lpos nokey a", NIL},
        {"lpos nokey a count 1", EMPTY},
        {"lpos nokey a rank 0", ZERO_RANK},
        {"lpos l a rank x", NOT_AN_INTEGER},
        {"lpos l a count -1", "-ERR COUNT can't be negative\r\n"},
        {"lpos l a maxlen x", "-ERR MAXLEN can't be negative\r\n"},
        {"lpos l a rank", SYNTAX_ERROR},
        {"lpos l a foo 1", SYNTAX_ERROR},
        {"set s 1", OK},
        {"lpos s a", WRONG_TYPE},
        {0},
    });
}

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
        {"lindex l 0", false},
        {"lpos l a", false},
        {"lset l 9 x", false},
        {"lset l 0 x", true},
        {"linsert l before q x", false},
        {"linsert l before x q", true},
        {"lrem l 0 nothing", false},
        {"lrem l 0 q", true},
        {"ltrim l 0 -1", false},
        {"ltrim l 0 4", true},
        {"lpop l 0", false},
        {"lpop l", true},
        {"rpop l 1", true},
        {"lmove nokey l left left", false},
        {"lmove l l left left", true},
        {"rpoplpush l m", true},
        {"lmpop 1 nokey left", false},
        {"lmpop 1 m left", true},
        {"lpop m", false},
        {0},
    });
}
