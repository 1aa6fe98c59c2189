// sim.h -- the simulated world: virtual time, one queue of events, one seed.
//
// What happens is decided by the seed and by what the harness does, never by
// addresses, real time or the machine: equal seeds and inputs give equal runs.
// To prove it, each thing that happens is a line of the trace, and the hash is
// that of all lines so far.
//
// Nodes live in processes (sim_process.h) over disks (sim_disk.h). A harness
// makes them, talks to the nodes between two events, and lets time pass.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_H
#define VEGA_COMMON_SIM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/list.h"
#include "common/base/random.h"
#include "common/env/env.h"
#include "common/env/env_timers.h"

struct sim {
    int64_t now_us;  // Virtual time, from 0.
    uint64_t hash;   // Of the trace so far.
    uint64_t events; // Taken from the queue so far.

    // Of faults and latencies. A harness that wants randomness of its own that
    // does not disturb them takes another generator.
    struct random random;

    // Called for every line when set: "      12.345 ms  n1  sync a.log  ok".
    // Without newline; borrowed for the call.
    void (*trace)(void *context, const char *line);
    void *trace_context;

    struct env_timers queue; // The rest is the simulator's own.
    struct list_link rounds;
};

void sim_init(struct sim *sim, uint64_t seed);
// All processes and disks must have been freed.
void sim_deinit(struct sim *sim);

// Ends the round, takes the next event from the queue, moves time to it, lets
// it happen, and ends the round again. False when there is no event.
bool sim_step(struct sim *sim);

// Lets everything happen up to and at `until_us`, which is the time then.
void sim_run_until(struct sim *sim, int64_t until_us);
static inline void sim_run_for(struct sim *sim, int64_t us)
{
    sim_run_until(sim, sim->now_us + us);
}

// Runs what nodes have deferred. sim_step and sim_run_until do it; a harness
// calls it when it wants to see the effect of a call without passing time.
void sim_end_round(struct sim *sim);

// An event of the harness' own: `event->fire` is called once, `after_us` from
// now. Starting a waiting one moves it; stopping another one is harmless.
void sim_start(struct sim *sim, struct env_timer *event, int64_t after_us);
void sim_stop(struct sim *sim, struct env_timer *event);

// Adds a line to the trace. `who` is its second column; "--" for sim_note.
void sim_note(struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sim_note_of(struct sim *sim, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// True `per_million` times out of a million. Draws nothing for 0.
bool sim_chance(struct sim *sim, uint32_t per_million);
// Uniform in [low, high].
uint64_t sim_between(struct sim *sim, uint64_t low, uint64_t high);

// Somebody who has work to do when a round ends. Embedded by its owner.
struct sim_round {
    struct list_link link;
    void (*end)(struct sim_round *round);
};
// They are called in the order in which they were added. A callback may take
// out its own, and no other.
void sim_add_round(struct sim *sim, struct sim_round *round);
void sim_remove_round(struct sim_round *round);

void sim_check_invariants(const struct sim *sim);

#endif
