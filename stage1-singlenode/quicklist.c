// quicklist.c -- see quicklist.h.
//
// Invariants
// (Q1) No node is empty.
// (Q2) A node of more than QUICKLIST_NODE_SIZE_MAX bytes holds one element.
// (Q3) object.memory is the sum of what the nodes hold and the list itself.
//
// Nodes that became small are not merged: as in Redis, a list that shrinks from
// its ends leaves none, and one that is thinned out in the middle is rare.
//
// In an image: count, then as many parts with the bytes of an element each.
// Where the nodes end changes no answer and is not kept.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/quicklist.h"

#include "common/base/check.h"
#include "common/base/memory.h"

// What a value takes in a node beyond itself, at most. See packed.c.
enum { QUICKLIST_OVERHEAD_MAX = 10 };

// list-max-listpack-size: -1 is 4 KB, -2 is 8 KB and so on.
enum { QUICKLIST_STEP = 4 * 1024, QUICKLIST_COUNTED_SIZE_MAX = 8 * 1024 };

struct quicklist_node {
    struct list_link link;
    struct packed *packed;
    size_t memory; // Of both, as counted in the list's object.
};

static struct quicklist_node *node_of(struct list_link *link)
{
    return container_of(link, struct quicklist_node, link);
}

// The node beyond `node`, seen from the end `from`; NULL if that is the other
// end. A NULL `node` stands for the place before the first.
static struct quicklist_node *node_next(const struct quicklist *list,
                                        enum quicklist_end from,
                                        const struct quicklist_node *node)
{
    const struct list_link *link = node ? &node->link : &list->nodes;
    struct list_link *next =
        from == QUICKLIST_HEAD ? link->next : link->previous;
    return next == &list->nodes ? NULL : node_of(next);
}

// Bytes that a node with more than one element may have. Where the limit is of
// elements, this one holds as well.
static size_t node_size_max(const struct quicklist *list)
{
    int64_t limit = list->limits->list_max_listpack_size;
    return limit < 0 ? (size_t)QUICKLIST_STEP << (-1 - limit)
                     : QUICKLIST_COUNTED_SIZE_MAX;
}

static bool node_has_room(const struct quicklist *list,
                          const struct quicklist_node *node, size_t size)
{
    size_t size_max = node_size_max(list);
    int64_t limit = list->limits->list_max_listpack_size;
    return node && size <= size_max &&
           packed_size(node->packed) + size + QUICKLIST_OVERHEAD_MAX <=
               size_max &&
           (limit < 0 || packed_count(node->packed) < (size_t)limit);
}

// Upholds (Q3) after the node changed.
static void node_count_memory(struct quicklist *list,
                              struct quicklist_node *node)
{
    size_t memory = memory_size(node) + packed_memory(node->packed);
    list->object.memory += memory - node->memory;
    node->memory = memory;
}

// A node with `taken`, behind `previous`; NULL: in front.
static struct quicklist_node *node_add(struct quicklist *list,
                                       struct quicklist_node *previous,
                                       struct packed *taken)
{
    struct quicklist_node *node = xmalloc(sizeof *node);
    *node = (struct quicklist_node){.packed = taken};
    list_push_front(previous ? &previous->link : &list->nodes, &node->link);
    node_count_memory(list, node);
    return node;
}

static void node_destroy(struct quicklist *list, struct quicklist_node *node)
{
    list->object.memory -= node->memory;
    list_remove(&node->link);
    free(node->packed);
    free(node);
}

struct quicklist *quicklist_create(const struct limits *limits)
{
    struct quicklist *list = xmalloc(sizeof *list);
    *list = (struct quicklist){
        .object = {.type = &quicklist_type},
        .limits = limits,
    };
    list->object.memory = memory_size(list);
    list_init(&list->nodes);
    return list;
}

static bool quicklist_release(struct object *object, size_t budget)
{
    struct quicklist *list = (struct quicklist *)object;
    // A node goes in one piece, whatever it holds.
    for (; budget > 0 && !list_is_empty(&list->nodes); budget--)
        node_destroy(list, node_of(list_first(&list->nodes)));
    if (!list_is_empty(&list->nodes))
        return false;
    free(list);
    return true;
}

static struct object *quicklist_copy(const struct object *object)
{
    const struct quicklist *list = (const struct quicklist *)object;
    struct quicklist *copy = quicklist_create(list->limits);
    struct quicklist_node *last = NULL;
    list_for_each (link, &list->nodes)
        last = node_add(copy, last, packed_copy(node_of(link)->packed));
    copy->count = list->count;
    return &copy->object;
}

static size_t quicklist_count(const struct object *object)
{
    return ((const struct quicklist *)object)->count;
}

// Redis 7.0 has one word for lists of any size.
static const char *quicklist_encoding(const struct object *object)
{
    (void)object;
    return "quicklist";
}

static void quicklist_save(const struct object *object,
                           struct image_writer *writer)
{
    const struct quicklist *list = (const struct quicklist *)object;
    image_put_count(writer, list->count);
    image_end_part(writer);
    list_for_each (link, &list->nodes) {
        struct packed_item item;
        const struct packed *packed = node_of(link)->packed;
        for (bool more = packed_first(packed, &item); more;
             more = packed_next(packed, &item)) {
            image_put_bytes(writer, item.value);
            image_end_part(writer);
        }
    }
}

const struct object_type quicklist_type = {
    .type = ENTRY_LIST,
    .release = quicklist_release,
    .copy = quicklist_copy,
    .count = quicklist_count,
    .encoding = quicklist_encoding,
    .save = quicklist_save,
};

void quicklist_push(struct quicklist *list, enum quicklist_end end,
                    struct slice value)
{
    struct quicklist_node *node = node_next(list, end, NULL);
    if (!node_has_room(list, node, value.size)) {
        struct quicklist_node *previous = end == QUICKLIST_HEAD ? NULL : node;
        node = node_add(list, previous, packed_create());
    }
    if (end == QUICKLIST_HEAD)
        packed_prepend(&node->packed, value);
    else
        packed_append(&node->packed, value);
    list->count++;
    node_count_memory(list, node);
}

struct object *quicklist_load(struct image_reader *reader,
                              const struct limits *limits)
{
    struct quicklist *list = quicklist_create(limits);
    size_t count = image_get_count_of(reader, 1);
    for (size_t i = 0; i < count && !reader->invalid; i++) {
        image_begin_part(reader);
        quicklist_push(list, QUICKLIST_TAIL, image_get_bytes(reader));
    }
    return image_check_object(reader, &list->object);
}

// The element of `node` that is next to the end `from`; false without a node.
static bool place_in(struct quicklist_node *node, enum quicklist_end from,
                     struct quicklist_place *place)
{
    if (!node)
        return false;
    place->node = node;
    return from == QUICKLIST_HEAD ? packed_first(node->packed, &place->item)
                                  : packed_last(node->packed, &place->item);
}

bool quicklist_at_end(const struct quicklist *list, enum quicklist_end end,
                      struct quicklist_place *place)
{
    return place_in(node_next(list, end, NULL), end, place);
}

bool quicklist_at(const struct quicklist *list, int64_t index,
                  struct quicklist_place *place)
{
    int64_t count = (int64_t)list->count;
    if (index < 0)
        index += count;
    if (index < 0 || index >= count)
        return false;
    enum quicklist_end from = QUICKLIST_HEAD;
    if (index > count / 2) {
        from = QUICKLIST_TAIL;
        index = count - 1 - index;
    }
    struct quicklist_node *node = node_next(list, from, NULL);
    for (int64_t size; index >= (size = (int64_t)packed_count(node->packed));
         index -= size)
        node = node_next(list, from, node);
    place->node = node;
    return packed_get(node->packed, from == QUICKLIST_HEAD ? index : -1 - index,
                      &place->item);
}

bool quicklist_step(const struct quicklist *list, enum quicklist_end from,
                    struct quicklist_place *place)
{
    const struct packed *packed = place->node->packed;
    if (from == QUICKLIST_HEAD ? packed_next(packed, &place->item)
                               : packed_previous(packed, &place->item))
        return true;
    return place_in(node_next(list, from, place->node), from, place);
}

// Moves the elements from `at` on to a node of their own. Some must stay.
static void node_split(struct quicklist *list, struct quicklist_node *node,
                       size_t at)
{
    struct packed *rest = packed_create();
    struct packed_item item = {.at = packed_size(node->packed)};
    while (item.at > at) {
        packed_previous(node->packed, &item);
        packed_prepend(&rest, item.value);
    }
    packed_remove(&node->packed, at, packed_count(rest));
    node_count_memory(list, node);
    node_add(list, node, rest);
}

// Inserts in front of `at`, which may be the end of the node. If that is full
// the new element goes to a neighbour, or between the halves of the node.
static void node_insert(struct quicklist *list, struct quicklist_node *node,
                        size_t at, struct slice value)
{
    list->count++;
    if (node_has_room(list, node, value.size)) {
        packed_insert(&node->packed, at, value);
        node_count_memory(list, node);
        return;
    }
    if (at > 0 && at < packed_size(node->packed))
        node_split(list, node, at);
    struct quicklist_node *left =
        at > 0 ? node : node_next(list, QUICKLIST_TAIL, node);
    struct quicklist_node *right = node_next(list, QUICKLIST_HEAD, left);
    if (node_has_room(list, left, value.size)) {
        packed_append(&left->packed, value);
        node_count_memory(list, left);
        return;
    }
    if (!node_has_room(list, right, value.size))
        right = node_add(list, left, packed_create());
    packed_prepend(&right->packed, value);
    node_count_memory(list, right);
}

void quicklist_insert(struct quicklist *list, struct quicklist_place place,
                      bool after, struct slice value)
{
    const struct packed *packed = place.node->packed;
    size_t at = place.item.at;
    if (after)
        at = packed_next(packed, &place.item) ? place.item.at
                                              : packed_size(packed);
    node_insert(list, place.node, at, value);
}

void quicklist_replace(struct quicklist *list, struct quicklist_place place,
                       struct slice value)
{
    struct quicklist_node *node = place.node;
    if (packed_count(node->packed) == 1 ||
        value.size <= place.item.value.size ||
        node_has_room(list, node, value.size)) {
        packed_replace(&node->packed, place.item.at, value);
        node_count_memory(list, node);
        return;
    }
    packed_remove(&node->packed, place.item.at, 1);
    node_count_memory(list, node);
    list->count--;
    node_insert(list, node, place.item.at, value);
}

bool quicklist_remove(struct quicklist *list, enum quicklist_end from,
                      struct quicklist_place *place)
{
    struct quicklist_node *node = place->node;
    struct quicklist_place next = *place;
    bool more = quicklist_step(list, from, &next);
    size_t at = place->item.at;
    list->count--;
    if (packed_count(node->packed) == 1) {
        node_destroy(list, node);
    } else {
        packed_remove(&node->packed, at, 1);
        node_count_memory(list, node);
    }
    if (!more)
        return false;
    if (next.node != node) {
        *place = next;
        return true;
    }
    // The bytes moved: towards the tail the next one is now where the removed
    // one was, towards the head it is in front of that place.
    return from == QUICKLIST_HEAD ? packed_at(node->packed, at, &place->item)
                                  : packed_previous(node->packed, &place->item);
}

void quicklist_trim(struct quicklist *list, enum quicklist_end end,
                    size_t count)
{
    if (count > list->count)
        count = list->count;
    list->count -= count;
    while (count > 0) {
        struct quicklist_node *node = node_next(list, end, NULL);
        size_t size = packed_count(node->packed);
        if (size <= count) {
            node_destroy(list, node);
            count -= size;
            continue;
        }
        struct packed_item item;
        packed_get(node->packed, end == QUICKLIST_HEAD ? 0 : -(int64_t)count,
                   &item);
        packed_remove(&node->packed, item.at, count);
        node_count_memory(list, node);
        count = 0;
    }
}

void quicklist_check_invariants(const struct quicklist *list)
{
    size_t count = 0, memory = memory_size(list);
    list_for_each (link, &list->nodes) {
        struct quicklist_node *node = node_of(link);
        packed_check_invariants(node->packed);
        check(packed_count(node->packed) > 0); // (Q1)
        if (packed_count(node->packed) > 1)    // (Q2)
            check(packed_size(node->packed) <= QUICKLIST_NODE_SIZE_MAX);
        check(node->memory == memory_size(node) + packed_memory(node->packed));
        memory += node->memory;
        count += packed_count(node->packed);
    }
    check(count == list->count);
    check(memory == list->object.memory); // (Q3)
}
