// interactive.c -- BEGIN, COMMIT, ROLLBACK.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/interactive.h"

#include "common/base/memory.h"
#include "common/server/server.h"
#include "common/server/transaction.h"
#include "stage1-singlenode/overlay.h"

struct interactive {
    struct transaction transaction;
    struct server *server;
    const struct command *begin; // Whose `run` is interactive_run.
    char *id;                    // For the log; "" for none. Owned.
    struct overlay overlay;      // Unless it is over.
    bool over;                   // Its time was.
    struct env_timer timer;
};

static void interactive_destroy(struct transaction *transaction)
{
    struct interactive *self = (struct interactive *)transaction;
    env_timer_stop(self->server->env, &self->timer);
    if (!self->over)
        overlay_deinit(&self->overlay);
    free(self->id);
    free(self);
}

// The session goes on being in a transaction, one that only answers errors: a
// client that does not know yet must not write without one.
static void interactive_time_is_up(struct env_timer *timer)
{
    struct interactive *self = container_of(timer, struct interactive, timer);
    overlay_deinit(&self->overlay);
    self->over = true;
    log_info(self->server->log, "transaction rolled back",
             LOG_TEXT_OF("reason", "time limit"), LOG_TEXT_OF("id", self->id));
}

static void reply_over(struct request *request)
{
    reply_error(&request->reply,
                "ERR transaction took longer than %d s and "
                "was rolled back",
                INTERACTIVE_MS_MAX / 1000);
}

// Those that begin and end transactions look for themselves where they are.
static bool is_own(const struct command *command)
{
    return command->serve == exec_serve || command->serve == watch_serve ||
           command->serve == begin_serve || command->serve == commit_serve;
}

// Commands for the store run against the overlay; the others are served as
// always.
static bool interactive_takes(struct transaction *transaction,
                              struct session *session, struct request *request)
{
    struct interactive *self = (struct interactive *)transaction;
    const struct command *command = request->command;
    if (!command->run || is_own(command))
        return false;
    if (!self->over && command_has_keys(command)) {
        transaction_count(session, request);
        transaction_show(session, request);
        request->flags |= REQUEST_EXECUTED;
        transaction_submit(session, request, self->begin, NULL, NULL, NULL);
        return true;
    }
    if (self->over)
        reply_over(request);
    else
        reply_error(&request->reply,
                    "ERR '%s' does not name its keys, and can't run inside "
                    "BEGIN",
                    command->full_name);
    request_complete(request);
    return true;
}

// What was refused has done nothing; the client decides what that means.
static void interactive_refused(struct transaction *transaction)
{
    (void)transaction;
}

static const struct transaction_type interactive_type = {
    interactive_takes,
    interactive_refused,
    interactive_destroy,
};

static struct interactive *interactive_of(const struct session *session)
{
    struct transaction *transaction = session->transaction;
    if (!transaction || transaction->type != &interactive_type)
        return NULL;
    return (struct interactive *)transaction;
}

static char *copy_text(struct slice text)
{
    char *copy = xmalloc(text.size + 1);
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

void begin_serve(struct session *session, struct request *request)
{
    struct server *server = session->server;
    if (request->argc > 2) {
        command_refuse_arity(request);
        return;
    }
    if (session->transaction) {
        reply_error(&request->reply, "ERR BEGIN calls can not be nested");
        return;
    }
    struct interactive *self = xcalloc(1, sizeof *self);
    struct hash_secret secret;
    env_random(server->env, &secret, sizeof secret);
    self->transaction.type = &interactive_type;
    self->server = server;
    self->begin = request->command;
    self->id = copy_text(request->argc > 1 ? request->argv[1] : SLICE(""));
    overlay_init(&self->overlay, &secret, request->now_ms);
    self->timer.fire = interactive_time_is_up;
    env_timer_start(server->env, &self->timer,
                    INTERACTIVE_MS_MAX * INT64_C(1000));
    transaction_begin(session, &self->transaction);
    reply_ok(&request->reply);
}

void interactive_run(struct store *store, struct request *request)
{
    // Whoever sent it is a session, stalled until it is answered, or is gone.
    struct interactive *self = NULL;
    if (request->origin)
        self = interactive_of(
            container_of(request->origin, struct session, origin));
    if (self && !self->over)
        overlay_run(&self->overlay, store, request);
    else
        reply_over(request);
}

void commit_serve(struct session *session, struct request *request)
{
    struct interactive *self = interactive_of(session);
    if (!self) {
        reply_error(&request->reply, "ERR COMMIT without BEGIN");
        return;
    }
    if (self->over) {
        reply_over(request);
    } else {
        struct argv flat = {0};
        overlay_flatten(&self->overlay, &flat);
        transaction_submit(session, request, request->command, &flat, NULL,
                           NULL);
        argv_deinit(&flat);
    }
    transaction_end(session);
}

void rollback_serve(struct session *session, struct request *request)
{
    if (!interactive_of(session)) {
        reply_error(&request->reply, "ERR ROLLBACK without BEGIN");
        return;
    }
    transaction_end(session);
    reply_ok(&request->reply);
}
