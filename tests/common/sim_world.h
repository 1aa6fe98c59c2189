// sim_world.h -- a simulated world of one disk and one process at a time, and
// the few calls that its tests make again and again.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_WORLD_H
#define VEGA_TESTS_SIM_WORLD_H

#include "common/base/buffer.h"
#include "common/sim/sim.h"
#include "common/sim/sim_disk.h"
#include "common/sim/sim_process.h"

struct sim_world {
    struct sim sim;
    struct sim_disk *disk;
    struct sim_process *process;
    struct env *env;     // The process'.
    struct buffer trace; // All lines so far, each with its newline.
};

void sim_world_init(struct sim_world *world, uint64_t seed);
void sim_world_deinit(struct sim_world *world);

// Frees the process, dead or not, and starts the next.
void sim_world_restart(struct sim_world *world);
// And in between the power is cut.
void sim_world_power_cycle(struct sim_world *world);

// An operation that remembers how it ended.
struct sim_operation {
    struct env_io io;
    int done;
    enum status status;
};
struct sim_operation sim_operation_of(struct env_file *file, uint64_t offset,
                                      const char *text);

// The file, opened so; the call succeeds.
struct env_file *sim_world_open(struct sim_world *world, const char *name,
                                enum env_open how);
// Makes a file of that content, closes it again; `synced` with its name too.
void sim_world_create(struct sim_world *world, const char *name,
                      const char *text, bool synced);

// True when the file is there with that content.
bool sim_world_has(const struct sim_world *world, const char *name,
                   const char *text);
bool sim_trace_has(const struct sim_world *world, const char *text);

#endif
