// fake_env.c -- a world for unit tests.
// SPDX-License-Identifier: MIT
#include "tests/common/fake_env.h"

#include "common/base/check.h"
#include "common/base/list.h"

enum { FAKE_TASKS_MAX = 100000 };

static struct fake_env *fake_of(struct env *env)
{
    return container_of(env, struct fake_env, env);
}

static int64_t fake_now_us(struct env *env)
{
    return fake_of(env)->now_us;
}

static int64_t fake_wall_us(struct env *env)
{
    return fake_of(env)->wall_us;
}

static void fake_random(struct env *env, void *bytes, size_t size)
{
    unsigned char *at = bytes;
    while (size-- > 0)
        *at++ = (unsigned char)random_next(&fake_of(env)->random);
}

static void fake_timer_start(struct env *env, struct env_timer *timer,
                             int64_t after_us)
{
    struct fake_env *fake = fake_of(env);
    env_timers_start(&fake->timers, timer, fake->now_us + after_us);
}

static void fake_timer_stop(struct env *env, struct env_timer *timer)
{
    env_timers_stop(&fake_of(env)->timers, timer);
}

static void fake_defer(struct env *env, struct env_task *task)
{
    struct fake_env *fake = fake_of(env);
    if (task->queued)
        return;
    task->queued = true;
    task->next = NULL;
    if (fake->first_task)
        fake->last_task->next = task;
    else
        fake->first_task = task;
    fake->last_task = task;
}

static const struct env_ops fake_ops = {
    .now_us = fake_now_us,
    .wall_us = fake_wall_us,
    .random = fake_random,
    .timer_start = fake_timer_start,
    .timer_stop = fake_timer_stop,
    .defer = fake_defer,
};

void fake_env_init(struct fake_env *fake, uint64_t seed)
{
    *fake = (struct fake_env){
        .env.ops = &fake_ops,
        .wall_us = INT64_C(1700000000) * 1000000,
    };
    random_init(&fake->random, seed);
}

void fake_env_deinit(struct fake_env *fake)
{
    env_timers_deinit(&fake->timers);
}

static void move_clocks(struct fake_env *fake, int64_t us)
{
    fake->now_us += us;
    fake->wall_us += us;
}

void fake_env_settle(struct fake_env *fake)
{
    struct env_task *task;
    for (int runs = 0; (task = fake->first_task); runs++) {
        check(runs < FAKE_TASKS_MAX); // They queue each other for ever.
        fake->first_task = task->next;
        task->queued = false;
        task->run(task);
    }
}

void fake_env_advance(struct fake_env *fake, int64_t us)
{
    check(us >= 0);
    int64_t end_us = fake->now_us + us;
    fake_env_settle(fake);
    const struct env_timer *first;
    while ((first = env_timers_first(&fake->timers)) &&
           first->due_us <= end_us) {
        if (first->due_us > fake->now_us)
            move_clocks(fake, first->due_us - fake->now_us);
        env_timers_fire(&fake->timers, fake->now_us);
        fake_env_settle(fake);
    }
    move_clocks(fake, end_us - fake->now_us);
}
