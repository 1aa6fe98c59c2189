// multi.c -- MULTI, EXEC, DISCARD: commands that wait until all are known.
//
// EXEC goes down the stack as one request (flat.h) that carries the commands
// for the store. Those that are served above the stack (PING, CLIENT, CONFIG)
// can't be in it: they run when the reply comes up, each at its place in the
// array. Nothing that they see or do concerns keys, so that nobody can tell;
// but HELLO, which changes the form of replies, does so only for what is served
// after it.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "common/server/command.h"
#include "common/server/flat.h"
#include "common/server/server.h"
#include "common/server/session.h"
#include "common/server/transaction.h"
#include "common/wire/resp.h"
#include "common/wire/resp_value.h"

struct queued {
    const struct command *command;
    uint32_t first; // Its arguments' place in `argv`.
    uint32_t argc;
};

struct multi {
    struct transaction transaction;
    struct argv argv; // Of all that is queued.
    struct queued *queue;
    uint32_t count, capacity;
    uint32_t served; // Of them, above the stack.
    uint32_t flags;  // COMMAND_* of any of them.
    bool needs_data; // One of them lacks COMMAND_LOADING.
    bool spoiled;    // Something was refused: EXEC will refuse the rest.
};

static void multi_destroy(struct transaction *transaction)
{
    struct multi *multi = (struct multi *)transaction;
    argv_deinit(&multi->argv);
    free(multi->queue);
    free(multi);
}

static void multi_refused(struct transaction *transaction)
{
    ((struct multi *)transaction)->spoiled = true;
}

static void multi_queue(struct multi *multi, const struct request *request)
{
    if (multi->count == multi->capacity) {
        multi->capacity = multi->capacity ? 2 * multi->capacity : 8;
        multi->queue =
            xrealloc(multi->queue, multi->capacity * sizeof *multi->queue);
    }
    multi->queue[multi->count++] = (struct queued){
        request->command,
        multi->argv.count,
        request->argc,
    };
    argv_add_all(&multi->argv, request->argv, request->argc);
    multi->served += !request->command->run;
    multi->flags |= request->command->flags;
    multi->needs_data |= !(request->command->flags & COMMAND_LOADING);
}

static bool multi_ends(const struct command *command)
{
    static const char *const names[] = {"exec", "discard", "quit", "reset"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(command->full_name, names[i]))
            return true;
    }
    return false;
}

// What runs at once, as in Redis.
static bool multi_passes(const struct command *command)
{
    return multi_ends(command) || command->serve == multi_serve ||
           command->serve == watch_serve;
}

// A queue is a request that is not finished yet, and bounded like one.
static bool multi_has_room(const struct multi *multi,
                           const struct session *session,
                           const struct request *request)
{
    size_t size = multi->argv.bytes.size;
    for (uint32_t i = 0; i < request->argc; i++)
        size += request->argv[i].size;
    return size <= (size_t)session->server->settings->input_buffer_max &&
           multi->argv.count + request->argc <= RESP_ARGUMENTS_MAX;
}

static bool multi_takes(struct transaction *transaction,
                        struct session *session, struct request *request)
{
    struct multi *multi = (struct multi *)transaction;
    if (multi_passes(request->command))
        return false;
    if (request->command->flags & COMMAND_NO_MULTI) {
        reply_error(&request->reply,
                    "ERR Command not allowed inside a transaction");
        multi->spoiled = true;
    } else if (!multi_has_room(multi, session, request)) {
        reply_error(&request->reply,
                    "ERR transaction exceeds input_buffer_max");
        multi->spoiled = true;
    } else {
        if (!multi->spoiled) // Otherwise it will never run.
            multi_queue(multi, request);
        reply_status(&request->reply, "QUEUED");
    }
    request_complete(request);
    return true;
}

static const struct transaction_type multi_type = {
    multi_takes,
    multi_refused,
    multi_destroy,
};

// What the session is in the middle of, if that is a MULTI.
static struct multi *multi_of(const struct session *session)
{
    struct transaction *transaction = session->transaction;
    if (!transaction || transaction->type != &multi_type)
        return NULL;
    return (struct multi *)transaction;
}

bool multi_is_open(const struct session *session)
{
    return multi_of(session) != NULL;
}

bool multi_would_grow(const struct session *session,
                      const struct command *command)
{
    return multi_is_open(session) && !multi_ends(command);
}

int64_t multi_queued_count(const struct session *session)
{
    const struct multi *multi = multi_of(session);
    return multi ? (int64_t)multi->count : -1;
}

uint32_t multi_queued_flags(const struct session *session)
{
    const struct multi *multi = multi_of(session);
    return multi ? multi->flags : 0;
}

// Nothing of it is for the store.
static bool multi_is_all_served(const struct multi *multi,
                                const struct session *session)
{
    return multi->count == multi->served && session->watched.count == 0;
}

bool multi_needs_data(const struct session *session)
{
    const struct multi *multi = multi_of(session);
    return multi && (multi->needs_data || !multi_is_all_served(multi, session));
}

void multi_serve(struct session *session, struct request *request)
{
    if (multi_of(session)) {
        reply_error(&request->reply, "ERR MULTI calls can not be nested");
    } else if (session->transaction) {
        reply_error(&request->reply, "ERR MULTI inside another transaction is "
                                     "not allowed");
    } else {
        struct multi *multi = xcalloc(1, sizeof *multi);
        multi->transaction.type = &multi_type;
        transaction_begin(session, &multi->transaction);
        reply_ok(&request->reply);
    }
}

void discard_serve(struct session *session, struct request *request)
{
    if (!multi_of(session)) {
        reply_error(&request->reply, "ERR DISCARD without MULTI");
        return;
    }
    transaction_end(session);
    argv_deinit(&session->watched);
    reply_ok(&request->reply);
}

// A queued command as a part of EXEC, which can't wait for anything.
static struct request step_of(const struct queued *queued,
                              const struct slice *arguments,
                              const struct request *exec)
{
    return (struct request){
        .command = queued->command,
        .argv = arguments + queued->first,
        .argc = queued->argc,
        .flags = REQUEST_NO_WAIT,
        .now_ms = exec->now_ms,
        .seed = exec->seed,
    };
}

// Runs one that belongs above the stack.
static void serve_queued(struct session *session, struct request *exec,
                         const struct queued *queued,
                         const struct slice *arguments)
{
    struct request step = step_of(queued, arguments, exec);
    step.reply = exec->reply;
    step.reply_start = exec->reply.out->size;
    step.origin = &session->origin;
    request_tell_step(&step, NULL);
    queued->command->serve(session, &step);
    request_tell_step(&step, &step);
    exec->reply = step.reply;
}

// Puts the replies of served commands between those of the store.
static void exec_weave(struct multi *multi, struct session *session,
                       struct request *request)
{
    const struct slice *arguments = argv_slices(&multi->argv);
    struct buffer *out = request->reply.out;
    struct buffer below = {0};
    buffer_append(&below, out->data + request->reply_start,
                  out->size - request->reply_start);
    out->size = request->reply_start;

    struct slice rest = buffer_slice(&below);
    resp_take_header(&rest);
    reply_array(&request->reply, multi->count);
    for (uint32_t i = 0; i < multi->count; i++) {
        const struct queued *queued = &multi->queue[i];
        if (queued->command->run)
            reply_bytes(&request->reply, resp_take_value(&rest));
        else
            serve_queued(session, request, queued, arguments);
    }
    buffer_deinit(&below);
}

static bool is_array(const struct request *request)
{
    const struct buffer *out = request->reply.out;
    const char *reply = out->data + request->reply_start;
    return !out->overflowed && out->size - request->reply_start >= 4 &&
           reply[0] == '*' && reply[1] != '-';
}

// Monitors see what was queued when it has run; before EXEC.
static void exec_show(struct multi *multi, struct session *session)
{
    const struct slice *arguments = argv_slices(&multi->argv);
    for (uint32_t i = 0; i < multi->count; i++) {
        const struct queued *queued = &multi->queue[i];
        struct request step = {
            .command = queued->command,
            .argv = arguments + queued->first,
            .argc = queued->argc,
        };
        transaction_show(session, &step);
    }
}

static void exec_done(void *context, struct session *session,
                      struct request *request)
{
    struct multi *multi = context;
    bool ran = session && is_array(request);
    if (ran && multi->served)
        exec_weave(multi, session, request);
    if (ran)
        exec_show(multi, session);
    multi_destroy(&multi->transaction);
}

// The request that goes down.
static void exec_flatten(struct session *session, struct multi *multi,
                         const struct request *exec, struct argv *flat)
{
    const struct slice *arguments = argv_slices(&multi->argv);
    struct random random;
    random_init(&random, exec->seed);
    flat_begin(flat, SLICE("EXEC"), &session->watched);
    flat_begin_commands(flat, multi->count - multi->served);
    for (uint32_t i = 0; i < multi->count; i++) {
        const struct queued *queued = &multi->queue[i];
        struct request step = step_of(queued, arguments, exec);
        if (step.command->run)
            flat_add_command(flat, random_next(&random), step.argv, step.argc);
    }
}

void exec_serve(struct session *session, struct request *request)
{
    struct multi *multi = multi_of(session);
    if (!multi) {
        reply_error(&request->reply, "ERR EXEC without MULTI");
        return;
    }
    if (multi->spoiled) {
        reply_error(&request->reply, "EXECABORT Transaction discarded because "
                                     "of previous errors.");
        transaction_end(session);
    } else if (multi_is_all_served(multi, session)) {
        reply_array(&request->reply, 0);
        session->transaction = NULL;
        exec_done(multi, session, request);
    } else {
        struct argv flat = {0};
        exec_flatten(session, multi, request, &flat);
        session->transaction = NULL; // exec_done destroys it.
        transaction_submit(session, request, request->command, &flat, exec_done,
                           multi);
        argv_deinit(&flat);
    }
    argv_deinit(&session->watched);
}
