// sim_process.h -- a process of the simulated world: one incarnation of a node.
//
// It is a struct env with timers, deferred tasks, operations and jobs of its
// own over a disk. Once it is dead no call has an effect: what returns a status
// returns STATUS_CLOSED, and no callback comes. So the node's memory can be
// given back with its ordinary destructors, and then the process with
// sim_process_free. Another process may use the disk from the death on.
//
// Synchronous calls take no time; asynchronous writes and syncs do, and jobs.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_PROCESS_H
#define VEGA_COMMON_SIM_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/sim/sim.h"
#include "common/sim/sim_clock.h"
#include "common/sim/sim_disk.h"

enum { SIM_PROCESS_NAME_SIZE = 16 };

// Operations of the disk that are done one after another. What stands behind
// writes and is none goes on to the lane of syncs when its turn has come.
struct sim_lane {
    struct sim_process *process;
    struct env_io *first, *last; // Submitted and not done, in order.
    struct env_timer end;        // When the first one is done.
    uint64_t ordinal;            // Up to which it syncs.
};
enum { SIM_LANE_WRITES, SIM_LANE_SYNCS, SIM_LANE_PATIENT, SIM_LANES };

struct sim_process {
    struct env env; // First, so that an env is its process.
    struct sim *sim;
    struct sim_disk *disk;
    char name[SIM_PROCESS_NAME_SIZE];
    bool dead;
    bool paused; // See sim_process_pause.

    // Added to the wall clock; a harness changes it to make the clock jump.
    int64_t wall_offset_us;

    // The process' own.
    struct sim_clock clock; // The monotonic one: differs by incarnation.
    struct sim_host *host; // Where it is in a network (sim_network.h), or NULL.
    struct random random;
    struct env_timers timers;
    struct env_timer wake; // When the first of `timers` is due.
    struct env_timer resume;
    struct env_task *first_task, *last_task;
    struct sim_round round;
    struct sim_lane lanes[SIM_LANES];
    struct list_link files; // Open ones.
    struct list_link jobs;
};

// `disk` may be NULL: calling for it is a bug then. Nobody else may use it. The
// name, as it stands in the trace, is copied (and cut). Owned by the caller;
// `sim` and `disk` outlive it.
struct sim_process *sim_process_start(struct sim *sim, struct sim_disk *disk,
                                      const char *name);

// Lets its monotonic clock gain so many microseconds a second from now on, or
// lose them; it never jumps. At most SIM_CLOCK_PPM_MAX either way.
void sim_process_set_pace(struct sim_process *process, int64_t ppm);

// Lets it do nothing for so long, as SIGSTOP does: its clocks go on, and what
// comes meanwhile (timers, ends of operations, messages) reaches it when the
// time is over. What it had begun on the disk still happens, then. One that is
// paused is paused anew.
void sim_process_pause(struct sim_process *process, int64_t us);

// For those who bring it something: true while it is paused, and then `event`,
// which has just fired, will fire again when it is not any more.
bool sim_process_defers(struct sim_process *process, struct env_timer *event);

// Ends it at once, as kill -9 does. What it wrote stays, in the page cache;
// some of the operations under way may still have been carried out.
void sim_process_kill(struct sim_process *process);

// A living one is killed. To be called after the node's destructors, and not
// from inside a callback.
void sim_process_free(struct sim_process *process);

void sim_process_check_invariants(const struct sim_process *process);

#endif
