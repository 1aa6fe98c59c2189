// test_sim_clock.c -- tests of common/sim/sim_clock.c.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_clock.h"

#include "tests/test.h"

TEST(a_clock_keeps_the_pace_of_time_at_first)
{
    struct sim_clock clock = {.zero_us = 500};
    ck_assert_int_eq(sim_clock_at(&clock, 0), 500);
    ck_assert_int_eq(sim_clock_at(&clock, 1000), 1500);
    ck_assert_int_eq(sim_clock_when(&clock, 0, 1500), 1000);
    ck_assert_int_eq(sim_clock_when(&clock, 1200, 1500), 1200);
    ck_assert_int_eq(sim_clock_when(&clock, 0, INT64_MAX), INT64_MAX - 500);
}

TEST(a_new_pace_makes_no_jump)
{
    struct sim_clock clock = {.zero_us = 500};
    sim_clock_set_pace(&clock, 1000000, 100);
    ck_assert_int_eq(sim_clock_at(&clock, 1000000), 1000500);
    ck_assert_int_eq(sim_clock_at(&clock, 2000000), 2000600);
    sim_clock_set_pace(&clock, 2000000, -100);
    ck_assert_int_eq(sim_clock_at(&clock, 2000000), 2000600);
    ck_assert_int_eq(sim_clock_at(&clock, 3000000), 3000500);
}

TEST(it_is_due_at_the_first_time_that_shows_it)
{
    static const int64_t paces[] = {
        -SIM_CLOCK_PPM_MAX, -333333, -1, 0, 1, 77777, SIM_CLOCK_PPM_MAX};
    for (size_t i = 0; i < sizeof paces / sizeof *paces; i++) {
        struct sim_clock clock = {.zero_us = 123456};
        sim_clock_set_pace(&clock, 77, paces[i]);
        int64_t now_us = 78;
        for (int64_t due_us = 123600; due_us < 124600; due_us++) {
            int64_t when_us = sim_clock_when(&clock, now_us, due_us);
            ck_assert_int_ge(sim_clock_at(&clock, when_us), due_us);
            if (when_us > now_us)
                ck_assert_int_lt(sim_clock_at(&clock, when_us - 1), due_us);
        }
    }
}

TEST(it_never_goes_back)
{
    struct sim_clock clock = {0};
    int64_t before_us = 0;
    for (int64_t time_us = 0; time_us < 10000; time_us++) {
        if (time_us % 100 == 0)
            sim_clock_set_pace(&clock, time_us,
                               time_us % 200 ? SIM_CLOCK_PPM_MAX
                                             : -SIM_CLOCK_PPM_MAX);
        ck_assert_int_ge(sim_clock_at(&clock, time_us), before_us);
        before_us = sim_clock_at(&clock, time_us);
    }
}
