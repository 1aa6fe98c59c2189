// log_scan_private.h -- a scan from inside: what log_scan.c (the walk) and
// log_scan_search.c (what is behind its end, and the verdict) share.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_LOG_SCAN_PRIVATE_H
#define VEGA_STAGE2_LOG_SCAN_PRIVATE_H

#include "stage2-persistence/log_list.h"
#include "stage2-persistence/log_scan.h"
#include "stage2-persistence/log_window.h"

enum { LOG_SCAN_REASON_SIZE = 160 };

enum log_scan_phase {
    LOG_SCAN_PHASE_WALK,
    LOG_SCAN_PHASE_SEARCH,
    LOG_SCAN_PHASE_ENDED
};

struct log_scan {
    struct env *env;
    uint64_t from_lsn;
    uint64_t covered; // By a snapshot, up to here.
    struct log_list list;
    struct log_segment *segments; // Of the list.
    size_t count;

    enum log_scan_phase phase;
    size_t first;             // Of the segments that are read.
    size_t present;           // The one in the window, or to be opened.
    struct log_window window; // Closed: `present` is to be searched from its
                              // front.
    size_t following;         // The next one that holds records, or `count`.
    uint64_t next_lsn;        // What is due.

    const char *wrong; // With what stands at the cut.
    bool torn;         // It is the beginning of the record that was due.
    struct record_search search;
    size_t wanted; // By the search.
    bool unsure;   // A search gave up.
    size_t lost;   // The first segment behind the cut whose header is not
                   // valid; `count`: none.

    struct log_scan_result result;
    char reason[LOG_SCAN_REASON_SIZE];
};

// Ends the scan with that verdict; returns LOG_SCAN_END.
enum log_scan_step log_scan_end(struct log_scan *scan,
                                enum log_scan_verdict verdict, const char *file,
                                const char *reason, ...)
    __attribute__((format(printf, 4, 5)));
enum log_scan_step log_scan_unreadable(struct log_scan *scan, const char *file,
                                       uint64_t offset, enum status status);

// Opens the present segment at `offset`, and fills the window from it. False:
// the scan has ended.
bool log_scan_open(struct log_scan *scan, uint64_t offset);
bool log_scan_fill(struct log_scan *scan, size_t wanted);

// Searches the present segment from the front of the window on, and
void log_scan_begin_search(struct log_scan *scan);
// takes a step of that, or of the segments behind.
enum log_scan_step log_scan_search(struct log_scan *scan);

#endif
