// sim_call.h -- the calls that processes make of their disk, one gate for all:
// here they are counted, traced, failed, and crashed at.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_CALL_H
#define VEGA_COMMON_SIM_CALL_H

#include "common/sim/sim_disk_private.h"
#include "common/sim/sim_process.h"

struct sim_call {
    enum sim_call_kind kind;
    // Of read, write and sync. Set by create and open.
    struct sim_inode *inode;
    const char *name; // Of create, open, rename and remove.
    const char *to;   // Of rename.
    uint64_t offset;  // Of write.
    struct slice bytes;
    uint64_t ordinal; // Of syncs: up to what they reach.
    // Of sync_names: 1 << enum env_directory, one or both.
    unsigned directories;
};

// Carries it out, or not. STATUS_CLOSED when the process is dead, or dies of
// it; the caller then touches nothing of the process but `dead`.
enum status sim_call(struct sim_process *process, struct sim_call *call);

// Carries out an operation that was under way when its process ended, wholly or
// in part. Is not counted.
void sim_call_finish(struct sim_process *process, const struct sim_call *call,
                     bool whole);

// How long an asynchronous one takes.
int64_t sim_call_duration_us(struct sim_disk *disk, enum sim_call_kind kind);

#endif
