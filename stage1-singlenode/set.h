// set.h -- the set: strings without order, each once.
//
// While all members are integers and few, a sorted array of them (intset.h);
// otherwise a table in dense order (dense.h). A set never turns back.
//
// Functions take the struct object of a set: what the store holds.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_SET_H
#define VEGA_STAGE1_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/hash.h"
#include "common/base/slice.h"
#include "stage1-singlenode/image.h"
#include "stage1-singlenode/limits.h"
#include "stage1-singlenode/object.h"

// An empty one, owned by the caller. The secret is borrowed: store_secret().
struct object *set_create(const struct hash_secret *secret,
                          const struct limits *limits);
void set_destroy(struct object *set); // All of it at once.

// Of an image; NULL on damage. Owned by the caller.
struct object *set_load(struct image_reader *reader,
                        const struct hash_secret *secret,
                        const struct limits *limits);

size_t set_count(const struct object *set);
bool set_contains(const struct object *set, struct slice member);

// True if the set was changed.
bool set_add(struct object *set, struct slice member);
bool set_remove(struct object *set, struct slice member);

// The text of a member that is not kept as text.
struct set_text {
    char bytes[INT64_TEXT_MAX];
};

// The member at `index` < count in the set's order: ascending for integers,
// dense for the rest. Borrowed until the set changes or `text` is used again.
struct slice set_at(const struct object *set, size_t index,
                    struct set_text *text);

// Calls `each` for every member in the set's order. The slice is borrowed for
// the call, which must not change the set.
void set_each(const struct object *set,
              void (*each)(void *context, struct slice member), void *context);

// True if the set is small enough that SSCAN returns it in one go, as Redis
// does.
bool set_is_small(const struct object *set);

void set_check_invariants(const struct object *set);

#endif
