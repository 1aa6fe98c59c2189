// recovery_private.h -- a start from inside: what its two files share.
//
//     recovery_snapshot.c   the newest snapshot that is sound, into the store
//     recovery.c            then the log: executed, judged, made safe
//
// A state machine: each phase is a function that does a slice of its work and
// says whether to go on.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_RECOVERY_PRIVATE_H
#define VEGA_STAGE2_RECOVERY_PRIVATE_H

#include "common/server/request.h"
#include "stage2-persistence/log_scan.h"
#include "stage2-persistence/recovery.h"
#include "stage2-persistence/snapshot.h"

enum { RECOVERY_SNAPSHOTS_MAX = 64 }; // More than two are a stranger's.

struct recovery {
    struct recovery_world world;
    enum recovery_step (*phase)(struct recovery *self);
    char error[512];
    struct recovery_result result;

    uint64_t snapshots[RECOVERY_SNAPSHOTS_MAX]; // LSNs, newest first.
    size_t snapshot_count;
    size_t snapshot_next; // To try.
    struct snapshot_reader *reader;
    uint64_t snapshot_size; // Bytes that were read.

    struct log_scan *scan;
    struct argv_room {
        struct slice *slices;
        uint32_t capacity;
    } argv;              // Of the record that executes.
    struct buffer reply; // What it answers; nobody reads it.
    struct completion completion;
};

// Says why it cannot go on, and returns RECOVERY_FAILED.
enum recovery_step recovery_fail(struct recovery *recovery, const char *format,
                                 ...) __attribute__((format(printf, 2, 3)));

// The first phase, which lists the snapshots. They end with the next function.
enum recovery_step recovery_list(struct recovery *recovery);

// result.snapshot_lsn says which one was loaded: goes on with the log behind.
void recovery_open_log(struct recovery *recovery);

#endif
