// commands_set_scan.c -- members that the caller does not name: SPOP,
// SRANDMEMBER, SSCAN.
//
// Random picks go by the set's order and the request's randomness alone.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/gather.h"
#include "stage1-singlenode/sample.h"
#include "stage1-singlenode/scan.h"
#include "stage1-singlenode/set.h"

#include <stdlib.h>

static void reply_member(void *context, struct slice member)
{
    reply_bulk(context, member);
}

static struct slice random_member(struct store *store, const struct object *set,
                                  struct set_text *text)
{
    return set_at(set, random_below(store_random(store), set_count(set)), text);
}

static void pop_one(struct store *store, struct request *request,
                    struct object *set)
{
    struct set_text text;
    struct slice member = random_member(store, set, &text);
    reply_bulk(&request->reply, member);
    set_remove(set, member);
}

// SPOP with a count, of a set that is there.
static void pop_many(struct store *store, struct request *request,
                     struct entry *entry, uint64_t count)
{
    struct key key = request_key(store, request, 1);
    struct object *set = entry_object(entry);
    if (count >= set_count(set)) {
        reply_set(&request->reply, set_count(set));
        set_each(set, reply_member, &request->reply);
        store_notify(store, NOTIFY_SET, "spop", key.name);
        store_delete(store, key);
        return;
    }
    reply_set(&request->reply, count);
    for (uint64_t i = 0; i < count; i++)
        pop_one(store, request, set);
    store_notify(store, NOTIFY_SET, "spop", key.name);
    store_object_changed(store, key, entry);
}

static bool argument_pop_count(struct request *request, int64_t *count)
{
    if (request->argc > 3) {
        reply_syntax_error(&request->reply);
        return false;
    }
    if (slice_to_int64(request->argv[2], count) && *count >= 0)
        return true;
    reply_error(&request->reply, "ERR value is out of range, must be positive");
    return false;
}

static void spop_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    int64_t count = 1;
    bool one = request->argc == 2;
    if ((!one && !argument_pop_count(request, &count)) ||
        !typed_peek(store, request, key, ENTRY_SET, &entry))
        return;
    if (!entry || count == 0) {
        if (one)
            reply_null(&request->reply);
        else
            reply_set(&request->reply, 0);
        return;
    }
    request_changed(request);
    if (!one) {
        pop_many(store, request, entry, (uint64_t)count);
        return;
    }
    pop_one(store, request, entry_object(entry));
    store_notify(store, NOTIFY_SET, "spop", key.name);
    store_object_changed(store, key, entry);
}

// `count` members, the same one perhaps more than once.
static void reply_repeated(struct store *store, struct request *request,
                           const struct object *set, uint64_t count)
{
    struct set_text text;
    if (!reply_fits(request, count))
        return;
    reply_array(&request->reply, count);
    // A reply that has passed its limit will not be sent.
    for (uint64_t i = 0; i < count && !request->reply.out->overflowed; i++)
        reply_bulk(&request->reply, random_member(store, set, &text));
}

// `count` different members, or all if there are not more.
static void reply_different(struct store *store, struct request *request,
                            const struct object *set, uint64_t count)
{
    struct set_text text;
    if (count >= set_count(set)) {
        reply_array(&request->reply, set_count(set));
        set_each(set, reply_member, &request->reply);
        return;
    }
    size_t *indexes =
        sample_indexes(store_random(store), set_count(set), count);
    reply_array(&request->reply, count);
    for (uint64_t i = 0; i < count; i++)
        reply_bulk(&request->reply, set_at(set, indexes[i], &text));
    free(indexes);
}

static void srandmember_count(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    int64_t count;
    if (request->argc > 3) {
        reply_syntax_error(&request->reply);
        return;
    }
    if (!argument_between(request, 2, -INT64_MAX, INT64_MAX, &count) ||
        !typed_find(store, request, key, ENTRY_SET, &entry))
        return;
    if (!entry)
        reply_array(&request->reply, 0);
    else if (count < 0)
        reply_repeated(store, request, entry_object(entry), (uint64_t)-count);
    else
        reply_different(store, request, entry_object(entry), (uint64_t)count);
}

static void srandmember_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    struct set_text text;
    if (request->argc > 2) {
        srandmember_count(store, request);
        return;
    }
    if (!typed_find(store, request, key, ENTRY_SET, &entry))
        return;
    if (entry)
        reply_bulk(&request->reply,
                   random_member(store, entry_object(entry), &text));
    else
        reply_null(&request->reply);
}

// The members of one call of SSCAN. Returns the next cursor.
static uint64_t scan_members(const struct object *set, uint64_t cursor,
                             const struct scan_options *options,
                             struct gather *gather)
{
    size_t size = set_count(set);
    struct scan_range range = scan_dense(options, cursor, size);
    struct set_text text;
    if (set_is_small(set))
        range = (struct scan_range){.end = size};
    for (size_t i = range.first; i < range.end; i++) {
        struct slice member = set_at(set, i, &text);
        if (scan_matches(options, member))
            gather_add(gather, member);
    }
    return range.cursor;
}

static void sscan_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct gather gather = gather_start(&request->reply);
    struct scan_options options;
    struct entry *entry;
    uint64_t cursor;
    // As in Redis, nobody looks at the options when there is no set.
    if (!scan_read_cursor(request, 2, &cursor) ||
        !typed_find(store, request, key, ENTRY_SET, &entry) ||
        (entry && !scan_read_options(request, 3, false, &options)))
        return;
    cursor = entry
                 ? scan_members(entry_object(entry), cursor, &options, &gather)
                 : 0;
    reply_array(&request->reply, 2);
    reply_bulk_integer(&request->reply, (int64_t)cursor);
    reply_array(&request->reply, gather.count);
    gather_finish(&gather, &request->reply);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_set_scan[] = {
    {"spop", -2, WRITE | FAST, 1, 1, 1,
     "Removes random members from a set and returns them", "key [count]", "set",
     "1.0.0", .run = spop_run, .access = "RW access delete",
     .tips = "nondeterministic_output"},
    {"srandmember", -2, READ, 1, 1, 1, "Returns random members of a set",
     "key [count]", "set", "1.0.0", .run = srandmember_run,
     .tips = "nondeterministic_output"},
    {"sscan", -3, READ, 1, 1, 1,
     "Walks over a set, some members at each call; start and end at cursor 0",
     "key cursor [MATCH pattern] [COUNT count]", "set", "2.8.0",
     .run = sscan_run, .tips = "nondeterministic_output"},
    {0},
};
