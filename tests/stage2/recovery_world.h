// recovery_world.h -- data directories made by hand on a simulated disk, and
// what a recovery makes of them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_RECOVERY_WORLD_H
#define VEGA_TESTS_RECOVERY_WORLD_H

#include "common/sim/sim.h"
#include "common/sim/sim_disk.h"
#include "common/sim/sim_process.h"
#include "stage1-singlenode/store.h"
#include "stage2-persistence/recovery.h"
#include "tests/stage2/log_files.h"

#define RECOVERY_WORLD_MS INT64_C(2000000000000)

struct recovery_world_of {
    struct sim sim;
    struct sim_disk *disk;

    // Of the last run.
    enum recovery_step end;
    char error[512];
    struct recovery_result result; // When it is done.
    size_t keys;
    size_t steps;   // Calls of recovery_run.
    bool went_back; // The progress did.
    bool died;      // The process crashed on the way.
};

void recovery_world_init(struct recovery_world_of *world);
void recovery_world_deinit(struct recovery_world_of *world);

// Puts the file on the disk, and forgets it.
void recovery_world_put(struct recovery_world_of *world, struct log_file *file);
// As log_file_add, but of a time after that of the snapshot.
size_t recovery_world_add(struct log_file *file, uint64_t durable);
// A segment of `count` records with marks that say `durable`, where they may,
// and some zeros.
void recovery_world_log(struct recovery_world_of *world, uint64_t first_lsn,
                        uint64_t count, uint64_t durable);
// Snapshot 42, of `keys` keys "snap:N".
void recovery_world_snapshot(struct recovery_world_of *world, int keys);

// A process recovers what is there, in steps of `budget_us`, and ends.
void recovery_world_run(struct recovery_world_of *world, int64_t budget_us);

// Bytes of the file as they are on the platter; 0: it is not there.
size_t recovery_world_durable(struct recovery_world_of *world,
                              const char *name);

#endif
