// check_health.c -- how it stands with a data directory.
//
// The log is walked from its oldest record on, passing over what the newest
// sound snapshot covers. That enters every segment that a server would read,
// and from there on it is the same walk: so its verdict is the server's, but
// for a log that begins too late.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/check_health.h"

static void health_walk(struct check_health *health,
                        struct check_listener *listener)
{
    struct record record;
    for (;;) {
        enum log_scan_step step = log_scan_next(health->scan, &record, NULL);
        if (step == LOG_SCAN_END)
            return;
        if (step == LOG_SCAN_RECORD && listener)
            listener->record(listener, &record);
    }
}

// From the oldest sound snapshot on nothing is missing.
static bool health_reaches_back(const struct check_health *health)
{
    const struct log_segment *segments = health->segments;
    uint64_t oldest = health->snapshots.oldest;
    if (health->segment_count == 0 || oldest == health->snapshots.newest)
        return true;
    if (segments[0].first_lsn > oldest + 1)
        return false;
    for (size_t i = 0; i + 1 < health->segment_count; i++) {
        // The first segment may have been passed over, too.
        bool left = segments[i].wrong || !segments[i].valid;
        if (left && segments[i + 1].first_lsn > oldest + 1)
            return false;
    }
    return true;
}

enum status check_health_read(struct check_health *health, struct env *env,
                              struct check_listener *listener)
{
    *health = (struct check_health){0};
    enum status status = listener
                             ? check_snapshots_list(&health->snapshots, env)
                             : check_snapshots_read(&health->snapshots, env);
    if (status != STATUS_OK)
        return status;
    uint64_t newest = health->snapshots.newest;
    health->scan = log_scan_create(env, LOG_SCAN_OLDEST, newest);
    health_walk(health, listener);
    health->log = log_scan_result(health->scan);
    health->segments = log_scan_segments(health->scan, &health->segment_count);
    health->log_verdict = health->log->verdict;
    bool readable = health->log_verdict != LOG_SCAN_NEWER &&
                    health->log_verdict != LOG_SCAN_IO;
    if (readable && health->segment_count != 0 &&
        health->segments[0].first_lsn > newest + 1)
        health->log_verdict = LOG_SCAN_GAP;
    health->reaches_back = health_reaches_back(health);
    return STATUS_OK;
}

void check_health_deinit(struct check_health *health)
{
    if (health->scan)
        log_scan_destroy(health->scan);
    check_snapshots_deinit(&health->snapshots);
}

enum check_verdict check_health_verdict(const struct check_health *health)
{
    if (health->log_verdict == LOG_SCAN_NEWER ||
        health->log_verdict == LOG_SCAN_IO)
        return CHECK_UNREADABLE;
    bool sound = health->log_verdict == LOG_SCAN_CLEAN && health->reaches_back;
    for (size_t i = 0; i < health->snapshots.count; i++) {
        enum snapshot_result result = health->snapshots.each[i].result;
        if (result == SNAPSHOT_NEWER || result == SNAPSHOT_IO)
            return CHECK_UNREADABLE;
        sound = sound && result == SNAPSHOT_DONE;
    }
    return sound ? CHECK_SOUND : CHECK_UNSOUND;
}

bool check_health_missing(const struct check_health *health, uint64_t *first,
                          uint64_t *last)
{
    const struct log_scan_result *log = health->log;
    uint64_t covered = health->snapshots.newest;
    *first = 1 + (log->last_lsn > covered ? log->last_lsn : covered);
    *last = log->durable > log->found_lsn ? log->durable : log->found_lsn;
    // A segment behind the cut was begun when all before it had been appended.
    for (size_t i = log->cut_next; i < health->segment_count; i++) {
        const struct log_segment *segment = &health->segments[i];
        uint64_t known = segment->first_lsn - (segment->headless ? 0 : 1);
        if (*last < known)
            *last = known;
    }
    if (health->log_verdict == LOG_SCAN_GAP) {
        *first = covered + 1;
        if (*last < log->last_lsn)
            *last = log->last_lsn;
    }
    return *first <= *last;
}
