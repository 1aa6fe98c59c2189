// set.c -- the set: strings without order, each once.
//
// In an image:
//
//     u8      0: integers, 1: a table
//     count   members
//     of each a part, in the set's order: u64, or bytes
//
// Integers ascend; no member is there twice.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/set.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/dense.h"
#include "stage1-singlenode/intset.h"

enum set_image { SET_IMAGE_INTEGERS, SET_IMAGE_TABLE };

struct set {
    struct object object;
    const struct hash_secret *secret; // Borrowed.
    const struct limits *limits;      // Borrowed.
    struct intset *integers;          // NULL: the members are in `table`.
    struct dense table;               // Zeroed while there are integers.
};

static struct set *set_of(struct object *object)
{
    return (struct set *)object;
}

static const struct set *set_of_const(const struct object *object)
{
    return (const struct set *)object;
}

static size_t memory_of(const struct set *set)
{
    return memory_size(set) + (set->integers ? intset_memory(set->integers)
                                             : dense_memory(&set->table));
}

static void convert(struct set *set)
{
    struct set_text text;
    struct dense table;
    dense_init(&table, set->secret);
    for (size_t i = 0; i < intset_count(set->integers); i++)
        dense_add(&table, set_at(&set->object, i, &text), SLICE(""));
    free(set->integers);
    set->integers = NULL;
    set->table = table;
}

static bool add_integer(struct set *set, int64_t value)
{
    if (!intset_add(&set->integers, value))
        return false;
    if (intset_count(set->integers) >
        (size_t)set->limits->set_max_intset_entries)
        convert(set);
    return true;
}

static bool set_release(struct object *object, size_t budget)
{
    struct set *set = set_of(object);
    if (!set->integers && !dense_release(&set->table, &budget)) {
        object->memory = memory_of(set);
        return false;
    }
    free(set->integers);
    free(set);
    return true;
}

static struct object *set_copy(const struct object *object)
{
    const struct set *set = set_of_const(object);
    struct set *copy = set_of(set_create(set->secret, set->limits));
    free(copy->integers);
    copy->integers = set->integers ? intset_copy(set->integers) : NULL;
    if (!set->integers)
        dense_copy(&copy->table, &set->table);
    copy->object.memory = memory_of(copy);
    return &copy->object;
}

static void set_save(const struct object *object, struct image_writer *writer)
{
    const struct set *set = set_of_const(object);
    image_put_u8(writer, set->integers ? SET_IMAGE_INTEGERS : SET_IMAGE_TABLE);
    image_put_count(writer, set_count(object));
    image_end_part(writer);
    for (size_t i = 0; i < set_count(object); i++) {
        if (set->integers)
            image_put_u64(writer, (uint64_t)intset_at(set->integers, i));
        else
            image_put_bytes(writer, entry_key(dense_at(&set->table, i)));
        image_end_part(writer);
    }
}

static const char *set_encoding(const struct object *object)
{
    return set_of_const(object)->integers ? "intset" : "hashtable";
}

static const struct object_type set_type = {
    .type = ENTRY_SET,
    .release = set_release,
    .copy = set_copy,
    .count = set_count,
    .encoding = set_encoding,
    .save = set_save,
};

struct object *set_create(const struct hash_secret *secret,
                          const struct limits *limits)
{
    struct set *set = xcalloc(1, sizeof *set);
    set->object.type = &set_type;
    set->secret = secret;
    set->limits = limits;
    set->integers = intset_create();
    set->object.memory = memory_of(set);
    return &set->object;
}

void set_destroy(struct object *object)
{
    check(set_release(object, SIZE_MAX));
}

static void load_integer(struct set *set, struct image_reader *reader)
{
    int64_t value = (int64_t)image_get_u64(reader);
    size_t count = intset_count(set->integers);
    if (count > 0 && value <= intset_at(set->integers, count - 1))
        image_refuse(reader);
    else
        intset_add(&set->integers, value);
}

struct object *set_load(struct image_reader *reader,
                        const struct hash_secret *secret,
                        const struct limits *limits)
{
    struct set *set = set_of(set_create(secret, limits));
    uint8_t image = image_get_u8(reader);
    size_t count = image_get_count_of(reader, 1);
    if (image == SET_IMAGE_TABLE) {
        convert(set);
        dense_reserve(&set->table, count);
    } else if (image != SET_IMAGE_INTEGERS) {
        image_refuse(reader);
    }
    for (size_t i = 0; i < count && !reader->invalid; i++) {
        image_begin_part(reader);
        if (set->integers)
            load_integer(set, reader);
        else if (!dense_put(&set->table, image_get_bytes(reader), SLICE("")))
            image_refuse(reader);
    }
    set->object.memory = memory_of(set);
    return image_check_object(reader, &set->object);
}

size_t set_count(const struct object *object)
{
    const struct set *set = set_of_const(object);
    return set->integers ? intset_count(set->integers)
                         : dense_count(&set->table);
}

bool set_contains(const struct object *object, struct slice member)
{
    const struct set *set = set_of_const(object);
    int64_t value;
    if (!set->integers)
        return dense_find(&set->table, member);
    return slice_to_int64(member, &value) &&
           intset_contains(set->integers, value);
}

bool set_add(struct object *object, struct slice member)
{
    struct set *set = set_of(object);
    int64_t value;
    bool added;
    if (set->integers && slice_to_int64(member, &value)) {
        added = add_integer(set, value);
    } else {
        if (set->integers)
            convert(set);
        added = dense_put(&set->table, member, SLICE(""));
    }
    object->memory = memory_of(set);
    return added;
}

bool set_remove(struct object *object, struct slice member)
{
    struct set *set = set_of(object);
    int64_t value;
    bool removed;
    if (set->integers)
        removed = slice_to_int64(member, &value) &&
                  intset_remove(&set->integers, value);
    else
        removed = dense_remove(&set->table, member);
    object->memory = memory_of(set);
    return removed;
}

struct slice set_at(const struct object *object, size_t index,
                    struct set_text *text)
{
    const struct set *set = set_of_const(object);
    check(index < set_count(object));
    if (!set->integers)
        return entry_key(dense_at(&set->table, index));
    int64_t value = intset_at(set->integers, index);
    return (struct slice){text->bytes, int64_format(text->bytes, value)};
}

void set_each(const struct object *object,
              void (*each)(void *context, struct slice member), void *context)
{
    struct set_text text;
    for (size_t i = 0; i < set_count(object); i++)
        each(context, set_at(object, i, &text));
}

bool set_is_small(const struct object *object)
{
    return set_of_const(object)->integers;
}

void set_check_invariants(const struct object *object)
{
    const struct set *set = set_of_const(object);
    check(object->type == &set_type);
    check(object->memory == memory_of(set));
    if (!set->integers) {
        dense_check_invariants(&set->table);
        return;
    }
    intset_check_invariants(set->integers);
}
