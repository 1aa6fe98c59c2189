// trash.h -- huge values that nobody can see any more, freed in slices.
//
// Freeing a set of ten million elements takes a second; a node must not stop
// for it. What is small is freed at once and never gets here.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_TRASH_H
#define VEGA_STAGE1_TRASH_H

#include <stdbool.h>
#include <stddef.h>

struct object;

struct trash { // Zeroed: empty.
    struct object **objects;
    size_t count, capacity;
    size_t memory; // Of the objects, as far as they are still there.
};

void trash_deinit(struct trash *trash); // It must be empty.

// Takes `taken`: frees it now if it is small.
void trash_add(struct trash *trash, struct object *taken);

// Frees about `budget` elements; true while something is left.
bool trash_empty(struct trash *trash, size_t budget);

#endif
