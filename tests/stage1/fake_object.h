// fake_object.h -- the simplest value that is a structure: a number of elements
// that take 100 bytes each, and of nothing else.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_FAKE_OBJECT_H
#define VEGA_TESTS_FAKE_OBJECT_H

#include "stage1-singlenode/object.h"

struct fake_object {
    struct object object;
    size_t count;
    size_t *alive; // Counts the fakes that are not yet freed. Borrowed.
};

// Owned by the caller until it is put into a store.
struct object *fake_object_create(size_t count, size_t *alive);

// Of a fake in a store; the store must be told.
void fake_object_resize(struct object *object, size_t count);

#endif
