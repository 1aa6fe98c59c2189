// commands_transaction.c -- the rows of transactions, and BATCH.
//
// A row with `serve` and `run` is served above the stack, by the session, which
// makes the request that goes down; `run` is what that does at the store.
// SPDX-License-Identifier: MIT
#include "common/server/commands.h"
#include "common/server/transaction.h"
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/interactive.h"
#include "stage1-singlenode/transaction.h"

// Arguments of one operation, its name included; 0 for an unknown one. Each is
// a command of that name.
static uint32_t batch_argc(struct slice operation)
{
    if (slice_is(operation, "put"))
        return 3;
    if (slice_is(operation, "get") || slice_is(operation, "delete"))
        return 2;
    return 0;
}

// Counts the operations. False after the error was written: then none runs.
static bool batch_parse(struct request *request, uint32_t *count)
{
    *count = 0;
    for (uint32_t i = 1, argc; i < request->argc; i += argc, ++*count) {
        argc = batch_argc(request->argv[i]);
        if (argc == 0) {
            reply_error(&request->reply,
                        "ERR unknown operation '%.*s' in BATCH",
                        SLICE_PRINT(commands_quote(request->argv[i])));
            return false;
        }
        if (argc > request->argc - i) {
            reply_wrong_arity(request);
            return false;
        }
    }
    return true;
}

static bool batch_keys(const struct request *request,
                       void (*each)(void *context, uint32_t position),
                       void *context)
{
    for (uint32_t i = 1, argc; i < request->argc; i += argc) {
        argc = batch_argc(request->argv[i]);
        if (argc == 0 || argc > request->argc - i)
            return false;
        each(context, i + 1);
    }
    return true;
}

static void batch_run(struct store *store, struct request *request)
{
    uint32_t count;
    if (!batch_parse(request, &count))
        return;
    reply_array(&request->reply, count);
    request_tell_step(request, NULL);
    for (uint32_t i = 1, argc; i < request->argc; i += argc) {
        argc = batch_argc(request->argv[i]);
        transaction_step(store, request, request->seed, request->argv + i,
                         argc);
    }
}

enum {
    ANY_TIME = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE,
    LIGHT = ANY_TIME | COMMAND_FAST | COMMAND_ALLOW_BUSY,
    OWN = COMMAND_NOSCRIPT | COMMAND_NO_MULTI,
};

// Name, arity, flags; keys; summary, arguments; group, since.
const struct command commands_transaction[] = {
    {"multi", 1, LIGHT, 0, 0, 0, //
     "Queues the commands that follow, for EXEC", "", "transactions", "1.2.0",
     .serve = multi_serve},
    {"exec", 1, ANY_TIME | COMMAND_SKIP_SLOWLOG, 0, 0, 0,
     "Runs what was queued, unless a watched key changed", "", "transactions",
     "1.2.0", .serve = exec_serve, .run = transaction_exec},
    {"discard", 1, LIGHT, 0, 0, 0, //
     "Forgets what was queued", "", "transactions", "2.0.0",
     .serve = discard_serve},
    {"watch", -2, LIGHT, 1, -1, 1,
     "Makes the next EXEC depend on keys being unchanged", "key [key ...]",
     "transactions", "2.2.0", .serve = watch_serve, .run = transaction_versions,
     .access = "RO"},
    {"unwatch", 1, LIGHT, 0, 0, 0, //
     "Forgets what is watched", "", "transactions", "2.2.0",
     .serve = unwatch_serve},
    {"begin", -1, OWN | COMMAND_READONLY, 0, 0, 0,
     "Begins a transaction whose commands answer at once", "[id]",
     "transactions", "vega 1", .serve = begin_serve, .run = interactive_run},
    {"commit", 1, OWN | COMMAND_WRITE, 0, 0, 0,
     "Applies what BEGIN began, unless a key that it read changed", "",
     "transactions", "vega 1", .serve = commit_serve,
     .run = transaction_commit},
    {"rollback", 1, OWN, 0, 0, 0, //
     "Forgets what BEGIN began", "", "transactions", "vega 1",
     .serve = rollback_serve},
    {"batch", -3, STORE | COMMAND_MOVABLE_KEYS, 0, 0, 0,
     "Puts, gets and deletes keys, all at one instant",
     "<PUT key value | GET key | DELETE key> "
     "[<PUT key value | GET key | DELETE key> ...]",
     "transactions", "vega 1", .run = batch_run, .find_keys = batch_keys},
    {0},
};
