// snapshot_harness.h -- stores, their snapshots as bytes, and a simulated disk
// to read them from.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SNAPSHOT_HARNESS_H
#define VEGA_TESTS_SNAPSHOT_HARNESS_H

#include "common/base/buffer.h"
#include "common/sim/sim.h"
#include "common/sim/sim_disk.h"
#include "common/sim/sim_process.h"
#include "stage1-singlenode/store.h"
#include "stage2-persistence/snapshot.h"

struct snapshot_harness {
    struct sim sim;
    struct sim_disk *disk;
    struct sim_process *process;
    struct store *store; // What was loaded last, or NULL.
    char error[256];     // Likewise.
};

void snapshot_harness_init(struct snapshot_harness *harness);
void snapshot_harness_deinit(struct snapshot_harness *harness);

// An empty one with a hash secret of its own.
struct store *snapshot_store(int secret_byte);
void snapshot_put(struct store *store, const char *key, const char *value);
// Adds keys of every type, small and large, with and without expiry.
void snapshot_fill(struct store *store);

// Writes it as snapshot 42.
void snapshot_bytes(const struct store *store, bool compress,
                    struct buffer *bytes);
extern const char snapshot_name[]; // Of that.

// Puts the bytes on the disk under `name`, and loads them from there into a new
// store, some entries at a time, until it ends. What was loaded before is
// dropped.
enum snapshot_result snapshot_load(struct snapshot_harness *harness,
                                   const char *name, struct slice bytes,
                                   uint64_t entries);

#endif
