// fake_env.h -- a world for unit tests: time moves when the test says so, and
// randomness comes from a seed. There is no disk and no peer; whoever calls
// for one has a bug.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_FAKE_ENV_H
#define VEGA_TESTS_FAKE_ENV_H

#include "common/base/random.h"
#include "common/env/env.h"
#include "common/env/env_timers.h"

struct fake_env {
    struct env env;
    int64_t now_us;  // Monotonic; from 0.
    int64_t wall_us; // Tests may set it to any time.
    struct random random;
    struct env_timers timers;
    struct env_task *first_task, *last_task; // Deferred; to be run in order.
};

void fake_env_init(struct fake_env *fake, uint64_t seed);
void fake_env_deinit(struct fake_env *fake);

// Moves both clocks and fires what is due on the way, each at its own time; the
// tasks that were deferred before, and by each of these, run right after.
void fake_env_advance(struct fake_env *fake, int64_t us);

// Runs what was deferred, as at the end of a round, until none is left.
void fake_env_settle(struct fake_env *fake);

#endif
