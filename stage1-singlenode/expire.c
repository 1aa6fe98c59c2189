// expire.c -- which entries have an expiry, and the search for those whose time
// has come.
//
// The search is a cursor that goes round the table for ever. A slice of it
// examines some 100 entries; when one in ten was due, the next slice follows at
// once, so the share of memory that dead keys hold settles below that. (Redis
// samples at random instead, and may miss a key for long.) No heap orders the
// keys by time: it would cost every SET with an expiry O(log n) misses.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/expire.h"

#include "common/base/check.h"

enum {
    SLICE_BUCKETS = 20,
    GO_ON_PERCENT = 10,  // Due among those seen.
    AVERAGE_WEIGHT = 50, // One slice counts 1/50 in the average.
};

// What a time to live counts at most in the average, so that sums of a slice
// stay far from overflow: 35,000 years.
static const int64_t ttl_ms_max = (int64_t)1 << 50;

void expire_init(struct expire *expire, const struct hash_secret *secret)
{
    *expire = (struct expire){.entries = dict_create(secret)};
}

void expire_deinit(struct expire *expire)
{
    dict_destroy(expire->entries);
}

void expire_replace(struct expire *expire, const struct entry *before,
                    struct entry *after, uint64_t hash)
{
    bool had = before && entry_has_expiry(before);
    bool has = after && entry_has_expiry(after);
    if (had && has) {
        struct entry **place =
            dict_find(expire->entries, entry_key(before), hash);
        check(place);
        *place = after;
    } else if (had) {
        check(dict_remove(expire->entries, entry_key(before), hash) == before);
    } else if (has) {
        dict_insert(expire->entries, after, hash);
    }
}

static void examine(void *context, struct entry *entry)
{
    struct expire_slice *slice = context;
    int64_t expires_ms = entry_expires_ms(entry);
    slice->seen++;
    if (expires_ms > slice->now_ms + ttl_ms_max)
        slice->ttl_sum_ms += ttl_ms_max;
    else if (expires_ms > slice->now_ms)
        slice->ttl_sum_ms += expires_ms - slice->now_ms;
    else if (slice->count < EXPIRE_DUE_MAX)
        slice->due[slice->count++] = entry;
    else
        slice->overflowed = true;
}

static void update_average(struct expire *expire,
                           const struct expire_slice *slice)
{
    size_t alive = slice->seen - slice->count;
    if (dict_count(expire->entries) == 0)
        expire->average_ttl_ms = 0;
    if (alive == 0)
        return;
    int64_t average = slice->ttl_sum_ms / (int64_t)alive;
    if (expire->average_ttl_ms == 0)
        expire->average_ttl_ms = average;
    else
        expire->average_ttl_ms +=
            (average - expire->average_ttl_ms) / AVERAGE_WEIGHT;
}

bool expire_search(struct expire *expire, int64_t now_ms,
                   struct expire_slice *slice)
{
    slice->count = slice->seen = 0;
    slice->now_ms = now_ms;
    slice->ttl_sum_ms = 0;
    slice->overflowed = false;
    for (int i = 0; i < SLICE_BUCKETS; i++) {
        uint64_t next =
            dict_scan(expire->entries, expire->cursor, examine, slice);
        // What did not fit is found again from the same place.
        if (slice->overflowed)
            break;
        expire->cursor = next;
        if (next == 0)
            break;
    }
    update_average(expire, slice);
    return slice->count > 0 &&
           slice->count * 100 >= slice->seen * GO_ON_PERCENT;
}
