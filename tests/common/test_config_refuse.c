// test_config_refuse.c -- how a refusal reads.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <string.h>

#include "common/config/config_private.h"
#include "tests/common/config_rows.h"

static const struct {
    struct slice bytes;
    const char *quoted;
} quotes[] = {
    {{"", 0}, "''"},
    {{"plain text~", 11}, "'plain text~'"},
    {{"a\0\r\n\x1b\x7f\xff", 7}, "'a\\x00\\x0d\\x0a\\x1b\\x7f\\xff'"},
    {{"0123456789012345678901234567890123456789", 40},
     "'0123456789012345678901234567890123456789'"},
    {{"0123456789012345678901234567890123456789x", 41},
     "'0123456789012345678901234567890123456789...'"},
};

TEST_FOR(foreign_bytes_are_quoted_on_one_short_line,
         (int)(sizeof quotes / sizeof *quotes))
{
    ck_assert_str_eq(config_quote(quotes[_i].bytes).text, quotes[_i].quoted);
}

TEST(the_longest_quotation_fits)
{
    char bytes[100];
    memset(bytes, 0xff, sizeof bytes);
    struct config_quoted quoted =
        config_quote((struct slice){bytes, sizeof bytes});
    ck_assert_uint_eq(strlen(quoted.text), sizeof quoted.text - 1);
}

TEST(an_error_that_is_too_long_is_cut_off)
{
    struct config_error error;
    config_refuse(&error, "%600s", "x");
    ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
}

TEST(a_refused_value_names_what_is_allowed_and_what_was_there)
{
    struct config_error error;
    config_refuse_value(&error, test_config_row("level"), "a mapping");
    ck_assert_str_eq(error.text,
                     "must be one of low, middle, high, not a mapping");
}

TEST(an_unknown_key_is_refused_with_a_way_out)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    config_refuse_key(&error, config, "here", SLICE("prot"));
    ck_assert_str_eq(error.text,
                     "here: unknown key 'prot'; did you mean 'port'?");
    config_refuse_key(&error, config, "here", SLICE("x\ny"));
    ck_assert_str_eq(
        error.text, "here: unknown key 'x\\x0ay'; --help lists the known ones");
    config_destroy(config);
}
