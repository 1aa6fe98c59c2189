// test_snapshot_schedule.c -- texts of `save`, and what they mean.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot_schedule.h"

#include "tests/test.h"

TEST(pairs_of_seconds_and_changes_are_read)
{
    struct snapshot_schedule schedule;
    ck_assert(snapshot_schedule_parse(" 3600 1  300 100 ", &schedule));
    ck_assert_uint_eq(schedule.count, 2);
    ck_assert_int_eq(schedule.rules[0].seconds, 3600);
    ck_assert_uint_eq(schedule.rules[0].changes, 1);
    ck_assert_int_eq(schedule.rules[1].seconds, 300);
    ck_assert_uint_eq(schedule.rules[1].changes, 100);
    ck_assert(snapshot_schedule_parse("", &schedule));
    ck_assert_uint_eq(schedule.count, 0);
}

TEST(other_texts_are_refused)
{
    static const char *const texts[] = {
        "1",
        "1 2 3",
        "a b",
        "0 1",
        "1 0",
        "-1 1",
        "1 x",
        "1,2",
        "1.5 2",
        "99999999999999999999 1",
        "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct snapshot_schedule schedule = {.count = 7};
        ck_assert(!snapshot_schedule_parse(texts[i], &schedule));
        ck_assert_uint_eq(schedule.count, 7);
    }
}

TEST(it_is_due_when_both_numbers_of_a_pair_are_reached)
{
    static const struct {
        int64_t seconds;
        uint64_t changes;
        bool due;
    } rows[] = {
        {0, 1000, false}, {59, 1000, false}, {60, 99, false}, {60, 100, true},
        {61, 101, true},  {599, 1, false},   {600, 0, false}, {600, 1, true},
    };
    struct snapshot_schedule schedule;
    ck_assert(snapshot_schedule_parse("60 100 600 1", &schedule));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(snapshot_schedule_is_due(&schedule, rows[i].seconds,
                                                  rows[i].changes),
                         rows[i].due);
    struct snapshot_schedule never = {0};
    ck_assert(!snapshot_schedule_is_due(&never, INT64_MAX, UINT64_MAX));
}
