// quicklist.h -- the value of a list: packed sequences of some kilobytes,
// linked to one another. (common/base/list.h is the plain linked list under
// it.)
//
//     [a b c d] <-> [e f] <-> [g h i]
//
// Pushing and popping at the ends is O(1), but for the bytes of one node that
// move; an index is found by skipping whole nodes. It takes a few bytes an
// element where a list of single elements takes fifty.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_QUICKLIST_H
#define VEGA_STAGE1_QUICKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/list.h"
#include "common/base/slice.h"
#include "stage1-singlenode/image.h"
#include "stage1-singlenode/limits.h"
#include "stage1-singlenode/object.h"
#include "stage1-singlenode/packed.h"

// Bytes of a node with more than one element, whatever the limits are.
enum { QUICKLIST_NODE_SIZE_MAX = 64 * 1024 };

enum quicklist_end { QUICKLIST_HEAD, QUICKLIST_TAIL };

struct quicklist {
    struct object object;
    const struct limits *limits; // Borrowed.
    struct list_link nodes;
    size_t count; // Elements.
};

// Where an element is. Valid until the next change, unless that says otherwise.
struct quicklist_place {
    struct quicklist_node *node;
    struct packed_item item; // item.value is the element, borrowed.
};

extern const struct object_type quicklist_type;

// The limits are borrowed for its life. Freed by object.type->release.
struct quicklist *quicklist_create(const struct limits *limits);

// Of an image; NULL on damage. Owned by the caller.
struct object *quicklist_load(struct image_reader *reader,
                              const struct limits *limits);

void quicklist_push(struct quicklist *list, enum quicklist_end end,
                    struct slice value);

// Each sets *place and returns true, or returns false when there is no such
// element. A negative index counts from the tail: -1 is the last element.
bool quicklist_at_end(const struct quicklist *list, enum quicklist_end end,
                      struct quicklist_place *place);
bool quicklist_at(const struct quicklist *list, int64_t index,
                  struct quicklist_place *place);
// One further, away from `from`.
bool quicklist_step(const struct quicklist *list, enum quicklist_end from,
                    struct quicklist_place *place);

// `value` must not be a part of the list.
void quicklist_insert(struct quicklist *list, struct quicklist_place place,
                      bool after, struct slice value);
void quicklist_replace(struct quicklist *list, struct quicklist_place place,
                       struct slice value);

// Removes the element and steps on, away from `from`: as quicklist_step.
bool quicklist_remove(struct quicklist *list, enum quicklist_end from,
                      struct quicklist_place *place);
// Removes up to `count` elements at one end.
void quicklist_trim(struct quicklist *list, enum quicklist_end end,
                    size_t count);

void quicklist_check_invariants(const struct quicklist *list);

#endif
