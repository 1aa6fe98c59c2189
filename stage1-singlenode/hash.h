// hash.h -- the hash: values by field.
//
// While it has few fields and all is short, pairs in one piece of memory
// (packed.h), in the order of their insertion; otherwise a table in dense
// order (dense.h). A hash never turns back.
//
// Functions take the struct object of a hash: what the store holds. (The keyed
// hash function of the tables is common/base/hash.h.)
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_HASH_H
#define VEGA_STAGE1_HASH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/hash.h"
#include "common/base/slice.h"
#include "stage1-singlenode/image.h"
#include "stage1-singlenode/limits.h"
#include "stage1-singlenode/object.h"

// An empty one, owned by the caller. The secret is borrowed: store_secret().
struct object *hash_create(const struct hash_secret *secret,
                           const struct limits *limits);

// Of an image; NULL on damage. Owned by the caller.
struct object *hash_load(struct image_reader *reader,
                         const struct hash_secret *secret,
                         const struct limits *limits);

size_t hash_count(const struct object *hash); // Fields.

// A field and its value, borrowed until the hash changes.
struct hash_pair {
    struct slice field, value;
};

// False if there is no such field.
bool hash_get(const struct object *hash, struct slice field,
              struct slice *value);

// True if the field is new.
bool hash_set(struct object *hash, struct slice field, struct slice value);
bool hash_remove(struct object *hash, struct slice field);

// The pair at `index` < count in the hash's order. Of a small hash it walks
// there.
struct hash_pair hash_at(const struct object *hash, size_t index);

// Calls `each` for every pair in the hash's order; it must not change the hash.
void hash_each(const struct object *hash,
               void (*each)(void *context, struct hash_pair pair),
               void *context);

// True if the hash is small enough that HSCAN returns it in one go, as Redis
// does.
bool hash_is_small(const struct object *hash);

void hash_check_invariants(const struct object *hash);

#endif
