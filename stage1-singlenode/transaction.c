// transaction.c -- transactions at the store.
//
// Optimistic concurrency control (Kung and Robinson 1981) with one validation
// at a time: what was read is compared with what is there, and then the
// commands run on just that state, with nobody between.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/transaction.h"

#include "common/server/command.h"
#include "common/server/commands.h"
#include "common/server/flat.h"

uint64_t transaction_version(struct store *store, struct slice key)
{
    const struct entry *entry = store_peek(store, store_key(store, key));
    return entry ? entry->version : 0;
}

void transaction_versions(struct store *store, struct request *request)
{
    reply_array(&request->reply, request->argc - 1);
    for (uint32_t i = 1; i < request->argc; i++)
        reply_integer(&request->reply,
                      (int64_t)transaction_version(store, request->argv[i]));
}

// Runs a command as a part of `request`. False after an error reply if there is
// no such command.
static bool run_step(struct store *store, struct request *request,
                     struct request *step)
{
    const struct command *found;
    step->command = command_resolve(request->command->table, step->argv,
                                    step->argc, &found);
    step->flags = REQUEST_NO_WAIT;
    step->now_ms = request->now_ms;
    step->reply = request->reply;
    step->reply_start = request->reply.out->size;
    if (!step->command || !step->command->run ||
        !command_arity_fits(step->command, step->argc)) {
        reply_error(&request->reply, "ERR malformed transaction");
        return false;
    }
    store_begin(store, step->now_ms, step->seed);
    step->command->run(store, step);
    request->reply = step->reply;
    request->flags |= step->flags & REQUEST_CHANGED;
    return true;
}

void transaction_step(struct store *store, struct request *request,
                      uint64_t seed, const struct slice *argv, uint32_t argc)
{
    struct request step = {.argv = argv, .argc = argc, .seed = seed};
    if (run_step(store, request, &step))
        request_tell_step(request, &step);
}

// Reads the first part of a flat request. False if a version does not hold;
// then *changed is its key.
static bool versions_hold(struct store *store, struct flat *flat,
                          struct slice *changed)
{
    uint32_t count;
    struct flat_version version;
    bool hold = flat_read_count(flat, &count);
    *changed = SLICE("");
    while (hold && count--) {
        hold = flat_read_version(flat, &version) &&
               version.version == transaction_version(store, version.key);
        *changed = version.key;
    }
    return hold;
}

// Opens a flat request. False after the error was written: sessions write no
// such thing, but a request may have come another way.
static bool open_flat(struct request *request, struct flat *flat)
{
    if (!flat_is_valid(request->argv, request->argc)) {
        reply_error(&request->reply, "ERR malformed transaction");
        return false;
    }
    *flat = flat_open(request->argv, request->argc);
    return true;
}

void transaction_exec(struct store *store, struct request *request)
{
    struct flat flat;
    struct flat_command command;
    struct slice changed;
    uint32_t count;
    if (!open_flat(request, &flat))
        return;
    if (!versions_hold(store, &flat, &changed)) {
        reply_null_array(&request->reply);
        return;
    }
    if (flat_read_count(&flat, &count))
        reply_array(&request->reply, count);
    request_tell_step(request, NULL);
    while (flat_read_command(&flat, &command))
        transaction_step(store, request, command.seed, command.argv,
                         command.argc);
}

void transaction_commit(struct store *store, struct request *request)
{
    struct flat flat;
    struct flat_command command;
    struct slice changed;
    uint32_t count;
    if (!open_flat(request, &flat))
        return;
    if (!versions_hold(store, &flat, &changed)) {
        reply_error(&request->reply, "CONFLICT %.*s changed since it was read",
                    SLICE_PRINT(commands_quote(changed)));
        return;
    }
    // The client has the replies of the commands already, and they have
    // counted.
    struct reply reply = request->reply;
    struct buffer unread = {0};
    request->reply.out = &unread;
    flat_read_count(&flat, &count);
    while (flat_read_command(&flat, &command)) {
        struct request step = {
            .argv = command.argv,
            .argc = command.argc,
            .seed = command.seed,
        };
        buffer_clear(&unread);
        run_step(store, request, &step);
    }
    buffer_deinit(&unread);
    request->reply = reply;
    reply_ok(&request->reply);
}
