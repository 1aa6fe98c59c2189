// commands_connection.c -- what a client says about its own connection: PING,
// ECHO, QUIT, RESET, HELLO, AUTH, SELECT.
// SPDX-License-Identifier: MIT
#include "common/server/commands.h"
#include "common/server/server.h"
#include "common/server/session.h"

// To a RESP2 subscriber everything looks like a message, this too.
static void ping_as_message(struct request *request)
{
    reply_array(&request->reply, 2);
    reply_bulk_text(&request->reply, "pong");
    reply_bulk(&request->reply,
               request->argc == 2 ? request->argv[1] : SLICE(""));
}

static void ping_serve(struct session *session, struct request *request)
{
    if (request->argc > 2)
        command_refuse_arity(request);
    else if (session_is_subscriber(session))
        ping_as_message(request);
    else if (request->argc == 2)
        reply_bulk(&request->reply, request->argv[1]);
    else
        reply_status(&request->reply, "PONG");
}

static void echo_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_bulk(&request->reply, request->argv[1]);
}

static void quit_serve(struct session *session, struct request *request)
{
    reply_ok(&request->reply);
    session->closing = true;
}

static void reset_serve(struct session *session, struct request *request)
{
    if (session->protocol != 2)
        session_mix_output(session, session->current_out);
    session_reset(session);
    request->flags &= ~(uint32_t)REQUEST_MUTED; // Replies are on again.
    reply_status(&request->reply, "RESET");
}

static void select_serve(struct session *session, struct request *request)
{
    int64_t index;
    if (!slice_to_int64(request->argv[1], &index))
        reply_not_an_integer(&request->reply);
    else if (index < INT32_MIN || index > INT32_MAX)
        reply_error(&request->reply,
                    "ERR value is out of range, value must between %d and %d",
                    INT32_MIN, INT32_MAX);
    else if (index != 0 && session->server->clustered)
        reply_error(&request->reply,
                    "ERR SELECT is not allowed in cluster mode");
    else if (index != 0)
        reply_error(&request->reply, "ERR DB index is out of range");
    else
        reply_ok(&request->reply);
}

// Every byte given is looked at, whatever was found before it, so the time
// depends on the length of the guess and not on how good it is. (That of the
// password shows at most in strlen.) Lengths that differ never match; the
// index then only needs to stay inside, terminator included.
static bool password_is(const char *password, struct slice given)
{
    size_t size = strlen(password);
    size_t difference = size ^ given.size;
    for (size_t i = 0; i < given.size; i++)
        difference |= (unsigned char)(given.data[i] ^ password[i % (size + 1)]);
    return difference == 0;
}

// There is one user. Without a password any will do, as in Redis.
static bool authenticate(struct session *session, struct request *request,
                         struct slice user, struct slice password)
{
    const char *required = session->server->settings->requirepass;
    bool matches = !*required || password_is(required, password);
    if (!matches || !slice_equal(user, SLICE("default"))) {
        reply_error(&request->reply, "WRONGPASS invalid username-password pair "
                                     "or user is disabled.");
        return false;
    }
    session->authenticated = true;
    return true;
}

static void auth_serve(struct session *session, struct request *request)
{
    struct slice user = SLICE("default"), password = request->argv[1];
    if (request->argc > 3) {
        reply_syntax_error(&request->reply);
        return;
    }
    if (request->argc == 3) {
        user = request->argv[1];
        password = request->argv[2];
    } else if (!*session->server->settings->requirepass) {
        reply_error(&request->reply,
                    "ERR AUTH <password> called without any password "
                    "configured for the default user. Are you sure your "
                    "configuration is correct?");
        return;
    }
    if (authenticate(session, request, user, password))
        reply_ok(&request->reply);
}

struct hello {
    int64_t protocol;
    bool has_auth, has_name;
    struct slice user, password, name;
};

// HELLO [protocol [AUTH user password] [SETNAME name]]. On false the error was
// written.
static bool hello_parse(struct request *request, struct hello *hello)
{
    const struct slice *argv = request->argv;
    if (request->argc > 1 && !slice_to_int64(argv[1], &hello->protocol)) {
        reply_error(&request->reply,
                    "ERR Protocol version is not an integer or out of range");
        return false;
    }
    if (hello->protocol != 2 && hello->protocol != 3) {
        reply_error(&request->reply, "NOPROTO unsupported protocol version");
        return false;
    }
    for (uint32_t i = 2; i < request->argc; i++) {
        uint32_t more = request->argc - 1 - i;
        if (slice_is(argv[i], "auth") && more >= 2) {
            hello->has_auth = true;
            hello->user = argv[++i];
            hello->password = argv[++i];
        } else if (slice_is(argv[i], "setname") && more >= 1) {
            hello->has_name = true;
            hello->name = argv[++i];
            if (!commands_check_name(request, "Client names", hello->name))
                return false;
        } else {
            reply_error(&request->reply,
                        "ERR Syntax error in HELLO option "
                        "'%.*s'",
                        SLICE_PRINT(commands_quote(argv[i])));
            return false;
        }
    }
    return true;
}

static void hello_reply(const struct session *session, struct reply *reply)
{
    reply_map(reply, 7);
    reply_bulk_text(reply, "server");
    reply_bulk_text(reply, "redis");
    reply_bulk_text(reply, "version");
    reply_bulk_text(reply, SERVER_REDIS_VERSION);
    reply_bulk_text(reply, "proto");
    reply_integer(reply, session->protocol);
    reply_bulk_text(reply, "id");
    reply_integer(reply, (int64_t)session->id);
    reply_bulk_text(reply, "mode");
    reply_bulk_text(reply,
                    session->server->clustered ? "cluster" : "standalone");
    reply_bulk_text(reply, "role");
    reply_bulk_text(reply, "master");
    reply_bulk_text(reply, "modules");
    reply_array(reply, 0);
}

// All or nothing: the options are checked before any takes effect.
static void hello_serve(struct session *session, struct request *request)
{
    struct hello hello = {.protocol = session->protocol};
    if (!hello_parse(request, &hello))
        return;
    if (hello.has_auth &&
        !authenticate(session, request, hello.user, hello.password))
        return;
    if (!session->authenticated) {
        reply_error(&request->reply,
                    "NOAUTH HELLO must be called with the client already "
                    "authenticated, otherwise the HELLO AUTH <user> <pass> "
                    "option can be used to authenticate the client and select "
                    "the RESP protocol version at the same time");
        return;
    }
    if (hello.has_name)
        session_set_name(session, hello.name);
    if (session->protocol != (int)hello.protocol)
        session_mix_output(session, session->current_out);
    session->protocol = (int)hello.protocol;
    request->reply.protocol = session->protocol;
    hello_reply(session, &request->reply);
}

enum {
    ALWAYS = COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST,
    ANYONE = ALWAYS | COMMAND_NOSCRIPT | COMMAND_NO_AUTH | COMMAND_ALLOW_BUSY,
};

// Name, arity, flags; keys; summary, arguments; group, since.
const struct command commands_connection[] = {
    {"ping", -1, COMMAND_FAST | COMMAND_SUBSCRIBED, 0, 0, 0, //
     "Answers PONG, or what it was given", "[message]", "connection", "1.0.0",
     .serve = ping_serve,
     .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {"echo", 2, ALWAYS, 0, 0, 0, //
     "Returns its argument", "message", "connection", "1.0.0",
     .serve = echo_serve},
    {"quit", -1, ANYONE | COMMAND_SUBSCRIBED, 0, 0, 0, //
     "Closes the connection after its replies", "", "connection", "1.0.0",
     .serve = quit_serve},
    {"reset", 1, ANYONE | COMMAND_SUBSCRIBED, 0, 0, 0,
     "Brings the connection back to the state of a fresh one", "", "connection",
     "6.2.0", .serve = reset_serve},
    {"hello", -1, ANYONE, 0, 0, 0,
     "Chooses the protocol, and may authenticate and name the connection",
     "[protover [AUTH username password] [SETNAME clientname]]", "connection",
     "6.0.0", .serve = hello_serve},
    {"auth", -2, ANYONE, 0, 0, 0, //
     "Authenticates the connection", "[username] password", "connection",
     "1.0.0", .serve = auth_serve},
    {"select", 2, ALWAYS, 0, 0, 0, "Chooses a database; there is one, number 0",
     "index", "connection", "1.0.0", .serve = select_serve},
    {0},
};
