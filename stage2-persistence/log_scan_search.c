// log_scan_search.c -- what is behind the end of the valid prefix of a log, and
// what that says of it.
//
// All that lies behind that place, in that segment and in later ones, is
// searched for valid records, since one of them may say that what is missing
// was durable once. Segments that hold none say it in their header. One whose
// header is not valid has lost what was synced before it had its name, and
// perhaps any number of records: damage, too.
//
// Then: the prefix ends at or below a durable mark: damaged. Else torn; or
// clean, when nothing behind it shows that there was more.
// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "stage2-persistence/log_scan_private.h"

// What a search may sum up in vain, in sizes of the file.
enum { SEARCH_TRIED_FILES = 4 };

// Where the prefix ends, and what is wrong there: at the cut or, when the walk
// ended between two segments or before the first, in the header of the next.
static void log_scan_blame(struct log_scan *scan)
{
    struct log_scan_result *result = &scan->result;
    result->file = scan->segments[result->cut_segment].name;
    result->offset = result->cut_offset;
    if (result->cut_next == 0 ||
        (result->cut_next < scan->count &&
         scan->segments[result->cut_next].first_lsn == scan->next_lsn)) {
        result->file = scan->segments[result->cut_next].name;
        result->offset = 0;
        scan->wrong = "the header is not valid";
    }
}

// All was searched.
static enum log_scan_step log_scan_judge(struct log_scan *scan)
{
    struct log_scan_result *result = &scan->result;
    log_scan_blame(scan);
    if (result->durable >= scan->next_lsn)
        return log_scan_end(scan, LOG_SCAN_DAMAGED, result->file,
                            "%s; LSNs up to %" PRIu64 " were durable",
                            scan->wrong, result->durable);
    if (scan->lost < scan->count) {
        const struct log_segment *lost = &scan->segments[scan->lost];
        result->offset = 0;
        return log_scan_end(scan, LOG_SCAN_DAMAGED, lost->name,
                            "the header is not valid%s",
                            lost->headless ? "; records follow it" : "");
    }
    if (scan->unsure)
        return log_scan_end(scan, LOG_SCAN_DAMAGED, result->file,
                            "%s; what follows looks like a log and is none",
                            scan->wrong);
    if (scan->torn || result->found != 0 || result->cut_next < scan->count)
        return log_scan_end(scan, LOG_SCAN_TORN, result->file, "%s",
                            scan->wrong);
    result->offset = 0;
    return log_scan_end(scan, LOG_SCAN_CLEAN, "", "%s", "");
}

void log_scan_begin_search(struct log_scan *scan)
{
    const struct log_segment *segment = &scan->segments[scan->present];
    uint64_t left = log_window_left(&scan->window);
    uint64_t lsn = segment->first_lsn < scan->next_lsn ? scan->next_lsn
                                                       : segment->first_lsn;
    scan->search = (struct record_search){
        .salt = segment->header.salt,
        .lsn_min = lsn,
        .lsn_max = lsn + left / RECORD_HEADER_SIZE,
        .tried_max = SEARCH_TRIED_FILES * segment->size,
    };
    scan->wanted = RECORD_HEADER_SIZE;
}

// The present segment was searched, or need not be: keeps what was found.
static enum log_scan_step log_scan_search_next(struct log_scan *scan)
{
    struct log_segment *segment = &scan->segments[scan->present];
    struct log_scan_result *result = &scan->result;
    const struct record_search *search = &scan->search;
    if (segment->valid) {
        segment->found = search->count;
        segment->found_lsn = search->lsn_last;
        if (segment->durable < search->durable)
            segment->durable = search->durable;
        scan->unsure |= search->gave_up;
    } else if (scan->lost == scan->count) {
        scan->lost = scan->present;
    }
    result->found += segment->found;
    if (result->found_lsn < segment->found_lsn)
        result->found_lsn = segment->found_lsn;
    if (result->durable < segment->durable)
        result->durable = segment->durable;

    log_window_close(&scan->window);
    scan->present++;
    return scan->present < scan->count ? LOG_SCAN_MORE : log_scan_judge(scan);
}

enum log_scan_step log_scan_search(struct log_scan *scan)
{
    struct log_window *window = &scan->window;
    if (!scan->segments[scan->present].valid)
        return log_scan_search_next(scan);
    if (!window->file) {
        if (!log_scan_open(scan, SEGMENT_HEADER_SIZE))
            return LOG_SCAN_END;
        log_scan_begin_search(scan);
    }
    if (!log_scan_fill(scan, scan->wanted))
        return LOG_SCAN_END;
    size_t done = record_search(&scan->search, log_window_bytes(window),
                                log_window_left(window), &scan->wanted);
    log_window_skip(window, done);
    if (log_window_left(window) == 0)
        return log_scan_search_next(scan);
    return LOG_SCAN_MORE;
}
