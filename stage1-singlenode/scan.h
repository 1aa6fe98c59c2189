// scan.h -- what SCAN and its relatives share: SSCAN, HSCAN, ZSCAN.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_SCAN_H
#define VEGA_STAGE1_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/slice.h"
#include "common/server/request.h"

enum { SCAN_COUNT = 10 }; // Without COUNT.

struct scan_options {
    const struct slice *pattern; // MATCH; NULL: everything.
    const struct slice *type;    // TYPE, of SCAN alone; NULL: any.
    int64_t count;               // COUNT: to look at, roughly. Positive.
};

// argv[index] as a cursor, and the options from argv[first] on. False: the
// error reply is written.
bool scan_read_cursor(struct request *request, uint32_t index,
                      uint64_t *cursor);
bool scan_read_options(struct request *request, uint32_t first, bool typed,
                       struct scan_options *options);

// True if MATCH lets it through.
bool scan_matches(const struct scan_options *options, struct slice name);

// The elements that one call sees of `size` in dense order (dense.h).
struct scan_range {
    size_t first, end; // From `first` to before `end`.
    uint64_t cursor;   // To be answered; 0: the turn is done.
};

// Walks from the end to the start; the cursor says how many are left. Removal
// moves the last element to a lower place only, so nothing that was there all
// the time is missed; it may be seen twice. Neither a resize nor the hash
// secret plays a part.
struct scan_range scan_dense(const struct scan_options *options,
                             uint64_t cursor, size_t size);

#endif
