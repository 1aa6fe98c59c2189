// session.c -- one client's life, and its input: to batches of requests.
//
// Invariants
// (S1) A request executes only after all earlier ones of its session were
//      submitted, and none while the session is parked.
// (S2) `input` holds nothing that could have been executed, unless the session
//      does not want input.
// SPDX-License-Identifier: MIT
#include "common/server/session.h"

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/command.h"
#include "common/server/layer.h"
#include "common/server/monitor.h"
#include "common/server/pubsub.h"
#include "common/server/server.h"
#include "common/server/transaction.h"

enum {
    // What a client may send before it has authenticated, as in Redis.
    SESSION_STRANGER_ARGUMENTS_MAX = 10,
    SESSION_STRANGER_BULK_MAX = 16 * 1024,
    // Less than this missing from a partial request is not worth a copy of
    // its own; see session_receive.
    SESSION_PIECE_MIN = 64,
    // Requests that layers may keep of a session, and bytes of their arguments,
    // before it reads no more: what is kept for many shall not be one's.
    SESSION_WAITING_MAX = 256,
    SESSION_WAITING_ARGUMENTS_MAX = 1024 * 1024,
};

static bool session_output_is_full(const struct session *session)
{
    return session_unsent(session) >
           (size_t)session->server->settings->output_buffer_soft;
}

static bool session_keeps_much(const struct session *session)
{
    return session->waiting_count >= SESSION_WAITING_MAX ||
           session->waiting_arguments >= SESSION_WAITING_ARGUMENTS_MAX;
}

bool session_wants_input(const struct session *session)
{
    return !session->closing && !session->killed && !session->parked &&
           !session->stalled && !session_output_is_full(session) &&
           !session_keeps_much(session);
}

static void session_protocol_error(struct session *session, const char *error)
{
    struct buffer *out = session_reply_buffer(session);
    size_t before = out->size;
    struct reply reply = {out, session->protocol, 0};
    reply_error(&reply, "ERR %s", error);
    session_count_reply(session, out, before);
    session->server->stats.error_replies++;
    command_stats_add_error(&session->server->command_stats, SLICE("ERR"));
    session->closing = true;
    log_info(session->server->log, "client closed",
             LOG_TEXT_OF("reason", error),
             LOG_TEXT_OF("address", session->peer_address),
             LOG_INT_OF("id", (int64_t)session->id));
}

// Parses up to SERVER_BATCH_MAX requests from the front of `input` into the
// server's batch; returns how many. One at a time while the client has not
// authenticated, because AUTH changes the limits. *status tells why it ended.
static uint32_t session_parse(struct session *session, struct slice input,
                              enum resp_status *status)
{
    struct server *server = session->server;
    struct resp_parser *parser = &server->parser;
    bool known = session->authenticated;
    uint32_t batch_max = known ? SERVER_BATCH_MAX : 1;
    parser->bulk_max =
        known ? (size_t)server->settings->bulk_max : SESSION_STRANGER_BULK_MAX;
    parser->arguments_max =
        known ? RESP_ARGUMENTS_MAX : SESSION_STRANGER_ARGUMENTS_MAX;

    resp_parser_reset(parser);
    session->input_need = 0;
    *status = RESP_OK;
    uint32_t count = 0, first = 0;
    size_t end = 0;
    while (count < batch_max && end < input.size) {
        struct resp_request parsed;
        struct slice rest = {input.data + end, input.size - end};
        *status = resp_parse_request(parser, rest, &parsed);
        if (*status != RESP_OK) {
            session->input_need = parsed.need;
            break;
        }
        end += parsed.size;
        struct request *request = &server->batch[count];
        request->argc = parsed.argc;
        server->batch_end[count++] = end;
        if (parsed.is_inline) // There is one inline_text.
            break;
    }
    for (uint32_t i = 0; i < count; i++) { // Now they move no more.
        server->batch[i].argv = parser->arguments + first;
        first += server->batch[i].argc;
    }
    return count;
}

// The command where there is no doubt, or NULL; the dispatcher says what is
// wrong with the others. A pipeline often asks for the same command again and
// again: one comparison then saves the search (4 % of the CPU time of a GET).
static const struct command *session_resolve(const struct session *session,
                                             const struct request *request,
                                             const struct request *previous)
{
    const struct command *found, *command;
    if (request->argc == 0)
        return NULL;
    if (previous && previous->command && !previous->command->container &&
        !previous->command->subcommands &&
        slice_equal(request->argv[0], previous->argv[0]))
        command = previous->command;
    else
        command = command_resolve(session->server->commands, request->argv,
                                  request->argc, &found);
    bool fits = command && command_arity_fits(command, request->argc) &&
                !command_is_internal(command);
    return fits ? command : NULL;
}

// Fills in what a parsed request still lacks. `previous`: the one before it in
// the batch, or NULL.
static void session_init_request(struct session *session,
                                 struct request *request,
                                 const struct request *previous)
{
    struct server *server = session->server;
    request->command = session_resolve(session, request, previous);
    request->flags = 0;
    request->now_ms = server->now_ms;
    request->seed = random_next(&server->random);
    request->origin = &session->origin;
    request->completion = &server->completion;
}

// Lets the stack fetch ahead for all requests that will reach it.
static void session_prepare(struct session *session, uint32_t count)
{
    struct server *server = session->server;
    struct layer *stack = server->stack;
    if (count < 2 || !stack->prepare)
        return;
    size_t prepared = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct request *request = &server->batch[i];
        if (request->command && request->command->run)
            server->prepared[prepared++] = request;
    }
    if (prepared)
        stack->prepare(stack, server->prepared, prepared);
}

static void session_execute(struct session *session, struct request *request)
{
    if (request->argc == 0)
        return;
    if (session->reply_mode == REPLY_SKIP_NEXT)
        session->reply_mode = REPLY_SKIP;
    struct buffer *out = session_reply_buffer(session);
    request->reply = (struct reply){out, session->protocol, 0};
    request->reply_start = out->size;
    if (session->reply_mode != REPLY_ON)
        request->flags |= REQUEST_MUTED;
    session->current = request;
    session->current_out = out;
    session_dispatch(session, request);
    session->current = NULL;
    session->current_out = NULL;
    if (session->reply_mode == REPLY_SKIP)
        session->reply_mode = REPLY_ON;
    session_check_overflow(session, out);
    session_count_reply(session, out, request->reply_start);
    if (session->pushes.size)
        session_push_rest(session);
}

// Runs what `input` holds as far as it goes; returns the bytes that it took.
static size_t session_run(struct session *session, struct slice input)
{
    struct server *server = session->server;
    size_t used = 0;
    while (used < input.size && input.size - used >= session->input_need &&
           session_wants_input(session)) {
        enum resp_status status;
        struct slice rest = {input.data + used, input.size - used};
        uint32_t count = session_parse(session, rest, &status);
        for (uint32_t i = 0; i < count; i++)
            session_init_request(session, &server->batch[i],
                                 i ? &server->batch[i - 1] : NULL);
        session_prepare(session, count);

        uint32_t done = 0;
        session->executing = true;
        laps_start(server, count);
        while (done < count && session_wants_input(session)) {
            session_execute(session, &server->batch[done++]);
            if (!list_is_empty(&server->blocked.ready))
                server_wake(server);
            laps_next(session, done, count);
        }
        laps_finish(session, done);
        session->executing = false;
        session_release(session);
        if (done)
            used += server->batch_end[done - 1];
        if (done < count) {
            session->input_need = 0; // The rest was parsed in vain.
            break;
        }
        if (status == RESP_INVALID && session_wants_input(session))
            session_protocol_error(session, server->parser.error);
    }
    return used;
}

static void session_run_input(struct session *session)
{
    buffer_consume(&session->input,
                   session_run(session, buffer_slice(&session->input)));
    if (session->input.size == 0)
        buffer_deinit(&session->input);
}

static void session_keep_input(struct session *session, struct slice bytes)
{
    session->input.max = (size_t)session->server->settings->input_buffer_max;
    buffer_append_slice(&session->input, bytes);
    if (session->input.overflowed)
        session_protocol_error(
            session, "Protocol error: request exceeds input_buffer_max");
}

void session_receive(struct session *session, struct slice bytes)
{
    struct server *server = session->server;
    server_update_now(server);
    server->stats.net_input_bytes += bytes.size;
    session->input_bytes += bytes.size;
    session->last_active_ms = server->now_ms;

    // Complete what is there by just the bytes that it lacks, so that the rest
    // can run where it lies, uncopied.
    while (session->input.size && bytes.size && session_wants_input(session)) {
        size_t piece = bytes.size;
        size_t missing = session->input_need > session->input.size
                             ? session->input_need - session->input.size
                             : 0;
        if (missing >= SESSION_PIECE_MIN && missing < piece)
            piece = missing;
        session_keep_input(session, (struct slice){bytes.data, piece});
        bytes.data += piece;
        bytes.size -= piece;
        session_run_input(session);
    }
    if (session->input.size == 0 && bytes.size) {
        size_t used = session_run(session, bytes);
        bytes.data += used;
        bytes.size -= used;
    }
    if (bytes.size && !session->closing && !session->killed)
        session_keep_input(session, bytes);
    session_changed(session);
}

void session_resume(struct session *session)
{
    if (session->input.size && session_wants_input(session)) {
        server_update_now(session->server);
        session_run_input(session);
    }
    if (session->input_ended && session_wants_input(session))
        session->closing = true;
}

void session_end_input(struct session *session)
{
    session->input_ended = true;
    if (session->parked)
        session->killed = true;
    session_changed(session);
}

bool session_is_done(const struct session *session)
{
    return session->killed ||
           (session->closing &&
            (session->cut_off || list_is_empty(&session->waiting)) &&
            session->output.size == session->output_sent);
}

static void session_set_text(char **field, const char *text)
{
    free(*field);
    *field = xstrdup(text);
}

void session_set_name(struct session *session, struct slice name)
{
    free(session->name);
    session->name = xmalloc(name.size + 1);
    memcpy(session->name, name.data, name.size);
    session->name[name.size] = '\0';
}

void session_reset(struct session *session)
{
    session->protocol = 2;
    session->authenticated = !*session->server->settings->requirepass;
    session->no_evict = session->no_touch = false;
    pubsub_leave(session);
    monitor_leave(session);
    session->reply_mode = REPLY_ON;
    session_set_text(&session->name, "");
    transaction_end(session);
    argv_deinit(&session->watched);
}

struct session *session_create(struct server *server,
                               struct transport *transport)
{
    struct session *session = xcalloc(1, sizeof *session);
    session->origin.keep = session_keep;
    session->origin.step = transaction_count_step;
    session->server = server;
    session->transport = transport;
    session->id = ++server->session_next_id;
    session->created_ms = session->last_active_ms = server->now_ms;
    session->fd = -1;
    session->library_name = xstrdup("");
    session->library_version = xstrdup("");
    list_init(&session->waiting);
    list_init(&session->monitor_link);
    list_init(&session->lagging_link);
    list_init(&session->held.link);
    list_push_back(&server->sessions, &session->link);
    server->session_count++;
    server->stats.connections_received++;
    session_reset(session);
    return session;
}

void session_destroy(struct session *session)
{
    session->transport = NULL;
    session->killed = true;
    if (session->parked)
        session_abandon_parked(session);
    transaction_end(session);
    argv_deinit(&session->watched);
    list_for_each_safe (link, &session->waiting) {
        struct kept_request *kept =
            container_of(link, struct kept_request, reply_link);
        list_remove(link);
        if (kept->request.flags & REQUEST_COMPLETE)
            request_free(kept);
        else
            kept->request.origin = NULL; // Completed, it frees itself.
    }
    pubsub_leave(session);
    monitor_leave(session);
    list_remove(&session->held.link);
    list_remove(&session->lagging_link);
    list_remove(&session->link);
    session->server->session_count--;
    buffer_deinit(&session->input);
    buffer_deinit(&session->pushes);
    server_return_buffer(session->server, &session->output);
    free(session->name);
    free(session->library_name);
    free(session->library_version);
    free(session);
}
