// dispatch.c -- from a parsed request to the code that answers it: the checks
// that all commands share, then the command itself or the stack of layers.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/server/blocked.h"
#include "common/server/command.h"
#include "common/server/layer.h"
#include "common/server/monitor.h"
#include "common/server/server.h"
#include "common/server/session.h"
#include "common/server/transaction.h"

enum {
    DISPATCH_QUOTED_MAX = 128, // Bytes of a bad request in its error.
    DISPATCH_QUIET_MS = 60 * 1000,
};

// As much of `text` as Redis repeats: up to a zero byte.
static struct slice dispatch_quote(struct slice text, size_t max)
{
    return (struct slice){
        text.data, strnlen(text.data, text.size < max ? text.size : max)};
}

// Commands of a cluster's nodes, which clients send to find out.
static bool dispatch_is_of_cluster(struct slice name)
{
    return slice_is(name, "cluster") || slice_is(name, "asking") ||
           slice_is(name, "readonly") || slice_is(name, "readwrite");
}

static void dispatch_unknown(struct request *request)
{
    if (dispatch_is_of_cluster(request->argv[0])) {
        reply_error(&request->reply,
                    "ERR This instance has cluster support disabled");
        return;
    }
    struct buffer arguments = {0};
    for (uint32_t i = 1;
         i < request->argc && arguments.size < DISPATCH_QUOTED_MAX; i++) {
        struct slice quoted = dispatch_quote(
            request->argv[i], DISPATCH_QUOTED_MAX - arguments.size);
        buffer_append_byte(&arguments, '\'');
        buffer_append_slice(&arguments, quoted);
        buffer_append_text(&arguments, "' ");
    }
    struct slice name = dispatch_quote(request->argv[0], DISPATCH_QUOTED_MAX);
    reply_error(&request->reply,
                "ERR unknown command '%.*s', with args beginning with: %.*s",
                SLICE_PRINT(name), SLICE_PRINT(buffer_slice(&arguments)));
    buffer_deinit(&arguments);
}

static void dispatch_unknown_subcommand(struct request *request,
                                        const struct command *container)
{
    struct slice name = dispatch_quote(request->argv[1], DISPATCH_QUOTED_MAX);
    char upper[32] = {0};
    for (size_t i = 0; container->name[i] && i < sizeof upper - 1; i++)
        upper[i] = container->name[i] >= 'a' && container->name[i] <= 'z'
                       ? (char)(container->name[i] - 'a' + 'A')
                       : container->name[i];
    reply_error(&request->reply, "ERR unknown subcommand '%.*s'. Try %s HELP.",
                SLICE_PRINT(name), upper);
}

// The first line of a form that a web page sends, or one that every browser
// adds: a page can make its reader's browser speak to servers on the reader's
// machine, and what it puts into the body are commands. So nothing that follows
// is looked at. (Redis does the same.)
static bool dispatch_is_http(const struct request *request)
{
    return slice_is(request->argv[0], "post") ||
           slice_is(request->argv[0], "host:");
}

static void dispatch_abort(struct session *session)
{
    struct server *server = session->server;
    session->killed = true;
    session_changed(session);
    if (server->now_ms < server->http_quiet_until_ms)
        return;
    server->http_quiet_until_ms = server->now_ms + DISPATCH_QUIET_MS;
    log_warn(server->log, "client closed",
             LOG_TEXT_OF("reason", "speaks HTTP; not told again for a minute"),
             LOG_TEXT_OF("address", session->peer_address));
}

static void dispatch_count_rejected(struct session *session,
                                    const struct command *command)
{
    session->server->command_stats.records[command->id].rejected++;
}

// The row to run, or NULL after the error was written.
static const struct command *dispatch_find(struct session *session,
                                           struct request *request)
{
    const struct command *found;
    const struct command *command = command_resolve(
        session->server->commands, request->argv, request->argc, &found);
    if (!found || command_is_internal(found)) {
        if (dispatch_is_http(request))
            dispatch_abort(session);
        else
            dispatch_unknown(request);
        return NULL;
    }
    if (!command && request->argc > 1) {
        dispatch_unknown_subcommand(request, found);
        return NULL;
    }
    if (!command || !command_arity_fits(command, request->argc)) {
        dispatch_count_rejected(session, command ? command : found);
        reply_error(&request->reply,
                    "ERR wrong number of arguments for '%s' command",
                    (command ? command : found)->full_name);
        return NULL;
    }
    return command;
}

// A queue grows by whatever is put into it.
static bool dispatch_needs_memory(const struct session *session,
                                  const struct request *request)
{
    const struct command *command = request->command;
    uint32_t flags = command->flags;
    if (command->serve == exec_serve)
        flags |= multi_queued_flags(session);
    return flags & COMMAND_DENYOOM || multi_would_grow(session, command);
}

static bool dispatch_has_room(const struct session *session,
                              const struct request *request)
{
    struct admission *admission = session->server->admission;
    if (!admission || !admission->limited || session->server->loading.active)
        return true;
    bool needs_memory = dispatch_needs_memory(session, request);
    return admission->admit(admission, request->now_ms, needs_memory) ||
           !needs_memory;
}

// While data are loaded nothing goes down the stack. (Redis lets WATCH pass.)
static bool dispatch_needs_data(const struct session *session,
                                const struct request *request)
{
    const struct command *command = request->command;
    if (!session->server->loading.active)
        return false;
    if (!(command->flags & COMMAND_LOADING))
        return true;
    return command->serve == exec_serve ? multi_needs_data(session)
                                        : command->run != NULL;
}

// What the client may not do, though the command is well formed. True after
// the error was written.
static bool dispatch_refuses(const struct session *session,
                             struct request *request)
{
    uint32_t flags = request->command->flags;
    if (!session->authenticated && !(flags & COMMAND_NO_AUTH)) {
        reply_error(&request->reply, "NOAUTH Authentication required.");
        return true;
    }
    if (session_is_subscriber(session) && !(flags & COMMAND_SUBSCRIBED)) {
        reply_error(&request->reply,
                    "ERR Can't execute '%s': only (P|S)SUBSCRIBE / "
                    "(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in "
                    "this context",
                    request->command->full_name);
        return true;
    }
    if (session_is_monitor(session) &&
        flags & (COMMAND_READONLY | COMMAND_WRITE)) {
        // To Redis a monitor is a sort of replica.
        reply_error(&request->reply,
                    "ERR Replica can't interact with the keyspace");
        return true;
    }
    if (flags & COMMAND_PROTECTED &&
        !session->server->settings->debug_commands) {
        reply_error(&request->reply,
                    "ERR DEBUG command not allowed. If the "
                    "enable-debug-command option is set to \"local\", you can "
                    "run it from a local connection, otherwise you need to set "
                    "this option in the configuration file, and then restart "
                    "the server.");
        return true;
    }
    if (dispatch_needs_data(session, request)) {
        reply_error(&request->reply,
                    "LOADING VegaDB is loading the dataset in memory (%d %%)",
                    (int)server_loading_percent(session->server));
        return true;
    }
    if (!dispatch_has_room(session, request)) {
        reply_error(&request->reply, "OOM command not allowed when used memory "
                                     "> 'maxmemory'.");
        return true;
    }
    return false;
}

// A layer may know of keys that are not for this node. Of what goes down by
// itself it finds that there.
static bool dispatch_is_misplaced(const struct session *session,
                                  struct request *request)
{
    const struct command *command = request->command;
    struct layer *stack = session->server->stack;
    return (session->transaction || command->serve) && stack->refuse &&
           command_has_keys(command) && stack->refuse(stack, request);
}

void session_dispatch(struct session *session, struct request *request)
{
    struct server *server = session->server;
    if (!request->command)
        request->command = dispatch_find(session, request);
    if (session->asking) {
        session->asking = false;
        request->flags |= REQUEST_ASKING;
    }
    if (!request->command || dispatch_refuses(session, request) ||
        dispatch_is_misplaced(session, request)) {
        if (request->command)
            dispatch_count_rejected(session, request->command);
        transaction_refused(session, request);
        request_complete(request);
        return;
    }
    const struct command *command = request->command;
    session->last_command = command;
    session->requests++;
    struct transaction *transaction = session->transaction;
    if (transaction && transaction->type->takes(transaction, session, request))
        return;
    server->stats.commands_processed++;
    server->calls[command->id]++;
    request->flags |= REQUEST_EXECUTED;
    if (!command->serve) {
        if (command->flags & COMMAND_BLOCKING)
            blocked_submit(session, request);
        else
            server->stack->submit(server->stack, request);
    } else {
        command->serve(session, request);
        // Unless it was kept, or went down the stack after all.
        if (!(request->flags & (REQUEST_MOVED | REQUEST_COMPLETE)))
            request_complete(request);
    }
    if (!list_is_empty(&server->monitors))
        monitor_show(session, request);
}
