// recovery.h -- from what is on the disk to a store, when a node starts.
//
//     1  the newest snapshot that is valid, into the store
//     2  the records behind it, executed one after another
//     3  what lies above every durable mark: copied, synced, put in place
//
// It works in steps, so that the node can tell its clients how far it is.
// Where the log is damaged it stops: rather no node than one that forgot.
//
// Invariants
// (V1) The store is the one that executing a prefix of the log gave, and that
//      prefix holds all that any durable mark or snapshot covers.
// (V2) Whatever is served from then on has been synced by this process or lies
//      below a durable mark: a page cache that may have lied is not asked.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_RECOVERY_H
#define VEGA_STAGE2_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/logger.h"
#include "common/env/env.h"
#include "common/server/command.h"
#include "common/server/layer.h"
#include "stage1-singlenode/store.h"
#include "stage2-persistence/aof.h"

struct recovery;

// Everything is borrowed. `store` is empty; `below` executes records against
// it, at once.
struct recovery_world {
    struct env *env;
    struct logger *log;
    struct store *store;
    struct layer *below;
    const struct command_table *commands;
};

enum recovery_step {
    RECOVERY_MORE,
    RECOVERY_DONE,
    RECOVERY_FAILED, // See recovery_error. The store is of no use.
};

struct recovery *recovery_create(const struct recovery_world *world);
void recovery_destroy(struct recovery *recovery);

// Works for about `budget_us`.
enum recovery_step recovery_run(struct recovery *recovery, int64_t budget_us);

// Bytes done and in all, of those known so far.
void recovery_progress(const struct recovery *recovery, uint64_t *done,
                       uint64_t *total);

// A sentence that names file, offset and LSN where it can, and says what to do.
const char *recovery_error(const struct recovery *recovery);

struct recovery_result {
    struct aof_start start;
    int64_t now_ms;        // Execution's clock must not be below it.
    uint64_t snapshot_lsn; // 0: there was none.
    uint64_t records;      // Executed, and
    uint64_t record_size;  // their bytes.
};
// After RECOVERY_DONE.
const struct recovery_result *recovery_result(const struct recovery *recovery);

#endif
