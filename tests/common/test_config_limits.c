// test_config_limits.c -- limits of classes of clients, there and back.
// SPDX-License-Identifier: MIT
#include "common/config/config_value.h"
#include "tests/test.h"

#define VEGA CONFIG_SPELLING_VEGA
#define REDIS CONFIG_SPELLING_REDIS
#define KB INT64_C(1024)

static const char *const classes[] = {"normal", "replica", NULL};
static const struct config_row row = {
    .key = "limits",
    .type = CONFIG_LIMITS,
    .choices = classes,
};

static void expect_written(const struct config_limit *limits,
                           enum config_spelling spelling, const char *expected)
{
    struct buffer text = {0};
    config_limits_format(&row, spelling, limits, &text);
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq(text.data, expected);
    buffer_deinit(&text);
}

TEST(each_class_gets_its_limits)
{
    struct config_limit limits[CONFIG_LIMITS_MAX] = {0};
    ck_assert_int_eq(
        config_limits_parse(
            &row, VEGA, SLICE("NORMAL 1MB 0 0  replica 2KB 1kb 1m "), limits),
        CONFIG_LIMITS_FINE);
    ck_assert_int_eq(limits[0].hard, KB * KB);
    ck_assert_int_eq(limits[1].hard, 2 * KB);
    ck_assert_int_eq(limits[1].soft, KB);
    ck_assert_int_eq(limits[1].soft_ms, 60000);
    expect_written(limits, VEGA, "normal 1MB 0 0 replica 2KB 1KB 1m");
    expect_written(limits, REDIS, "normal 1048576 0 0 slave 2048 1024 60");
}

TEST(a_class_that_is_not_named_keeps_its_limits)
{
    struct config_limit limits[CONFIG_LIMITS_MAX] = {{1, 2, 3000}};
    ck_assert_int_eq(
        config_limits_parse(&row, REDIS, SLICE("slave 7 8 9"), limits),
        CONFIG_LIMITS_FINE);
    expect_written(limits, REDIS, "normal 1 2 3 slave 7 8 9");
    ck_assert_int_eq(config_limits_parse(&row, REDIS, SLICE(""), limits),
                     CONFIG_LIMITS_FINE);
    expect_written(limits, REDIS, "normal 1 2 3 slave 7 8 9");
}

TEST(the_last_of_two_for_a_class_holds)
{
    struct config_limit limits[CONFIG_LIMITS_MAX] = {0};
    ck_assert_int_eq(config_limits_parse(&row, REDIS,
                                         SLICE("normal 1 1 1 normal 2 2 2"),
                                         limits),
                     CONFIG_LIMITS_FINE);
    expect_written(limits, REDIS, "normal 2 2 2 slave 0 0 0");
}

static const struct {
    enum config_spelling spelling;
    const char *text;
    enum config_limits_fault fault;
} bad[] = {
    {REDIS, "normal 0 0", CONFIG_LIMITS_COUNT},
    {REDIS, "normal 0 0 0 x", CONFIG_LIMITS_COUNT},
    {REDIS, "master 0 0 0", CONFIG_LIMITS_CLASS},
    {REDIS, "normal -1 0 0", CONFIG_LIMITS_NUMBER},
    {REDIS, "normal 0 x 0", CONFIG_LIMITS_NUMBER},
    {REDIS, "normal 0 0 -1", CONFIG_LIMITS_NUMBER},
    {REDIS, "normal 0 0 9223372036854775807", CONFIG_LIMITS_NUMBER},
    {REDIS, "normal 0 0 60s", CONFIG_LIMITS_NUMBER},
    {VEGA, "normal 0 0 60", CONFIG_LIMITS_NUMBER}, // No unit.
};

TEST_FOR(a_fault_is_told, (int)(sizeof bad / sizeof *bad))
{
    struct config_limit limits[CONFIG_LIMITS_MAX] = {0};
    ck_assert_int_eq(config_limits_parse(&row, bad[_i].spelling,
                                         slice_of(bad[_i].text), limits),
                     bad[_i].fault);
}
