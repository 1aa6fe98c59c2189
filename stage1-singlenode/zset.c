// zset.c -- a sorted set: members with scores, in the order of both.
//
// When it is large, a table's entries have the member as key and a pointer to
// the node of the skip list as value; the node points back.
//
// In an image:
//
//     u8      0: packed, 1: large
//     count   members
//     packed: of each a part, in order: bytes member, double score
//     large:  of each a part, in the order of the table: bytes member;
//             of each a part, in order: count index in the table, double score
//
// So both orders come back, and the second one is built without a search. No
// member is there twice, and scores are numbers.
//
// Invariants
// (I1) Either `packed` is there, or `members` and `order` are in use and have
//      the same members.
// (I2) object.memory counts the struct and whichever of them is there.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/zset.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/dense.h"
#include "stage1-singlenode/packed.h"
#include "stage1-singlenode/zset_pairs.h"

enum zset_image { ZSET_IMAGE_PACKED, ZSET_IMAGE_LARGE };

struct zset {
    struct object object;
    const struct hash_secret *secret;
    const struct limits *limits;
    struct packed *packed; // NULL: large.
    struct dense members;
    struct skiplist order;
};

static const struct object_type zset_type;

static size_t sum_memory(const struct zset *zset)
{
    size_t memory = memory_size(zset);
    if (zset->packed)
        return memory + packed_memory(zset->packed);
    return memory + dense_memory(&zset->members) + zset->order.memory;
}

struct zset *zset_create(const struct hash_secret *secret,
                         const struct limits *limits)
{
    struct zset *zset = xcalloc(1, sizeof *zset);
    zset->object.type = &zset_type;
    zset->packed = packed_create();
    zset->secret = secret;
    zset->limits = limits;
    zset->object.memory = sum_memory(zset);
    return zset;
}

struct object *zset_object(struct zset *zset)
{
    return &zset->object;
}

static struct zset *zset_from(struct object *object)
{
    check(object->type == &zset_type);
    return (struct zset *)(void *)object; // Its first member.
}

static const struct zset *zset_read(const struct object *object)
{
    check(object->type == &zset_type);
    return (const struct zset *)(const void *)object;
}

struct zset *zset_of(const struct entry *entry)
{
    return zset_from(entry_object(entry));
}

size_t zset_count(const struct zset *zset)
{
    return zset->packed ? packed_count(zset->packed) / PAIR : zset->order.count;
}

// ---- When it is large

static struct skip_node *entry_node(const struct entry *entry)
{
    struct skip_node *node;
    memcpy(&node, entry_string(entry).data, sizeof node);
    return node;
}

// Makes a node for the entry of a member that has none yet.
static void node_insert(struct zset *zset, struct entry *entry, double score)
{
    struct skip_node *node = skiplist_insert(&zset->order, entry, score);
    memcpy(entry_value(entry), &node, sizeof node);
}

// The same for the last one in the order; false if it does not come last.
static bool node_append(struct zset *zset, struct skip_path *end,
                        struct entry *entry, double score)
{
    struct skip_node *node = skiplist_append(&zset->order, end, entry, score);
    if (node)
        memcpy(entry_value(entry), &node, sizeof node);
    return node;
}

// The value of an entry without a node.
static const char no_node[sizeof(struct skip_node *)];

static void member_insert(struct zset *zset, struct slice member, double score)
{
    struct slice value = {no_node, sizeof no_node};
    node_insert(zset, dense_add(&zset->members, member, value), score);
}

static void member_remove(struct zset *zset, struct skip_node *node)
{
    struct slice member = entry_key(node->entry);
    skiplist_remove(&zset->order, node);
    dense_remove(&zset->members, member);
}

static bool node_read(struct skip_node *node, struct zset_item *item)
{
    if (!node)
        return false;
    *item = (struct zset_item){entry_key(node->entry), node->score, 0, node};
    return true;
}

static void become_large(struct zset *zset)
{
    struct packed *packed = zset->packed;
    zset->packed = NULL;
    dense_init(&zset->members, zset->secret);
    skiplist_init(&zset->order);
    struct zset_item item;
    for (bool more = pairs_at(packed, 0, &item); more;
         more = pairs_next(packed, &item))
        member_insert(zset, item.member, item.score);
    free(packed);
}

// ---- Either way

bool zset_find(const struct zset *zset, struct slice member, double *score)
{
    if (zset->packed) {
        struct zset_item item;
        if (!pairs_find(zset->packed, member, &item))
            return false;
        *score = item.score;
        return true;
    }
    const struct entry *entry = dense_find(&zset->members, member);
    if (!entry)
        return false;
    *score = entry_node(entry)->score;
    return true;
}

static bool put_packed(struct zset *zset, struct slice member, double score)
{
    struct zset_item item;
    bool found = pairs_find(zset->packed, member, &item);
    if (found)
        packed_remove(&zset->packed, item.at, PAIR);
    pairs_insert(&zset->packed, member, score);
    return !found;
}

static bool put_large(struct zset *zset, struct slice member, double score)
{
    const struct entry *entry = dense_find(&zset->members, member);
    if (entry)
        skiplist_move(&zset->order, entry_node(entry), score);
    else
        member_insert(zset, member, score);
    return !entry;
}

bool zset_put(struct zset *zset, struct slice member, double score)
{
    check(!isnan(score));
    double old;
    const struct limits *limits = zset->limits;
    if (zset->packed &&
        (member.size > (size_t)limits->zset_max_listpack_value ||
         (zset_count(zset) >= (size_t)limits->zset_max_listpack_entries &&
          !zset_find(zset, member, &old))))
        become_large(zset);
    bool added = zset->packed ? put_packed(zset, member, score)
                              : put_large(zset, member, score);
    zset->object.memory = sum_memory(zset);
    return added;
}

bool zset_remove(struct zset *zset, struct slice member)
{
    if (zset->packed) {
        struct zset_item item;
        if (!pairs_find(zset->packed, member, &item))
            return false;
        packed_remove(&zset->packed, item.at, PAIR);
    } else {
        const struct entry *entry = dense_find(&zset->members, member);
        if (!entry)
            return false;
        member_remove(zset, entry_node(entry));
    }
    zset->object.memory = sum_memory(zset);
    return true;
}

void zset_remove_range(struct zset *zset, size_t rank, size_t count)
{
    struct zset_item item;
    if (count == 0)
        return;
    check(zset_at(zset, rank, &item));
    if (zset->packed)
        packed_remove(&zset->packed, item.at, count * PAIR);
    for (struct skip_node *next, *node = item.node; node && count > 0;
         node = next, count--) {
        next = node->links[0].next;
        member_remove(zset, node);
    }
    zset->object.memory = sum_memory(zset);
}

size_t zset_rank(const struct zset *zset, const struct cut *cut)
{
    size_t at;
    return zset->packed ? pairs_rank(zset->packed, cut, &at)
                        : skiplist_rank(&zset->order, cut);
}

bool zset_at(const struct zset *zset, size_t rank, struct zset_item *item)
{
    return zset->packed ? pairs_at(zset->packed, rank, item)
                        : node_read(skiplist_at(&zset->order, rank), item);
}

bool zset_next(const struct zset *zset, struct zset_item *item)
{
    return zset->packed ? pairs_next(zset->packed, item)
                        : node_read(item->node->links[0].next, item);
}

bool zset_previous(const struct zset *zset, struct zset_item *item)
{
    return zset->packed ? pairs_previous(zset->packed, item)
                        : node_read(item->node->previous, item);
}

bool zset_is_small(const struct zset *zset)
{
    return zset->packed;
}

void zset_pick(const struct zset *zset, size_t index, struct zset_item *item)
{
    check(index < zset_count(zset));
    if (zset->packed)
        pairs_at(zset->packed, index, item);
    else
        node_read(entry_node(dense_at(&zset->members, index)), item);
}

// ---- As an object

// The nodes go first, all of them before the first member does.
static bool release_large(struct zset *zset, size_t *budget)
{
    return (!zset->order.head || skiplist_release(&zset->order, budget)) &&
           dense_release(&zset->members, budget);
}

static bool zset_release(struct object *object, size_t budget)
{
    struct zset *zset = zset_from(object);
    if (!zset->packed && !release_large(zset, &budget)) {
        object->memory = sum_memory(zset);
        return false;
    }
    free(zset->packed);
    free(zset);
    return true;
}

void zset_destroy(struct zset *zset)
{
    check(zset_release(&zset->object, SIZE_MAX));
}

static struct object *zset_copy(const struct object *object)
{
    const struct zset *zset = zset_read(object);
    struct zset *copy = zset_create(zset->secret, zset->limits);
    free(copy->packed);
    copy->packed = zset->packed ? packed_copy(zset->packed) : NULL;
    if (!zset->packed) {
        dense_copy(&copy->members, &zset->members);
        skiplist_init(&copy->order);
    }
    for (size_t i = 0; !zset->packed && i < dense_count(&zset->members); i++) {
        // Its value is still the node of the original.
        struct entry *entry = dense_at(&copy->members, i);
        node_insert(copy, entry, entry_node(entry)->score);
    }
    copy->object.memory = sum_memory(copy);
    return &copy->object;
}

static void save_item(const struct zset *zset, struct zset_item item,
                      struct image_writer *writer)
{
    if (zset->packed)
        image_put_bytes(writer, item.member);
    else
        image_put_count(writer, item.node->entry->version);
    image_put_double(writer, item.score);
    image_end_part(writer);
}

static void zset_save(const struct object *object, struct image_writer *writer)
{
    const struct zset *zset = zset_read(object);
    image_put_u8(writer, zset->packed ? ZSET_IMAGE_PACKED : ZSET_IMAGE_LARGE);
    image_put_count(writer, zset_count(zset));
    image_end_part(writer);
    for (size_t i = 0; !zset->packed && i < dense_count(&zset->members); i++) {
        image_put_bytes(writer, entry_key(dense_at(&zset->members, i)));
        image_end_part(writer);
    }
    struct zset_item item;
    for (bool more = zset_at(zset, 0, &item); more;
         more = zset_next(zset, &item))
        save_item(zset, item, writer);
}

static size_t zset_object_count(const struct object *object)
{
    return zset_count(zset_read(object));
}

static const char *zset_encoding(const struct object *object)
{
    return zset_read(object)->packed ? "listpack" : "skiplist";
}

static const struct object_type zset_type = {
    .type = ENTRY_ZSET,
    .release = zset_release,
    .copy = zset_copy,
    .count = zset_object_count,
    .encoding = zset_encoding,
    .save = zset_save,
};

static void load_packed(struct zset *zset, struct image_reader *reader,
                        size_t count)
{
    for (size_t i = 0; i < count && !reader->invalid; i++) {
        image_begin_part(reader);
        struct slice member = image_get_bytes(reader);
        double score = image_get_double(reader);
        if (isnan(score) || !pairs_append(&zset->packed, member, score))
            image_refuse(reader);
    }
}

static void load_large(struct zset *zset, struct image_reader *reader,
                       size_t count)
{
    become_large(zset);
    dense_reserve(&zset->members, count);
    struct slice value = {no_node, sizeof no_node};
    for (size_t i = 0; i < count && !reader->invalid; i++) {
        image_begin_part(reader);
        if (!dense_put(&zset->members, image_get_bytes(reader), value))
            image_refuse(reader);
    }
    // What ascends has nothing twice: after `count` of them all have a node.
    struct skip_path end = {.nodes = {zset->order.head}};
    for (size_t i = 0; i < count && !reader->invalid; i++) {
        image_begin_part(reader);
        uint64_t index = image_get_count(reader);
        double score = image_get_double(reader);
        struct entry *entry =
            index < count ? dense_at(&zset->members, index) : NULL;
        if (!entry || entry_node(entry) || isnan(score) ||
            !node_append(zset, &end, entry, score))
            image_refuse(reader);
    }
}

struct object *zset_load(struct image_reader *reader,
                         const struct hash_secret *secret,
                         const struct limits *limits)
{
    struct zset *zset = zset_create(secret, limits);
    uint8_t image = image_get_u8(reader);
    size_t count = image_get_count_of(reader, 1 + sizeof(double));
    if (image == ZSET_IMAGE_LARGE)
        load_large(zset, reader, count);
    else if (image == ZSET_IMAGE_PACKED)
        load_packed(zset, reader, count);
    else
        image_refuse(reader);
    zset->object.memory = sum_memory(zset);
    return image_check_object(reader, &zset->object);
}

static void check_packed(const struct zset *zset)
{
    packed_check_invariants(zset->packed);
    struct zset_item item;
    size_t rank = 0, at;
    for (bool more = zset_at(zset, 0, &item); more;
         more = zset_next(zset, &item)) {
        struct cut cut = {CUT_ITEM, item.score, item.member, false};
        check(pairs_rank(zset->packed, &cut, &at) == rank && at == item.at);
        rank++;
    }
    check(rank == zset_count(zset));
}

static void check_large(const struct zset *zset)
{
    dense_check_invariants(&zset->members);
    skiplist_check_invariants(&zset->order);
    check(dense_count(&zset->members) == zset->order.count);
    for (const struct skip_node *node = skiplist_first(&zset->order); node;
         node = node->links[0].next) {
        check(dense_find(&zset->members, entry_key(node->entry)) ==
              node->entry);
        check(entry_node(node->entry) == node);
        check(!isnan(node->score));
    }
}

void zset_check_invariants(const struct zset *zset)
{
    if (zset->packed)
        check_packed(zset);
    else
        check_large(zset);
    check(zset->object.memory == sum_memory(zset));
}
