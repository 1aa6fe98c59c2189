// commands_key.c -- keys whatever they hold: DEL, EXISTS, RENAME, ...
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"

static void del_run(struct store *store, struct request *request)
{
    bool evicts = request->flags & REQUEST_EVICTS;
    int64_t deleted = 0;
    for (uint32_t i = 1; i < request->argc; i++) {
        struct key key = request_key(store, request, i);
        deleted += evicts ? store_evict(store, key) : store_delete(store, key);
    }
    if (deleted > 0)
        request_changed(request);
    reply_integer(&request->reply, deleted);
}

// A key that is named twice counts twice, here and in touch_run.
static void exists_run(struct store *store, struct request *request)
{
    int64_t found = 0;
    for (uint32_t i = 1; i < request->argc; i++)
        found += store_peek(store, request_key(store, request, i)) != NULL;
    reply_integer(&request->reply, found);
}

static void touch_run(struct store *store, struct request *request)
{
    int64_t found = 0;
    for (uint32_t i = 1; i < request->argc; i++)
        found += store_find(store, request_key(store, request, i)) != NULL;
    reply_integer(&request->reply, found);
}

static void type_run(struct store *store, struct request *request)
{
    struct entry *entry = store_peek(store, request_key(store, request, 1));
    reply_status(&request->reply, entry ? entry_type_name(entry) : "none");
}

// True if the key may get the new name; otherwise the reply is written.
static bool rename_allowed(struct store *store, struct request *request)
{
    if (store_peek(store, request_key(store, request, 1)))
        return true;
    reply_error(&request->reply, "ERR no such key");
    return false;
}

static void rename_run(struct store *store, struct request *request)
{
    if (!rename_allowed(store, request))
        return;
    if (!slice_equal(request->argv[1], request->argv[2])) {
        store_rename(store, request_key(store, request, 1),
                     request_key(store, request, 2));
        request_changed(request);
    }
    reply_ok(&request->reply);
}

static void renamenx_run(struct store *store, struct request *request)
{
    if (!rename_allowed(store, request))
        return;
    struct key to = request_key(store, request, 2);
    bool taken = store_peek(store, to);
    if (!taken) {
        store_rename(store, request_key(store, request, 1), to);
        request_changed(request);
    }
    reply_integer(&request->reply, !taken);
}

// "DB number" of COPY: there is one database.
static bool argument_database(struct request *request, uint32_t index)
{
    int64_t database;
    if (!argument_int64(request, index, &database))
        return false;
    if (database < INT32_MIN || database > INT32_MAX)
        reply_error(&request->reply,
                    "ERR value is out of range, value must between %d and %d",
                    INT32_MIN, INT32_MAX);
    else if (database != 0)
        reply_error(&request->reply, "ERR DB index is out of range");
    return database == 0;
}

static bool copy_options_read(struct request *request, bool *replace)
{
    *replace = false;
    for (uint32_t i = 3; i < request->argc; i++) {
        if (argument_is(request, i, "REPLACE")) {
            *replace = true;
        } else if (argument_is(request, i, "DB") && i + 1 < request->argc) {
            if (!argument_database(request, ++i))
                return false;
        } else {
            reply_syntax_error(&request->reply);
            return false;
        }
    }
    return true;
}

static void copy_run(struct store *store, struct request *request)
{
    bool replace;
    if (!copy_options_read(request, &replace))
        return;
    if (slice_equal(request->argv[1], request->argv[2])) {
        reply_error(&request->reply,
                    "ERR source and destination objects are the same");
        return;
    }
    struct key from = request_key(store, request, 1);
    struct key to = request_key(store, request, 2);
    bool copies =
        store_find(store, from) && (replace || !store_peek(store, to));
    if (copies) {
        store_copy(store, from, to);
        request_changed(request);
    }
    reply_integer(&request->reply, copies);
}

static void dbsize_run(struct store *store, struct request *request)
{
    reply_integer(&request->reply, (int64_t)store_count(store));
}

static void flush_run(struct store *store, struct request *request)
{
    // Redis lets the caller choose who frees the memory; here it is the same.
    bool known = request->argc == 1 ||
                 (request->argc == 2 && (argument_is(request, 1, "ASYNC") ||
                                         argument_is(request, 1, "SYNC")));
    if (!known) {
        reply_syntax_error(&request->reply);
        return;
    }
    // Counts as a change of an empty store too: what is left of expired keys
    // differs from node to node, and must make no difference.
    store_clear(store);
    request_changed(request);
    reply_ok(&request->reply);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_key[] = {
    {"del", -2, WRITE, 1, -1, 1, "Deletes keys and counts those that existed",
     "key [key ...]", "generic", "1.0.0", .run = del_run, .access = "RM delete",
     .tips = "request_policy:multi_shard response_policy:agg_sum"},
    {"delete", -2, WRITE, 1, -1, 1,
     "Deletes keys and counts those that existed", "key [key ...]", "generic",
     "vega 1", .run = del_run},
    {"unlink", -2, WRITE | FAST, 1, -1, 1,
     "Deletes keys and counts those that existed, as DEL", "key [key ...]",
     "generic", "4.0.0", .run = del_run, .access = "RM delete",
     .tips = "request_policy:multi_shard response_policy:agg_sum"},
    {"exists", -2, READ | FAST, 1, -1, 1, "Counts the keys that exist",
     "key [key ...]", "generic", "1.0.0", .run = exists_run, .access = "RO",
     .tips = "request_policy:multi_shard response_policy:agg_sum"},
    {"type", 2, READ | FAST, 1, 1, 1, "Returns the type of a key's value",
     "key", "generic", "1.0.0", .run = type_run, .access = "RO"},
    {"touch", -2, READ | FAST, 1, -1, 1,
     "Counts the keys that exist, and notes that they were used",
     "key [key ...]", "generic", "3.2.1", .run = touch_run, .access = "RO",
     .tips = "request_policy:multi_shard response_policy:agg_sum"},
    {"rename", 3, WRITE, 1, 2, 1,
     "Gives a key another name, over whatever has that name", "key newkey",
     "generic", "1.0.0", .run = rename_run,
     .access = "RW access delete; OW update"},
    {"renamenx", 3, WRITE | FAST, 1, 2, 1,
     "Gives a key another name unless a key has that name", "key newkey",
     "generic", "1.0.0", .run = renamenx_run,
     .access = "RW access delete; OW insert"},
    {"copy", -3, STORE, 1, 2, 1, "Copies a key's value to another key",
     "source destination [DB destination-db] [REPLACE]", "generic", "6.2.0",
     .run = copy_run, .access = "RO access; OW update"},
    {"dbsize", 1, READ | FAST, 0, 0, 0, "Counts all keys", "", "server",
     "1.0.0", .run = dbsize_run,
     .tips = "request_policy:all_shards response_policy:agg_sum"},
    {"flushdb", -1, WRITE | COMMAND_DANGEROUS, 0, 0, 0, "Deletes all keys",
     "[ASYNC | SYNC]", "server", "1.0.0", .run = flush_run,
     .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {"flushall", -1, WRITE | COMMAND_DANGEROUS, 0, 0, 0, "Deletes all keys",
     "[ASYNC | SYNC]", "server", "1.0.0", .run = flush_run,
     .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {0},
};
