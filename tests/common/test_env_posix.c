// test_env_posix.c -- the real world's clocks and random numbers, and timers
// that fire through the loop.
// SPDX-License-Identifier: MIT
#include "common/env/env_posix.h"

#include <string.h>
#include <time.h>

#include "common/base/list.h"
#include "tests/test.h"

struct world {
    struct loop *loop;
    struct env *env;
};

static struct world world_create(void)
{
    struct world world = {.loop = loop_create()};
    world.env = env_posix_create(world.loop, &(struct env_posix_options){0});
    ck_assert_ptr_nonnull(world.env);
    return world;
}

static void world_destroy(struct world *world)
{
    env_posix_destroy(world->env);
    loop_destroy(world->loop);
}

TEST(the_clock_goes_forward_and_the_wall_clock_is_the_systems)
{
    struct world world = world_create();
    int64_t before_us = env_now_us(world.env);
    for (int i = 0; i < 1000; i++) {
        int64_t now_us = env_now_us(world.env);
        ck_assert_int_ge(now_us, before_us);
        before_us = now_us;
    }
    int64_t seconds = env_wall_us(world.env) / 1000000;
    ck_assert_int_le(seconds, time(NULL) + 1);
    ck_assert_int_ge(seconds, time(NULL) - 60);
    world_destroy(&world);
}

TEST(random_bytes_fill_exactly_what_was_asked_and_differ)
{
    struct world world = world_create();
    // More than the 256 bytes that getrandom(2) gives in one piece for sure.
    static unsigned char first[1001], second[1001];
    first[1000] = second[1000] = 0xa5;
    env_random(world.env, first, 1000);
    env_random(world.env, second, 1000);
    ck_assert_int_ne(memcmp(first, second, 1000), 0);
    ck_assert_int_ne(memcmp(first + 900, second + 900, 100), 0);
    ck_assert_uint_eq(first[1000], 0xa5);
    env_random(world.env, first, 0);
    world_destroy(&world);
}

struct counted_timer {
    struct env_timer timer;
    struct env *env;
    int64_t fired_us;
    int fired;
    int again; // Restarts itself so many times, for at once.
};

static void counted_fire(struct env_timer *timer)
{
    struct counted_timer *self =
        container_of(timer, struct counted_timer, timer);
    self->fired++;
    self->fired_us = env_now_us(self->env);
    if (self->again-- > 0)
        env_timer_start(self->env, timer, 0);
}

static struct counted_timer counted(const struct world *world)
{
    return (struct counted_timer){.timer.fire = counted_fire,
                                  .env = world->env};
}

TEST(a_timer_fires_once_from_the_loop_and_not_too_early)
{
    struct world world = world_create();
    struct counted_timer timer = counted(&world);
    int64_t start_us = env_now_us(world.env);
    env_timer_start(world.env, &timer.timer, 5500);
    for (int rounds = 0; !timer.fired && rounds < 100; rounds++)
        loop_run_once(world.loop, -1);
    ck_assert_int_eq(timer.fired, 1);
    ck_assert_int_ge(timer.fired_us - start_us, 5500);
    loop_run_once(world.loop, 0);
    ck_assert_int_eq(timer.fired, 1);
    world_destroy(&world);
}

TEST(a_round_fires_a_timer_for_at_once_a_single_time)
{
    struct world world = world_create();
    struct counted_timer timer = counted(&world);
    timer.again = 2;
    env_timer_start(world.env, &timer.timer, 0);
    ck_assert_int_eq(timer.fired, 0);
    for (int i = 1; i <= 3; i++) {
        loop_run_once(world.loop, -1);
        ck_assert_int_eq(timer.fired, i);
    }
    world_destroy(&world);
}

TEST(extreme_delays_are_at_once_and_never)
{
    struct world world = world_create();
    struct counted_timer past = counted(&world), never = counted(&world);
    env_timer_start(world.env, &past.timer, INT64_MIN);
    env_timer_start(world.env, &never.timer, INT64_MAX);
    loop_run_once(world.loop, -1);
    ck_assert_int_eq(past.fired, 1);
    loop_run_once(world.loop, 0);
    ck_assert_int_eq(never.fired, 0);
    env_timer_stop(world.env, &never.timer);
    env_timer_stop(world.env, &never.timer);
    world_destroy(&world);
}

// A task that notes when it ran, and queues another, or itself.
struct noted_task {
    struct env_task task;
    struct env *env;
    int *count; // Of all that ran; shared.
    int place;  // When it ran last, from 1.
    int runs;
    struct env_task *another; // NULL: none.
};

static void noted_run(struct env_task *task)
{
    struct noted_task *self = container_of(task, struct noted_task, task);
    ck_assert(!task->queued);
    self->place = ++*self->count;
    self->runs++;
    if (self->another)
        env_defer(self->env, self->another);
}

static struct noted_task noted(const struct world *world, int *count)
{
    return (struct noted_task){
        .task.run = noted_run, .env = world->env, .count = count};
}

TEST(tasks_run_once_in_the_order_of_queueing_at_the_end_of_the_round)
{
    struct world world = world_create();
    int count = 0;
    struct noted_task first = noted(&world, &count),
                      second = noted(&world, &count),
                      third = noted(&world, &count);
    first.another = &third.task; // Which waits already.
    env_defer(world.env, &first.task);
    env_defer(world.env, &second.task);
    env_defer(world.env, &third.task);
    env_defer(world.env, &first.task);
    ck_assert_int_eq(count, 0);
    loop_run_once(world.loop, -1); // Sleeps not, for they wait.
    ck_assert_int_eq(first.place, 1);
    ck_assert_int_eq(second.place, 2);
    ck_assert_int_eq(third.place, 3);
    ck_assert_int_eq(first.runs + second.runs + third.runs, 3);
    loop_run_once(world.loop, 0);
    ck_assert_int_eq(count, 3);
    world_destroy(&world);
}

TEST(a_task_queued_by_a_task_runs_in_the_same_round)
{
    struct world world = world_create();
    int count = 0;
    struct noted_task last = noted(&world, &count),
                      middle = noted(&world, &count),
                      first = noted(&world, &count);
    first.another = &middle.task;
    middle.another = &last.task;
    env_defer(world.env, &first.task);
    loop_run_once(world.loop, -1);
    ck_assert_int_eq(last.place, 3);
    world_destroy(&world);
}

TEST(a_task_that_queues_itself_for_ever_leaves_room_for_others)
{
    struct world world = world_create();
    int count = 0;
    struct noted_task endless = noted(&world, &count);
    endless.another = &endless.task;
    struct counted_timer timer = counted(&world);
    env_defer(world.env, &endless.task);
    loop_run_once(world.loop, -1);
    ck_assert_int_gt(count, 1);
    int before = count;
    env_timer_start(world.env, &timer.timer, 0);
    loop_run_once(world.loop, -1);
    ck_assert_int_eq(timer.fired, 1);
    ck_assert_int_gt(count, before);
    world_destroy(&world);
}

struct noted_hook {
    struct loop_hook hook;
    struct noted_task *task;
    bool queue; // Queues it, once.
    int saw;    // How often it had run by then.
};

static void noted_hook_run(struct loop_hook *hook)
{
    struct noted_hook *self = container_of(hook, struct noted_hook, hook);
    self->saw = self->task->runs;
    if (self->queue)
        env_defer(self->task->env, &self->task->task);
    self->queue = false;
}

TEST(tasks_run_before_other_hooks_and_what_these_queue_in_the_next_round)
{
    struct world world = world_create();
    int count = 0;
    struct noted_task task = noted(&world, &count);
    struct noted_hook hook = {.hook.run = noted_hook_run, .task = &task};
    loop_add_hook(world.loop, &hook.hook);
    env_defer(world.env, &task.task);
    loop_run_once(world.loop, -1);
    ck_assert_int_eq(hook.saw, 1);

    hook.queue = true;
    loop_run_once(world.loop, 0);
    ck_assert_int_eq(task.runs, 1);
    loop_run_once(world.loop, -1); // At once.
    ck_assert_int_eq(task.runs, 2);
    ck_assert_int_eq(hook.saw, 2);
    list_remove(&hook.hook.link);
    world_destroy(&world);
}

TEST(the_loop_goes_on_without_the_world_that_was_destroyed)
{
    struct world world = world_create();
    struct counted_timer timer = counted(&world);
    env_timer_start(world.env, &timer.timer, 0);
    env_posix_destroy(world.env);
    loop_run_once(world.loop, 0);
    ck_assert_int_eq(timer.fired, 0);
    loop_destroy(world.loop);
}

TEST(without_peers_nobody_can_be_sent_to)
{
    struct world world = world_create();
    ck_assert_int_eq(env_peer_send(world.env, 1, SLICE("hello")),
                     STATUS_NOT_FOUND);
    world_destroy(&world);
}
