// commands_server.c -- the server as a whole: INFO, TIME, WAIT, DEBUG,
// SHUTDOWN.
// SPDX-License-Identifier: MIT
#include <math.h>

#include "common/server/commands.h"
#include "common/server/server.h"
#include "common/server/session.h"

// Longest time that a request may ask to wait: 68 years, far from the limits
// of the timers, which count microseconds.
static const int64_t wait_ms_max = INT64_C(1) << 41;

static void info_serve(struct session *session, struct request *request)
{
    struct info info;
    struct buffer text = {0};
    info_init(&info, request->argv + 1, request->argc - 1);
    server_info(session->server, &info);
    info_format(&info, &text);
    reply_verbatim(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
    info_deinit(&info);
}

static void time_serve(struct session *session, struct request *request)
{
    int64_t now_us = env_wall_us(session->server->env);
    reply_array(&request->reply, 2);
    reply_bulk_integer(&request->reply, now_us / 1000000);
    reply_bulk_integer(&request->reply, now_us % 1000000);
}

static void wait_expired(struct parked *parked)
{
    reply_integer(&parked->request->reply, 0);
}

// WAIT numreplicas timeout: there are no replicas to wait for, so it is over
// at once or when the time is up.
static void wait_serve(struct session *session, struct request *request)
{
    int64_t replicas, timeout_ms;
    if (!slice_to_int64(request->argv[1], &replicas))
        reply_not_an_integer(&request->reply);
    else if (!slice_to_int64(request->argv[2], &timeout_ms))
        reply_error(&request->reply,
                    "ERR timeout is not an integer or out of range");
    else if (timeout_ms < 0)
        reply_error(&request->reply, "ERR timeout is negative");
    else if (timeout_ms > wait_ms_max)
        reply_error(&request->reply, "ERR timeout is out of range");
    else if (replicas <= 0)
        reply_integer(&request->reply, 0);
    else
        session_park(session, request, timeout_ms, wait_expired);
}

// For those who try how slow commands are told of.
static void sleep_expired(struct parked *parked)
{
    double seconds = 0;
    slice_to_double(parked->request->argv[2], &seconds);
    laps_tell(parked->session, parked->request, (int64_t)(seconds * 1e6));
    reply_ok(&parked->request->reply);
}

// Redis stops the whole server; here nobody but the client sleeps. SLOWLOG and
// LATENCY are told that it took so long, as if it had.
static void sleep_serve(struct session *session, struct request *request)
{
    double seconds;
    if (!slice_to_double(request->argv[2], &seconds))
        reply_error(&request->reply, "ERR value is not a valid float");
    else if (seconds * 1000 > (double)wait_ms_max)
        reply_error(&request->reply, "ERR timeout is out of range");
    else if (seconds <= 0)
        reply_ok(&request->reply);
    else
        session_park(session, request, (int64_t)ceil(seconds * 1000),
                     sleep_expired);
}

// SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]: what was accepted is still
// answered, then the process ends; the one who asks sees the connection close.
static void shutdown_serve(struct session *session, struct request *request)
{
    bool save = false, nosave = false, abort = false;
    for (uint32_t i = 1; i < request->argc; i++) {
        struct slice option = request->argv[i];
        save |= slice_is(option, "save");
        nosave |= slice_is(option, "nosave");
        abort |= slice_is(option, "abort");
        if (!slice_is(option, "save") && !slice_is(option, "nosave") &&
            !slice_is(option, "abort") && !slice_is(option, "now") &&
            !slice_is(option, "force")) {
            reply_syntax_error(&request->reply);
            return;
        }
    }
    if ((save && nosave) || (abort && request->argc > 2)) {
        reply_syntax_error(&request->reply);
    } else if (abort) {
        reply_error(&request->reply, "ERR No shutdown in progress.");
    } else {
        session->closing = true;
        server_stop(session->server);
    }
}

enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    OPERATOR = ANY_TIME | COMMAND_NOSCRIPT | COMMAND_ADMIN,
    TESTER = OPERATOR | COMMAND_PROTECTED,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command debug_rows[] = {
    {"sleep", 3, TESTER, 0, 0, 0, //
     "Keeps this connection, and no other, waiting", "seconds", "server",
     "1.0.0", .serve = sleep_serve},
    {"help", 2, TESTER, 0, 0, 0, //
     "Lists the subcommands", "", "server", "5.0.0", .serve = command_help},
    {0},
};

const struct command commands_server[] = {
    {"info", -1, ANY_TIME | COMMAND_DANGEROUS, 0, 0, 0, //
     "Returns figures about the server, by section", "[section [section ...]]",
     "server", "1.0.0", .serve = info_serve,
     .tips = "nondeterministic_output request_policy:all_shards "
             "response_policy:special"},
    {"time", 1, ANY_TIME | COMMAND_FAST, 0, 0, 0,
     "Returns the time in seconds and microseconds since 1970", "", "server",
     "2.6.0", .serve = time_serve, .tips = "nondeterministic_output"},
    {"wait", 3, COMMAND_NOSCRIPT, 0, 0, 0,
     "Waits until replicas have this connection's writes, or for a time",
     "numreplicas timeout", "generic", "3.0.0", .serve = wait_serve,
     .tips = "request_policy:all_shards response_policy:agg_min"},
    {"debug", -2, OPERATOR, 0, 0, 0, //
     "Commands for tests", "", "server", "1.0.0", .subcommands = debug_rows},
    {"shutdown", -1, OPERATOR | COMMAND_NO_MULTI | COMMAND_ALLOW_BUSY, 0, 0, 0,
     "Ends the server after what it has accepted",
     "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]", "server", "1.0.0",
     .serve = shutdown_serve},
    {0},
};
