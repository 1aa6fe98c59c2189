// sim_clock.c -- a line through (since_us, what was shown then).
// SPDX-License-Identifier: MIT
#include "common/sim/sim_clock.h"

#include "common/base/check.h"

// Beyond so many microseconds a drift is not computed exactly: it is 50 days.
#define SIM_CLOCK_SPAN_US_MAX (INT64_MAX / (2 * SIM_MILLION))
enum { SIM_MILLION = 1000000 };

int64_t sim_clock_at(const struct sim_clock *clock, int64_t time_us)
{
    int64_t span_us = time_us - clock->since_us;
    check(span_us >= 0);
    if (span_us > SIM_CLOCK_SPAN_US_MAX)
        span_us = SIM_CLOCK_SPAN_US_MAX;
    return clock->zero_us + time_us + span_us * clock->ppm / SIM_MILLION;
}

int64_t sim_clock_when(const struct sim_clock *clock, int64_t now_us,
                       int64_t due_us)
{
    int64_t span_us = due_us - clock->zero_us - clock->since_us;
    int64_t when_us = due_us - clock->zero_us;
    if (clock->ppm && span_us > 0 && span_us < SIM_CLOCK_SPAN_US_MAX) {
        // Close to it, then exactly: divisions round.
        when_us = clock->since_us +
                  span_us * SIM_MILLION / (SIM_MILLION + clock->ppm);
        while (sim_clock_at(clock, when_us) < due_us)
            when_us++;
        while (when_us > clock->since_us &&
               sim_clock_at(clock, when_us - 1) >= due_us)
            when_us--;
    }
    return when_us > now_us ? when_us : now_us;
}

void sim_clock_set_pace(struct sim_clock *clock, int64_t now_us, int64_t ppm)
{
    check(ppm >= -SIM_CLOCK_PPM_MAX && ppm <= SIM_CLOCK_PPM_MAX);
    clock->zero_us = sim_clock_at(clock, now_us) - now_us;
    clock->since_us = now_us;
    clock->ppm = ppm;
}
