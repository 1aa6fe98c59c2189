// log_scan.c -- reads the log back: the longest valid prefix, and what is wrong
// behind it.
//
// The walk. A segment is read from its header on, record after record. It ends
// where the next one begins: when the LSN that is due is the first of the next
// valid segment, the walk goes on there, whatever else the present one holds.
// So a tail that was torn once, and cut by going on in a new segment, stays cut
// for ever, even when the header of the new one is lost. Where a record is due
// and neither there nor first in the next segment, the valid prefix has its
// end; unless a snapshot covers all up to where the next segment begins.
//
// What is behind the end of the prefix is log_scan_search.c's business.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/log_scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "stage2-persistence/log_scan_private.h"

// ---- The end

enum log_scan_step log_scan_end(struct log_scan *scan,
                                enum log_scan_verdict verdict, const char *file,
                                const char *reason, ...)
{
    va_list args;
    va_start(args, reason);
    vsnprintf(scan->reason, sizeof scan->reason, reason, args);
    va_end(args);
    scan->result.verdict = verdict;
    scan->result.file = file;
    scan->result.reason = scan->reason;
    scan->phase = LOG_SCAN_PHASE_ENDED;
    log_window_close(&scan->window);
    return LOG_SCAN_END;
}

enum log_scan_step log_scan_unreadable(struct log_scan *scan, const char *file,
                                       uint64_t offset, enum status status)
{
    scan->result.offset = offset;
    return log_scan_end(scan, LOG_SCAN_IO, file, "cannot be read: %s",
                        status_name(status));
}

// ---- The walk

bool log_scan_open(struct log_scan *scan, uint64_t offset)
{
    const struct log_segment *segment = &scan->segments[scan->present];
    enum status status =
        log_window_open(&scan->window, scan->env, segment->name, offset);
    if (status == STATUS_OK)
        return true;
    log_scan_unreadable(scan, segment->name, 0, status);
    return false;
}

bool log_scan_fill(struct log_scan *scan, size_t wanted)
{
    enum status status = log_window_fill(&scan->window, wanted);
    if (status == STATUS_OK)
        return true;
    log_scan_unreadable(scan, scan->segments[scan->present].name,
                        scan->window.offset, status);
    return false;
}

static enum log_scan_step log_scan_enter(struct log_scan *scan, size_t index)
{
    struct log_segment *segment = &scan->segments[index];
    scan->present = index;
    scan->following = index + 1;

    struct log_scan_result *result = &scan->result;
    segment->used = SEGMENT_HEADER_SIZE;
    result->cut_segment = index;
    result->cut_offset = SEGMENT_HEADER_SIZE;
    result->cut_next = index + 1;
    if (result->durable < segment->durable)
        result->durable = segment->durable;
    log_window_close(&scan->window);
    return log_scan_open(scan, SEGMENT_HEADER_SIZE) ? LOG_SCAN_MORE
                                                    : LOG_SCAN_END;
}

static void log_scan_take(struct log_scan *scan, const struct record *record,
                          size_t size)
{
    log_window_skip(&scan->window, size);
    struct log_segment *segment = &scan->segments[scan->present];
    segment->used += size;
    segment->records++;
    segment->last_lsn = record->lsn;
    if (segment->durable < record->durable)
        segment->durable = record->durable;

    struct log_scan_result *result = &scan->result;
    result->last_lsn = record->lsn;
    result->last_term = record->term;
    result->last_now_ms = record->now_ms;
    result->cut_offset = scan->window.offset;
    if (result->durable < record->durable)
        result->durable = record->durable;
    scan->next_lsn = record->lsn + 1;
}

// The next valid segment when a snapshot covers all up to it, or `count`.
static size_t log_scan_find_covered(const struct log_scan *scan)
{
    size_t next = scan->following;
    while (next < scan->count && !scan->segments[next].valid)
        next++;
    if (next < scan->count &&
        scan->segments[next].first_lsn - 1 <= scan->covered)
        return next;
    return scan->count;
}

// The walk of the present segment has ended; `wrong` says why.
static enum log_scan_step log_scan_leave(struct log_scan *scan,
                                         const char *wrong)
{
    size_t next = log_scan_find_covered(scan);
    if (next < scan->count) {
        scan->segments[scan->present].wrong = wrong;
        scan->next_lsn = scan->segments[next].first_lsn;
        scan->result.last_lsn = scan->next_lsn - 1;
        return log_scan_enter(scan, next);
    }
    scan->wrong = wrong;
    scan->phase = LOG_SCAN_PHASE_SEARCH;
    return LOG_SCAN_MORE;
}

// Where the next segment should begin, there is one without a valid header. So
// what else the present one holds is void.
static enum log_scan_step log_scan_lose(struct log_scan *scan)
{
    size_t lost = scan->following;
    enum log_scan_step step =
        log_scan_leave(scan, "the header of the next one is not valid");
    if (scan->phase == LOG_SCAN_PHASE_SEARCH) {
        log_window_close(&scan->window);
        scan->present = lost;
    }
    return step;
}

// What is due does not stand at the front of the window.
static enum log_scan_step log_scan_stop(struct log_scan *scan,
                                        enum record_result found)
{
    scan->torn =
        record_resembles(log_window_bytes(&scan->window), scan->next_lsn);
    enum log_scan_step step = log_scan_leave(
        scan, !scan->torn               ? "there is no valid record"
              : found == RECORD_PARTIAL ? "the file ends within a record"
                                        : "the checksum is wrong");
    if (scan->phase == LOG_SCAN_PHASE_SEARCH)
        log_scan_begin_search(scan);
    return step;
}

static enum log_scan_step log_scan_walk(struct log_scan *scan,
                                        struct record *record,
                                        struct log_place *at)
{
    for (;;) {
        if (scan->following < scan->count &&
            scan->segments[scan->following].first_lsn == scan->next_lsn)
            return scan->segments[scan->following].valid
                       ? log_scan_enter(scan, scan->following)
                       : log_scan_lose(scan);

        struct slice bytes = log_window_bytes(&scan->window);
        bool last = bytes.size == log_window_left(&scan->window);
        size_t size = RECORD_HEADER_SIZE;
        enum record_result found = RECORD_PARTIAL;
        if (bytes.size >= RECORD_HEADER_SIZE || last)
            found =
                record_decode(bytes, scan->segments[scan->present].header.salt,
                              scan->next_lsn, record, &size);
        if (found == RECORD_PARTIAL && !last)
            return log_scan_fill(scan, size) ? LOG_SCAN_MORE : LOG_SCAN_END;
        if (found != RECORD_OK)
            return log_scan_stop(scan, found);

        uint64_t offset = scan->window.offset;
        log_scan_take(scan, record, size);
        if (record->lsn <= scan->from_lsn)
            continue;
        scan->result.records++;
        if (at)
            *at = (struct log_place){&scan->segments[scan->present], offset,
                                     size};
        return LOG_SCAN_RECORD;
    }
}

// ---- Public

// The first segment to be read, or `count`: the last valid one that begins at
// or below what is due or, when all is wanted, the first valid one, if there is
// none before it or a snapshot covers what that would hold.
static size_t log_scan_find_first(const struct log_scan *scan, bool oldest)
{
    size_t first = scan->count;
    for (size_t i = 0; i < scan->count; i++) {
        const struct log_segment *segment = &scan->segments[i];
        if (!segment->valid)
            continue;
        if (oldest && (i == 0 || segment->first_lsn - 1 <= scan->covered))
            return i;
        if (segment->first_lsn <= scan->next_lsn)
            first = i;
    }
    return first;
}

// Chooses where to begin. There are segments.
static void log_scan_begin(struct log_scan *scan, bool oldest)
{
    const struct log_segment *front = &scan->segments[0];
    scan->next_lsn = oldest ? front->first_lsn : scan->from_lsn + 1;
    if (front->first_lsn > scan->next_lsn) {
        log_scan_end(scan, LOG_SCAN_GAP, front->name,
                     "the log begins here, and LSN %" PRIu64 " is wanted",
                     scan->next_lsn);
        return;
    }
    size_t first = log_scan_find_first(scan, oldest);
    if (first < scan->count) {
        scan->first = first;
        scan->next_lsn = scan->segments[first].first_lsn;
        log_scan_enter(scan, first);
    } else {
        scan->phase = LOG_SCAN_PHASE_SEARCH;
    }
    scan->result.last_lsn = scan->next_lsn - 1;
}

struct log_scan *log_scan_create(struct env *env, uint64_t from_lsn,
                                 uint64_t covered)
{
    struct log_scan *scan = xcalloc(1, sizeof *scan);
    bool oldest = from_lsn == LOG_SCAN_OLDEST;
    scan->env = env;
    scan->from_lsn = scan->result.last_lsn = oldest ? 0 : from_lsn;
    scan->covered = scan->result.durable = covered;
    scan->result.file = scan->result.reason = "";
    enum status status = log_list_read(&scan->list, env);
    scan->segments = scan->list.segments;
    scan->count = scan->lost = scan->list.count;
    const char *file = scan->list.file;
    if (status != STATUS_OK)
        log_scan_unreadable(scan, file, 0, status);
    else if (scan->list.version > SEGMENT_VERSION)
        log_scan_end(scan, LOG_SCAN_NEWER, file,
                     "version %" PRIu32 ", and this program reads up to %d",
                     scan->list.version, SEGMENT_VERSION);
    else if (scan->count == 0)
        log_scan_end(scan, LOG_SCAN_CLEAN, "", "%s", "");
    else
        log_scan_begin(scan, oldest);
    return scan;
}

void log_scan_destroy(struct log_scan *scan)
{
    log_window_close(&scan->window);
    log_list_deinit(&scan->list);
    free(scan);
}

enum log_scan_step log_scan_next(struct log_scan *scan, struct record *record,
                                 struct log_place *at)
{
    switch (scan->phase) {
    case LOG_SCAN_PHASE_WALK:
        return log_scan_walk(scan, record, at);
    case LOG_SCAN_PHASE_SEARCH:
        return log_scan_search(scan);
    case LOG_SCAN_PHASE_ENDED:
        break;
    }
    return LOG_SCAN_END;
}

const struct log_segment *log_scan_segments(const struct log_scan *scan,
                                            size_t *count)
{
    *count = scan->count;
    return scan->segments;
}

struct log_scan_progress log_scan_progress(const struct log_scan *scan)
{
    struct log_scan_progress progress = {0};
    for (size_t i = scan->first; i < scan->count; i++) {
        progress.total += scan->segments[i].size;
        if (i < scan->present || scan->phase == LOG_SCAN_PHASE_ENDED)
            progress.done = progress.total;
    }
    if (scan->window.file)
        progress.done += scan->window.offset;
    return progress;
}

const struct log_scan_result *log_scan_result(const struct log_scan *scan)
{
    return &scan->result;
}
