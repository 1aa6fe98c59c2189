// expire.h -- which entries have an expiry, and the search for those whose time
// has come.
//
// A second dict holds the entries of the keyspace that have an expiry, so that
// the search meets no others. It owns none of them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_EXPIRE_H
#define VEGA_STAGE1_EXPIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash.h"
#include "stage1-singlenode/dict.h"
#include "stage1-singlenode/entry.h"

enum { EXPIRE_DUE_MAX = 256 };

struct expire {
    struct dict *entries;
    uint64_t cursor;        // Of dict_scan: where the next slice begins.
    int64_t average_ttl_ms; // A moving average over what slices met.
};

// What one slice of the search found.
struct expire_slice {
    struct entry *due[EXPIRE_DUE_MAX];
    size_t count; // Of due.
    size_t seen;  // Entries examined, due or not.
    int64_t now_ms;
    int64_t ttl_sum_ms; // Of those that are not due.
    bool overflowed;    // There were more due than `due` holds.
};

// The secret is borrowed.
void expire_init(struct expire *expire, const struct hash_secret *secret);
void expire_deinit(struct expire *expire);

// Says that `before` (NULL: none) of the key with this hash gives way to
// `after` (NULL: none), and keeps what is recorded of them in step. `before`
// must still be intact. Returns without work if neither has an expiry.
void expire_replace(struct expire *expire, const struct entry *before,
                    struct entry *after, uint64_t hash);

// Examines the entries of the next few buckets and sets *slice to what it
// found. The caller removes the due entries. True if so many were due that
// going on at once pays.
bool expire_search(struct expire *expire, int64_t now_ms,
                   struct expire_slice *slice);

#endif
