// commands_set.c -- sets and the members that the caller names: SADD,
// SISMEMBER, SMOVE, ...
//
// SMEMBERS answers a set of integers in ascending order while it is small, as
// Redis does, and a table in its dense order, where Redis has an order of its
// own.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/set.h"

// Adds members to the key's set, which is made if `entry` is NULL. Returns how
// many were new.
static int64_t add_members(struct store *store, struct key key,
                           struct entry *entry, const struct slice *members,
                           uint32_t count)
{
    struct object *set =
        entry ? entry_object(entry)
              : set_create(store_secret(store), store_limits(store));
    int64_t added = 0;
    for (uint32_t i = 0; i < count; i++)
        added += set_add(set, members[i]);
    if (!entry)
        store_put_object(store, key, set);
    else if (added > 0)
        store_object_changed(store, key, entry);
    if (added > 0)
        store_notify(store, NOTIFY_SET, "sadd", key.name);
    return added;
}

static void sadd_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    if (!typed_peek(store, request, key, ENTRY_SET, &entry))
        return;
    int64_t added =
        add_members(store, key, entry, request->argv + 2, request->argc - 2);
    if (added > 0)
        request_changed(request);
    reply_integer(&request->reply, added);
}

static void srem_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    int64_t removed = 0;
    if (!typed_peek(store, request, key, ENTRY_SET, &entry))
        return;
    for (uint32_t i = 2; entry && i < request->argc; i++)
        removed += set_remove(entry_object(entry), request->argv[i]);
    if (removed > 0) {
        store_notify(store, NOTIFY_SET, "srem", key.name);
        store_object_changed(store, key, entry);
        request_changed(request);
    }
    reply_integer(&request->reply, removed);
}

static bool is_member(const struct entry *entry, struct slice member)
{
    return entry && set_contains(entry_object(entry), member);
}

static void sismember_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    if (typed_find(store, request, key, ENTRY_SET, &entry))
        reply_integer(&request->reply, is_member(entry, request->argv[2]));
}

static void smismember_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    if (!typed_find(store, request, key, ENTRY_SET, &entry))
        return;
    reply_array(&request->reply, request->argc - 2);
    for (uint32_t i = 2; i < request->argc; i++)
        reply_integer(&request->reply, is_member(entry, request->argv[i]));
}

static void scard_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    if (!typed_find(store, request, key, ENTRY_SET, &entry))
        return;
    size_t count = entry ? set_count(entry_object(entry)) : 0;
    reply_integer(&request->reply, (int64_t)count);
}

static void reply_member(void *context, struct slice member)
{
    reply_bulk(context, member);
}

static void smembers_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    if (!typed_find(store, request, key, ENTRY_SET, &entry))
        return;
    reply_set(&request->reply, entry ? set_count(entry_object(entry)) : 0);
    if (entry)
        set_each(entry_object(entry), reply_member, &request->reply);
}

// Moves the member of a set that is there. True if it was a member.
static bool move_member(struct store *store, struct request *request,
                        struct entry *from, struct entry *to)
{
    struct slice member = request->argv[3];
    if (slice_equal(request->argv[1], request->argv[2]))
        return is_member(from, member);
    if (!set_remove(entry_object(from), member))
        return false;
    store_notify(store, NOTIFY_SET, "srem", request->argv[1]);
    store_object_changed(store, request_key(store, request, 1), from);
    add_members(store, request_key(store, request, 2), to, &member, 1);
    request_changed(request);
    return true;
}

static void smove_run(struct store *store, struct request *request)
{
    struct entry *from, *to;
    if (!typed_peek(store, request, request_key(store, request, 1), ENTRY_SET,
                    &from))
        return;
    // What the target is does not matter if there is no source.
    if (!from)
        reply_integer(&request->reply, 0);
    else if (typed_peek(store, request, request_key(store, request, 2),
                        ENTRY_SET, &to))
        reply_integer(&request->reply, move_member(store, request, from, to));
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_set[] = {
    {"sadd", -3, STORE | FAST, 1, 1, 1,
     "Adds members to a set and counts the new ones", "key member [member ...]",
     "set", "1.0.0", .run = sadd_run, .access = "RW insert"},
    {"srem", -3, WRITE | FAST, 1, 1, 1,
     "Removes members from a set and counts those that were there",
     "key member [member ...]", "set", "1.0.0", .run = srem_run,
     .access = "RW delete"},
    {"sismember", 3, READ | FAST, 1, 1, 1,
     "Tells whether something is a member of a set", "key member", "set",
     "1.0.0", .run = sismember_run, .access = "RO"},
    {"smismember", -3, READ | FAST, 1, 1, 1,
     "Tells of several things whether they are members of a set",
     "key member [member ...]", "set", "6.2.0", .run = smismember_run},
    {"scard", 2, READ | FAST, 1, 1, 1, "Counts the members of a set", "key",
     "set", "1.0.0", .run = scard_run, .access = "RO"},
    {"smembers", 2, READ, 1, 1, 1, "Returns all members of a set", "key", "set",
     "1.0.0", .run = smembers_run, .tips = "nondeterministic_output_order"},
    {"smove", 4, WRITE | FAST, 1, 2, 1, "Moves a member from a set to another",
     "source destination member", "set", "1.0.0", .run = smove_run,
     .access = "RW access delete; RW insert"},
    {0},
};
