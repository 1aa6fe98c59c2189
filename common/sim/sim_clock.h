// sim_clock.h -- the clock of a simulated process: it began anywhere, and may
// run faster or slower than time does.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_CLOCK_H
#define VEGA_COMMON_SIM_CLOCK_H

#include <stdint.h>

struct sim_clock {
    int64_t zero_us;  // What it showed at time 0, if it never changed its pace.
    int64_t ppm;      // Microseconds that it gains in a second; may be negative
    int64_t since_us; // from this time on.
};

enum { SIM_CLOCK_PPM_MAX = 500 * 1000 };

// What it shows at that time, which is not before since_us.
int64_t sim_clock_at(const struct sim_clock *clock, int64_t time_us);

// The first time at which it shows `due_us` or more, not before `now_us`.
int64_t sim_clock_when(const struct sim_clock *clock, int64_t now_us,
                       int64_t due_us);

// It runs at another pace from now on, without a jump.
void sim_clock_set_pace(struct sim_clock *clock, int64_t now_us, int64_t ppm);

#endif
