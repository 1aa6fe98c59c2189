// commands_stats.c -- STATS and HEALTH: the server's figures for programs.
//
// STATS is one JSON document. Sizes are bytes, times are in the unit of their
// name. Each group of times says how many seconds it covers:
//
//     {"address": "127.0.0.1:6379", "version": "0.1.0", "uptime_seconds": 73,
//      "health": {"state": "ok", "reason": "it takes requests"},
//      "storage": {"keys": 12, ...},
//      "network": {"connections": 3, "requests": 12345, ...},
//      "reads_and_writes": {"since_start": {...}, "recent": {...}},
//      "commands": {"get": {"calls": 12000, "failed": 0, "rejected": 0,
//          "since_start": {"seconds": 73.2, "count": 12000,
//              "ops_per_second": 163.9, "mean_us": 0.21, "p50_us": 0.19, ...},
//          "recent": {"seconds": 73.2, ...}}, ...},
//      "errors": {"ERR": 3}}
//
// Reads and writes are all commands about keys together, so that who asks for
// figures does not see himself in them.
// What the times are, and the two spans, is said in command_stats.h.
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "common/base/check.h"
#include "common/server/commands.h"
#include "common/server/server.h"
#include "common/server/session.h"

enum { JSON_DIGITS = 9 };

static double in_us(double ns)
{
    return round(ns) / 1000;
}

static json_t *json_of_times(const struct command_stats *stats,
                             const struct histogram *times,
                             enum command_span span)
{
    static const struct {
        const char *name;
        double percent;
    } percentiles[] = {
        {"p50_us", 50},
        {"p95_us", 95},
        {"p99_us", 99},
        {"p99.9_us", 99.9},
    };
    double seconds = (double)command_stats_span_us(stats, span) / 1e6;
    double rate = seconds > 0 ? (double)times->count / seconds : 0;

    json_t *json = json_object();
    json_object_set_new(json, "seconds", json_real(seconds));
    json_object_set_new(json, "count", json_integer((json_int_t)times->count));
    json_object_set_new(json, "ops_per_second",
                        json_real(round(rate * 10) / 10));
    json_object_set_new(json, "mean_us",
                        json_real(in_us(histogram_mean(times))));
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        uint64_t ns = histogram_percentile(times, percentiles[i].percent);
        json_object_set_new(json, percentiles[i].name,
                            json_real(in_us((double)ns)));
    }
    json_object_set_new(json, "max_us", json_real(in_us((double)times->max)));
    return json;
}

static json_t *json_of_command(const struct command_stats *stats, uint32_t id,
                               enum command_span span)
{
    struct histogram times;
    command_stats_read(stats, id, span, &times);
    json_t *json = json_of_times(stats, &times, span);
    histogram_deinit(&times);
    return json;
}

static json_t *json_of_reads_and_writes(const struct server *server,
                                        enum command_span span)
{
    const struct command_stats *stats = &server->command_stats;
    struct histogram all, times;
    histogram_init(&all);
    for (uint32_t id = 0; id < stats->count; id++) {
        if (!(command_by_id(server->commands, id)->flags &
              (COMMAND_READONLY | COMMAND_WRITE)))
            continue;
        command_stats_read(stats, id, span, &times);
        histogram_merge(&all, &times);
        histogram_deinit(&times);
    }
    json_t *json = json_of_times(stats, &all, span);
    histogram_deinit(&all);
    return json;
}

static json_t *json_of_commands(const struct server *server)
{
    const struct command_stats *stats = &server->command_stats;
    json_t *json = json_object();
    for (uint32_t id = 0; id < stats->count; id++) {
        const struct command_record *record = &stats->records[id];
        if (!server->calls[id] && !record->rejected)
            continue;
        json_object_set_new(
            json, command_by_id(server->commands, id)->full_name,
            json_pack("{s:I, s:I, s:I, s:o, s:o}",              //
                      "calls", (json_int_t)server->calls[id],   //
                      "failed", (json_int_t)record->failed,     //
                      "rejected", (json_int_t)record->rejected, //
                      "since_start",
                      json_of_command(stats, id, COMMAND_SINCE_START), //
                      "recent", json_of_command(stats, id, COMMAND_RECENT)));
    }
    return json;
}

static json_t *json_of_errors(const struct command_stats *stats)
{
    json_t *json = json_object();
    for (uint32_t i = 0; i < stats->error_count; i++)
        json_object_set_new(json, stats->errors[i].code,
                            json_integer((json_int_t)stats->errors[i].count));
    return json;
}

static json_t *json_of_network(const struct server *server)
{
    const struct server_stats *stats = &server->stats;
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", //
        "connections", (json_int_t)server->session_count, "connections_max",
        (json_int_t)server->settings->clients_max, "connections_received",
        (json_int_t)stats->connections_received, "connections_rejected",
        (json_int_t)stats->connections_rejected, "requests",
        (json_int_t)stats->commands_processed, "requests_per_second",
        (json_int_t)server->per_second.commands, "input_bytes",
        (json_int_t)stats->net_input_bytes, "output_bytes",
        (json_int_t)stats->net_output_bytes);
}

// The first that is listened on.
static json_t *json_of_address(const struct server_settings *settings)
{
    if (!settings->port)
        return json_string(settings->unix_socket);
    size_t size = strcspn(settings->bind, " ");
    bool is_ipv6 = memchr(settings->bind, ':', size) != NULL;
    return json_sprintf(is_ipv6 ? "[%.*s]:%lld" : "%.*s:%lld", (int)size,
                        settings->bind, (long long)settings->port);
}

static json_t *json_of_health(struct server *server)
{
    struct health health;
    server_health(server, &health);
    return json_pack("{s:s, s:s}", "state", health_word(health.state), "reason",
                     health.reason);
}

static json_t *json_of_server(struct server *server)
{
    int64_t up_ms = env_wall_us(server->env) / 1000 - server->started_ms;
    json_t *json = json_object();
    json_object_set_new(json, "address", json_of_address(server->settings));
    json_object_set_new(json, "program", json_string(server->program));
    json_object_set_new(json, "version", json_string(VEGA_VERSION));
    json_object_set_new(json, "run_id", json_string(server->run_id));
    json_object_set_new(json, "uptime_seconds", json_integer(up_ms / 1000));
    json_object_set_new(json, "health", json_of_health(server));
    for (struct layer *layer = server->stack; layer; layer = layer->below) {
        if (layer->stats)
            layer->stats(layer, json);
    }
    if (server->admission)
        server->admission->stats(server->admission, json);
    json_object_set_new(json, "network", json_of_network(server));
    json_object_set_new(
        json, "reads_and_writes",
        json_pack("{s:o, s:o}", "since_start",
                  json_of_reads_and_writes(server, COMMAND_SINCE_START),
                  "recent", json_of_reads_and_writes(server, COMMAND_RECENT)));
    json_object_set_new(json, "commands", json_of_commands(server));
    json_object_set_new(json, "errors", json_of_errors(&server->command_stats));
    return json;
}

static int append_json(const char *bytes, size_t size, void *text)
{
    buffer_append(text, bytes, size);
    return 0;
}

// STATS [RESET]
static void stats_serve(struct session *session, struct request *request)
{
    struct server *server = session->server;
    if (request->argc == 2 && slice_is(request->argv[1], "reset")) {
        server_reset_stats(server);
        reply_ok(&request->reply);
        return;
    }
    if (request->argc > 1) {
        reply_syntax_error(&request->reply);
        return;
    }
    struct buffer text = {0};
    json_t *json = json_of_server(server);
    size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(JSON_DIGITS);
    check(json_dump_callback(json, append_json, &text, flags) == 0);
    json_decref(json);
    reply_verbatim(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

static void health_serve(struct session *session, struct request *request)
{
    struct health health;
    server_health(session->server, &health);
    char text[HEALTH_REASON_SIZE + 32];
    snprintf(text, sizeof text, "%s: %s", health_word(health.state),
             health.reason);
    reply_status(&request->reply, text);
}

enum { ANY_TIME = COMMAND_LOADING | COMMAND_STALE };

// Name, arity, flags; keys; summary, arguments; group, since.
const struct command commands_stats[] = {
    {"stats", -1, ANY_TIME | COMMAND_ADMIN, 0, 0, 0,
     "Returns the server's figures as JSON, or starts counting anew", "[RESET]",
     "server", "vega 1", .serve = stats_serve},
    {"health", 1, ANY_TIME | COMMAND_FAST, 0, 0, 0,
     "Returns the server's state in one word, and after a colon the reason", "",
     "server", "vega 1", .serve = health_serve},
    {0},
};
