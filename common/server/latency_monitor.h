// latency_monitor.h -- when commands took long: Redis' latency monitor.
//
// A command that takes latency_monitor_threshold milliseconds or more is a
// sample of the event "command", or of "fast-command" if its row calls it fast.
// Of each event the newest samples are kept, and of one second the longest.
// (Redis knows more events, of what its server does between commands.)
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LATENCY_MONITOR_H
#define VEGA_COMMON_LATENCY_MONITOR_H

#include <stdint.h>

enum { LATENCY_SAMPLES_MAX = 160 };

enum latency_event { LATENCY_COMMAND, LATENCY_FAST_COMMAND };
enum { LATENCY_EVENTS = LATENCY_FAST_COMMAND + 1 };

extern const char *const latency_event_names[LATENCY_EVENTS];

struct latency_sample {
    int64_t time_s; // Since 1970.
    int64_t ms;
};

struct latency_series {
    struct latency_sample samples[LATENCY_SAMPLES_MAX]; // A ring.
    uint64_t added;                                     // Ever.
    int64_t ms_max;                                     // Of all, kept or not.
};

// Zeroed memory knows of nothing.
struct latency_monitor {
    struct latency_series series[LATENCY_EVENTS];
};

void latency_monitor_add(struct latency_monitor *monitor,
                         enum latency_event event, struct latency_sample added);

uint32_t latency_series_count(const struct latency_series *series);

// The oldest has index 0.
struct latency_sample latency_series_at(const struct latency_series *series,
                                        uint32_t index);

#endif
