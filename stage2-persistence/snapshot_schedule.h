// snapshot_schedule.h -- when it is time for a snapshot: Redis' `save`.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_SNAPSHOT_SCHEDULE_H
#define VEGA_STAGE2_SNAPSHOT_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SNAPSHOT_RULES_MAX = 16 };

// Zeroed: never.
struct snapshot_schedule {
    // After so many seconds, if there were so many changes.
    struct {
        int64_t seconds;
        uint64_t changes;
    } rules[SNAPSHOT_RULES_MAX];
    size_t count;
};

// Pairs of seconds and changes, each from 1: "3600 1 300 100". "" has none.
// False, and *schedule is untouched, for any other text.
bool snapshot_schedule_parse(const char *text,
                             struct snapshot_schedule *schedule);

bool snapshot_schedule_is_due(const struct snapshot_schedule *schedule,
                              int64_t seconds, uint64_t changes);

#endif
