// trash.c -- huge values that nobody can see any more, freed in slices.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/trash.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/object.h"

enum { TRASH_AT_ONCE = 64 }; // Elements that are freed without delay.

void trash_deinit(struct trash *trash)
{
    check(trash->count == 0);
    free(trash->objects);
    *trash = (struct trash){0};
}

void trash_add(struct trash *trash, struct object *taken)
{
    if (taken->type->release(taken, TRASH_AT_ONCE))
        return;
    if (trash->count == trash->capacity) {
        trash->capacity = trash->capacity ? 2 * trash->capacity : 16;
        trash->objects =
            xrealloc(trash->objects, trash->capacity * sizeof(struct object *));
    }
    taken->counted = taken->memory;
    trash->objects[trash->count++] = taken;
    trash->memory += taken->memory;
}

bool trash_empty(struct trash *trash, size_t budget)
{
    if (trash->count == 0)
        return false;
    struct object *last = trash->objects[trash->count - 1];
    trash->memory -= last->counted;
    if (last->type->release(last, budget)) {
        trash->count--;
    } else {
        last->counted = last->memory;
        trash->memory += last->memory;
    }
    return trash->count > 0;
}
