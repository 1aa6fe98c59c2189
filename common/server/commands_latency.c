// commands_latency.c -- LATENCY: how long commands take.
//
// HISTOGRAM is what counts here. The other subcommands are about samples of
// events that Redis' latency monitor takes; there is no such monitor, so they
// truthfully know of no event.
// SPDX-License-Identifier: MIT
#include "common/server/commands.h"
#include "common/server/server.h"
#include "common/server/session.h"

// Bounds double from 1.024 microseconds to beyond a day.
enum { BOUND_NS_MIN = 1024, BOUNDS_MAX = 38 };

struct bar {
    int64_t bound_us;
    uint64_t cumulative;
};

// Fills in a bar for every bound up to which there is more than up to the one
// before; returns how many.
static size_t make_bars(const struct histogram *times, struct bar *bars)
{
    size_t count = 0;
    uint64_t seen = 0;
    for (int i = 0; i < BOUNDS_MAX && seen < times->count; i++) {
        uint64_t bound_ns = (uint64_t)BOUND_NS_MIN << i;
        uint64_t cumulative = histogram_count_to(times, bound_ns - 1);
        if (cumulative == seen)
            continue;
        seen = cumulative;
        bars[count++] = (struct bar){(int64_t)(bound_ns / 1000), cumulative};
    }
    return count;
}

static void reply_histogram(struct reply *reply, const char *name,
                            const struct histogram *times)
{
    struct bar bars[BOUNDS_MAX];
    size_t count = make_bars(times, bars);
    reply_bulk_text(reply, name);
    reply_map(reply, 2);
    reply_bulk_text(reply, "calls");
    reply_integer(reply, (int64_t)times->count);
    reply_bulk_text(reply, "histogram_usec");
    reply_map(reply, count);
    for (size_t i = 0; i < count; i++) {
        reply_integer(reply, bars[i].bound_us);
        reply_integer(reply, (int64_t)bars[i].cumulative);
    }
}

// Named itself, or by its container; or nothing is named.
static bool is_asked_for(const struct request *request,
                         const struct command *command)
{
    for (uint32_t i = 2; i < request->argc; i++) {
        struct slice name = request->argv[i];
        if (slice_is(name, command->full_name) ||
            (command->container && slice_is(name, command->container->name)))
            return true;
    }
    return request->argc == 2;
}

// LATENCY HISTOGRAM [command ...]: times since the start, as cumulative counts.
static void histogram_serve(struct session *session, struct request *request)
{
    const struct server *server = session->server;
    const struct command_stats *stats = &server->command_stats;
    struct buffer body = {0};
    struct reply reply = {.out = &body, .protocol = request->reply.protocol};
    size_t count = 0;
    for (uint32_t id = 0; id < stats->count; id++) {
        const struct command *command = command_by_id(server->commands, id);
        if (!stats->records[id].times || !is_asked_for(request, command))
            continue;
        struct histogram times;
        command_stats_read(stats, id, COMMAND_SINCE_START, &times);
        reply_histogram(&reply, command->full_name, &times);
        count++;
    }
    reply_map(&request->reply, count);
    reply_bytes(&request->reply, buffer_slice(&body));
    buffer_deinit(&body);
}

static void nothing_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_array(&request->reply, 0);
}

static void reset_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_integer(&request->reply, 0);
}

static void graph_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_error(&request->reply, "ERR No samples available for event '%.*s'",
                SLICE_PRINT(commands_quote(request->argv[2])));
}

static void doctor_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_verbatim(&request->reply,
                   SLICE("There is no latency monitor in this server, so it "
                         "has no samples of events to judge. See STATS and "
                         "LATENCY HISTOGRAM for the times of every command, "
                         "SLOWLOG GET for single slow ones."));
}

enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    OPERATOR = ANY_TIME | COMMAND_NOSCRIPT | COMMAND_ADMIN,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command latency_rows[] = {
    {"histogram", -2, OPERATOR, 0, 0, 0, //
     "Returns the times of commands as cumulative counts",
     "[command [command ...]]", "server", "7.0.0", .serve = histogram_serve},
    {"latest", 2, OPERATOR, 0, 0, 0, //
     "Returns the newest sample of every event: none", "", "server", "2.8.13",
     .serve = nothing_serve},
    {"history", 3, OPERATOR, 0, 0, 0, //
     "Returns the samples of an event: none", "event", "server", "2.8.13",
     .serve = nothing_serve},
    {"graph", 3, OPERATOR, 0, 0, 0, //
     "Draws the samples of an event: there are none", "event", "server",
     "2.8.13", .serve = graph_serve},
    {"doctor", 2, OPERATOR, 0, 0, 0, //
     "Says where to look for latency", "", "server", "2.8.13",
     .serve = doctor_serve},
    {"reset", -2, OPERATOR, 0, 0, 0, //
     "Removes the samples of events, and returns of how many",
     "[event [event ...]]", "server", "2.8.13", .serve = reset_serve},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "server", "2.8.13", .serve = command_help},
    {0},
};

const struct command commands_latency[] = {
    {"latency", -2, 0, 0, 0, 0, //
     "Commands about how long commands take", "", "server", "2.8.13",
     .subcommands = latency_rows},
    {0},
};
