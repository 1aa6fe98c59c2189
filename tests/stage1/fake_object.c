// fake_object.c -- the simplest value that is a structure.
// SPDX-License-Identifier: MIT
#include "tests/stage1/fake_object.h"

#include <stdlib.h>

#include "common/base/memory.h"

static bool fake_release(struct object *object, size_t budget)
{
    struct fake_object *fake = (struct fake_object *)object;
    if (fake->count > budget) {
        fake_object_resize(object, fake->count - budget);
        return false;
    }
    --*fake->alive;
    free(fake);
    return true;
}

static struct object *fake_copy(const struct object *object)
{
    const struct fake_object *fake = (const struct fake_object *)object;
    return fake_object_create(fake->count, fake->alive);
}

static size_t fake_count(const struct object *object)
{
    return ((const struct fake_object *)object)->count;
}

static const char *fake_encoding(const struct object *object)
{
    return fake_count(object) > 64 ? "hashtable" : "listpack";
}

static const struct object_type fake_type = {
    .type = ENTRY_SET,
    .release = fake_release,
    .copy = fake_copy,
    .count = fake_count,
    .encoding = fake_encoding,
};

struct object *fake_object_create(size_t count, size_t *alive)
{
    struct fake_object *fake = xcalloc(1, sizeof *fake);
    fake->object.type = &fake_type;
    fake->alive = alive;
    ++*alive;
    fake_object_resize(&fake->object, count);
    return &fake->object;
}

void fake_object_resize(struct object *object, size_t count)
{
    ((struct fake_object *)object)->count = count;
    object->memory = sizeof(struct fake_object) + 100 * count;
}
