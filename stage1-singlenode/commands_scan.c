// commands_scan.c -- finding keys that the caller cannot name.
//
// The count of an array comes before its elements, so keys are gathered first.
// What is gathered are slices of the entries: nothing changes the store
// between the walk and the reply.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/scan.h"

#include <inttypes.h>
#include <stdio.h>

struct scan {
    struct scan_options options;
    int64_t seen;       // Looked at, whether they match or not.
    struct buffer keys; // Those that match, as struct slice.
};

enum {
    // Buckets that one SCAN visits at most for each key that it may return:
    // a table of mostly empty buckets must not make it long.
    SCAN_BUCKETS_PER_KEY = 10,
};

static void scan_see(void *context, struct entry *entry)
{
    struct scan *scan = context;
    const struct slice *type = scan->options.type;
    struct slice key = entry_key(entry);
    scan->seen++;
    if (!scan_matches(&scan->options, key) ||
        (type && !slice_is(*type, entry_type_name(entry))))
        return;
    buffer_append(&scan->keys, &key, sizeof key);
}

// Writes the array of what was gathered, and forgets it.
static void scan_reply(struct scan *scan, struct reply *reply)
{
    size_t count = scan->keys.size / sizeof(struct slice);
    const struct slice *keys = (const void *)scan->keys.data;
    reply_array(reply, count);
    for (size_t i = 0; i < count; i++)
        reply_bulk(reply, keys[i]);
    buffer_deinit(&scan->keys);
}

static void keys_run(struct store *store, struct request *request)
{
    if (request->argc > 2) {
        reply_wrong_arity(request);
        return;
    }
    struct scan scan = {0};
    if (request->argc == 2)
        scan.options.pattern = &request->argv[1];
    uint64_t cursor = 0;
    do {
        cursor = store_scan(store, cursor, scan_see, &scan);
    } while (cursor != 0);
    scan_reply(&scan, &request->reply);
}

static void scan_run(struct store *store, struct request *request)
{
    uint64_t cursor;
    struct scan scan = {0};
    if (!scan_read_cursor(request, 1, &cursor) ||
        !scan_read_options(request, 2, true, &scan.options))
        return;

    int64_t count = scan.options.count, buckets = INT64_MAX;
    if (count <= INT64_MAX / SCAN_BUCKETS_PER_KEY)
        buckets = count * SCAN_BUCKETS_PER_KEY;
    do {
        cursor = store_scan(store, cursor, scan_see, &scan);
    } while (cursor != 0 && --buckets > 0 && scan.seen < count);

    char text[24];
    int size = snprintf(text, sizeof text, "%" PRIu64, cursor);
    reply_array(&request->reply, 2);
    reply_bulk(&request->reply, (struct slice){text, (size_t)size});
    scan_reply(&scan, &request->reply);
}

static void randomkey_run(struct store *store, struct request *request)
{
    struct entry *entry = store_random_entry(store);
    if (entry)
        reply_bulk(&request->reply, entry_key(entry));
    else
        reply_null(&request->reply);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_scan[] = {
    {"scan", -2, READ, 0, 0, 0,
     "Walks over all keys, some at each call; start and end at cursor 0",
     "cursor [MATCH pattern] [COUNT count] [TYPE type]", "generic", "2.8.0",
     .run = scan_run, .tips = "nondeterministic_output request_policy:special"},
    {"keys", -1, READ | COMMAND_DANGEROUS, 0, 0, 0,
     "Returns all keys, or those like a pattern", "[pattern]", "generic",
     "1.0.0", .run = keys_run,
     .tips = "nondeterministic_output_order request_policy:all_shards"},
    {"randomkey", 1, READ, 0, 0, 0, "Returns any one of the keys", "",
     "generic", "1.0.0", .run = randomkey_run,
     .tips = "nondeterministic_output request_policy:all_shards"},
    {0},
};
