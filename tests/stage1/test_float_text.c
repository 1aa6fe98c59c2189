// test_float_text.c -- sums with a fraction as text. What INCRBYFLOAT shows
// of it is tested with the counters.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/float_text.h"

#include <float.h>
#include <string.h>

#include "tests/test.h"

static const struct {
    long double value;
    const char *text;
} rows[] = {
    {0.0L, "0"},
    {-0.0L, "0"},
    {1.0L, "1"},
    {-2.5L, "-2.5"},
    {100.0L, "100"},
    {0.125L, "0.125"},
    {1048576.0L, "1048576"},
    {-1e-30L, "0"},
};

TEST_FOR(values_are_written_without_exponent_or_trailing_zeros,
         sizeof rows / sizeof *rows)
{
    char text[FLOAT_TEXT_MAX];
    size_t size = float_format(text, rows[_i].value);
    text[size] = '\0';
    ck_assert_str_eq(text, rows[_i].text);
}

TEST(the_largest_value_fits)
{
    char text[FLOAT_TEXT_MAX];
    size_t size = float_format(text, -LDBL_MAX);
    ck_assert_uint_gt(size, 300);
    ck_assert_uint_lt(size, FLOAT_TEXT_MAX);
    ck_assert_int_eq(text[0], '-');
}
