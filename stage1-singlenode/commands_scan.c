// commands_scan.c -- finding keys that the caller cannot name.
//
// The count of an array comes before its elements, so keys are gathered first.
// What is gathered are slices of the entries: nothing changes the store
// between the walk and the reply.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"

#include <inttypes.h>
#include <stdio.h>

struct scan {
    const struct slice *pattern; // NULL: every key.
    const struct slice *type;    // NULL: any type.
    int64_t count;               // Of keys to look at, roughly.
    int64_t seen;                // Looked at, whether they match or not.
    struct buffer keys;          // Those that match, as struct slice.
};

enum {
    SCAN_COUNT = 10, // Without COUNT.
    // Buckets that one SCAN visits at most for each key that it may return:
    // a table of mostly empty buckets must not make it long.
    SCAN_BUCKETS_PER_KEY = 10,
};

static void scan_see(void *context, struct entry *entry)
{
    struct scan *scan = context;
    struct slice key = entry_key(entry);
    scan->seen++;
    if (scan->pattern && !slice_matches(key, *scan->pattern, false))
        return;
    if (scan->type && !slice_is(*scan->type, entry_type_name(entry)))
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
    struct scan scan = {.pattern =
                            request->argc == 2 ? &request->argv[1] : NULL};
    uint64_t cursor = 0;
    do {
        cursor = store_scan(store, cursor, scan_see, &scan);
    } while (cursor != 0);
    scan_reply(&scan, &request->reply);
}

// As strtoul reads it: nothing is 0, and a sign may come first.
static bool argument_cursor(struct request *request, uint32_t index,
                            uint64_t *cursor)
{
    struct slice text = request->argv[index];
    bool negative = text.size > 1 && text.data[0] == '-';
    bool positive = text.size > 1 && text.data[0] == '+';
    uint64_t value = 0;
    for (size_t i = negative || positive; i < text.size; i++) {
        unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            reply_error(&request->reply, "ERR invalid cursor");
            return false;
        }
    }
    *cursor = negative ? -value : value;
    return true;
}

static bool scan_options_read(struct request *request, struct scan *scan)
{
    for (uint32_t i = 2; i < request->argc; i += 2) {
        bool fits = i + 1 < request->argc;
        if (fits && argument_is(request, i, "COUNT")) {
            if (!argument_int64(request, i + 1, &scan->count))
                return false;
            fits = scan->count >= 1;
        } else if (fits && argument_is(request, i, "MATCH")) {
            scan->pattern = &request->argv[i + 1];
        } else if (fits && argument_is(request, i, "TYPE")) {
            scan->type = &request->argv[i + 1];
        } else {
            fits = false;
        }
        if (!fits) {
            reply_syntax_error(&request->reply);
            return false;
        }
    }
    return true;
}

static void scan_run(struct store *store, struct request *request)
{
    uint64_t cursor;
    struct scan scan = {.count = SCAN_COUNT};
    if (!argument_cursor(request, 1, &cursor) ||
        !scan_options_read(request, &scan))
        return;

    int64_t buckets = INT64_MAX;
    if (scan.count <= INT64_MAX / SCAN_BUCKETS_PER_KEY)
        buckets = scan.count * SCAN_BUCKETS_PER_KEY;
    do {
        cursor = store_scan(store, cursor, scan_see, &scan);
    } while (cursor != 0 && --buckets > 0 && scan.seen < scan.count);

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
     .run = scan_run},
    {"keys", -1, READ, 0, 0, 0, "Returns all keys, or those like a pattern",
     "[pattern]", "generic", "1.0.0", .run = keys_run},
    {"randomkey", 1, READ, 0, 0, 0, "Returns any one of the keys", "",
     "generic", "1.0.0", .run = randomkey_run},
    {0},
};
