// log_scan.h -- reads the log back: the longest valid prefix, and what is wrong
// behind it.
//
// A walk over the segments of a directory, oldest first. It yields the valid
// records in order; where they end it looks at everything behind that place,
// to tell a torn tail, which a power cut may leave, from damage, which nothing
// but a broken disk or a stranger does. It changes nothing. Recovery and
// vega-check stand on it.
//
// It goes in small steps: a server answers between them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_LOG_SCAN_H
#define VEGA_STAGE2_LOG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/env/env.h"
#include "stage2-persistence/log_list.h"
#include "stage2-persistence/record.h"

struct log_scan;

// From the oldest record that there is, wherever the log begins.
#define LOG_SCAN_OLDEST UINT64_MAX

// Lists the segments and reads their headers. Records with an LSN above
// `from_lsn` are yielded: that of the snapshot they are to follow, or 0, or
// LOG_SCAN_OLDEST. Segments that hold only older ones are not read. `covered`:
// the LSN of the newest snapshot, 0: none; what it covers was durable, and with
// LOG_SCAN_OLDEST may be missing from the log. `env` is borrowed. Owned by the
// caller.
struct log_scan *log_scan_create(struct env *env, uint64_t from_lsn,
                                 uint64_t covered);
void log_scan_destroy(struct log_scan *scan);

enum log_scan_step {
    LOG_SCAN_RECORD, // *record is the next one.
    LOG_SCAN_MORE,   // Something was read or searched; call again.
    LOG_SCAN_END,    // log_scan_result says how.
};

// Where a record stands.
struct log_place {
    const struct log_segment *segment;
    uint64_t offset; // In its file.
    uint64_t size;   // Bytes there.
};

// Takes one step: reads at most about a megabyte, or one record if that is
// larger. *record and *at are set on LOG_SCAN_RECORD, borrowed until the next
// call. `at` may be NULL.
enum log_scan_step log_scan_next(struct log_scan *scan, struct record *record,
                                 struct log_place *at);

// Borrowed until log_scan_destroy; oldest first. Their counters grow with the
// scan.
const struct log_segment *log_scan_segments(const struct log_scan *scan,
                                            size_t *count);

struct log_scan_progress {
    uint64_t done;  // Bytes before the present place, and
    uint64_t total; // of all that is to be read: the files' sizes.
};
struct log_scan_progress log_scan_progress(const struct log_scan *scan);

enum log_scan_verdict {
    // The log ends: zeros follow, or the end of the file, or, in a segment that
    // was used before, bytes of its former life; and no other segment.
    LOG_SCAN_CLEAN,
    // The same, but there was more once: a record that is not whole, valid ones
    // behind a hole, segments that were begun and not used. All of it is above
    // every durable mark, as a crash may leave it. Going on in a new segment at
    // last_lsn + 1 is right, once the segments behind the cut are gone.
    LOG_SCAN_TORN,
    // A record is invalid or missing that is at or below a durable mark, or the
    // header of a segment is not valid.
    LOG_SCAN_DAMAGED,
    LOG_SCAN_GAP,   // The log begins above from_lsn + 1.
    LOG_SCAN_NEWER, // A segment was written by a newer version.
    LOG_SCAN_IO,    // The directory or a file cannot be read.
};

// How it ended; what was learnt so far before that, with LOG_SCAN_CLEAN.
struct log_scan_result {
    enum log_scan_verdict verdict;
    uint64_t last_lsn; // Of the last valid record; below it all are, too. If
                       // there is none: before the first one that may come.
    uint64_t last_term;
    int64_t last_now_ms; // 0: no record.
    uint64_t durable;    // The highest mark in valid headers and records, also
                         // behind the cut, and `covered`.
    uint64_t records;    // That were yielded.

    // The place where the valid prefix ends: an index into the segments and the
    // offset behind the last record. Segments from `cut_next` on are behind it.
    // When not even a header is valid, or there are no segments, all are 0.
    size_t cut_segment;
    uint64_t cut_offset;
    size_t cut_next;
    // Valid records that were found behind the cut, and the highest LSN of one;
    // 0: none.
    uint64_t found;
    uint64_t found_lsn;

    // Unless clean: the segment at fault, the byte, and what is wrong there:
    // "the checksum is wrong; LSNs up to 812 were durable". Borrowed from the
    // scan; `file` is "" when no one's is at fault.
    const char *file;
    uint64_t offset;
    const char *reason;
};
const struct log_scan_result *log_scan_result(const struct log_scan *scan);

#endif
