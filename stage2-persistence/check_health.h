// check_health.h -- how it stands with a data directory: what is there, whether
// a server would start on it, and what would be missing.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_CHECK_HEALTH_H
#define VEGA_STAGE2_CHECK_HEALTH_H

#include <stdbool.h>

#include "stage2-persistence/check_snapshots.h"
#include "stage2-persistence/log_scan.h"

enum check_verdict { // Also the exit codes.
    CHECK_SOUND,
    CHECK_UNSOUND,    // Something is torn or damaged.
    CHECK_UNREADABLE, // By this program, or at all.
};

struct check_health {
    struct check_snapshots snapshots;
    // The log, from its oldest record on; it has ended.
    struct log_scan *scan;              // Owned.
    const struct log_scan_result *log;  // Of it. Borrowed.
    const struct log_segment *segments; // Likewise.
    size_t segment_count;
    // The log's verdict, from the newest sound snapshot on: that of a server.
    enum log_scan_verdict log_verdict;
    // The log reaches back to the oldest sound snapshot, too; or there is only
    // one.
    bool reaches_back;
};

// Who wants the records: called for each, with its place.
struct check_listener {
    void (*record)(struct check_listener *listener,
                   const struct record *record);
};

// Reads everything. With a `listener` snapshots are not read but believed.
// Fails when the directory cannot be listed. Deinitialize whatever it returns.
enum status check_health_read(struct check_health *health, struct env *env,
                              struct check_listener *listener);
void check_health_deinit(struct check_health *health);

enum check_verdict check_health_verdict(const struct check_health *health);

// The first and the last LSN of the records that were there, as far as can be
// known, and that no server will see again. False: none.
bool check_health_missing(const struct check_health *health, uint64_t *first,
                          uint64_t *last);

#endif
