// aof.h -- the append-only log, as it is written: records into segments, group
// commit, space reserved ahead.
//
// aof_append gives a record its LSN and a place in memory; at the end of the
// round all that was appended goes to the disk in one write, and under `always`
// with one sync. While that is under way the node goes on, and what it appends
// meanwhile makes the next group.
//
// Space comes before execution: aof_reserve says whether the record of a
// request will find room in segments that are already on disk, written full of
// zeros. So a full disk refuses a request and loses none. The segment to come
// is made while the present one fills, from one that is no longer needed when
// there is such a one; aof_segments.c and aof_spares.c tell of its life.
//
// Reading the log back is recovery.h.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_AOF_H
#define VEGA_STAGE2_AOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/logger.h"
#include "common/base/slice.h"
#include "common/env/env.h"
#include "stage2-persistence/record.h"

struct aof;

enum aof_policy {
    AOF_ALWAYS,   // Synced before anyone sees what it tells.
    AOF_EVERYSEC, // Written before; synced once a second.
    AOF_NO,       // Written before; synced when the system likes.
};
extern const char *const aof_policy_names[]; // For the config; NULL at the end.

// Who wants to know. All are called on the node's thread, never from inside a
// call of this module; they may call all of it but aof_destroy.
struct aof_owner {
    // aof_written or aof_durable have moved.
    void (*advanced)(struct aof_owner *owner);
    // What aof_reserve answered AOF_WAIT for may be there now.
    void (*ready)(struct aof_owner *owner);
    // A write or a sync failed. The log takes no more: aof_reserve answers
    // AOF_FAILED from now on.
    void (*failed)(struct aof_owner *owner);
};

struct aof_options {
    uint64_t segment_size; // Bytes of a file.
    enum aof_policy policy;
};

// Where the log of before ended: from recovery. Zeroed but for next_lsn = 1: an
// empty directory.
struct aof_start {
    uint64_t next_lsn;
    uint64_t durable; // All before next_lsn is: next_lsn - 1.
    uint64_t term, vote;
};

// Begins a segment of its own at next_lsn, asynchronously; until there is a
// file for it aof_reserve answers AOF_WAIT. All arguments are borrowed,
// `options` and `start` for the call. Owned by the caller.
struct aof *aof_create(struct env *env, struct logger *log,
                       const struct aof_options *options,
                       const struct aof_start *start, struct aof_owner *owner);
// At once; what was not written is lost. See aof_stop. For the end of the env:
// no round of it follows, but what is under way may still be completed.
void aof_destroy(struct aof *aof);

enum aof_room {
    AOF_READY,  // The next record up to that size has its place.
    AOF_WAIT,   // Not yet, but soon: owner->ready will be called.
    AOF_FULL,   // The disk has no space; tried again once a second.
    AOF_FAILED, // A write or sync failed; see aof_error.
};
// `size`: record_size of what is to be appended. Never 0.
enum aof_room aof_reserve(struct aof *aof, size_t size);

// Appends a record, for which there is room; returns its LSN. `record`: kind,
// term, now_ms and seed. The arguments are copied.
uint64_t aof_append(struct aof *aof, const struct record *record,
                    const struct slice *argv, uint32_t argc);

uint64_t aof_end(const struct aof *aof);     // LSN of the last one appended;
uint64_t aof_written(const struct aof *aof); // up to which all were handed to
                                             // the system: survive this process
uint64_t aof_durable(const struct aof *aof); // up to which all are synced:
                                             // survive a power cut.

// Asks for a sync of all that was appended, under any policy, soon.
void aof_sync(struct aof *aof);

enum aof_policy aof_policy(const struct aof *aof);
void aof_set_policy(struct aof *aof, enum aof_policy policy);

// True while under AOF_EVERYSEC a sync is more than two seconds late: writers
// should wait for owner->ready.
bool aof_is_late(const struct aof *aof);

// Closes the present segment, unless it is empty, and goes on in a new one as
// soon as one is ready: before a snapshot, so that what it covers can go.
void aof_rotate(struct aof *aof);

// Nothing at or below `lsn` is needed any more: segments that hold no later
// record are taken for later use, or removed; the present one when it is
// closed.
void aof_trim(struct aof *aof, uint64_t lsn);

// Writes and syncs everything and appends a last mark; then calls
// owner->advanced with aof_is_stopped. At once when the log has failed.
void aof_stop(struct aof *aof);
bool aof_is_stopped(const struct aof *aof);

struct aof_stats {
    uint64_t size;         // Bytes of the records in all segments (and what is
                           // unused of those that a former process left).
    uint64_t disk_size;    // Bytes of all files of the log.
    uint64_t segments;     // Files that hold records.
    uint64_t groups;       // Writes, each of one or more records.
    uint64_t syncs;        // Of records.
    uint64_t syncs_late;   // That came more than two seconds late.
    uint64_t sync_us_last; // How long the last one took, and
    uint64_t sync_us_max;  // the longest one.
    uint64_t oldest_lsn;   // First one on disk; 0: none.
    uint64_t unwritten;    // Bytes that wait in memory.
    bool full;             // The disk has no space for the next segment.
    bool syncing;
};
void aof_stats(const struct aof *aof, struct aof_stats *stats);

// What failed, as a sentence: "cannot sync 0...1.log: input/output error; check
// the disk, then start again". "" while nothing has; with stats.full, why no
// segment could be made. Borrowed until the next call.
const char *aof_error(const struct aof *aof);

// Calls `each` for every record, in order, that is not as safe as the policy
// promises: after a failure, those whose effects may be lost. The record is
// borrowed for the call.
void aof_each_unsafe(const struct aof *aof,
                     void (*each)(void *context, const struct record *record),
                     void *context);

void aof_check_invariants(const struct aof *aof);

#endif
