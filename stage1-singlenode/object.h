// object.h -- what the store needs to know of a value that is a structure.
//
// A list, set, hash or sorted set is one object that embeds a struct object
// first. The families own their structures; the store moves, copies, counts
// and frees them through this, and knows nothing else.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_OBJECT_H
#define VEGA_STAGE1_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "stage1-singlenode/entry.h"

struct image_writer;

struct object {
    const struct object_type *type;
    size_t memory;  // Bytes of it and all that it owns, as the allocator counts
                    // them. Kept by its family.
    size_t counted; // What the store's total contains of that. The store's.
};

struct object_type {
    enum entry_type type;
    // Frees about `budget` elements; true when nothing is left, the object
    // itself included. A huge value is freed over many ticks.
    bool (*release)(struct object *object, size_t budget);
    struct object *(*copy)(const struct object *object); // Owned by the caller.
    size_t (*count)(const struct object *object);        // Elements. O(1).
    // "listpack", "hashtable", ...: Redis' words.
    const char *(*encoding)(const struct object *object);
    // Writes what answers depend on, as the parts of an image. Each family has
    // an x_load that makes the object of them again.
    void (*save)(const struct object *object, struct image_writer *writer);
};

// Of an entry with ENTRY_OBJECT. Borrowed until the entry goes.
static inline struct object *entry_object(const struct entry *entry)
{
    struct object *object;
    memcpy(&object, entry_string(entry).data, sizeof object);
    return object;
}

#endif
