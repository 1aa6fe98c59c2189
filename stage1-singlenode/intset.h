// intset.h -- a sorted array of integers, as narrow as the widest one allows.
//
// What a small set of integers is kept in: found by bisection, two, four or
// eight bytes a member. It widens when a member needs it and never narrows, as
// Redis' does.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_INTSET_H
#define VEGA_STAGE1_INTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intset;

struct intset *intset_create(void); // Owned by the caller; free() it.
struct intset *intset_copy(const struct intset *set);

size_t intset_count(const struct intset *set);
size_t intset_memory(const struct intset *set); // As the allocator counts.

// The member at `index` < count in ascending order.
int64_t intset_at(const struct intset *set, size_t index);
bool intset_contains(const struct intset *set, int64_t value);

// These may move the set. True if it was changed.
bool intset_add(struct intset **set, int64_t value);
bool intset_remove(struct intset **set, int64_t value);

void intset_check_invariants(const struct intset *set);

#endif
