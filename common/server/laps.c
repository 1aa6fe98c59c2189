// laps.c -- times requests, for less than they cost.
// SPDX-License-Identifier: MIT
#include "common/server/laps.h"

#include "common/server/server.h"
#include "common/server/session.h"

// May this request share a lap, as far as one knows before?
static bool lap_admits(const struct server *server, uint32_t index)
{
    const struct command *command = server->batch[index].command;
    if (!command || !server->command_stats.records[command->id].is_quick)
        return false;
    size_t before = index ? server->batch_end[index - 1] : 0;
    return server->batch_end[index] - before <= LAP_BYTES_MAX;
}

static void lap_begin(struct server *server, uint32_t first, uint32_t count)
{
    int64_t slow_us = server->settings->slowlog_log_slower_than;
    bool may_share = slow_us < 0 || slow_us >= LAP_SHARED_US_MIN;
    uint32_t end = first;
    while (may_share && end < count && end - first < LAP_REQUESTS_MAX &&
           lap_admits(server, end))
        end++;
    server->laps.first = first;
    server->laps.end = end > first ? end : first + 1;
}

void laps_start(struct server *server, uint32_t count)
{
    server->laps.running = server->settings->command_times;
    if (!server->laps.running)
        return;
    lap_begin(server, 0, count);
    server->laps.start_ns = env_now_ns(server->env);
}

static bool was_executed(const struct request *request)
{
    return request->flags & REQUEST_EXECUTED;
}

// Gives each executed request from the lap's first to `end` its share.
static void lap_share_out(struct server *server, uint32_t end, int64_t lap_ns)
{
    const struct request *batch = server->batch;
    uint64_t each_ns = (uint64_t)lap_ns / (end - server->laps.first);
    for (uint32_t i = server->laps.first; i < end;) {
        uint32_t alike = i + 1;
        while (alike < end && batch[alike].command == batch[i].command &&
               was_executed(&batch[alike]))
            alike++;
        if (was_executed(&batch[i]))
            command_stats_add(&server->command_stats, batch[i].command->id,
                              each_ns, alike - i);
        i = alike;
    }
}

void laps_tell(struct session *session, const struct request *request,
               int64_t duration_us)
{
    struct server *server = session->server;
    uint32_t flags = request->command->flags;
    int64_t threshold_ms = server->settings->latency_monitor_threshold;
    if (!(flags & COMMAND_SKIP_SLOWLOG))
        slowlog_notice(&server->slowlog, session, request, duration_us);
    if (threshold_ms == 0 || duration_us / 1000 < threshold_ms)
        return;
    latency_monitor_add(
        &server->latency,
        flags & COMMAND_FAST ? LATENCY_FAST_COMMAND : LATENCY_COMMAND,
        (struct latency_sample){env_wall_us(server->env) / 1000000,
                                duration_us / 1000});
}

static void lap_end(struct session *session, uint32_t end)
{
    struct server *server = session->server;
    struct laps *laps = &server->laps;
    int64_t now_ns = env_now_ns(server->env);
    int64_t lap_ns = now_ns - laps->start_ns;
    lap_share_out(server, end, lap_ns);

    const struct request *last = &server->batch[end - 1];
    if (was_executed(last))
        laps_tell(session, last, lap_ns / 1000);
    laps->start_ns = now_ns;
}

void laps_next(struct session *session, uint32_t done, uint32_t count)
{
    struct server *server = session->server;
    const struct request *request = &server->batch[done - 1];
    if (!server->laps.running)
        return;
    if (done < server->laps.end &&
        request->reply.out->size <= request->reply_start + LAP_BYTES_MAX)
        return;
    lap_end(session, done);
    lap_begin(server, done, count);
}

void laps_finish(struct session *session, uint32_t done)
{
    const struct laps *laps = &session->server->laps;
    if (laps->running && laps->first < done)
        lap_end(session, done);
}
