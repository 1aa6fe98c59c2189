// test_env_timers.c -- order, moving and stopping of timers, also from inside
// their callbacks, against a plain list that cannot be wrong.
// SPDX-License-Identifier: MIT
#include "common/env/env_timers.h"

#include <stdlib.h>

#include "common/base/list.h"
#include "common/base/random.h"
#include "tests/test.h"

enum { FIRED_MAX = 16, MODEL_TIMERS = 200, MODEL_STEPS = 20000 };

// What a test's timers share.
struct record {
    struct env_timers timers;
    int names[FIRED_MAX];
    int count;
};

struct named_timer {
    struct env_timer timer;
    struct record *record;
    int name;
    struct named_timer *other; // What `act` acts upon.
    void (*act)(struct named_timer *self);
};

static void named_fire(struct env_timer *timer)
{
    struct named_timer *self = container_of(timer, struct named_timer, timer);
    ck_assert_int_lt(self->record->count, FIRED_MAX);
    self->record->names[self->record->count++] = self->name;
    if (self->act)
        self->act(self);
}

static struct named_timer named(struct record *record, int name)
{
    return (struct named_timer){
        .timer.fire = named_fire, .record = record, .name = name};
}

static void start(struct named_timer *timer, int64_t due_us)
{
    env_timers_start(&timer->record->timers, &timer->timer, due_us);
    env_timers_check_invariants(&timer->record->timers);
}

static void stop(struct named_timer *timer)
{
    env_timers_stop(&timer->record->timers, &timer->timer);
    env_timers_check_invariants(&timer->record->timers);
}

// Fires what is due and expects these names, in this order.
static void expect_fired(struct record *record, int64_t now_us, int count,
                         const int *names)
{
    record->count = 0;
    env_timers_fire(&record->timers, now_us);
    env_timers_check_invariants(&record->timers);
    ck_assert_int_eq(record->count, count);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(record->names[i], names[i]);
}

TEST(no_timers_means_none_is_first_and_none_fires)
{
    struct record record = {0};
    ck_assert_ptr_null(env_timers_first(&record.timers));
    expect_fired(&record, INT64_MAX, 0, NULL);
    env_timers_deinit(&record.timers);
}

TEST(timers_fire_in_order_of_time_and_not_before)
{
    struct record record = {0};
    struct named_timer a = named(&record, 1), b = named(&record, 2),
                       c = named(&record, 3);
    start(&b, 20);
    start(&c, 30);
    start(&a, 10);
    ck_assert_ptr_eq(env_timers_first(&record.timers), &a.timer);

    expect_fired(&record, 9, 0, NULL);
    expect_fired(&record, 20, 2, (int[]){1, 2});
    expect_fired(&record, 29, 0, NULL);
    expect_fired(&record, 1000, 1, (int[]){3});
    env_timers_deinit(&record.timers);
}

TEST(equal_times_fire_in_the_order_of_their_starts)
{
    struct record record = {0};
    struct named_timer timers[8];
    for (int i = 0; i < 8; i++) {
        timers[i] = named(&record, i);
        start(&timers[i], 100);
    }
    start(&timers[3], 100); // Moving counts as a new start.
    expect_fired(&record, 100, 8, (int[]){0, 1, 2, 4, 5, 6, 7, 3});
    env_timers_deinit(&record.timers);
}

TEST(starting_a_running_timer_moves_it)
{
    struct record record = {0};
    struct named_timer a = named(&record, 1), b = named(&record, 2);
    start(&a, 10);
    start(&b, 20);
    start(&a, 30);
    expect_fired(&record, 30, 2, (int[]){2, 1});
    expect_fired(&record, 30, 0, NULL);
    env_timers_deinit(&record.timers);
}

TEST(a_stopped_timer_does_not_fire_and_may_be_stopped_again)
{
    struct record record = {0};
    struct named_timer a = named(&record, 1), b = named(&record, 2);
    stop(&a);
    start(&a, 10);
    start(&b, 10);
    stop(&a);
    stop(&a);
    ck_assert_uint_eq(a.timer.position, 0);
    expect_fired(&record, 10, 1, (int[]){2});
    env_timers_deinit(&record.timers);
}

TEST(a_timer_that_is_due_at_once_does_not_fire_from_inside_its_start)
{
    struct record record = {0};
    struct named_timer a = named(&record, 1);
    start(&a, INT64_MIN);
    ck_assert_int_eq(record.count, 0);
    expect_fired(&record, 0, 1, (int[]){1});
    env_timers_deinit(&record.timers);
}

static void restart_at_50(struct named_timer *self)
{
    start(self, 50);
}

TEST(a_timer_that_restarts_itself_for_now_fires_once_a_call)
{
    struct record record = {0};
    struct named_timer a = named(&record, 1);
    a.act = restart_at_50;
    start(&a, 40);
    expect_fired(&record, 50, 1, (int[]){1});
    expect_fired(&record, 50, 1, (int[]){1});
    stop(&a);
    expect_fired(&record, 50, 0, NULL);
    env_timers_deinit(&record.timers);
}

static void start_other_at_50(struct named_timer *self)
{
    start(self->other, 50);
}

TEST(a_timer_started_from_a_callback_waits_for_the_next_call)
{
    struct record record = {0};
    struct named_timer a = named(&record, 1), b = named(&record, 2),
                       c = named(&record, 3);
    a.act = start_other_at_50;
    a.other = &b;
    start(&a, 10);
    start(&c, 50);
    expect_fired(&record, 50, 2, (int[]){1, 3});
    expect_fired(&record, 50, 1, (int[]){2});
    env_timers_deinit(&record.timers);
}

static void stop_other(struct named_timer *self)
{
    stop(self->other);
    stop(self);
}

TEST(a_timer_stopped_by_one_that_fires_before_it_stays_silent)
{
    struct record record = {0};
    struct named_timer a = named(&record, 1), b = named(&record, 2),
                       c = named(&record, 3);
    a.act = stop_other;
    a.other = &b;
    start(&a, 10);
    start(&b, 10);
    start(&c, 10);
    expect_fired(&record, 10, 2, (int[]){1, 3});
    env_timers_deinit(&record.timers);
}

TEST(forgotten_timers_are_not_running_any_more)
{
    struct record record = {0};
    struct named_timer a = named(&record, 1);
    start(&a, 10);
    env_timers_deinit(&record.timers);
    ck_assert_uint_eq(a.timer.position, 0);
    ck_assert_int_eq(record.count, 0);
}

// The model: times by number, none when negative.
struct model {
    struct env_timers timers;
    struct env_timer timer[MODEL_TIMERS];
    int64_t due_us[MODEL_TIMERS];
    int64_t fired_us; // Due time of the last one that fired.
};

static struct model *model; // Of the one test below that uses it.

static void model_fire(struct env_timer *timer)
{
    size_t i = (size_t)(timer - model->timer);
    ck_assert_int_ge(model->due_us[i], model->fired_us);
    ck_assert_int_eq(model->due_us[i], timer->due_us);
    model->fired_us = model->due_us[i];
    model->due_us[i] = -1;
}

TEST(random_starts_stops_and_moves_agree_with_a_plain_list)
{
    struct random random;
    random_init(&random, 1);
    model = calloc(1, sizeof *model);
    for (size_t i = 0; i < MODEL_TIMERS; i++) {
        model->timer[i].fire = model_fire;
        model->due_us[i] = -1;
    }
    for (int64_t now_us = 0; now_us < MODEL_STEPS; now_us++) {
        size_t i = random_below(&random, MODEL_TIMERS);
        if (random_below(&random, 4) == 0) {
            env_timers_stop(&model->timers, &model->timer[i]);
            model->due_us[i] = -1;
        } else {
            int64_t due_us = now_us + (int64_t)random_below(&random, 400);
            env_timers_start(&model->timers, &model->timer[i], due_us);
            model->due_us[i] = due_us;
        }
        model->fired_us = 0;
        env_timers_fire(&model->timers, now_us);
        env_timers_check_invariants(&model->timers);
        size_t overdue = 0;
        for (size_t j = 0; j < MODEL_TIMERS; j++)
            overdue += model->due_us[j] >= 0 && model->due_us[j] <= now_us;
        ck_assert_uint_eq(overdue, 0);
    }
    env_timers_deinit(&model->timers);
    free(model);
}
