// commands_set_algebra.c -- sets made of sets: SINTER, SUNION, SDIFF.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/gather.h"
#include "stage1-singlenode/set.h"

#include <stdlib.h>

#include "common/base/memory.h"

// What a command works on. An absent key is an empty set: NULL.
struct operands {
    const struct object **sets;
    uint32_t count;
};

// Reads the sets at argv[first], ... False, with nothing to free, if one is no
// set: the reply is written.
static bool operands_read(struct store *store, struct request *request,
                          uint32_t first, uint32_t count,
                          struct operands *operands)
{
    const struct object **sets = xmalloc(count * sizeof(struct object *));
    for (uint32_t i = 0; i < count; i++) {
        struct key key = request_key(store, request, first + i);
        struct entry *entry;
        if (!typed_find(store, request, key, ENTRY_SET, &entry)) {
            free(sets);
            return false;
        }
        sets[i] = entry ? entry_object(entry) : NULL;
    }
    *operands = (struct operands){sets, count};
    return true;
}

static void operands_free(struct operands *operands)
{
    free(operands->sets);
}

static size_t count_of(const struct object *set)
{
    return set ? set_count(set) : 0;
}

// True if a set other than the first has the member.
static bool in_another(const struct operands *operands, struct slice member)
{
    for (uint32_t i = 1; i < operands->count; i++) {
        const struct object *set = operands->sets[i];
        if (set && set_contains(set, member))
            return true;
    }
    return false;
}

static bool in_all(const struct operands *operands, struct slice member)
{
    for (uint32_t i = 0; i < operands->count; i++) {
        if (!set_contains(operands->sets[i], member))
            return false;
    }
    return true;
}

// ---- The three operations

// Calls `take` for up to `limit` members that are in all sets: those of the
// smallest one that are in the others.
static void intersect(const struct operands *operands, size_t limit,
                      void (*take)(void *context, struct slice member),
                      void *context)
{
    const struct object *smallest = operands->sets[0];
    for (uint32_t i = 0; i < operands->count; i++) {
        const struct object *set = operands->sets[i];
        if (count_of(set) < count_of(smallest))
            smallest = set;
    }
    struct set_text text;
    for (size_t i = 0; i < count_of(smallest) && limit > 0; i++) {
        struct slice member = set_at(smallest, i, &text);
        if (!in_all(operands, member))
            continue;
        take(context, member);
        limit--;
    }
}

static void add_member(void *context, struct slice member)
{
    set_add(context, member);
}

static void remove_member(void *context, struct slice member)
{
    set_remove(context, member);
}

static void make_intersection(const struct operands *operands,
                              struct object *result)
{
    intersect(operands, SIZE_MAX, add_member, result);
}

static void make_union(const struct operands *operands, struct object *result)
{
    for (uint32_t i = 0; i < operands->count; i++) {
        if (operands->sets[i])
            set_each(operands->sets[i], add_member, result);
    }
}

// Looking up each member of the first set in all others can be more work than
// taking the members of all others out of a copy of the first. The rule is
// Redis', as the encoding of the result depends on it.
static bool removing_is_less_work(const struct operands *operands)
{
    size_t finding = 0, removing = 0;
    for (uint32_t i = 0; i < operands->count; i++) {
        if (!operands->sets[i])
            continue;
        finding += set_count(operands->sets[0]);
        removing += set_count(operands->sets[i]);
    }
    return finding / 2 > removing;
}

static void make_difference(const struct operands *operands,
                            struct object *result)
{
    const struct object *first = operands->sets[0];
    if (!first)
        return;
    if (removing_is_less_work(operands)) {
        set_each(first, add_member, result);
        for (uint32_t i = 1; i < operands->count; i++) {
            if (operands->sets[i])
                set_each(operands->sets[i], remove_member, result);
        }
        return;
    }
    struct set_text text;
    for (size_t i = 0; i < set_count(first); i++) {
        struct slice member = set_at(first, i, &text);
        if (!in_another(operands, member))
            set_add(result, member);
    }
}

typedef void make_set(const struct operands *operands, struct object *result);

// ---- Commands that answer members

static void gather_member(void *context, struct slice member)
{
    gather_add(context, member);
}

static void reply_gathered(struct request *request, struct gather *gather)
{
    reply_set(&request->reply, gather->count);
    gather_finish(gather, &request->reply);
}

static void sinter_run(struct store *store, struct request *request)
{
    struct gather gather = gather_start(&request->reply);
    struct operands operands;
    if (!operands_read(store, request, 1, request->argc - 1, &operands))
        return;
    intersect(&operands, SIZE_MAX, gather_member, &gather);
    reply_gathered(request, &gather);
    operands_free(&operands);
}

static void reply_made(struct store *store, struct request *request,
                       make_set *make)
{
    struct gather gather = gather_start(&request->reply);
    struct operands operands;
    if (!operands_read(store, request, 1, request->argc - 1, &operands))
        return;
    struct object *result =
        set_create(store_secret(store), store_limits(store));
    make(&operands, result);
    set_each(result, gather_member, &gather);
    reply_gathered(request, &gather);
    set_destroy(result);
    operands_free(&operands);
}

static void sunion_run(struct store *store, struct request *request)
{
    reply_made(store, request, make_union);
}

static void sdiff_run(struct store *store, struct request *request)
{
    reply_made(store, request, make_difference);
}

// ---- Commands that store the result

static void store_made(struct store *store, struct request *request,
                       make_set *make)
{
    struct key key = request_key(store, request, 1);
    struct operands operands;
    if (!operands_read(store, request, 2, request->argc - 2, &operands))
        return;
    struct object *result =
        set_create(store_secret(store), store_limits(store));
    make(&operands, result);
    operands_free(&operands);

    size_t count = set_count(result);
    if (count > 0) {
        store_put_object(store, key, result);
        request_changed(request);
        // The command and the event have one name.
        store_notify(store, NOTIFY_SET, request->command->name, key.name);
    } else {
        set_destroy(result);
        if (store_delete(store, key))
            request_changed(request);
    }
    reply_integer(&request->reply, (int64_t)count);
}

static void sinterstore_run(struct store *store, struct request *request)
{
    store_made(store, request, make_intersection);
}

static void sunionstore_run(struct store *store, struct request *request)
{
    store_made(store, request, make_union);
}

static void sdiffstore_run(struct store *store, struct request *request)
{
    store_made(store, request, make_difference);
}

// ---- SINTERCARD

// "numkeys key [key ...] [LIMIT limit]"; without a limit *limit is 0.
static bool intercard_read(struct request *request, int64_t *keys,
                           int64_t *limit)
{
    const char *complaint = NULL;
    *limit = 0;
    if (!slice_to_int64(request->argv[1], keys) || *keys < 1)
        complaint = "ERR numkeys should be greater than 0";
    else if (*keys > request->argc - 2)
        complaint = "ERR Number of keys can't be greater than number of args";
    for (int64_t i = 2 + *keys; !complaint && i < request->argc; i += 2) {
        uint32_t at = (uint32_t)i;
        if (!argument_is(request, at, "LIMIT") || at + 1 == request->argc)
            complaint = "ERR syntax error";
        else if (!slice_to_int64(request->argv[at + 1], limit) || *limit < 0)
            complaint = "ERR LIMIT can't be negative";
    }
    if (complaint)
        reply_error(&request->reply, "%s", complaint);
    return !complaint;
}

static void count_member(void *context, struct slice member)
{
    (void)member;
    ++*(int64_t *)context;
}

static void sintercard_run(struct store *store, struct request *request)
{
    struct operands operands;
    int64_t keys, limit, count = 0;
    if (!intercard_read(request, &keys, &limit) ||
        !operands_read(store, request, 2, (uint32_t)keys, &operands))
        return;
    intersect(&operands, limit > 0 ? (size_t)limit : SIZE_MAX, count_member,
              &count);
    operands_free(&operands);
    reply_integer(&request->reply, count);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_set_algebra[] = {
    {"sinter", -2, READ, 1, -1, 1, "Returns the members that all sets have",
     "key [key ...]", "set", "1.0.0", .run = sinter_run,
     .tips = "nondeterministic_output_order"},
    {"sunion", -2, READ, 1, -1, 1, "Returns the members that any set has",
     "key [key ...]", "set", "1.0.0", .run = sunion_run,
     .tips = "nondeterministic_output_order"},
    {"sdiff", -2, READ, 1, -1, 1,
     "Returns the members of the first set that no other has", "key [key ...]",
     "set", "1.0.0", .run = sdiff_run, .tips = "nondeterministic_output_order"},
    {"sinterstore", -3, STORE, 1, -1, 1,
     "Makes a key the set of what all sets have", "destination key [key ...]",
     "set", "1.0.0", .run = sinterstore_run, .access = "RW update; RO access"},
    {"sunionstore", -3, STORE, 1, -1, 1,
     "Makes a key the set of what any set has", "destination key [key ...]",
     "set", "1.0.0", .run = sunionstore_run, .access = "OW update; RO access"},
    {"sdiffstore", -3, STORE, 1, -1, 1,
     "Makes a key the set of what the first set has and no other",
     "destination key [key ...]", "set", "1.0.0", .run = sdiffstore_run,
     .access = "OW update; RO access"},
    {"sintercard", -3, READ | COMMAND_MOVABLE_KEYS, 0, 0, 0,
     "Counts the members that all sets have",
     "numkeys key [key ...] [LIMIT limit]", "set", "7.0.0",
     .run = sintercard_run, .key_count = 1, .access = "RO access"},
    {0},
};
