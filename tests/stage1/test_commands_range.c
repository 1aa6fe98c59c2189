// test_commands_range.c -- APPEND, STRLEN, SETRANGE, GETRANGE.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#include <string.h>

#define TOO_LONG                                                               \
    "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"

TEST(append_makes_and_grows_strings)
{
    harness_expect((const struct golden[]){
        {"append k ab", INTEGER(2)},
        {"append k cd", INTEGER(4)},
        {"append k \"\"", INTEGER(4)},
        {"get k", "$4\r\nabcd\r\n"},
        {"append empty \"\"", INTEGER(0)},
        {"exists empty", INTEGER(1)},
        {"append lst a", WRONG_TYPE},
        {"expire k 10", INTEGER(1)},
        {"append k e", INTEGER(5)},
        {"ttl k", INTEGER(10)},
        {"strlen k", INTEGER(5)},
        {"strlen nokey", INTEGER(0)},
        {"strlen lst", WRONG_TYPE},
        {0},
    });
}

TEST(setrange_overwrites_in_place_and_fills_with_zeros)
{
    harness_expect((const struct golden[]){
        {"setrange k 0 \"\"", INTEGER(0)},
        {"exists k", INTEGER(0)},
        {"set k hello", OK},
        {"setrange k 1 EL", INTEGER(5)},
        {"get k", "$5\r\nhELlo\r\n"},
        {"setrange k 4 XYZ", INTEGER(7)},
        {"get k", "$7\r\nhELlXYZ\r\n"},
        {"setrange k 1000 \"\"", INTEGER(7)},
        {"setrange z 2 a", INTEGER(3)},
        {"strlen z", INTEGER(3)},
        {"setbit z 0 0", INTEGER(0)},
        {"bitcount z", INTEGER(3)},
        {"setrange k -1 a", "-ERR offset is out of range\r\n"},
        {"setrange lst -1 a", "-ERR offset is out of range\r\n"},
        {"setrange k x a", NOT_AN_INTEGER},
        {"setrange lst 0 \"\"", WRONG_TYPE},
        {0},
    });
}

TEST(no_string_grows_beyond_512_megabytes)
{
    harness_expect((const struct golden[]){
        {"setrange k 536870912 a", TOO_LONG},
        {"setrange k 536870911 ab", TOO_LONG},
        {"setrange k 9223372036854775807 a", TOO_LONG},
        {"exists k", INTEGER(0)},
        {"set k v", OK},
        {"setrange k 536870912 a", TOO_LONG},
        {"setrange k 536870912 \"\"", INTEGER(1)},
        {0},
    });
}

TEST(getrange_counts_from_both_ends)
{
    harness_expect((const struct golden[]){
        {"set k \"This is a string\"", OK},
        {"getrange k 0 3", "$4\r\nThis\r\n"},
        {"getrange k -3 -1", "$3\r\ning\r\n"},
        {"getrange k 0 -1", "$16\r\nThis is a string\r\n"},
        {"getrange k 10 100", "$6\r\nstring\r\n"},
        {"getrange k -100 1", "$2\r\nTh\r\n"},
        {"getrange k 5 3", "$0\r\n\r\n"},
        {"getrange k -1 -5", "$0\r\n\r\n"},
        {"getrange k 16 20", "$0\r\n\r\n"},
        {"getrange k 0 -100", "$1\r\nT\r\n"},
        {"getrange k -9223372036854775808 9223372036854775807",
         "$16\r\nThis is a string\r\n"},
        {"substr k 8 8", "$1\r\na\r\n"},
        {"getrange nokey 0 -1", "$0\r\n\r\n"},
        {"getrange nokey x 1", NOT_AN_INTEGER},
        {"getrange k 0 1.0", NOT_AN_INTEGER},
        {"getrange lst 0 1", WRONG_TYPE},
        {"getrange k 0", WRONG_ARITY("getrange")},
        {"set e \"\"", OK},
        {"getrange e 0 0", "$0\r\n\r\n"},
        {0},
    });
}

TEST(range_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"setrange k 5 \"\"", false},
        {"append k a", true},
        {"append lst a", false},
        {"setrange k 5 \"\"", false},
        {"setrange k 5 a", true},
        {"setrange k 536870912 a", false},
        {"getrange k 0 1", false},
        {"strlen k", false},
        {0},
    });
}
