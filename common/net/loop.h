// loop.h -- the event loop of the real world: epoll, level-triggered.
//
// One thread, one loop. A loop waits for sources (descriptors) and for the
// next timer, calls whoever is ready, makes the calls that they gathered in its
// batch, then runs its round hooks once: that is where output gathered during
// the round is sent. Timers live in env_posix,
// which tells the loop when the next one is due.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LOOP_H
#define VEGA_COMMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/list.h"

enum {
    LOOP_READ = 1,   // Readable, or at its end.
    LOOP_WRITE = 2,  // Writable.
    LOOP_HANGUP = 4, // The peer closed its side or reset; always watched,
                     // its half close only when asked for.
};

// Embedded by its owner; must be removed before its memory goes.
struct loop_source {
    int fd;
    unsigned wanted; // LOOP_READ | LOOP_WRITE | LOOP_HANGUP
    void (*ready)(struct loop_source *source, unsigned events);
};

// Called once after each round of events and before the loop sleeps, until its
// list_remove(&hook->link).
struct loop_hook {
    struct list_link link;
    void (*run)(struct loop_hook *hook);
};

// What a loop asks before it sleeps, and tells after it woke.
struct loop_clock {
    int64_t (*next_due_us)(struct loop_clock *clock); // <0: none; else from now
    void (*fire)(struct loop_clock *clock);
};

struct loop;
struct io_batch;

struct loop *loop_create(void); // Owned by the caller.
void loop_destroy(struct loop *loop);

// Where those who are called in a round gather their receives and sends; it is
// flushed when all of them were called. Owned by the loop.
struct io_batch *loop_batch(struct loop *loop);

void loop_add(struct loop *loop, struct loop_source *source, unsigned wanted);
void loop_want(struct loop *loop, struct loop_source *source, unsigned wanted);
// Safe from inside any callback, also for a source that is ready in the same
// round: it will not be called any more. Before its descriptor is closed.
void loop_remove(struct loop *loop, struct loop_source *source);

void loop_set_clock(struct loop *loop, struct loop_clock *clock);
void loop_add_hook(struct loop *loop, struct loop_hook *hook);

// Runs until loop_stop. loop_run_once sleeps at most `wait_ms` (-1: no limit).
void loop_run(struct loop *loop);
void loop_run_once(struct loop *loop, int wait_ms);
void loop_stop(struct loop *loop); // From a callback.

#endif
