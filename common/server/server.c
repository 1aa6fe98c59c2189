// server.c -- what sessions share, and the tick.
// SPDX-License-Identifier: MIT
#include "common/server/server.h"

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/session.h"

enum { SERVER_SAMPLE_US = 1000 * 1000 };

static void server_draw_run_id(struct server *server)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[20];
    env_random(server->env, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        server->run_id[2 * i] = digits[bytes[i] >> 4];
        server->run_id[2 * i + 1] = digits[bytes[i] & 15];
    }
}

void server_raise_now(struct server *server, int64_t now_ms)
{
    if (now_ms > server->now_ms)
        server->now_ms = now_ms;
}

void server_update_now(struct server *server)
{
    server_raise_now(server, env_wall_us(server->env) / 1000);
}

double server_loading_percent(const struct server *server)
{
    const struct server_loading *loading = &server->loading;
    if (loading->done >= loading->total)
        return loading->total ? 100 : 0;
    return (double)loading->done * 100 / (double)loading->total;
}

// Closes clients that said nothing for `timeout`, but none that waits for us,
// be it for a reply or for messages.
static void server_close_idle(struct server *server)
{
    int64_t timeout_ms = server->settings->timeout_ms;
    if (timeout_ms == 0)
        return;
    list_for_each (link, &server->sessions) {
        struct session *session = container_of(link, struct session, link);
        if (server->now_ms - session->last_active_ms <= timeout_ms ||
            session->parked || !list_is_empty(&session->waiting) ||
            !list_is_empty(&session->held.link) || session->subscriber ||
            session_is_monitor(session))
            continue;
        session->killed = true;
        if (session->transport)
            session->transport->changed(session->transport);
    }
}

// Less than before is what came after CONFIG RESETSTAT.
static uint64_t per_second(uint64_t before, uint64_t now, int64_t elapsed_us)
{
    uint64_t more = now < before ? now : now - before;
    return more * 1000000 / (uint64_t)elapsed_us;
}

static void server_sample_rates(struct server *server)
{
    struct server_rates *rates = &server->per_second;
    const struct server_stats *now = &server->stats, *before = &rates->sample;
    int64_t now_us = env_now_us(server->env);
    int64_t elapsed_us = now_us - rates->sample_us;
    if (elapsed_us > 0) {
        rates->commands = per_second(before->commands_processed,
                                     now->commands_processed, elapsed_us);
        rates->input_bytes = per_second(before->net_input_bytes,
                                        now->net_input_bytes, elapsed_us);
        rates->output_bytes = per_second(before->net_output_bytes,
                                         now->net_output_bytes, elapsed_us);
    }
    rates->sample = *now;
    rates->sample_us = now_us;
}

// True while somebody has more to do.
static bool server_tick_layers(struct server *server)
{
    bool more = false;
    for (struct layer *layer = server->stack; layer; layer = layer->below) {
        if (layer->tick)
            more |= layer->tick(layer, server->now_ms);
    }
    if (server->admission)
        more |= server->admission->tick(server->admission, server->now_ms);
    return more;
}

static void server_tick(struct env_timer *timer)
{
    struct server *server = container_of(timer, struct server, tick);
    server_update_now(server);
    bool more = !server->loading.active && server_tick_layers(server);
    session_close_lagging(server);
    if (env_now_us(server->env) - server->per_second.sample_us >=
        SERVER_SAMPLE_US) {
        server_close_idle(server);
        server_sample_rates(server);
        command_stats_tick(&server->command_stats);
    }
    env_timer_start(server->env, timer,
                    more ? SERVER_BUSY_TICK_US : SERVER_TICK_US);
}

void server_init(struct server *server)
{
    list_init(&server->sessions);
    list_init(&server->monitors);
    list_init(&server->lagging);
    pubsub_init(&server->pubsub, server->env);
    blocked_keys_init(&server->blocked, server->env);
    gate_init(&server->gate);
    server_draw_run_id(server);
    uint64_t seed;
    env_random(server->env, &seed, sizeof seed);
    random_init(&server->random, seed);
    server_update_now(server);
    server->started_ms = server->stats.since_ms = server->now_ms;
    server->per_second.sample_us = env_now_us(server->env);
    server->calls =
        xcalloc(command_id_count(server->commands), sizeof *server->calls);
    command_stats_init(&server->command_stats, server->env, server->commands);
    slowlog_init(&server->slowlog);
    server->completion.done = session_completed;
    resp_parser_init(&server->parser);
    server->tick.fire = server_tick;
    env_timer_start(server->env, &server->tick, SERVER_TICK_US);
}

void server_deinit(struct server *server)
{
    check(list_is_empty(&server->sessions));
    env_timer_stop(server->env, &server->tick);
    pubsub_deinit(&server->pubsub);
    env_timer_stop(server->env, &server->blocked.timer);
    blocked_keys_deinit(&server->blocked);
    resp_parser_deinit(&server->parser);
    while (server->spare_count)
        buffer_deinit(&server->spare[--server->spare_count]);
    command_stats_deinit(&server->command_stats);
    slowlog_deinit(&server->slowlog);
    free(server->calls);
}

void server_take_buffer(struct server *server, struct buffer *buffer)
{
    if (server->spare_count) {
        *buffer = server->spare[--server->spare_count];
        return;
    }
    *buffer = (struct buffer){0};
    buffer_reserve(buffer, SERVER_SPARE_SIZE);
}

void server_return_buffer(struct server *server, struct buffer *buffer)
{
    if (buffer->capacity == SERVER_SPARE_SIZE && !buffer->overflowed &&
        server->spare_count < SERVER_SPARE_BUFFERS) {
        buffer->size = 0;
        server->spare[server->spare_count++] = *buffer;
        *buffer = (struct buffer){0};
    } else {
        buffer_deinit(buffer);
    }
}

struct session *server_session(struct server *server, uint64_t id)
{
    list_for_each (link, &server->sessions) {
        struct session *session = container_of(link, struct session, link);
        if (session->id == id)
            return session;
    }
    return NULL;
}

void server_stop(struct server *server)
{
    server->stopping = true;
    list_for_each (link, &server->sessions) {
        struct session *session = container_of(link, struct session, link);
        session->input_ended = true;
        if (session->parked && session->parked->blocked)
            session->killed = true; // Nobody will come to wake it.
        if (session->transport)
            session->transport->changed(session->transport);
    }
}

void server_reset_stats(struct server *server)
{
    server->stats = (struct server_stats){.since_ms = server->now_ms};
    memset(server->calls, 0,
           command_id_count(server->commands) * sizeof *server->calls);
    command_stats_reset(&server->command_stats);
    if (server->admission)
        server->admission->reset_stats(server->admission);
    for (struct layer *layer = server->stack; layer; layer = layer->below) {
        if (layer->reset_stats)
            layer->reset_stats(layer);
    }
}
