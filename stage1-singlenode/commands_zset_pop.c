// commands_zset_pop.c -- taking the lowest or highest: ZPOPMIN, ZPOPMAX, ZMPOP.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands_zset_pop.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/zset_arguments.h"

// The `count` lowest items, or the highest, as far as there are so many.
static struct zset_span span_of_end(const struct zset *zset, bool highest,
                                    int64_t count)
{
    size_t all = zset_count(zset);
    size_t taken = (uint64_t)count < all ? (size_t)count : all;
    return (struct zset_span){highest ? all - taken : 0, taken};
}

static const char *pop_event(bool highest)
{
    return highest ? "zpopmax" : "zpopmin";
}

// Reads argv[index] as a number from `min` on.
static bool count_read(struct request *request, uint32_t index, int64_t min,
                       const char *error, int64_t *count)
{
    if (slice_to_int64(request->argv[index], count) && *count >= min)
        return true;
    reply_error(&request->reply, "ERR %s", error);
    return false;
}

static void reply_flat(void *context, const struct zset_item *item)
{
    struct reply *reply = context;
    reply_bulk(reply, item->member);
    reply_double(reply, item->score);
}

static void reply_pair(void *context, const struct zset_item *item)
{
    reply_array(context, 2);
    reply_flat(context, item);
}

void zset_reply_pop(struct store *store, struct request *request,
                    struct key key, struct entry *entry, bool highest)
{
    struct zset_span span = span_of_end(zset_of(entry), highest, 1);
    zset_walk(zset_of(entry), span, highest, reply_flat, &request->reply);
    zset_remove_span(store, request, key, entry, span, pop_event(highest));
}

static void pop_end(struct store *store, struct request *request, bool highest)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    int64_t count = 1;
    if (request->argc > 3) {
        reply_syntax_error(&request->reply);
        return;
    }
    if ((request->argc == 3 &&
         !count_read(request, 2, 0, "value is out of range, must be positive",
                     &count)) ||
        !typed_peek(store, request, key, ENTRY_ZSET, &entry))
        return;
    // Without a count not even RESP3 puts the pair into an array.
    if (entry && request->argc == 2) {
        reply_array(&request->reply, 2);
        zset_reply_pop(store, request, key, entry, highest);
    } else if (entry) {
        struct zset *zset = zset_of(entry);
        struct zset_span span = span_of_end(zset, highest, count);
        zset_reply_span(&request->reply, zset, span, highest, true);
        zset_remove_span(store, request, key, entry, span, pop_event(highest));
    } else {
        reply_array(&request->reply, 0);
    }
}

static void zpopmin_run(struct store *store, struct request *request)
{
    pop_end(store, request, false);
}

static void zpopmax_run(struct store *store, struct request *request)
{
    pop_end(store, request, true);
}

// ---- From the first of several keys

bool zset_read_mpop(struct request *request, uint32_t index,
                    struct zset_mpop *pop)
{
    int64_t keys;
    if (!count_read(request, index, 1, "numkeys should be greater than 0",
                    &keys))
        return false;
    *pop = (struct zset_mpop){.first = index + 1, .count = 1};
    uint32_t left = request->argc - pop->first;
    bool fits = keys < left;
    if (fits) {
        pop->keys = (uint32_t)keys;
        index = pop->first + pop->keys;
        pop->highest = argument_is(request, index, "MAX");
        fits = pop->highest || argument_is(request, index, "MIN");
        left -= pop->keys + 1;
    }
    if (fits && left >= 2 && argument_is(request, index + 1, "COUNT")) {
        if (!count_read(request, index + 2, 1, "count should be greater than 0",
                        &pop->count))
            return false;
        left -= 2;
    }
    if (!fits || left > 0)
        reply_syntax_error(&request->reply);
    return fits && left == 0;
}

void zset_reply_mpop(struct store *store, struct request *request,
                     struct key key, struct entry *entry,
                     const struct zset_mpop *pop)
{
    const struct zset *zset = zset_of(entry);
    struct zset_span span = span_of_end(zset, pop->highest, pop->count);
    reply_array(&request->reply, 2);
    reply_bulk(&request->reply, key.name);
    reply_array(&request->reply, span.count);
    zset_walk(zset, span, pop->highest, reply_pair, &request->reply);
    zset_remove_span(store, request, key, entry, span, pop_event(pop->highest));
}

static void zmpop_run(struct store *store, struct request *request)
{
    struct zset_mpop pop;
    if (!zset_read_mpop(request, 1, &pop))
        return;
    for (uint32_t i = 0; i < pop.keys; i++) {
        struct key key = request_key(store, request, pop.first + i);
        struct entry *entry;
        if (!typed_peek(store, request, key, ENTRY_ZSET, &entry))
            return;
        if (entry) {
            zset_reply_mpop(store, request, key, entry, &pop);
            return;
        }
    }
    reply_null_array(&request->reply);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_zset_pop[] = {
    {"zpopmin", -2, WRITE | FAST, 1, 1, 1,
     "Takes the members with the lowest scores out and returns them",
     "key [count]", "sorted-set", "5.0.0", .run = zpopmin_run,
     .access = "RW access delete"},
    {"zpopmax", -2, WRITE | FAST, 1, 1, 1,
     "Takes the members with the highest scores out and returns them",
     "key [count]", "sorted-set", "5.0.0", .run = zpopmax_run,
     .access = "RW access delete"},
    {"zmpop", -4, WRITE | COMMAND_MOVABLE_KEYS, 0, 0, 0,
     "Takes members out of the first of several sorted sets that has any",
     "numkeys key [key ...] <MIN | MAX> [COUNT count]", "sorted-set", "7.0.0",
     .run = zmpop_run, .key_count = 1, .access = "RW access delete"},
    {0},
};
