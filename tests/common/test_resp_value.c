// test_resp_value.c -- takes replies apart.
// SPDX-License-Identifier: MIT
#include "common/wire/resp_value.h"

#include <stdio.h>

#include "tests/test.h"

static const char *const values[] = {
    "+OK\r\n",
    "-ERR no\r\n",
    ":-1\r\n",
    "$3\r\na\r\n\r\n",
    "$0\r\n\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "_\r\n",
    "#t\r\n",
    ",1.5\r\n",
    "(12345678901234567890\r\n",
    "=7\r\ntxt:a\r\n\r\n",
    "*0\r\n",
    "*2\r\n*1\r\n:1\r\n$1\r\nx\r\n",
    "%1\r\n+k\r\n*2\r\n:1\r\n:2\r\n",
    "~2\r\n:1\r\n:2\r\n",
    ">1\r\n+push\r\n",
    "|1\r\n+k\r\n+v\r\n:1\r\n",
};

enum { VALUES = sizeof values / sizeof *values };

TEST_FOR(a_value_is_taken_whole, VALUES)
{
    char text[128];
    snprintf(text, sizeof text, "%s+next\r\n", values[_i]);
    struct slice rest = slice_of(text);
    ck_assert(slice_equal(resp_take_value(&rest), slice_of(values[_i])));
    ck_assert(slice_equal(rest, SLICE("+next\r\n")));
}

TEST(a_header_is_its_line)
{
    struct slice rest = SLICE("*12\r\n:1\r\n");
    ck_assert(slice_equal(resp_take_header(&rest), SLICE("12")));
    ck_assert(slice_equal(resp_take_header(&rest), SLICE("1")));
    ck_assert_uint_eq(rest.size, 0);
}
