// env_posix.c -- the real world put together: clocks and random numbers here,
// timers in env_timers.c.
// SPDX-License-Identifier: MIT
#include "common/env/env_posix.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/env/env_timers.h"

struct env_posix {
    struct env env; // First, so that an env is its env_posix.
    struct loop *loop;
    struct loop_clock clock;
    struct env_timers timers;
};

static struct env_posix *env_posix_of(struct env *env)
{
    return container_of(env, struct env_posix, env);
}

static int64_t env_posix_clock_us(clockid_t id)
{
    struct timespec time;
    check(clock_gettime(id, &time) == 0);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int64_t env_posix_now_us(struct env *env)
{
    (void)env;
    return env_posix_clock_us(CLOCK_MONOTONIC);
}

static int64_t env_posix_wall_us(struct env *env)
{
    (void)env;
    return env_posix_clock_us(CLOCK_REALTIME);
}

static void env_posix_random(struct env *env, void *bytes, size_t size)
{
    (void)env;
    char *at = bytes;
    while (size) {
        ssize_t got = getrandom(at, size, 0);
        check(got > 0 || errno == EINTR);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
}

static void env_posix_timer_start(struct env *env, struct env_timer *timer,
                                  int64_t after_us)
{
    int64_t now_us = env_posix_now_us(env);
    if (after_us < 0)
        after_us = 0;
    if (after_us > INT64_MAX - now_us)
        after_us = INT64_MAX - now_us;
    env_timers_start(&env_posix_of(env)->timers, timer, now_us + after_us);
}

static void env_posix_timer_stop(struct env *env, struct env_timer *timer)
{
    env_timers_stop(&env_posix_of(env)->timers, timer);
}

static int64_t env_posix_next_due_us(struct loop_clock *clock)
{
    struct env_posix *posix = container_of(clock, struct env_posix, clock);
    struct env_timer *first = env_timers_first(&posix->timers);
    if (!first)
        return -1;
    int64_t now_us = env_posix_now_us(&posix->env);
    return first->due_us > now_us ? first->due_us - now_us : 0;
}

static void env_posix_fire(struct loop_clock *clock)
{
    struct env_posix *posix = container_of(clock, struct env_posix, clock);
    if (posix->timers.count)
        env_timers_fire(&posix->timers, env_posix_now_us(&posix->env));
}

static const struct env_ops env_posix_ops = {
    .now_us = env_posix_now_us,
    .wall_us = env_posix_wall_us,
    .random = env_posix_random,
    .timer_start = env_posix_timer_start,
    .timer_stop = env_posix_timer_stop,
};

struct env *env_posix_create(struct loop *loop,
                             const struct env_posix_options *options)
{
    (void)options;
    struct env_posix *posix = xcalloc(1, sizeof *posix);
    posix->env.ops = &env_posix_ops;
    posix->loop = loop;
    posix->clock.next_due_us = env_posix_next_due_us;
    posix->clock.fire = env_posix_fire;
    loop_set_clock(loop, &posix->clock);
    return &posix->env;
}

void env_posix_destroy(struct env *env)
{
    struct env_posix *posix = env_posix_of(env);
    loop_set_clock(posix->loop, NULL);
    env_timers_deinit(&posix->timers);
    free(posix);
}
