// dense.h -- a table of entries in a dense order: what sets, hashes and sorted
// sets are kept in once they are large.
//
// A dict finds an entry by its key; an array of the same entries has no gaps,
// so that any of them can be picked by its index in O(1). A new entry goes to
// the end, and the last one takes the place of one that is removed. The order
// depends on the history alone, never on the hash secret: random picks and
// walks that go by it are the same on every node.
//
// An entry's key is the member or field. Its value is the field's. Where the
// store keeps a version, an entry in here keeps its index.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_DENSE_H
#define VEGA_STAGE1_DENSE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/hash.h"
#include "common/base/slice.h"
#include "stage1-singlenode/entry.h"

struct dict;

enum {
    // Pointers in a piece of the array. In pieces it grows without copying:
    // moving ten million pointers at once would stop the node for long.
    DENSE_CHUNK = 4096,
};

struct dense {
    struct dict *dict;
    const struct hash_secret *secret; // Borrowed.
    struct entry ***chunks; // Of DENSE_CHUNK each; the first one grows to it.
    size_t count;           // Entries.
    size_t capacity;        // Pointers that the chunks have room for.
    size_t memory;          // Of entries and chunks.
};

void dense_init(struct dense *dense, const struct hash_secret *secret);

// Removes entries from the end, about `*budget`, and lowers that by as many.
// True when nothing is left: then all memory is given back.
bool dense_release(struct dense *dense, size_t *budget);

// A copy in the same order. `copy` is not initialized before.
void dense_copy(struct dense *copy, const struct dense *dense);

static inline size_t dense_count(const struct dense *dense)
{
    return dense->count;
}

// Bytes of all that it owns, as the allocator counts them.
size_t dense_memory(const struct dense *dense);

// Borrowed until the entry is changed or removed. index < count.
static inline struct entry *dense_at(const struct dense *dense, size_t index)
{
    return dense->chunks[index / DENSE_CHUNK][index % DENSE_CHUNK];
}

// The same, or NULL when there is no such key.
struct entry *dense_find(const struct dense *dense, struct slice key);

// Makes room for `count` entries at once, for loading.
void dense_reserve(struct dense *dense, size_t count);

// Adds a key that is not there yet.
struct entry *dense_add(struct dense *dense, struct slice key,
                        struct slice value);
// Adds the key or changes its value, which may be a part of the old one. True
// if it was added.
bool dense_put(struct dense *dense, struct slice key, struct slice value);
// True if it was there. `key` may be a part of the entry.
bool dense_remove(struct dense *dense, struct slice key);

void dense_check_invariants(const struct dense *dense);

#endif
