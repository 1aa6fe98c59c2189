// env_timers.h -- timers in order of their time: a binary heap.
//
// Knows no clock: its owner says when a timer is due and what time it is, so
// real and simulated worlds share it. Starting, stopping and moving a timer
// cost O(log n).
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ENV_TIMERS_H
#define VEGA_COMMON_ENV_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include "common/env/env.h"

// Zeroed: no timers.
struct env_timers {
    struct env_timer **heap; // By (due_us, ordinal). Timers are borrowed.
    size_t count, capacity;
    uint64_t starts; // So far; the last start's ordinal.
};

// The timers that still run are forgotten, not fired.
void env_timers_deinit(struct env_timers *timers);

// Starts `timer`, or moves it when it runs already. It never fires from in
// here, however long ago `due_us` is.
void env_timers_start(struct env_timers *timers, struct env_timer *timer,
                      int64_t due_us);
void env_timers_stop(struct env_timers *timers, struct env_timer *timer);

// The timer that fires next, or NULL. Borrowed.
struct env_timer *env_timers_first(const struct env_timers *timers);

// Fires all that are due at `now_us`, earliest first, equal ones in the order
// in which they were started. A callback may start and stop any timer, itself
// included; what it starts fires in a later call.
void env_timers_fire(struct env_timers *timers, int64_t now_us);

void env_timers_check_invariants(const struct env_timers *timers);

#endif
