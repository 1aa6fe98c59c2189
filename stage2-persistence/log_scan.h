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
#include "stage2-persistence/record.h"
#include "stage2-persistence/segment.h"

struct log_scan;

// A file of the log. While the scan goes on, its last fields grow.
struct log_segment {
    char name[SEGMENT_NAME_SIZE];
    uint64_t first_lsn;    // As the name says.
    uint64_t size;         // Bytes of the file.
    bool valid;            // The header is, and carries the first_lsn. One that
                           // is not holds no record that could be read.
    struct segment header; // If `valid`.
    uint64_t used;         // Bytes up to the end of the last valid record.
    uint64_t records;      // That were read.
    uint64_t last_lsn;     // Of these; 0: none.
    uint64_t durable;      // The highest mark in the header and these.
};

// From the oldest record that there is, wherever the log begins.
#define LOG_SCAN_OLDEST UINT64_MAX

// Lists the segments and reads their headers. Records with an LSN above
// `from_lsn` are yielded: that of the snapshot they are to follow, or 0, or
// LOG_SCAN_OLDEST. Segments that hold only older ones are not read. `durable`:
// an LSN that is known to have been durable, by a snapshot that covers it; 0:
// none. `env` is borrowed. Owned by the caller.
struct log_scan *log_scan_create(struct env *env, uint64_t from_lsn,
                                 uint64_t durable);
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

// Borrowed until log_scan_destroy; oldest first.
const struct log_segment *log_scan_segments(const struct log_scan *scan,
                                            size_t *count);

struct log_scan_progress {
    uint64_t done;  // Bytes behind the present place, and
    uint64_t total; // of all that are to be read: the files' sizes.
};
struct log_scan_progress log_scan_progress(const struct log_scan *scan);

enum log_scan_verdict {
    // The log ends at zeros or the end of a file, and nothing is behind.
    LOG_SCAN_CLEAN,
    // What stands behind the last valid record is above every durable mark:
    // writes that a crash has cut short, or, in a segment that was used before,
    // bytes of its former life. Going on in a new segment at last_lsn + 1 is
    // right, once the segments behind the cut are gone.
    LOG_SCAN_TORN,
    // A record is invalid or missing that is at or below a durable mark.
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
                         // behind the cut, and the `durable` of create.
    uint64_t records;    // Yielded.

    // The place where the valid prefix ends: an index into the segments and the
    // offset behind the last record. Segments from `cut_next` on are behind it.
    // No segments: all are 0.
    size_t cut_segment;
    uint64_t cut_offset;
    size_t cut_next;
    // Valid records that were found behind the cut, and the highest LSN of one;
    // 0: none.
    uint64_t found;
    uint64_t found_lsn;

    // Unless clean: the segment at fault, the byte, and a sentence that says
    // what is wrong there: "checksum, LSN or form is wrong". Borrowed from the
    // scan; "" when no file is at fault.
    const char *file;
    uint64_t offset;
    const char *reason;
};
const struct log_scan_result *log_scan_result(const struct log_scan *scan);

#endif
