// test_latency_monitor.c -- which samples of an event are kept.
// SPDX-License-Identifier: MIT
#include "common/server/latency_monitor.h"

#include "tests/test.h"

static void add(struct latency_monitor *monitor, int64_t time_s, int64_t ms)
{
    latency_monitor_add(monitor, LATENCY_COMMAND,
                        (struct latency_sample){time_s, ms});
}

static void expect_at(const struct latency_series *series, uint32_t index,
                      int64_t time_s, int64_t ms)
{
    struct latency_sample sample = latency_series_at(series, index);
    ck_assert_int_eq(sample.time_s, time_s);
    ck_assert_int_eq(sample.ms, ms);
}

TEST(samples_come_oldest_first)
{
    static struct latency_monitor monitor;
    const struct latency_series *series = &monitor.series[LATENCY_COMMAND];
    ck_assert_uint_eq(latency_series_count(series), 0);
    add(&monitor, 100, 7);
    add(&monitor, 102, 9);
    ck_assert_uint_eq(latency_series_count(series), 2);
    expect_at(series, 0, 100, 7);
    expect_at(series, 1, 102, 9);
    ck_assert_uint_eq(
        latency_series_count(&monitor.series[LATENCY_FAST_COMMAND]), 0);
}

TEST(of_one_second_the_longest_is_kept)
{
    static struct latency_monitor monitor;
    const struct latency_series *series = &monitor.series[LATENCY_COMMAND];
    add(&monitor, 100, 7);
    add(&monitor, 100, 9);
    add(&monitor, 100, 8);
    ck_assert_uint_eq(latency_series_count(series), 1);
    expect_at(series, 0, 100, 9);
}

TEST(the_oldest_samples_go_but_the_maximum_stays)
{
    static struct latency_monitor monitor;
    const struct latency_series *series = &monitor.series[LATENCY_COMMAND];
    add(&monitor, 0, 1000);
    for (int64_t i = 1; i <= LATENCY_SAMPLES_MAX; i++)
        add(&monitor, i, i);
    ck_assert_uint_eq(latency_series_count(series), LATENCY_SAMPLES_MAX);
    expect_at(series, 0, 1, 1);
    expect_at(series, LATENCY_SAMPLES_MAX - 1, LATENCY_SAMPLES_MAX,
              LATENCY_SAMPLES_MAX);
    ck_assert_int_eq(series->ms_max, 1000);
}
