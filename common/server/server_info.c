// server_info.c -- what INFO says about the server itself.
//
// The sections are opened in the order of Redis, those of the layers too, so
// that a layer only fills in what it knows. A field is there when it is true;
// none is made up to fill a gap.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>

#include "common/server/server.h"

static void info_of_server(struct server *server, struct info *info)
{
    int64_t now_us = env_wall_us(server->env);
    int64_t up_seconds = (now_us / 1000 - server->started_ms) / 1000;
    info_section(info, "Server", false);
    info_field(info, "redis_version", "%s", SERVER_REDIS_VERSION);
    // What a Redis says that was not built from a checkout: its test suite
    // asks before anything else.
    info_field(info, "redis_git_sha1", "00000000");
    info_field(info, "redis_git_dirty", "0");
    info_field(info, "vega_version", "%s", VEGA_VERSION);
    info_field(info, "vega_program", "%s", server->program);
    info_field(info, "redis_mode",
               server->clustered ? "cluster" : "standalone");
    info_field(info, "arch_bits", "%zu", sizeof(void *) * 8);
    info_field(info, "multiplexing_api", "epoll");
    info_field(info, "run_id", "%s", server->run_id);
    info_field(info, "tcp_port", "%" PRId64, server->settings->port);
    info_field(info, "server_time_usec", "%" PRId64, now_us);
    info_field(info, "uptime_in_seconds", "%" PRId64, up_seconds);
    info_field(info, "uptime_in_days", "%" PRId64, up_seconds / (24 * 3600));
    info_field(info, "hz", "%d", 1000 * 1000 / SERVER_TICK_US);
    info_field(info, "config_file", "%s", server->config_path);
}

static void info_of_clients(const struct server *server, struct info *info)
{
    info_section(info, "Clients", false);
    info_field(info, "connected_clients", "%" PRIu64, server->session_count);
    info_field(info, "cluster_connections", "0");
    info_field(info, "maxclients", "%" PRId64, server->settings->clients_max);
    info_field(info, "blocked_clients", "%" PRIu64, server->parked_count);
    info_field(info, "tracking_clients", "0");
}

// As Redis reckons: the time that the rest takes at the speed so far.
static void info_of_loading(struct server *server, struct info *info)
{
    const struct server_loading *loading = &server->loading;
    info_section(info, "Persistence", false);
    info_field(info, "loading", "%d", loading->active);
    if (!loading->active)
        return;
    int64_t elapsed_ms = env_wall_us(server->env) / 1000 - loading->started_ms;
    uint64_t rest =
        loading->total > loading->done ? loading->total - loading->done : 0;
    double eta_seconds = 1;
    if (elapsed_ms >= 1000)
        eta_seconds = (double)elapsed_ms / 1000 * (double)rest /
                      (double)(loading->done + 1);
    info_field(info, "loading_start_time", "%" PRId64,
               loading->started_ms / 1000);
    info_field(info, "loading_total_bytes", "%" PRIu64, loading->total);
    info_field(info, "loading_loaded_bytes", "%" PRIu64, loading->done);
    info_field(info, "loading_loaded_perc", "%.2f",
               server_loading_percent(server));
    info_field(info, "loading_eta_seconds", "%.0f", eta_seconds);
}

static void info_of_stats(const struct server *server, struct info *info)
{
    const struct server_stats *stats = &server->stats;
    info_section(info, "Stats", false);
    info_field(info, "total_connections_received", "%" PRIu64,
               stats->connections_received);
    info_field(info, "total_commands_processed", "%" PRIu64,
               stats->commands_processed);
    info_field(info, "instantaneous_ops_per_sec", "%" PRIu64,
               server->per_second.commands);
    info_field(info, "total_net_input_bytes", "%" PRIu64,
               stats->net_input_bytes);
    info_field(info, "total_net_output_bytes", "%" PRIu64,
               stats->net_output_bytes);
    info_field(info, "instantaneous_input_kbps", "%.2f",
               (double)server->per_second.input_bytes / 1024);
    info_field(info, "instantaneous_output_kbps", "%.2f",
               (double)server->per_second.output_bytes / 1024);
    info_field(info, "rejected_connections", "%" PRIu64,
               stats->connections_rejected);
    info_field(info, "evicted_clients", "0"); // None has to go for memory.
    info_field(info, "total_error_replies", "%" PRIu64, stats->error_replies);
    info_field(info, "pubsub_channels", "%zu",
               server->pubsub.topics[PUBSUB_CHANNEL].count);
    info_field(info, "pubsub_patterns", "%zu",
               server->pubsub.topics[PUBSUB_PATTERN].count);
    info_field(info, "pubsubshard_channels", "%zu",
               server->pubsub.topics[PUBSUB_SHARD].count);
    info_field(info, "client_output_buffer_limit_disconnections", "%" PRIu64,
               stats->output_overflows);
}

// The command's field of a section: "cmdstat_get".
static void info_command_field(struct info *info, const struct command *command,
                               const char *prefix, const char *value)
{
    char field[96];
    snprintf(field, sizeof field, "%s_%s", prefix, command->full_name);
    info_field(info, field, "%s", value);
}

static void info_of_command(const struct server *server, struct info *info,
                            uint32_t id)
{
    const struct command_record *record = &server->command_stats.records[id];
    uint64_t calls = server->calls[id];
    if (calls == 0 && record->rejected == 0)
        return;
    struct histogram times;
    command_stats_read(&server->command_stats, id, COMMAND_SINCE_START, &times);
    double us = (double)times.sum / 1000;
    char value[160];
    snprintf(value, sizeof value,
             "calls=%" PRIu64 ",usec=%" PRIu64 ",usec_per_call=%.2f,"
             "rejected_calls=%" PRIu64 ",failed_calls=%" PRIu64,
             calls, times.sum / 1000, calls ? us / (double)calls : 0,
             record->rejected, record->failed);
    info_command_field(info, command_by_id(server->commands, id), "cmdstat",
                       value);
    histogram_deinit(&times);
}

static void info_of_latency(const struct server *server, struct info *info,
                            uint32_t id)
{
    struct histogram times;
    command_stats_read(&server->command_stats, id, COMMAND_SINCE_START, &times);
    if (times.count == 0)
        return; // There is nothing to deinit either.
    struct buffer value = {0};
    const char *list = server->settings->latency_percentiles;
    double percent;
    while (command_stats_next_percentile(&list, &percent))
        buffer_printf(&value, "%sp%g=%.3f", value.size ? "," : "", percent,
                      (double)histogram_percentile(&times, percent) / 1000);
    buffer_append_byte(&value, '\0');
    info_command_field(info, command_by_id(server->commands, id),
                       "latency_percentiles_usec", value.data);
    buffer_deinit(&value);
    histogram_deinit(&times);
}

static void info_of_commands(const struct server *server, struct info *info)
{
    const struct command_stats *stats = &server->command_stats;
    info_section(info, "Commandstats", true);
    for (uint32_t id = 0; info->current && id < stats->count; id++)
        info_of_command(server, info, id);

    info_section(info, "Errorstats", false);
    for (uint32_t i = 0; i < stats->error_count; i++) {
        char field[64];
        snprintf(field, sizeof field, "errorstat_%s", stats->errors[i].code);
        info_field(info, field, "count=%" PRIu64, stats->errors[i].count);
    }

    info_section(info, "Latencystats", true);
    for (uint32_t id = 0; info->current && id < stats->count; id++)
        info_of_latency(server, info, id);
}

void server_info(struct server *server, struct info *info)
{
    info_of_server(server, info);
    info_of_clients(server, info);
    info_section(info, "Memory", false); // The store's.
    info_of_loading(server, info); // And what a layer adds to Persistence.
    info_of_stats(server, info);
    info_section(info, "Replication", false);
    info_field(info, "role", "master");
    info_field(info, "connected_slaves", "0");
    info_field(info, "master_failover_state", "no-failover");
    info_field(info, "master_repl_offset", "0");
    info_field(info, "repl_backlog_active", "0");
    info_section(info, "CPU", false); // The process'.
    info_of_commands(server, info);
    info_section(info, "Cluster", false);
    info_field(info, "cluster_enabled", "%d", server->clustered);
    info_section(info, "Keyspace", false); // The store's.

    if (server->world_info)
        server->world_info(server, info);
    if (server->admission)
        server->admission->info(server->admission, info);
    for (struct layer *layer = server->stack; layer; layer = layer->below) {
        if (layer->info)
            layer->info(layer, info);
    }
}
