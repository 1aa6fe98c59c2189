// commands_zset_blocking.c -- commands on sorted sets that wait for an item:
// BZPOPMIN, BZPOPMAX, BZMPOP.
//
// Each does at once what there is to do, or answers as if its time were up and
// asks to be run again (request_wait). The waiting is not done here.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/commands_zset_pop.h"

// Finds the first sorted set among the `count` keys from argv[first] on; none:
// *entry is NULL. A key of another type counts as absent for a request that
// waited: Redis too has it wait on.
static bool find_first(struct store *store, struct request *request,
                       uint32_t first, uint32_t count, struct key *key,
                       struct entry **entry)
{
    *entry = NULL;
    for (uint32_t i = first; i < first + count && !*entry; i++) {
        *key = request_key(store, request, i);
        *entry = store_peek(store, *key);
        if (!*entry || (*entry)->type == ENTRY_ZSET)
            continue;
        *entry = NULL;
        if (request->flags & REQUEST_WOKEN)
            continue;
        reply_wrong_type(&request->reply);
        return false;
    }
    return true;
}

static void pop_or_wait(struct store *store, struct request *request,
                        bool highest)
{
    int64_t timeout_ms;
    struct key key;
    struct entry *entry;
    uint32_t last = request->argc - 1;
    if (!argument_timeout(request, last, &timeout_ms) ||
        !find_first(store, request, 1, last - 1, &key, &entry))
        return;
    if (!entry) {
        reply_null_array(&request->reply);
        request_wait(request, timeout_ms);
        return;
    }
    reply_array(&request->reply, 3);
    reply_bulk(&request->reply, key.name);
    zset_reply_pop(store, request, key, entry, highest);
}

static void bzpopmin_run(struct store *store, struct request *request)
{
    pop_or_wait(store, request, false);
}

static void bzpopmax_run(struct store *store, struct request *request)
{
    pop_or_wait(store, request, true);
}

static void bzmpop_run(struct store *store, struct request *request)
{
    int64_t timeout_ms;
    struct zset_mpop pop;
    struct key key;
    struct entry *entry;
    if (!zset_read_mpop(request, 2, &pop) ||
        !argument_timeout(request, 1, &timeout_ms) ||
        !find_first(store, request, pop.first, pop.keys, &key, &entry))
        return;
    if (entry) {
        zset_reply_mpop(store, request, key, entry, &pop);
        return;
    }
    reply_null_array(&request->reply);
    request_wait(request, timeout_ms);
}

enum { WAITS = COMMAND_WRITE | COMMAND_BLOCKING };

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_zset_blocking[] = {
    {"bzpopmin", -3, WAITS | FAST | COMMAND_NOSCRIPT, 1, -2, 1,
     "Takes the member with the lowest score out of the first sorted set that "
     "has one, or waits for it",
     "key [key ...] timeout", "sorted-set", "5.0.0", .run = bzpopmin_run,
     .access = "RW access delete"},
    {"bzpopmax", -3, WAITS | FAST | COMMAND_NOSCRIPT, 1, -2, 1,
     "Takes the member with the highest score out of the first sorted set that "
     "has one, or waits for it",
     "key [key ...] timeout", "sorted-set", "5.0.0", .run = bzpopmax_run,
     .access = "RW access delete"},
    {"bzmpop", -5, WAITS | COMMAND_MOVABLE_KEYS, 0, 0, 0,
     "Takes members out of the first sorted set that has some, or waits for "
     "them",
     "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]", "sorted-set",
     "7.0.0", .run = bzmpop_run, .key_count = 2, .access = "RW access delete"},
    {0},
};
