// map.h -- elements by name: a hash table whose links live inside its elements.
//
// An element embeds a struct map_link and owns the bytes that link.name shows.
// Insertion, removal and search are O(1), each call by itself: the table grows
// and shrinks by one bucket at a time, so no call moves more than one chain.
//
// The keyspace has a table of its own kind (stage 1's dict), made for millions
// of entries and few misses of the cache; this one is for what a server keeps
// by name beside it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_MAP_H
#define VEGA_COMMON_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash.h"
#include "common/base/slice.h"

struct map_link {
    struct map_link *next; // In the chain of its bucket.
    uint64_t hash;
    struct slice name; // The element's, unchanged while it is in a map.
};

struct map {
    const struct hash_secret *secret; // Borrowed.
    struct map_link **buckets;        // Owned; NULL while nothing is in it.
    size_t bucket_count;
    size_t level; // The largest power of 2 that is <= bucket_count.
    size_t count;
};

void map_init(struct map *map, const struct hash_secret *secret);
// Forgets the elements; they are the caller's.
void map_deinit(struct map *map);

// The element's link, or NULL.
struct map_link *map_find(const struct map *map, struct slice name);

// `link->name` is set; no element of that name is there.
void map_insert(struct map *map, struct map_link *link);

// `link` is in `map`.
void map_remove(struct map *map, struct map_link *link);

void map_check_invariants(const struct map *map);

#endif
