// scatter.c -- parts by slot, joined by the places of their items.
//
// An item is the smallest piece of such a command: a key, a key with its value,
// or one operation of a BATCH. The items of a slot make a part, in their order.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/scatter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/memory.h"
#include "stage3-sharding/slot.h"

enum shape { SHAPE_KEYS, SHAPE_PAIRS, SHAPE_BATCH };
enum joint { JOINT_SUM, JOINT_OK, JOINT_ARRAY };

static const struct kind {
    const char *name;
    enum shape shape;
    enum joint joint;
} kinds[] = {
    {"mget", SHAPE_KEYS, JOINT_ARRAY}, {"mset", SHAPE_PAIRS, JOINT_OK},
    {"del", SHAPE_KEYS, JOINT_SUM},    {"delete", SHAPE_KEYS, JOINT_SUM},
    {"unlink", SHAPE_KEYS, JOINT_SUM}, {"exists", SHAPE_KEYS, JOINT_SUM},
    {"touch", SHAPE_KEYS, JOINT_SUM},  {"batch", SHAPE_BATCH, JOINT_ARRAY},
};

struct item {
    size_t first, count; // Of the command's arguments.
    size_t place;        // Among the items, as the command has them.
    uint16_t slot;
};

struct scatter {
    struct route_split split; // First, so that a split is its scatter.
    struct item *items;       // In the order of the parts.
    size_t item_count;
    size_t *part_items; // How many each part has.
    enum joint joint;
    const char **argv; // Of all parts.
    size_t *sizes;
};

static bool is_word(struct slice text, const char *word)
{
    return text.size == strlen(word) &&
           strncasecmp(text.data, word, text.size) == 0;
}

static const struct kind *kind_of(const struct route_command *command)
{
    if (command->argc < 3)
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (is_word(route_argument(command, 0), kinds[i].name))
            return &kinds[i];
    }
    return NULL;
}

// Arguments of the item that begins at `at`, the first of them told to be the
// key by *key; 0 when there is none of that shape.
static size_t item_size(const struct route_command *command, enum shape shape,
                        size_t at, size_t *key)
{
    *key = at;
    if (shape == SHAPE_KEYS)
        return 1;
    if (shape == SHAPE_PAIRS)
        return 2;
    *key = at + 1;
    struct slice op = route_argument(command, at);
    if (is_word(op, "put"))
        return 3;
    return is_word(op, "get") || is_word(op, "delete") ? 2 : 0;
}

// NULL when the command is malformed. The caller's.
static struct item *items_of(const struct route_command *command,
                             enum shape shape, size_t *count)
{
    struct item *items = xmalloc(command->argc * sizeof *items);
    *count = 0;
    for (size_t at = 1, size; at < command->argc; at += size) {
        size_t key;
        size = item_size(command, shape, at, &key);
        if (size == 0 || size > command->argc - at) {
            free(items);
            return NULL;
        }
        items[*count] = (struct item){
            at, size, *count, slot_of_key(route_argument(command, key))};
        ++*count;
    }
    return items;
}

static int item_compare(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static size_t slots_of(const struct item *items, size_t count)
{
    size_t slots = count > 0;
    for (size_t i = 1; i < count; i++)
        slots += items[i].slot != items[i - 1].slot;
    return slots;
}

static struct vega_reply *scatter_join(struct route_split *split,
                                       struct vega_reply **replies);

static void scatter_destroy(struct route_split *split)
{
    struct scatter *scatter = (struct scatter *)split;
    free(scatter->items);
    free(scatter->part_items);
    free(scatter->argv);
    free(scatter->sizes);
    free(split->parts);
    free(scatter);
}

// Writes the arguments of all parts behind each other.
static void scatter_fill(struct scatter *scatter,
                         const struct route_command *command)
{
    struct route_split *split = &scatter->split;
    size_t end = 0;
    for (size_t i = 0; i < scatter->item_count; i++) {
        const struct item *item = &scatter->items[i];
        if (i == 0 || item->slot != scatter->items[i - 1].slot) {
            split->parts[split->count++] = (struct route_command){
                1, &scatter->argv[end], &scatter->sizes[end]};
            scatter->argv[end] = command->argv[0];
            scatter->sizes[end++] = route_argument(command, 0).size;
        }
        for (size_t a = 0; a < item->count; a++) {
            scatter->argv[end] = command->argv[item->first + a];
            scatter->sizes[end++] =
                route_argument(command, item->first + a).size;
        }
        split->parts[split->count - 1].argc += item->count;
        scatter->part_items[split->count - 1]++;
    }
}

struct route_split *scatter(const struct route_command *command)
{
    const struct kind *kind = kind_of(command);
    size_t count;
    struct item *items = kind ? items_of(command, kind->shape, &count) : NULL;
    if (!items)
        return NULL;
    qsort(items, count, sizeof *items, item_compare);
    size_t slots = slots_of(items, count);
    if (slots < 2) {
        free(items);
        return NULL;
    }
    struct scatter *scatter = xcalloc(1, sizeof *scatter);
    size_t arguments = command->argc - 1 + slots;
    *scatter = (struct scatter){
        .split = {.parts = xcalloc(slots, sizeof(struct route_command)),
                  .join = scatter_join,
                  .destroy = scatter_destroy},
        .items = items,
        .item_count = count,
        .part_items = xcalloc(slots, sizeof(size_t)),
        .joint = kind->joint,
        .argv = xcalloc(arguments, sizeof(char *)),
        .sizes = xcalloc(arguments, sizeof(size_t)),
    };
    scatter_fill(scatter, command);
    return &scatter->split;
}

// ---- Replies

static struct vega_reply *error_reply(const char *text)
{
    struct vega_reply *reply = xcalloc(1, sizeof *reply);
    reply->type = VEGA_ERROR;
    reply->text = xstrdup(text);
    reply->size = strlen(text);
    return reply;
}

// Whether a part answered as its command does.
static bool fits(const struct scatter *scatter, size_t part,
                 const struct vega_reply *reply)
{
    switch (scatter->joint) {
    case JOINT_SUM:
        return reply->type == VEGA_INTEGER;
    case JOINT_OK:
        return reply->type == VEGA_STATUS;
    case JOINT_ARRAY:
        return reply->type == VEGA_ARRAY &&
               reply->count == scatter->part_items[part];
    }
    return false;
}

// The part whose reply stands for all because it is none of a success; or
// the number of parts.
static size_t first_wrong(const struct scatter *scatter,
                          struct vega_reply **replies)
{
    size_t count = scatter->split.count;
    for (size_t i = 0; i < count; i++) {
        if (replies[i]->type == VEGA_ERROR)
            return i;
    }
    for (size_t i = 0; i < count; i++) {
        if (!fits(scatter, i, replies[i]))
            return i;
    }
    return count;
}

// Moves the elements of all parts to their places in the first one's reply.
static void join_arrays(const struct scatter *scatter,
                        struct vega_reply **replies)
{
    struct vega_reply *elements =
        xcalloc(scatter->item_count, sizeof *elements);
    const struct item *item = scatter->items;
    for (size_t part = 0; part < scatter->split.count; part++) {
        for (size_t i = 0; i < replies[part]->count; i++)
            elements[item++->place] = replies[part]->elements[i];
        free(replies[part]->elements);
        replies[part]->elements = NULL;
        replies[part]->count = 0;
    }
    replies[0]->elements = elements;
    replies[0]->count = scatter->item_count;
}

static struct vega_reply *scatter_join(struct route_split *split,
                                       struct vega_reply **replies)
{
    struct scatter *scatter = (struct scatter *)split;
    size_t chosen = first_wrong(scatter, replies);
    if (chosen < split->count && replies[chosen]->type != VEGA_ERROR) {
        vega_reply_free(replies[chosen]);
        replies[chosen] =
            error_reply("ERR a node answered a part of the command in "
                        "another way than it should have");
    } else if (chosen == split->count) {
        chosen = 0;
        if (scatter->joint == JOINT_ARRAY)
            join_arrays(scatter, replies);
        for (size_t i = 1; i < split->count; i++)
            replies[0]->integer += replies[i]->integer;
    }
    for (size_t i = 0; i < split->count; i++) {
        if (i != chosen)
            vega_reply_free(replies[i]);
    }
    return replies[chosen];
}
