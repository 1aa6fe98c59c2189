// commands_latency.c -- LATENCY: how long commands take.
//
// HISTOGRAM is about all commands; the other subcommands are about the samples
// of latency_monitor.h.
// SPDX-License-Identifier: MIT
#include <inttypes.h>

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
        histogram_deinit(&times);
        count++;
    }
    reply_map(&request->reply, count);
    reply_bytes(&request->reply, buffer_slice(&body));
    buffer_deinit(&body);
}

// The series of the event that is named, or NULL.
static struct latency_series *find_series(struct server *server,
                                          struct slice name)
{
    for (size_t i = 0; i < LATENCY_EVENTS; i++) {
        if (slice_is(name, latency_event_names[i]))
            return &server->latency.series[i];
    }
    return NULL;
}

static void reply_latest(struct reply *reply, const char *name,
                         const struct latency_series *series)
{
    struct latency_sample newest =
        latency_series_at(series, latency_series_count(series) - 1);
    reply_array(reply, 4);
    reply_bulk_text(reply, name);
    reply_integer(reply, newest.time_s);
    reply_integer(reply, newest.ms);
    reply_integer(reply, series->ms_max);
}

static void latest_serve(struct session *session, struct request *request)
{
    const struct latency_series *series = session->server->latency.series;
    size_t count = 0;
    for (size_t i = 0; i < LATENCY_EVENTS; i++)
        count += series[i].added > 0;
    reply_array(&request->reply, count);
    for (size_t i = 0; i < LATENCY_EVENTS; i++) {
        if (series[i].added)
            reply_latest(&request->reply, latency_event_names[i], &series[i]);
    }
}

static void history_serve(struct session *session, struct request *request)
{
    const struct latency_series *series =
        find_series(session->server, request->argv[2]);
    uint32_t count = series ? latency_series_count(series) : 0;
    reply_array(&request->reply, count);
    for (uint32_t i = 0; i < count; i++) {
        struct latency_sample sample = latency_series_at(series, i);
        reply_array(&request->reply, 2);
        reply_integer(&request->reply, sample.time_s);
        reply_integer(&request->reply, sample.ms);
    }
}

// LATENCY RESET [event ...]: how many series there were to forget.
static void reset_serve(struct session *session, struct request *request)
{
    struct latency_monitor *monitor = &session->server->latency;
    int64_t count = 0;
    for (size_t i = 0; i < LATENCY_EVENTS; i++) {
        bool named = request->argc == 2;
        for (uint32_t j = 2; j < request->argc; j++)
            named |= slice_is(request->argv[j], latency_event_names[i]);
        if (!named || monitor->series[i].added == 0)
            continue;
        monitor->series[i] = (struct latency_series){0};
        count++;
    }
    reply_integer(&request->reply, count);
}

struct latency_range {
    int64_t low, high, sum;
};

static struct latency_range range_of(const struct latency_series *series)
{
    struct latency_range range = {.low = INT64_MAX};
    for (uint32_t i = 0; i < latency_series_count(series); i++) {
        int64_t ms = latency_series_at(series, i).ms;
        range.low = ms < range.low ? ms : range.low;
        range.high = ms > range.high ? ms : range.high;
        range.sum += ms;
    }
    return range;
}

enum { GRAPH_COLUMNS = 80, GRAPH_ROWS = 4 };

// A column a sample, the newest to the right.
static void draw_graph(const struct latency_series *series, struct buffer *out)
{
    struct latency_range range = range_of(series);
    int64_t span = range.high > range.low ? range.high - range.low : 1;
    uint32_t count = latency_series_count(series);
    uint32_t first = count > GRAPH_COLUMNS ? count - GRAPH_COLUMNS : 0;
    for (int row = GRAPH_ROWS - 1; row >= 0; row--) {
        for (uint32_t i = first; i < count; i++) {
            int64_t above = latency_series_at(series, i).ms - range.low;
            bool reached = above * (GRAPH_ROWS - 1) >= row * span;
            buffer_append_byte(out, reached ? '#' : ' ');
        }
        buffer_append_byte(out, '\n');
    }
}

static void graph_serve(struct session *session, struct request *request)
{
    struct slice name = request->argv[2];
    const struct latency_series *series = find_series(session->server, name);
    if (!series || series->added == 0) {
        reply_error(&request->reply,
                    "ERR No samples available for event '%.*s'",
                    SLICE_PRINT(commands_quote(name)));
        return;
    }
    struct latency_range range = range_of(series);
    struct buffer text = {0};
    buffer_printf(&text,
                  "%.*s - high %" PRId64 " ms, low %" PRId64
                  " ms (all time high %" PRId64 " ms)\n",
                  SLICE_PRINT(name), range.high, range.low, series->ms_max);
    draw_graph(series, &text);
    reply_verbatim(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

static void doctor_serve(struct session *session, struct request *request)
{
    const struct server *server = session->server;
    int64_t threshold_ms = server->settings->latency_monitor_threshold;
    struct buffer text = {0};
    if (threshold_ms == 0)
        buffer_append_text(&text, "Nothing is watched: CONFIG SET "
                                  "latency-monitor-threshold says from how "
                                  "many milliseconds on a command is "
                                  "remembered.\n");
    for (size_t i = 0; i < LATENCY_EVENTS; i++) {
        const struct latency_series *series = &server->latency.series[i];
        uint32_t count = latency_series_count(series);
        if (count)
            buffer_printf(&text,
                          "%s: %u samples, %" PRId64 " ms on average, %" PRId64
                          " ms at most.\n",
                          latency_event_names[i], count,
                          range_of(series).sum / count, series->ms_max);
    }
    if (threshold_ms && text.size == 0)
        buffer_printf(&text, "No command took %" PRId64 " ms or more.\n",
                      threshold_ms);
    buffer_append_text(&text, "See SLOWLOG GET for single slow commands, STATS "
                              "and LATENCY HISTOGRAM for the times of all.\n");
    reply_verbatim(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    OPERATOR = ANY_TIME | COMMAND_NOSCRIPT | COMMAND_ADMIN,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command latency_rows[] = {
    {"histogram", -2, OPERATOR, 0, 0, 0, //
     "Returns the times of commands as cumulative counts",
     "[command [command ...]]", "server", "7.0.0", .serve = histogram_serve,
     .tips = "nondeterministic_output request_policy:all_nodes "
             "response_policy:special"},
    {"latest", 2, OPERATOR, 0, 0, 0, //
     "Returns the newest sample of every event", "", "server", "2.8.13",
     .serve = latest_serve,
     .tips = "nondeterministic_output request_policy:all_nodes "
             "response_policy:special"},
    {"history", 3, OPERATOR, 0, 0, 0, //
     "Returns the samples of an event", "event", "server", "2.8.13",
     .serve = history_serve,
     .tips = "nondeterministic_output request_policy:all_nodes "
             "response_policy:special"},
    {"graph", 3, OPERATOR, 0, 0, 0, //
     "Draws the samples of an event", "event", "server", "2.8.13",
     .serve = graph_serve,
     .tips = "nondeterministic_output request_policy:all_nodes "
             "response_policy:special"},
    {"doctor", 2, OPERATOR, 0, 0, 0, //
     "Says where to look for latency", "", "server", "2.8.13",
     .serve = doctor_serve,
     .tips = "nondeterministic_output request_policy:all_nodes "
             "response_policy:special"},
    {"reset", -2, OPERATOR, 0, 0, 0, //
     "Removes the samples of events, and returns of how many",
     "[event [event ...]]", "server", "2.8.13", .serve = reset_serve,
     .tips = "request_policy:all_nodes response_policy:all_succeeded"},
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
