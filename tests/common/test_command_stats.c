// test_command_stats.c -- spans, errors, and the minute that turns.
// SPDX-License-Identifier: MIT
#include "common/server/command_stats.h"

#include "tests/common/fake_env.h"
#include "tests/test.h"

enum { SECOND_US = 1000 * 1000 };

static struct fake_env world;
static struct command_table *table;
static struct command_stats stats;

static void run_nothing(struct store *store, struct request *request)
{
    (void)store, (void)request;
}

static const struct command rows[] = {
    {"one", 1, COMMAND_FAST, 0, 0, 0, "", "", "generic", "vega 1",
     .run = run_nothing},
    {"two", 1, 0, 0, 0, 0, "", "", "generic", "vega 1", .run = run_nothing},
    {"three", 1, 0, 0, 0, 0, "", "", "string", "vega 1", .run = run_nothing},
    {0},
};

static void setup(void)
{
    fake_env_init(&world, 1);
    table = command_table_create();
    command_table_add(table, rows);
    command_stats_init(&stats, &world.env, table);
}

static void teardown(void)
{
    command_stats_deinit(&stats);
    command_table_destroy(table);
    fake_env_deinit(&world);
}

// Lets a second pass, and the tick with it, `count` times.
static void pass_seconds(int count)
{
    while (count-- > 0) {
        fake_env_advance(&world, SECOND_US);
        command_stats_tick(&stats);
    }
}

static uint64_t count_of(enum command_span span)
{
    struct histogram times;
    command_stats_read(&stats, 0, span, &times);
    uint64_t count = times.count;
    histogram_deinit(&times);
    return count;
}

TEST(what_was_added_is_in_both_spans)
{
    setup();
    command_stats_add(&stats, 0, 1500, 3);
    command_stats_add(&stats, 0, 500, 1);
    struct histogram times;
    for (int span = COMMAND_SINCE_START; span <= COMMAND_RECENT; span++) {
        command_stats_read(&stats, 0, (enum command_span)span, &times);
        ck_assert_uint_eq(times.count, 4);
        ck_assert_uint_eq(times.sum, 5000);
        ck_assert_uint_eq(times.max, 1500);
        ck_assert_uint_eq(times.min, 500);
        histogram_deinit(&times);
    }
    command_stats_read(&stats, 1, COMMAND_SINCE_START, &times);
    ck_assert_uint_eq(times.count, 0);
    teardown();
}

TEST(recent_is_the_last_whole_minute_and_this_one)
{
    setup();
    command_stats_add(&stats, 0, 1, 1);
    pass_seconds(60);
    command_stats_add(&stats, 0, 1, 10);
    pass_seconds(59);
    ck_assert_uint_eq(count_of(COMMAND_RECENT), 11);
    pass_seconds(1);
    command_stats_add(&stats, 0, 1, 100);
    ck_assert_uint_eq(count_of(COMMAND_RECENT), 110);
    pass_seconds(120);
    ck_assert_uint_eq(count_of(COMMAND_RECENT), 0);
    ck_assert_uint_eq(count_of(COMMAND_SINCE_START), 111);
    teardown();
}

TEST(a_span_says_how_long_it_is)
{
    setup();
    pass_seconds(30);
    ck_assert_int_eq(command_stats_span_us(&stats, COMMAND_RECENT),
                     30 * SECOND_US);
    pass_seconds(60);
    ck_assert_int_eq(command_stats_span_us(&stats, COMMAND_RECENT),
                     90 * SECOND_US);
    pass_seconds(60);
    ck_assert_int_eq(command_stats_span_us(&stats, COMMAND_RECENT),
                     90 * SECOND_US);
    ck_assert_int_eq(command_stats_span_us(&stats, COMMAND_SINCE_START),
                     150 * INT64_C(1000) * 1000);
    teardown();
}

TEST(errors_are_counted_by_their_first_word)
{
    setup();
    command_stats_add_error(&stats, SLICE("ERR syntax error\r\n"));
    command_stats_add_error(&stats, SLICE("ERR other\r\n"));
    command_stats_add_error(&stats, SLICE("EXECABORT\r\n"));
    ck_assert_uint_eq(stats.error_count, 2);
    ck_assert_str_eq(stats.errors[0].code, "ERR");
    ck_assert_uint_eq(stats.errors[0].count, 2);
    ck_assert_str_eq(stats.errors[1].code, "EXECABORT");
    ck_assert_uint_eq(stats.errors[1].count, 1);
    teardown();
}

TEST(endless_codes_and_kinds_of_errors_do_not_grow_it)
{
    setup();
    char text[200];
    for (int i = 0; i < 1000; i++) {
        memset(text, 'A', sizeof text);
        text[0] = (char)('A' + i % 26);
        text[1] = (char)('A' + i / 26);
        command_stats_add_error(&stats, (struct slice){text, sizeof text});
    }
    ck_assert_uint_eq(stats.error_count, COMMAND_STATS_ERRORS_MAX);
    ck_assert_uint_eq(strlen(stats.errors[0].code), COMMAND_STATS_CODE_MAX);
    teardown();
}

TEST(a_reset_begins_anew)
{
    setup();
    command_stats_add(&stats, 0, 1, 1);
    command_stats_add_error(&stats, SLICE("ERR x"));
    stats.records[0].failed = stats.records[1].rejected = 1;
    pass_seconds(61);
    command_stats_reset(&stats);
    ck_assert_uint_eq(count_of(COMMAND_SINCE_START), 0);
    ck_assert_uint_eq(count_of(COMMAND_RECENT), 0);
    ck_assert_uint_eq(stats.error_count, 0);
    ck_assert_uint_eq(stats.records[0].failed, 0);
    ck_assert_uint_eq(stats.records[1].rejected, 0);
    ck_assert_int_eq(command_stats_span_us(&stats, COMMAND_SINCE_START), 0);
    ck_assert_int_eq(command_stats_span_us(&stats, COMMAND_RECENT), 0);
    teardown();
}

TEST(quick_are_the_fast_and_those_of_strings)
{
    setup();
    ck_assert(stats.records[0].is_quick);
    ck_assert(!stats.records[1].is_quick);
    ck_assert(stats.records[2].is_quick);
    teardown();
}
