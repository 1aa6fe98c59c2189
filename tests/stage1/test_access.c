// test_access.c -- how recently, or how often, an entry was used.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/access.h"

#include "tests/test.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * 1000 };
#define START_MS INT64_C(1700000000000)
#define TURN_MS ((INT64_C(1) << 24) * ACCESS_TICK_MS)

static struct entry *make_entry(void)
{
    return entry_create(SLICE("key"), 0, 0, ENTRY_NO_EXPIRY);
}

static struct access frequency(int64_t log_factor, int64_t decay_minutes)
{
    struct access access = {
        .frequency = true,
        .log_factor = log_factor,
        .decay_minutes = decay_minutes,
    };
    random_init(&access.random, 1);
    return access;
}

TEST(idle_time_has_steps_of_a_tenth_of_a_second)
{
    struct access access = {0};
    struct entry *entry = make_entry();
    access_note(&access, entry, START_MS);
    ck_assert_int_eq(access_idle_ms(entry, START_MS), 0);
    ck_assert_int_eq(access_idle_ms(entry, START_MS + 99), 0);
    ck_assert_int_eq(access_idle_ms(entry, START_MS + 100), 100);
    ck_assert_int_eq(access_idle_ms(entry, START_MS + 5050), 5000);
    access_note(&access, entry, START_MS + 5050);
    ck_assert_int_eq(access_idle_ms(entry, START_MS + 5050), 0);
    entry_destroy(entry);
}

TEST(idle_time_holds_across_the_turn_of_its_clock_and_wraps_after_one)
{
    struct access access = {0};
    struct entry *entry = make_entry();
    int64_t turn_ms = START_MS / TURN_MS * TURN_MS;
    access_note(&access, entry, turn_ms - SECOND_MS);
    ck_assert_int_eq(access_idle_ms(entry, turn_ms + SECOND_MS), 2000);
    int64_t last_ms = turn_ms - SECOND_MS + TURN_MS - ACCESS_TICK_MS;
    ck_assert_int_eq(access_idle_ms(entry, last_ms), TURN_MS - ACCESS_TICK_MS);
    ck_assert_int_eq(access_idle_ms(entry, last_ms + ACCESS_TICK_MS), 0);
    entry_destroy(entry);
}

TEST(a_new_entry_begins_with_a_count_above_those_that_decayed)
{
    struct access access = frequency(10, 1);
    struct entry *entry = make_entry();
    access_note(&access, entry, START_MS);
    ck_assert_uint_eq(access_count(&access, entry, START_MS), ACCESS_NEW);
    entry_destroy(entry);
}

TEST(uses_raise_the_count_ever_more_slowly_up_to_its_end)
{
    struct access access = frequency(10, 0);
    struct entry *entry = make_entry();
    int uses = 0;
    unsigned counts[4];
    const int stops[] = {100, 1000, 100 * 1000, 3 * 1000 * 1000};
    for (int i = 0; i < 4; i++) {
        for (; uses < stops[i]; uses++)
            access_note(&access, entry, START_MS);
        counts[i] = access_count(&access, entry, START_MS);
    }
    // Redis' documentation gives 10, 18, 142 and 255 for these.
    ck_assert_uint_ge(counts[0], 7);
    ck_assert_uint_le(counts[0], 14);
    ck_assert_uint_ge(counts[1], 14);
    ck_assert_uint_le(counts[1], 26);
    ck_assert_uint_ge(counts[2], 120);
    ck_assert_uint_le(counts[2], 165);
    ck_assert_uint_eq(counts[3], ACCESS_COUNT_MAX);
    entry_destroy(entry);
}

TEST(the_count_decays_by_one_for_each_decay_time_and_not_below_zero)
{
    struct access access = frequency(0, 2);
    struct entry *entry = make_entry();
    for (int i = 0; i < 6; i++)
        access_note(&access, entry, START_MS);
    int64_t later_ms = START_MS + 6 * MINUTE_MS;
    ck_assert_uint_eq(access_count(&access, entry, START_MS), 10);
    ck_assert_uint_eq(access_count(&access, entry, later_ms), 7);
    access_note(&access, entry, later_ms);
    ck_assert_uint_eq(access_count(&access, entry, later_ms), 8);
    later_ms += 100 * MINUTE_MS;
    ck_assert_uint_eq(access_count(&access, entry, later_ms), 0);
    entry_destroy(entry);
}

TEST(without_a_decay_time_the_count_stays)
{
    struct access access = frequency(0, 0);
    struct entry *entry = make_entry();
    access_note(&access, entry, START_MS);
    ck_assert_uint_eq(
        access_count(&access, entry, START_MS + 30000 * (int64_t)MINUTE_MS),
        ACCESS_NEW);
    entry_destroy(entry);
}
