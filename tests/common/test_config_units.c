// test_config_units.c -- sizes and durations as text.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include "common/config/config_value.h"

enum { REFUSED = -1 };

struct example {
    const char *text;
    int64_t value;
};

static const struct example sizes[] = {
    {"0", 0},
    {"100", 100},
    {"7B", 7},
    {"1k", 1024},
    {"64kb", 65536},
    {"64KiB", 65536},
    {"512MB", 536870912},
    {"3m", 3145728},
    {"1g", 1073741824},
    {"2TB", 2199023255552},
    {"8388607TB", 9223370937343148032},
    {"8388608TB", REFUSED}, // 2^63
    {"9223372036854775807", INT64_MAX},
    {"9223372036854775808", REFUSED},
    {"", REFUSED},
    {"MB", REFUSED},
    {"-1", REFUSED},
    {"+1", REFUSED},
    {"1.5GB", REFUSED},
    {"1 MB", REFUSED},
    {" 1MB", REFUSED},
    {"1MB ", REFUSED},
    {"1XB", REFUSED},
    {"0x10", REFUSED},
    {"5s", REFUSED},
};

static const struct example durations[] = {
    {"0", 0},
    {"0s", 0},
    {"250ms", 250},
    {"5s", 5000},
    {"5S", 5000},
    {"2m", 120000},
    {"1h", 3600000},
    {"7d", 604800000},
    {"106751991167d", 9223372036828800000},
    {"106751991168d", REFUSED},
    {"5", REFUSED},
    {"00", REFUSED},
    {"", REFUSED},
    {"s", REFUSED},
    {"-5s", REFUSED},
    {"5 s", REFUSED},
    {"5us", REFUSED},
    {"1.5s", REFUSED},
    {"1h30m", REFUSED},
    {"5MB", REFUSED},
};

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

static void expect(const struct example *example,
                   bool (*parse)(struct slice text, int64_t *value))
{
    int64_t value = 4711;
    bool parsed = parse(slice_of(example->text), &value);
    ck_assert_msg(parsed == (example->value != REFUSED), "%s", example->text);
    ck_assert_int_eq(value, parsed ? example->value : 4711);
}

TEST_FOR(a_size_is_a_number_and_a_power_of_1024, COUNT(sizes))
{
    expect(&sizes[_i], config_parse_size);
}

TEST_FOR(a_duration_is_a_number_and_its_unit, COUNT(durations))
{
    expect(&durations[_i], config_parse_duration);
}

static void expect_text(const char *expected, int64_t value,
                        void (*format)(int64_t value, struct buffer *out))
{
    struct buffer text = {0};
    format(value, &text);
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq(text.data, expected);
    buffer_deinit(&text);
}

TEST(the_largest_unit_that_divides_is_written)
{
    expect_text("0", 0, config_format_size);
    expect_text("1", 1, config_format_size);
    expect_text("1025", 1025, config_format_size);
    expect_text("1KB", 1024, config_format_size);
    expect_text("1536MB", 1610612736, config_format_size);
    expect_text("9223372036854775807", INT64_MAX, config_format_size);

    expect_text("0", 0, config_format_duration);
    expect_text("999ms", 999, config_format_duration);
    expect_text("90s", 90000, config_format_duration);
    expect_text("2h", 7200000, config_format_duration);
    expect_text("1d", 86400000, config_format_duration);
}
