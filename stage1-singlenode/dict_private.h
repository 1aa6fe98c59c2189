// dict_private.h -- how a dict lies in memory, for dict.c and dict_walk.c.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_DICT_PRIVATE_H
#define VEGA_STAGE1_DICT_PRIVATE_H

#include "stage1-singlenode/bucket.h"
#include "stage1-singlenode/dict.h"

struct table {
    struct bucket *buckets; // 2^n; NULL or empty_bucket: none of its own.
    size_t mask;            // Their number less one.
};

struct dict {
    struct table table; // Where everything is, or goes.
    struct table old;   // While a resize is under way: where it comes from.
    size_t moved;       // Buckets of `old` that are done with.
    size_t count;       // Entries.
    size_t count_max;   // With more the table grows.
    size_t child_count; // Child buckets.
    const struct hash_secret *secret;
};

static inline uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)(hash >> 56);
}

static inline bool is_resizing(const struct dict *dict)
{
    return dict->old.buckets;
}

static inline struct bucket *bucket_of(const struct dict *dict, uint64_t hash)
{
    if (__builtin_expect(is_resizing(dict), 0)) {
        size_t index = hash & dict->old.mask;
        if (index >= dict->moved)
            return &dict->old.buckets[index];
    }
    return &dict->table.buckets[hash & dict->table.mask];
}

#endif
