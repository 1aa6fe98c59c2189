// virtual_env.h -- an env whose time stands still until the test moves it, and
// whose random bytes are all the same. No disk, no peers.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_VIRTUAL_ENV_H
#define VEGA_TESTS_VIRTUAL_ENV_H

#include <string.h>

#include "common/base/list.h"
#include "common/env/env.h"
#include "common/env/env_timers.h"

struct virtual_env {
    struct env env;
    struct env_timers timers;
    int64_t now_us;
};

static inline struct virtual_env *virtual_env_of(struct env *env)
{
    return container_of(env, struct virtual_env, env);
}

static inline int64_t virtual_env_now_us(struct env *env)
{
    return virtual_env_of(env)->now_us;
}

static inline void virtual_env_random(struct env *env, void *bytes, size_t size)
{
    (void)env;
    memset(bytes, 0x5a, size);
}

static inline void virtual_env_timer_start(struct env *env,
                                           struct env_timer *timer,
                                           int64_t after_us)
{
    struct virtual_env *self = virtual_env_of(env);
    env_timers_start(&self->timers, timer, self->now_us + after_us);
}

static inline void virtual_env_timer_stop(struct env *env,
                                          struct env_timer *timer)
{
    env_timers_stop(&virtual_env_of(env)->timers, timer);
}

static const struct env_ops virtual_env_ops = {
    .now_us = virtual_env_now_us,
    .random = virtual_env_random,
    .timer_start = virtual_env_timer_start,
    .timer_stop = virtual_env_timer_stop,
};

static inline void virtual_env_advance(struct virtual_env *self, int64_t by_us)
{
    self->now_us += by_us;
    env_timers_fire(&self->timers, self->now_us);
}

#endif
