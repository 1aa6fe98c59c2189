// snapshots.h -- the keeper of a node's snapshot files: when one is taken, when
// it counts, and which ones stay.
//
// One is taken at a time. It counts when its file is synced, the log is durable
// through its LSN, and its name is synced; the last two that count stay, so
// that one of them may turn out to be damaged. What fails is told in the log
// and tried again after a minute; the node goes on.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_SNAPSHOTS_H
#define VEGA_STAGE2_SNAPSHOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/logger.h"
#include "common/env/env.h"
#include "stage2-persistence/snapshot.h"

struct snapshots;

// Who has log and store.
struct snapshots_owner {
    // Sets lsn, term and now_ms of a snapshot of the store as it is.
    void (*describe)(struct snapshots_owner *owner, struct snapshot *snapshot);
    // Asks for a sync of the log, and returns the LSN through which it is
    // durable already; snapshots_log_durable says when that has moved, not from
    // inside this call.
    uint64_t (*sync_log)(struct snapshots_owner *owner);
    // One ended, well or not, as the stats say; the log may be needed less. Not
    // from inside a call of this module, and not after snapshots_stop.
    void (*ended)(struct snapshots_owner *owner);
};

// Looks at what there is, and removes drafts that a crash left. `loaded_lsn` is
// that of the snapshot that was loaded, 0 without one: what is above it was
// refused, and does not count. All is borrowed. Owned by the caller.
struct snapshots *snapshots_create(struct env *env, struct logger *log,
                                   const struct store *store,
                                   uint64_t loaded_lsn,
                                   struct snapshots_owner *owner);
// After snapshots_is_stopped, or when the world has ended.
void snapshots_destroy(struct snapshots *snapshots);

// `schedule` is a text as snapshot_schedule.h wants it. One is also taken when
// the log since the last one has become larger than `log_size_max` (0: never),
// or than half of what the disk has left, and than that snapshot. False, and
// nothing was changed, when the schedule is no such text.
bool snapshots_apply(struct snapshots *snapshots, const char *schedule,
                     uint64_t log_size_max, bool compress);

enum snapshots_reason {
    SNAPSHOTS_ASKED,
    SNAPSHOTS_SCHEDULE,
    SNAPSHOTS_LOG_SIZE,
};
// False when one is under way, the log has failed, or after snapshots_stop.
bool snapshots_start(struct snapshots *snapshots, enum snapshots_reason reason);
// The same, if need be when the present one has ended.
void snapshots_schedule(struct snapshots *snapshots);

// Some time has passed; call it now and then, at least once a second.
void snapshots_tick(struct snapshots *snapshots);

// So many more changes, which take so many bytes of the log. At first: those
// behind the snapshot that was loaded.
void snapshots_changed(struct snapshots *snapshots, uint64_t changes,
                       uint64_t log_size);

// The log is durable up to `lsn`.
void snapshots_log_durable(struct snapshots *snapshots, uint64_t lsn);
// The log never will be: what was not durable must not come back by way of a
// snapshot. The present one is given up, and none follows.
void snapshots_log_failed(struct snapshots *snapshots);

// What the log holds at or below this is not needed any more: the LSN of the
// older of the two that stay; 0 while there are not two.
uint64_t snapshots_needed_lsn(const struct snapshots *snapshots);

// Gives up the present one, unless it is about to count, and takes no other.
void snapshots_stop(struct snapshots *snapshots);
bool snapshots_is_stopped(const struct snapshots *snapshots);

struct snapshots_stats {
    bool running;
    bool scheduled;           // Another one follows.
    int64_t running_since_ms; // By the wall clock.
    uint64_t progress, total; // Entries, of the present one.
    uint64_t started;         // So far, the present one included.
    uint64_t finished;        // Those of them that count.
    bool last_failed;         // The last one that ended; see snapshots_error.
    int64_t last_saved_ms;    // By the wall clock; at first: of the start.
    int64_t last_duration_ms; // Of the last one that counts; -1: none.
    uint64_t last_lsn;        // Likewise, also from before the start; 0: none.
    uint64_t last_size;       // Bytes of its file.
    int64_t fork_us;          // The node stood still so long, the last time.
    uint64_t changes;         // Since the last one that counts.
    uint64_t log_size;        // Bytes of them.
};
void snapshots_stats(const struct snapshots *snapshots,
                     struct snapshots_stats *stats);

// Why the last one failed: "cannot write 0...42.snapshot.draft: full". "" when
// it did not.
const char *snapshots_error(const struct snapshots *snapshots);

void snapshots_check_invariants(const struct snapshots *snapshots);

#endif
