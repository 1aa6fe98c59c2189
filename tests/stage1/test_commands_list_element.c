// test_commands_list_element.c -- elements anywhere in a list, as redis-server
// 7.0 answers.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#define EMPTY "*0\r\n"
#define BULK(one) "$1\r\n" one "\r\n"

TEST(an_index_counts_from_either_end)
{
    harness_expect((const struct golden[]){
        {"rpush l a b c", INTEGER(3)},
        {"lindex l 0", BULK("a")},
        {"lindex l -1", BULK("c")},
        {"lindex l 3", NIL},
        {"lindex l -4", NIL},
        {"lindex nokey x", NIL},
        {"lindex l x", NOT_AN_INTEGER},
        {"set s 1", OK},
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

TEST(element_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"rpush l a b c d e f", true},
        {"lindex l 0", false},
        {"lpos l a", false},
        {"lset l 9 x", false},
        {"lset l 0 x", true},
        {"linsert l before q x", false},
        {"linsert l before x q", true},
        {"lrem l 0 nothing", false},
        {"lrem l 0 q", true},
        {0},
    });
}
