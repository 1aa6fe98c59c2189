// latency_monitor.c -- when commands took long: Redis' latency monitor.
// SPDX-License-Identifier: MIT
#include "common/server/latency_monitor.h"

#include "common/base/check.h"

const char *const latency_event_names[LATENCY_EVENTS] = {
    [LATENCY_COMMAND] = "command",
    [LATENCY_FAST_COMMAND] = "fast-command",
};

void latency_monitor_add(struct latency_monitor *monitor,
                         enum latency_event event, struct latency_sample added)
{
    struct latency_series *series = &monitor->series[event];
    if (added.ms > series->ms_max)
        series->ms_max = added.ms;
    if (series->added) {
        struct latency_sample *newest =
            &series->samples[(series->added - 1) % LATENCY_SAMPLES_MAX];
        if (newest->time_s == added.time_s) {
            if (newest->ms < added.ms)
                newest->ms = added.ms;
            return;
        }
    }
    series->samples[series->added++ % LATENCY_SAMPLES_MAX] = added;
}

uint32_t latency_series_count(const struct latency_series *series)
{
    return series->added < LATENCY_SAMPLES_MAX ? (uint32_t)series->added
                                               : LATENCY_SAMPLES_MAX;
}

struct latency_sample latency_series_at(const struct latency_series *series,
                                        uint32_t index)
{
    uint32_t count = latency_series_count(series);
    check(index < count);
    uint64_t first = series->added - count;
    return series->samples[(first + index) % LATENCY_SAMPLES_MAX];
}
