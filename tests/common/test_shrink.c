// test_shrink.c -- tests of common/sim/shrink.c.
// SPDX-License-Identifier: MIT
#include "common/sim/shrink.h"

#include "tests/test.h"

enum { PARTS = 100 };

// A schedule of a hundred parts and two numbers.
struct schedule {
    bool kept[PARTS];
    struct shrink_number numbers[2];
    struct shrink shrink;
};

static void schedule_init(struct schedule *schedule,
                          bool (*fails)(void *context), size_t tries_max)
{
    *schedule = (struct schedule){.numbers = {{1000, 3}, {50, 60}}};
    for (size_t i = 0; i < PARTS; i++)
        schedule->kept[i] = true;
    schedule->shrink = (struct shrink){
        .kept = schedule->kept,
        .count = PARTS,
        .numbers = schedule->numbers,
        .number_count = 2,
        .fails = fails,
        .context = schedule,
        .tries_max = tries_max,
    };
}

static bool needs_three(void *context)
{
    const bool *kept = ((struct schedule *)context)->kept;
    return kept[3] && kept[41] && kept[99];
}

TEST(only_the_parts_that_it_takes_to_fail_are_left)
{
    struct schedule schedule;
    schedule_init(&schedule, needs_three, 1000);
    shrink_run(&schedule.shrink);
    ck_assert(needs_three(&schedule));
    ck_assert_uint_eq(shrink_kept(&schedule.shrink), 3);
    ck_assert_uint_lt(schedule.shrink.tries, 200);
}

static bool always_fails(void *context)
{
    (void)context;
    return true;
}

TEST(nothing_is_left_of_what_always_fails)
{
    struct schedule schedule;
    schedule_init(&schedule, always_fails, 1000);
    shrink_run(&schedule.shrink);
    ck_assert_uint_eq(shrink_kept(&schedule.shrink), 0);
}

static bool is_whole(void *context)
{
    return shrink_kept(&((struct schedule *)context)->shrink) == PARTS;
}

TEST(what_fails_only_as_a_whole_stays_whole)
{
    struct schedule schedule;
    schedule_init(&schedule, is_whole, 10000);
    shrink_run(&schedule.shrink);
    ck_assert_uint_eq(shrink_kept(&schedule.shrink), PARTS);
}

// A crash takes its place among the calls that what is left of the parts makes.
static bool needs_a_late_crash(void *context)
{
    const struct schedule *schedule = context;
    return schedule->kept[3] && schedule->numbers[0].value >= 123;
}

TEST(a_number_becomes_the_least_that_fails)
{
    struct schedule schedule;
    schedule_init(&schedule, needs_a_late_crash, 1000);
    shrink_run(&schedule.shrink);
    ck_assert(schedule.kept[3]);
    ck_assert_uint_eq(schedule.numbers[0].value, 123);
    ck_assert_uint_eq(shrink_kept(&schedule.shrink), 1);
}

TEST(a_number_of_a_part_that_is_out_is_left_alone)
{
    struct schedule schedule;
    schedule_init(&schedule, needs_a_late_crash, 1000);
    shrink_run(&schedule.shrink);
    ck_assert(!schedule.kept[60]);
    ck_assert_uint_eq(schedule.numbers[1].value, 50);
}

TEST(it_stops_after_its_tries_and_leaves_what_fails)
{
    struct schedule schedule;
    schedule_init(&schedule, needs_three, 7);
    shrink_run(&schedule.shrink);
    ck_assert_uint_eq(schedule.shrink.tries, 7);
    ck_assert(needs_three(&schedule));
    ck_assert_uint_lt(shrink_kept(&schedule.shrink), PARTS);
}

// Two that are needed, or else one other: what is gone first decides.
static bool needs_either(void *context)
{
    const bool *kept = ((struct schedule *)context)->kept;
    return (kept[10] && kept[90]) || kept[50];
}

TEST(no_single_part_of_the_rest_can_be_left_out)
{
    struct schedule schedule;
    schedule_init(&schedule, needs_either, 1000);
    shrink_run(&schedule.shrink);
    for (size_t i = 0; i < PARTS; i++) {
        if (!schedule.kept[i])
            continue;
        schedule.kept[i] = false;
        ck_assert(!needs_either(&schedule));
        schedule.kept[i] = true;
    }
}

// The parts of one client are every fourth one. Without any of them the others
// need all that they have: no piece of the whole can go before.
static bool needs_all_of_three_clients(void *context)
{
    const bool *kept = ((struct schedule *)context)->kept;
    size_t some = 0, others = 0;
    for (size_t i = 0; i < PARTS; i++) {
        some += i % 4 == 1 && kept[i];
        others += i % 4 != 1 && kept[i];
    }
    return others == PARTS - PARTS / 4 && (some == 0 || some == PARTS / 4);
}

TEST(what_belongs_together_goes_together_however_it_is_mixed)
{
    size_t groups[PARTS];
    for (size_t i = 0; i < PARTS; i++)
        groups[i] = i % 4;
    for (int grouped = 0; grouped < 2; grouped++) {
        struct schedule schedule;
        schedule_init(&schedule, needs_all_of_three_clients, 10000);
        schedule.shrink.groups = grouped ? groups : NULL;
        schedule.shrink.group_count = 4;
        shrink_run(&schedule.shrink);
        ck_assert_uint_eq(shrink_kept(&schedule.shrink),
                          grouped ? PARTS - PARTS / 4 : PARTS);
    }
}
