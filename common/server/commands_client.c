// commands_client.c -- CLIENT: what the server knows of its connections.
// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "common/base/memory.h"
#include "common/server/client_filter.h"
#include "common/server/commands.h"
#include "common/server/pubsub.h"
#include "common/server/server.h"
#include "common/server/session.h"
#include "common/server/transaction.h"

enum { CLIENT_FLAGS_MAX = 16 };

static void id_serve(struct session *session, struct request *request)
{
    reply_integer(&request->reply, (int64_t)session->id);
}

static void getname_serve(struct session *session, struct request *request)
{
    if (*session->name)
        reply_bulk_text(&request->reply, session->name);
    else
        reply_null(&request->reply);
}

static void setname_serve(struct session *session, struct request *request)
{
    if (!commands_check_name(request, "Client names", request->argv[2]))
        return;
    session_set_name(session, request->argv[2]);
    reply_ok(&request->reply);
}

static void replace_text(char **text, struct slice value)
{
    free(*text);
    *text = xmalloc(value.size + 1);
    memcpy(*text, value.data, value.size);
    (*text)[value.size] = '\0';
}

static void setinfo_serve(struct session *session, struct request *request)
{
    struct slice option = request->argv[2], value = request->argv[3];
    bool is_name = slice_is(option, "lib-name");
    if (!is_name && !slice_is(option, "lib-ver")) {
        reply_error(&request->reply, "ERR Unrecognized option '%.*s'",
                    SLICE_PRINT(commands_quote(option)));
        return;
    }
    if (!commands_check_name(request, is_name ? "lib-name" : "lib-ver", value))
        return;
    replace_text(is_name ? &session->library_name : &session->library_version,
                 value);
    reply_ok(&request->reply);
}

// The letters of Redis for what is not ordinary; "N" for nothing.
static void format_flags(const struct session *session,
                         char flags[CLIENT_FLAGS_MAX + 1])
{
    size_t count = 0;
    if (session_is_monitor(session))
        flags[count++] = 'O';
    if (session->subscriber)
        flags[count++] = 'P';
    if (session->transaction)
        flags[count++] = 'x';
    if (session->parked)
        flags[count++] = 'b';
    if (session->closing)
        flags[count++] = 'c';
    if (session->killed)
        flags[count++] = 'A';
    if (session->is_unix)
        flags[count++] = 'U';
    if (session->no_evict)
        flags[count++] = 'e';
    if (session->no_touch)
        flags[count++] = 'T';
    if (count == 0)
        flags[count++] = 'N';
    flags[count] = '\0';
}

static int count_waiting(const struct session *session)
{
    int count = 0;
    list_for_each (link, &session->waiting)
        count++;
    return count;
}

// Bytes of the request that the session executes. Requests are parsed where
// they were read, so they are in nobody's `input`.
static size_t executing_bytes(const struct session *session)
{
    const struct server *server = session->server;
    const struct request *current = session->current;
    if (!current || current < server->batch ||
        current >= server->batch + SERVER_BATCH_MAX)
        return 0;
    size_t index = (size_t)(current - server->batch);
    size_t before = index ? server->batch_end[index - 1] : 0;
    return server->batch_end[index] - before;
}

// One line of CLIENT LIST: the fields of Redis, in its order. Those that
// describe what this server does not have say so in Redis' way.
static void format_client(struct session *session, struct buffer *out)
{
    char flags[CLIENT_FLAGS_MAX + 1];
    format_flags(session, flags);
    int64_t now_ms = session->server->now_ms;
    size_t unsent = session->output.size - session->output_sent;
    // As in Redis the first buffer, which most clients have, is rbs alone.
    size_t beyond_first = session->waiting_bytes;
    if (session->output.capacity > SERVER_SPARE_SIZE)
        beyond_first += session->output.capacity;
    size_t memory = sizeof *session + session->input.capacity +
                    session->output.capacity + session->waiting_bytes;
    buffer_printf(out, "id=%" PRIu64 " addr=%s laddr=%s fd=%d name=%s",
                  session->id, session->peer_address, session->local_address,
                  session->fd, session->name);
    buffer_printf(out, " age=%" PRId64 " idle=%" PRId64 " flags=%s",
                  (now_ms - session->created_ms) / 1000,
                  (now_ms - session->last_active_ms) / 1000, flags);
    buffer_printf(out,
                  " db=0 sub=%zu psub=%zu ssub=%zu multi=%" PRId64 " qbuf=%zu"
                  " qbuf-free=%zu argv-mem=0 multi-mem=0 rbs=%zu rbp=%zu",
                  pubsub_count(session, PUBSUB_CHANNEL),
                  pubsub_count(session, PUBSUB_PATTERN),
                  pubsub_count(session, PUBSUB_SHARD),
                  multi_queued_count(session),
                  session->input.size + executing_bytes(session),
                  session->input.capacity - session->input.size,
                  session->output.capacity, session->output.size);
    buffer_printf(out, " obl=%zu oll=%d omem=%zu tot-mem=%zu events=%s%s",
                  unsent, count_waiting(session), beyond_first, memory,
                  session_wants_input(session) ? "r" : "", unsent ? "w" : "");
    buffer_printf(out, " cmd=%s user=default redir=-1 resp=%d",
                  session->last_command ? session->last_command->full_name
                                        : "NULL",
                  session->protocol);
    buffer_printf(out, " lib-name=%s lib-ver=%s\n", session->library_name,
                  session->library_version);
}

static void info_serve(struct session *session, struct request *request)
{
    struct buffer line = {0};
    format_client(session, &line);
    reply_verbatim(&request->reply, buffer_slice(&line));
    buffer_deinit(&line);
}

// CLIENT LIST ID: those of the ids that exist, in the order asked for.
static bool list_by_id(struct server *server, struct request *request,
                       struct buffer *lines)
{
    for (uint32_t i = 3; i < request->argc; i++) {
        int64_t id;
        if (!slice_to_int64(request->argv[i], &id)) {
            reply_error(&request->reply, "ERR Invalid client ID");
            return false;
        }
        struct session *session = server_session(server, (uint64_t)id);
        if (session)
            format_client(session, lines);
    }
    return true;
}

static bool list_all(struct server *server, struct request *request,
                     struct buffer *lines)
{
    struct client_filter filter = {0};
    if (request->argc > 2 &&
        !client_filter_read_type(&filter, request, request->argv[3]))
        return false;
    list_for_each (link, &server->sessions) {
        struct session *session = container_of(link, struct session, link);
        if (client_filter_matches(&filter, session))
            format_client(session, lines);
    }
    return true;
}

static void list_serve(struct session *session, struct request *request)
{
    const struct slice *argv = request->argv;
    bool by_type = request->argc == 4 && slice_is(argv[2], "type");
    bool by_id = request->argc > 3 && slice_is(argv[2], "id");
    if (request->argc > 2 && !by_type && !by_id) {
        reply_syntax_error(&request->reply);
        return;
    }
    struct buffer lines = {0};
    if (by_id ? list_by_id(session->server, request, &lines)
              : list_all(session->server, request, &lines))
        reply_verbatim(&request->reply, buffer_slice(&lines));
    buffer_deinit(&lines);
}

// The one who asks still gets the answer.
static void kill_session(struct session *victim, const struct session *self)
{
    if (victim == self)
        victim->closing = true;
    else
        victim->killed = true;
    if (victim->transport)
        victim->transport->changed(victim->transport);
}

static int64_t kill_matching(struct session *self,
                             const struct client_filter *filter)
{
    int64_t count = 0;
    list_for_each (link, &self->server->sessions) {
        struct session *session = container_of(link, struct session, link);
        if (!session->killed && client_filter_matches(filter, session)) {
            kill_session(session, self);
            count++;
        }
    }
    return count;
}

// CLIENT KILL address, as before Redis 2.8.12, or filters in pairs.
static void kill_serve(struct session *session, struct request *request)
{
    struct client_filter filter = {0};
    if (request->argc == 3) {
        filter.has_address = true;
        filter.address = request->argv[2];
        if (kill_matching(session, &filter) > 0)
            reply_ok(&request->reply);
        else
            reply_error(&request->reply, "ERR No such client");
        return;
    }
    filter.skipped = session;
    if (client_filter_read(&filter, request, 2, session))
        reply_integer(&request->reply, kill_matching(session, &filter));
}

// OFF and SKIP are silent themselves; ON is heard whatever was said before.
static void reply_serve(struct session *session, struct request *request)
{
    struct slice mode = request->argv[2];
    if (slice_is(mode, "on")) {
        session->reply_mode = REPLY_ON;
        request->flags &= ~(uint32_t)REQUEST_MUTED;
        reply_ok(&request->reply);
    } else if (slice_is(mode, "off")) {
        session->reply_mode = REPLY_OFF;
    } else if (slice_is(mode, "skip")) {
        if (session->reply_mode != REPLY_OFF)
            session->reply_mode = REPLY_SKIP_NEXT;
    } else {
        reply_syntax_error(&request->reply);
    }
}

static void no_evict_serve(struct session *session, struct request *request)
{
    if (commands_read_switch(request, request->argv[2], &session->no_evict))
        reply_ok(&request->reply);
}

static void no_touch_serve(struct session *session, struct request *request)
{
    if (commands_read_switch(request, request->argv[2], &session->no_touch))
        reply_ok(&request->reply);
}

// Answers what `session` waits for as if its time were up, or with an error.
static bool unblock(struct session *session, bool with_error)
{
    struct parked *parked = session ? session->parked : NULL;
    if (!parked || (parked->blocked && blocked_is_submitted(parked->blocked)))
        return false;
    if (with_error)
        reply_error(&parked->request->reply,
                    "UNBLOCKED client unblocked via CLIENT UNBLOCK");
    else
        parked->expired(parked);
    session_unpark(parked);
    return true;
}

static void unblock_serve(struct session *session, struct request *request)
{
    bool with_error = request->argc == 4 && slice_is(request->argv[3], "error");
    int64_t id;
    if (request->argc > 4) {
        commands_refuse_subcommand(request, "CLIENT");
        return;
    }
    if (request->argc == 4 && !with_error &&
        !slice_is(request->argv[3], "timeout")) {
        reply_error(&request->reply,
                    "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        return;
    }
    if (!slice_to_int64(request->argv[2], &id)) {
        reply_not_an_integer(&request->reply);
        return;
    }
    struct session *blocked = server_session(session->server, (uint64_t)id);
    reply_integer(&request->reply, unblock(blocked, with_error));
}

enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    ITSELF = ANY_TIME | COMMAND_NOSCRIPT,
    OTHERS = ITSELF | COMMAND_ADMIN,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command client_rows[] = {
    {"id", 2, ITSELF, 0, 0, 0, //
     "Returns the number of this connection", "", "connection", "5.0.0",
     .serve = id_serve},
    {"getname", 2, ITSELF, 0, 0, 0, //
     "Returns the name of this connection", "", "connection", "2.6.9",
     .serve = getname_serve},
    {"setname", 3, ITSELF, 0, 0, 0, //
     "Names this connection", "connection-name", "connection", "2.6.9",
     .serve = setname_serve},
    {"setinfo", 4, ITSELF, 0, 0, 0,
     "Says which library speaks on this connection",
     "<LIB-NAME libname | LIB-VER libver>", "connection", "7.2.0",
     .serve = setinfo_serve},
    {"info", 2, ITSELF, 0, 0, 0, //
     "Describes this connection", "", "connection", "6.2.0",
     .serve = info_serve, .tips = "nondeterministic_output"},
    {"list", -2, OTHERS, 0, 0, 0, //
     "Describes all connections, or some",
     "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] "
     "[ID client-id [client-id ...]]",
     "connection", "2.4.0", .serve = list_serve,
     .tips = "nondeterministic_output"},
    {"kill", -3, OTHERS, 0, 0, 0, //
     "Closes one connection, or all that match",
     "<ip:port | [ID client-id] "
     "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [USER username] "
     "[ADDR ip:port] [LADDR ip:port] [SKIPME yes/no]>",
     "connection", "2.4.0", .serve = kill_serve},
    {"reply", 3, ITSELF, 0, 0, 0,
     "Turns the replies of this connection on or off, or skips one",
     "<ON | OFF | SKIP>", "connection", "3.2.0", .serve = reply_serve},
    {"no-evict", 3, OTHERS, 0, 0, 0,
     "Protects this connection from being closed for memory", "<ON | OFF>",
     "connection", "7.0.0", .serve = no_evict_serve},
    {"no-touch", 3, ITSELF, 0, 0, 0,
     "Keeps reads of this connection from counting as uses of a key",
     "<ON | OFF>", "connection", "7.2.0", .serve = no_touch_serve},
    {"unblock", -3, OTHERS, 0, 0, 0, "Ends what another connection waits for",
     "client-id [TIMEOUT | ERROR]", "connection", "5.0.0",
     .serve = unblock_serve},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "connection", "5.0.0", .serve = command_help},
    {0},
};

const struct command commands_client[] = {
    {"client", -2, 0, 0, 0, 0, //
     "Commands about connections", "", "connection", "2.4.0",
     .subcommands = client_rows},
    {0},
};
