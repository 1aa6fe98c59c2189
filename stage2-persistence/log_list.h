// log_list.h -- the files of a log, as a directory shows them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_LOG_LIST_H
#define VEGA_STAGE2_LOG_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/env/env.h"
#include "stage2-persistence/segment.h"

// A file of the log.
struct log_segment {
    char name[SEGMENT_NAME_SIZE];
    uint64_t first_lsn;    // As the name says.
    uint64_t size;         // Bytes of the file.
    bool valid;            // The header is, and carries the first_lsn.
    bool headless;         // It is not, but what follows looks like the first
                           // record: there are some that cannot be read.
    struct segment header; // If `valid`.
    // What a scan has learnt (log_scan.h); at first 0, but for `durable`.
    uint64_t used;      // Bytes up to the end of the last record of the
                        // valid prefix; 0: not reached.
    uint64_t records;   // Of that prefix,
    uint64_t last_lsn;  // and the last one; 0: none.
    const char *wrong;  // Why the scan left it before its end, when a snapshot
                        // covers all up to the next one; else NULL.
    uint64_t found;     // Valid ones behind the end of the prefix,
    uint64_t found_lsn; // and the last one; 0: none.
    uint64_t durable;   // The highest mark of all these.
};

struct log_list {
    struct log_segment *segments; // Owned; in the order of first_lsn.
    size_t count;
    // The file that was written by a newer version or, when log_list_read
    // fails, cannot be read; "" when it is the directory. Borrowed.
    const char *file;
    uint32_t version; // Of that file; 0: there is none.
};

// Lists the segments and reads their headers. Files of other names are passed
// over. Deinitialize the list whatever it returns.
enum status log_list_read(struct log_list *list, struct env *env);
void log_list_deinit(struct log_list *list);

#endif
