// env_timers.c -- timers in order of their time: a binary heap.
//
// Invariants
// (I1) heap[i] fires no later than its children heap[2i + 1] and heap[2i + 2].
// (I2) A timer in the heap knows its place: heap[i]->position == i + 1. Any
//      other timer has position 0.
// SPDX-License-Identifier: MIT
#include "common/env/env_timers.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum { ENV_TIMERS_CAPACITY_MIN = 16 };

static bool env_timer_before(const struct env_timer *a,
                             const struct env_timer *b)
{
    if (a->due_us != b->due_us)
        return a->due_us < b->due_us;
    return a->ordinal < b->ordinal;
}

static void env_timers_put(struct env_timers *timers, size_t index,
                           struct env_timer *timer)
{
    timers->heap[index] = timer;
    timer->position = index + 1; // Upholds (I2).
}

// Puts `timer` at the hole `index` or above it, moving later parents down.
static void env_timers_rise(struct env_timers *timers, size_t index,
                            struct env_timer *timer)
{
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (!env_timer_before(timer, timers->heap[parent]))
            break;
        env_timers_put(timers, index, timers->heap[parent]);
        index = parent;
    }
    env_timers_put(timers, index, timer);
}

// Puts `timer` at the hole `index` or below it, moving earlier children up.
static void env_timers_sink(struct env_timers *timers, size_t index,
                            struct env_timer *timer)
{
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= timers->count)
            break;
        if (child + 1 < timers->count &&
            env_timer_before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!env_timer_before(timers->heap[child], timer))
            break;
        env_timers_put(timers, index, timers->heap[child]);
        index = child;
    }
    env_timers_put(timers, index, timer);
}

void env_timers_deinit(struct env_timers *timers)
{
    for (size_t i = 0; i < timers->count; i++)
        timers->heap[i]->position = 0;
    free(timers->heap);
    *timers = (struct env_timers){0};
}

void env_timers_stop(struct env_timers *timers, struct env_timer *timer)
{
    if (!timer->position)
        return;
    size_t hole = timer->position - 1;
    check(hole < timers->count);
    check(timers->heap[hole] == timer);
    timer->position = 0;

    struct env_timer *last = timers->heap[--timers->count];
    if (last == timer)
        return;
    if (env_timer_before(last, timer))
        env_timers_rise(timers, hole, last);
    else
        env_timers_sink(timers, hole, last);
}

void env_timers_start(struct env_timers *timers, struct env_timer *timer,
                      int64_t due_us)
{
    check(timer->fire);
    env_timers_stop(timers, timer);
    if (timers->count == timers->capacity) {
        timers->capacity =
            timers->capacity ? timers->capacity * 2 : ENV_TIMERS_CAPACITY_MIN;
        timers->heap =
            xrealloc(timers->heap, timers->capacity * sizeof *timers->heap);
    }
    timer->due_us = due_us;
    timer->ordinal = ++timers->starts;
    env_timers_rise(timers, timers->count++, timer);
}

struct env_timer *env_timers_first(const struct env_timers *timers)
{
    return timers->count ? timers->heap[0] : NULL;
}

void env_timers_fire(struct env_timers *timers, int64_t now_us)
{
    // Whatever a callback starts has a higher ordinal and, as time does not go
    // back, stands behind all that were due: the first such one ends the call.
    uint64_t last = timers->starts;
    for (;;) {
        struct env_timer *first = env_timers_first(timers);
        if (!first || first->due_us > now_us || first->ordinal > last)
            return;
        env_timers_stop(timers, first);
        first->fire(first);
    }
}

void env_timers_check_invariants(const struct env_timers *timers)
{
    for (size_t i = 0; i < timers->count; i++) {
        check(timers->heap[i]->position == i + 1);
        if (i > 0)
            check(
                !env_timer_before(timers->heap[i], timers->heap[(i - 1) / 2]));
    }
}
