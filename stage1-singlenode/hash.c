// hash.c -- the hash: values by field.
//
// In an image:
//
//     u8      0: packed, 1: a table
//     count   fields
//     of each a part, in the hash's order: bytes field, bytes value
//
// No field is there twice.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/hash.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/dense.h"
#include "stage1-singlenode/packed.h"

enum {
    ITEMS = 2, // Of a pair in the packed form: the field, then the value.
};

enum hash_image { HASH_IMAGE_PACKED, HASH_IMAGE_TABLE };

struct hash {
    struct object object;
    const struct hash_secret *secret; // Borrowed.
    const struct limits *limits;      // Borrowed.
    struct packed *pairs;             // NULL: the fields are in `table`.
    struct dense table;               // Zeroed while there are pairs.
};

static struct hash *hash_of(struct object *object)
{
    return (struct hash *)object;
}

static const struct hash *hash_of_const(const struct object *object)
{
    return (const struct hash *)object;
}

static size_t memory_of(const struct hash *hash)
{
    return memory_size(hash) + (hash->pairs ? packed_memory(hash->pairs)
                                            : dense_memory(&hash->table));
}

// The pair whose field `field` is.
static struct hash_pair pair_of(const struct packed *pairs,
                                struct packed_item field)
{
    struct packed_item value = field;
    check(packed_next(pairs, &value));
    return (struct hash_pair){field.value, value.value};
}

static void each_packed(const struct packed *pairs,
                        void (*each)(void *context, struct hash_pair pair),
                        void *context)
{
    struct packed_item item;
    bool more = packed_first(pairs, &item);
    while (more) {
        struct slice field = item.value;
        check(packed_next(pairs, &item));
        each(context, (struct hash_pair){field, item.value});
        more = packed_next(pairs, &item);
    }
}

static void add_pair(void *context, struct hash_pair pair)
{
    dense_add(context, pair.field, pair.value);
}

static void convert(struct hash *hash)
{
    dense_init(&hash->table, hash->secret);
    each_packed(hash->pairs, add_pair, &hash->table);
    free(hash->pairs);
    hash->pairs = NULL;
}

static bool find_packed(const struct hash *hash, struct slice field,
                        struct packed_item *item)
{
    item->at = 0;
    return packed_find(hash->pairs, field, ITEMS, item);
}

static bool set_packed(struct hash *hash, struct slice field,
                       struct slice value)
{
    struct packed_item item;
    if (find_packed(hash, field, &item)) {
        check(packed_next(hash->pairs, &item));
        packed_replace(&hash->pairs, item.at, value);
        return false;
    }
    packed_append(&hash->pairs, field);
    packed_append(&hash->pairs, value);
    if (hash_count(&hash->object) >
        (size_t)hash->limits->hash_max_listpack_entries)
        convert(hash);
    return true;
}

static bool remove_packed(struct hash *hash, struct slice field)
{
    struct packed_item item;
    bool found = find_packed(hash, field, &item);
    if (found)
        packed_remove(&hash->pairs, item.at, ITEMS);
    return found;
}

static bool hash_release(struct object *object, size_t budget)
{
    struct hash *hash = hash_of(object);
    if (!hash->pairs && !dense_release(&hash->table, &budget)) {
        object->memory = memory_of(hash);
        return false;
    }
    free(hash->pairs);
    free(hash);
    return true;
}

static struct object *hash_copy(const struct object *object)
{
    const struct hash *hash = hash_of_const(object);
    struct hash *copy = hash_of(hash_create(hash->secret, hash->limits));
    free(copy->pairs);
    copy->pairs = hash->pairs ? packed_copy(hash->pairs) : NULL;
    if (!hash->pairs)
        dense_copy(&copy->table, &hash->table);
    copy->object.memory = memory_of(copy);
    return &copy->object;
}

static void save_pair(void *context, struct hash_pair pair)
{
    struct image_writer *writer = context;
    image_put_bytes(writer, pair.field);
    image_put_bytes(writer, pair.value);
    image_end_part(writer);
}

static void hash_save(const struct object *object, struct image_writer *writer)
{
    const struct hash *hash = hash_of_const(object);
    image_put_u8(writer, hash->pairs ? HASH_IMAGE_PACKED : HASH_IMAGE_TABLE);
    image_put_count(writer, hash_count(object));
    image_end_part(writer);
    hash_each(object, save_pair, writer);
}

static const char *hash_encoding(const struct object *object)
{
    return hash_of_const(object)->pairs ? "listpack" : "hashtable";
}

static const struct object_type hash_type = {
    .type = ENTRY_HASH,
    .release = hash_release,
    .copy = hash_copy,
    .count = hash_count,
    .encoding = hash_encoding,
    .save = hash_save,
};

struct object *hash_create(const struct hash_secret *secret,
                           const struct limits *limits)
{
    struct hash *hash = xcalloc(1, sizeof *hash);
    hash->object.type = &hash_type;
    hash->secret = secret;
    hash->limits = limits;
    hash->pairs = packed_create();
    hash->object.memory = memory_of(hash);
    return &hash->object;
}

// False if the field is there already.
static bool load_pair(struct hash *hash, struct slice field, struct slice value)
{
    struct packed_item item;
    if (!hash->pairs)
        return dense_put(&hash->table, field, value);
    // As costly as it was to make the hash.
    if (find_packed(hash, field, &item) ||
        !packed_has_room(hash->pairs, field.size + value.size))
        return false;
    packed_append(&hash->pairs, field);
    packed_append(&hash->pairs, value);
    return true;
}

struct object *hash_load(struct image_reader *reader,
                         const struct hash_secret *secret,
                         const struct limits *limits)
{
    struct hash *hash = hash_of(hash_create(secret, limits));
    uint8_t image = image_get_u8(reader);
    size_t count = image_get_count_of(reader, ITEMS);
    if (image == HASH_IMAGE_TABLE) {
        convert(hash);
        dense_reserve(&hash->table, count);
    } else if (image != HASH_IMAGE_PACKED) {
        image_refuse(reader);
    }
    for (size_t i = 0; i < count && !reader->invalid; i++) {
        image_begin_part(reader);
        struct slice field = image_get_bytes(reader);
        struct slice value = image_get_bytes(reader);
        if (!load_pair(hash, field, value))
            image_refuse(reader);
    }
    hash->object.memory = memory_of(hash);
    return image_check_object(reader, &hash->object);
}

size_t hash_count(const struct object *object)
{
    const struct hash *hash = hash_of_const(object);
    return hash->pairs ? packed_count(hash->pairs) / ITEMS
                       : dense_count(&hash->table);
}

bool hash_get(const struct object *object, struct slice field,
              struct slice *value)
{
    const struct hash *hash = hash_of_const(object);
    struct packed_item item;
    if (hash->pairs) {
        if (!find_packed(hash, field, &item))
            return false;
        *value = pair_of(hash->pairs, item).value;
        return true;
    }
    const struct entry *entry = dense_find(&hash->table, field);
    if (entry)
        *value = entry_string(entry);
    return entry;
}

bool hash_set(struct object *object, struct slice field, struct slice value)
{
    struct hash *hash = hash_of(object);
    size_t size_max = (size_t)hash->limits->hash_max_listpack_value;
    if (hash->pairs && (field.size > size_max || value.size > size_max))
        convert(hash);
    bool added = hash->pairs ? set_packed(hash, field, value)
                             : dense_put(&hash->table, field, value);
    object->memory = memory_of(hash);
    return added;
}

bool hash_remove(struct object *object, struct slice field)
{
    struct hash *hash = hash_of(object);
    bool removed = hash->pairs ? remove_packed(hash, field)
                               : dense_remove(&hash->table, field);
    object->memory = memory_of(hash);
    return removed;
}

struct hash_pair hash_at(const struct object *object, size_t index)
{
    const struct hash *hash = hash_of_const(object);
    check(index < hash_count(object));
    if (hash->pairs) {
        struct packed_item item;
        check(packed_get(hash->pairs, ITEMS * (int64_t)index, &item));
        return pair_of(hash->pairs, item);
    }
    const struct entry *entry = dense_at(&hash->table, index);
    return (struct hash_pair){entry_key(entry), entry_string(entry)};
}

void hash_each(const struct object *object,
               void (*each)(void *context, struct hash_pair pair),
               void *context)
{
    const struct hash *hash = hash_of_const(object);
    if (hash->pairs) {
        each_packed(hash->pairs, each, context);
        return;
    }
    for (size_t i = 0; i < dense_count(&hash->table); i++)
        each(context, hash_at(object, i));
}

bool hash_is_small(const struct object *object)
{
    return hash_of_const(object)->pairs;
}

static void check_pair(void *context, struct hash_pair pair)
{
    const struct hash *hash = context;
    struct packed_item item;
    // The first of that name is this one: no field is there twice.
    check(find_packed(hash, pair.field, &item));
    check(item.value.data == pair.field.data);
}

void hash_check_invariants(const struct object *object)
{
    const struct hash *hash = hash_of_const(object);
    check(object->type == &hash_type);
    check(object->memory == memory_of(hash));
    if (!hash->pairs) {
        dense_check_invariants(&hash->table);
        return;
    }
    packed_check_invariants(hash->pairs);
    check(packed_count(hash->pairs) % ITEMS == 0);
    each_packed(hash->pairs, check_pair, (void *)hash);
}
