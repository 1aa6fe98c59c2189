// packed.h -- a short sequence of byte strings in one piece of memory.
//
// What lists, sets, hashes and sorted sets are kept in while they are small:
// pairs follow one another as two items. Finding by value or index walks; that
// is fast for a few hundred bytes, and takes a fifth of the memory of a real
// structure.
//
// Items are addressed by their offset `at`. An offset, and a slice that was
// read, are valid until the next change. Functions that change may move the
// whole, hence the pointer to a pointer.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_PACKED_H
#define VEGA_STAGE1_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/slice.h"

struct packed;

struct packed_item {
    size_t at;
    struct slice value; // Borrowed.
};

struct packed *packed_create(void); // Owned by the caller; free() it.
struct packed *packed_copy(const struct packed *packed);

size_t packed_count(const struct packed *packed);  // Items.
size_t packed_size(const struct packed *packed);   // Bytes in use.
size_t packed_memory(const struct packed *packed); // As the allocator counts.

// Each sets *item and returns true, or returns false when there is none. A
// negative index counts from the end: -1 is the last.
bool packed_first(const struct packed *packed, struct packed_item *item);
bool packed_last(const struct packed *packed, struct packed_item *item);
bool packed_next(const struct packed *packed, struct packed_item *item);
bool packed_previous(const struct packed *packed, struct packed_item *item);
bool packed_get(const struct packed *packed, int64_t index,
                struct packed_item *item);
// At an offset that is known from before; packed_size() is the end.
bool packed_at(const struct packed *packed, size_t at,
               struct packed_item *item);

// The first item equal to `value`, from *item's place on, looking at every
// `step`-th; to begin, set item->at to 0.
bool packed_find(const struct packed *packed, struct slice value, size_t step,
                 struct packed_item *item);

// True if so many bytes in two values more can be appended. Only what comes
// from outside has to ask: commands keep far below.
bool packed_has_room(const struct packed *packed, size_t size);

// `value` may be a part of the same packed.
void packed_append(struct packed **packed, struct slice value);
void packed_prepend(struct packed **packed, struct slice value);
void packed_insert(struct packed **packed, size_t at, struct slice value);
void packed_replace(struct packed **packed, size_t at, struct slice value);
// Removes `count` items from `at` on; `at` is then the one that followed them.
void packed_remove(struct packed **packed, size_t at, size_t count);

void packed_check_invariants(const struct packed *packed);

#endif
