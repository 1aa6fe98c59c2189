// trash.c -- huge values that nobody can see any more, freed in slices.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/trash.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/object.h"

// Elements that are freed without delay. Few: one slice of expiry may throw
// hundreds of values away.
enum { TRASH_AT_ONCE = 8 };

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

// Releases the last object, or about `budget` elements of it. Returns what is
// left of the budget.
static size_t trash_release(struct trash *trash, size_t budget)
{
    struct object *last = trash->objects[trash->count - 1];
    size_t count = 1 + last->type->count(last);
    trash->memory -= last->counted;
    if (last->type->release(last, budget)) {
        trash->count--;
        return budget > count ? budget - count : 0;
    }
    last->counted = last->memory;
    trash->memory += last->memory;
    return 0;
}

bool trash_empty(struct trash *trash, size_t budget)
{
    while (budget > 0 && trash->count > 0)
        budget = trash_release(trash, budget);
    return trash->count > 0;
}
