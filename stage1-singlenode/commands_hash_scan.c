// commands_hash_scan.c -- fields that the caller does not name: HRANDFIELD,
// HSCAN.
//
// Random picks go by the hash's order and the request's randomness alone.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/gather.h"
#include "stage1-singlenode/hash.h"
#include "stage1-singlenode/sample.h"
#include "stage1-singlenode/scan.h"

#include <stdlib.h>

// Writes picked pairs as the client wants them.
struct pick {
    struct reply *reply;
    bool values; // With the values.
};

// With values RESP3 has an array of pairs, RESP2 a flat one.
static void pick_header(const struct pick *pick, uint64_t count)
{
    bool flat = pick->values && pick->reply->protocol == 2;
    reply_array(pick->reply, flat ? 2 * count : count);
}

static void pick_reply(void *context, struct hash_pair pair)
{
    const struct pick *pick = context;
    if (pick->values && pick->reply->protocol == 3)
        reply_array(pick->reply, 2);
    reply_bulk(pick->reply, pair.field);
    if (pick->values)
        reply_bulk(pick->reply, pair.value);
}

static struct hash_pair random_pair(struct store *store,
                                    const struct object *hash)
{
    return hash_at(hash, random_below(store_random(store), hash_count(hash)));
}

// `count` fields, the same one perhaps more than once.
static void pick_repeated(struct store *store, struct request *request,
                          const struct object *hash, uint64_t count,
                          struct pick *pick)
{
    if (!reply_fits(request, pick->values ? 2 * count : count))
        return;
    pick_header(pick, count);
    // A reply that has passed its limit will not be sent.
    for (uint64_t i = 0; i < count && !pick->reply->out->overflowed; i++)
        pick_reply(pick, random_pair(store, hash));
}

// `count` different fields, or all if there are not more.
static void pick_different(struct store *store, const struct object *hash,
                           uint64_t count, struct pick *pick)
{
    size_t size = hash_count(hash);
    if (count >= size) {
        pick_header(pick, size);
        hash_each(hash, pick_reply, pick);
        return;
    }
    size_t *indexes = sample_indexes(store_random(store), size, count);
    pick_header(pick, count);
    for (uint64_t i = 0; i < count; i++)
        pick_reply(pick, hash_at(hash, indexes[i]));
    free(indexes);
}

// "count [WITHVALUES]" from argv[2] on.
static bool pick_read(struct request *request, struct pick *pick,
                      int64_t *count)
{
    if (!argument_between(request, 2, -INT64_MAX, INT64_MAX, count))
        return false;
    bool extra = request->argc > 3;
    *pick = (struct pick){&request->reply, extra};
    if (extra && (request->argc > 4 || !argument_is(request, 3, "WITHVALUES")))
        reply_syntax_error(&request->reply);
    else if (extra && (*count < -INT64_MAX / 2 || *count > INT64_MAX / 2))
        reply_error(&request->reply, "ERR value is out of range");
    else
        return true;
    return false;
}

static void hrandfield_count(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    struct pick pick;
    int64_t count;
    if (!pick_read(request, &pick, &count) ||
        !typed_find(store, request, key, ENTRY_HASH, &entry))
        return;
    if (!entry)
        reply_array(&request->reply, 0);
    else if (count < 0)
        pick_repeated(store, request, entry_object(entry), (uint64_t)-count,
                      &pick);
    else
        pick_different(store, entry_object(entry), (uint64_t)count, &pick);
}

static void hrandfield_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    if (request->argc > 2) {
        hrandfield_count(store, request);
        return;
    }
    if (!typed_find(store, request, key, ENTRY_HASH, &entry))
        return;
    if (entry)
        reply_bulk(&request->reply,
                   random_pair(store, entry_object(entry)).field);
    else
        reply_null(&request->reply);
}

struct hash_scan {
    struct scan_options options;
    struct gather gather;
};

static void scan_see(void *context, struct hash_pair pair)
{
    struct hash_scan *scan = context;
    if (!scan_matches(&scan->options, pair.field))
        return;
    gather_add(&scan->gather, pair.field);
    gather_add(&scan->gather, pair.value);
}

// The fields of one call of HSCAN. Returns the next cursor.
static uint64_t scan_fields(const struct object *hash, uint64_t cursor,
                            struct hash_scan *scan)
{
    if (hash_is_small(hash)) {
        hash_each(hash, scan_see, scan);
        return 0;
    }
    struct scan_range range =
        scan_dense(&scan->options, cursor, hash_count(hash));
    for (size_t i = range.first; i < range.end; i++)
        scan_see(scan, hash_at(hash, i));
    return range.cursor;
}

static void hscan_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct hash_scan scan = {.gather = gather_start(&request->reply)};
    struct entry *entry;
    uint64_t cursor;
    // As in Redis, nobody looks at the options when there is no hash.
    if (!scan_read_cursor(request, 2, &cursor) ||
        !typed_find(store, request, key, ENTRY_HASH, &entry) ||
        (entry && !scan_read_options(request, 3, false, &scan.options)))
        return;
    cursor = entry ? scan_fields(entry_object(entry), cursor, &scan) : 0;
    reply_array(&request->reply, 2);
    reply_bulk_integer(&request->reply, (int64_t)cursor);
    reply_array(&request->reply, scan.gather.count);
    gather_finish(&scan.gather, &request->reply);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_hash_scan[] = {
    {"hrandfield", -2, READ, 1, 1, 1, "Returns random fields of a hash",
     "key [count [WITHVALUES]]", "hash", "6.2.0", .run = hrandfield_run,
     .tips = "nondeterministic_output"},
    {"hscan", -3, READ, 1, 1, 1,
     "Walks over a hash, some fields at each call; start and end at cursor 0",
     "key cursor [MATCH pattern] [COUNT count]", "hash", "2.8.0",
     .run = hscan_run, .tips = "nondeterministic_output"},
    {0},
};
