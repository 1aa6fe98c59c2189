// transaction.c -- what all kinds of transactions share.
// SPDX-License-Identifier: MIT
#include "common/server/transaction.h"

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/command.h"
#include "common/server/layer.h"
#include "common/server/monitor.h"
#include "common/server/server.h"
#include "common/server/session.h"

void transaction_begin(struct session *session, struct transaction *taken)
{
    check(!session->transaction);
    session->transaction = taken;
}

void transaction_end(struct session *session)
{
    struct transaction *transaction = session->transaction;
    session->transaction = NULL;
    if (transaction)
        transaction->type->destroy(transaction);
}

void transaction_count(struct session *session, const struct request *step)
{
    session->server->stats.commands_processed++;
    session->server->calls[step->command->id]++;
}

void transaction_show(struct session *session, const struct request *step)
{
    if (!list_is_empty(&session->server->monitors))
        monitor_show(session, step);
}

static void count_error(struct command_stats *stats, const struct request *step)
{
    struct slice reply = buffer_slice(step->reply.out);
    if (reply.size <= step->reply_start || reply.data[step->reply_start] != '-')
        return;
    reply.data += step->reply_start + 1;
    reply.size -= step->reply_start + 1;
    command_stats_add_error(stats, reply);
    stats->records[step->command->id].failed++;
}

void transaction_count_step(struct origin *origin, const struct request *step)
{
    struct session *session = container_of(origin, struct session, origin);
    struct server *server = session->server;
    struct command_stats *stats = &server->command_stats;
    int64_t start_ns = server->step_ns;
    int64_t now_ns = -1;
    if (server->settings->command_times)
        now_ns = env_now_ns(server->env);
    server->step_ns = now_ns;
    if (!step)
        return;
    uint32_t id = step->command->id;
    transaction_count(session, step);
    count_error(stats, step);
    if (start_ns < 0 || now_ns < 0)
        return;
    command_stats_add(stats, id, (uint64_t)(now_ns - start_ns), 1);
    laps_tell(session, step, (now_ns - start_ns) / 1000);
}

// On the heap, because a layer may keep the request for longer than the
// session lives.
struct descent {
    struct completion completion;
    void (*done)(void *context, struct session *session,
                 struct request *request);
    void *context;
    const struct command *typed; // What the client sent.
};

static void descent_done(struct completion *completion, struct request *request)
{
    struct descent *descent =
        container_of(completion, struct descent, completion);
    struct session *session = NULL;
    if (request->origin) {
        session = container_of(request->origin, struct session, origin);
        session->stalled = false;
    }
    if (session)
        session->server->ascending = true;
    if (descent->done)
        descent->done(descent->context, session, request);
    if (session)
        session->server->ascending = false;
    request->command = descent->typed; // For whoever counts.
    free(descent);
    request_complete(request);
}

void transaction_submit(struct session *session, struct request *request,
                        const struct command *command, struct argv *argv,
                        void (*done)(void *context, struct session *session,
                                     struct request *request),
                        void *context)
{
    check(!session->stalled);
    struct descent *descent = xmalloc(sizeof *descent);
    *descent = (struct descent){
        {descent_done, NULL},
        done,
        context,
        request->command,
    };
    request_push(request, &descent->completion);
    session->stalled = true;

    struct request typed = *request;
    request->command = command;
    if (argv) {
        request->argv = argv_slices(argv);
        request->argc = argv->count;
        request->flags &= ~(uint32_t)REQUEST_HASHED;
    }
    struct layer *stack = session->server->stack;
    stack->submit(stack, request);
    // Who looks at the request afterwards sees what the client sent.
    request->command = typed.command;
    request->argv = typed.argv;
    request->argc = typed.argc;
}

// EXEC that can't even begin ends what MULTI began, and its error says so.
static void refuse_exec(struct session *session, struct request *request)
{
    struct buffer *out = request->reply.out;
    struct buffer text = {0};
    size_t start = request->reply_start + strlen("-");
    if (out->size - start > strlen("\r\n") && !out->overflowed)
        buffer_append(&text, out->data + start,
                      out->size - start - strlen("\r\n"));
    struct slice why = buffer_slice(&text);
    if (why.size > 4 && !memcmp(why.data, "ERR ", 4))
        why = (struct slice){why.data + 4, why.size - 4};
    out->size = request->reply_start;
    request->reply.errors = 0;
    reply_error(&request->reply,
                "EXECABORT Transaction discarded because of: %.*s",
                SLICE_PRINT(why));
    buffer_deinit(&text);
    transaction_end(session);
    argv_deinit(&session->watched);
}

void transaction_refused(struct session *session, struct request *request)
{
    struct transaction *transaction = session->transaction;
    if (transaction)
        transaction->type->refused(transaction);
    if (slice_is(request->argv[0], "exec"))
        refuse_exec(session, request);
}
