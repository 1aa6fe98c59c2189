// session_limits.c -- when a client is closed that does not take what it is
// sent.
//
// The hard limit is looked at when output grows. Above the soft one a session
// is in server->lagging, from the first round that ends so until one ends
// below, and a tick looks how long that is by now.
// SPDX-License-Identifier: MIT
#include "common/server/server.h"
#include "common/server/session.h"

// Of output without a hard limit: nothing sensible comes near.
static const size_t unlimited_max = (size_t)64 << 30;

static const struct config_limit *limit_of(const struct session *session)
{
    bool is_told = session->subscriber || session_is_monitor(session);
    return &session->server->settings
                ->output_limits[is_told ? OUTPUT_PUBSUB : OUTPUT_NORMAL];
}

static void close_for(struct session *session, const char *reason)
{
    session->killed = true;
    session->server->stats.output_overflows++;
    log_warn(session->server->log, "client closed",
             LOG_TEXT_OF("reason", reason),
             LOG_TEXT_OF("address", session->peer_address),
             LOG_INT_OF("id", (int64_t)session->id));
}

void session_limit_output(struct session *session)
{
    int64_t hard = session->server->settings->output_limits[OUTPUT_NORMAL].hard;
    session->output.max = hard ? (size_t)hard : unlimited_max;
}

void session_overflowed(struct session *session)
{
    if (!session->killed)
        close_for(session, "output_buffer_limits exceeded");
}

void session_limit_pushes(struct session *session)
{
    int64_t hard = limit_of(session)->hard;
    if (hard && session_unsent(session) > (size_t)hard)
        session_overflowed(session);
}

void session_note_lag(struct session *session)
{
    int64_t soft = limit_of(session)->soft;
    bool lags = soft && session_unsent(session) > (size_t)soft;
    if (lags && list_is_empty(&session->lagging_link)) {
        session->lagging_since_ms = session->server->now_ms;
        list_push_back(&session->server->lagging, &session->lagging_link);
    } else if (!lags) {
        list_remove(&session->lagging_link);
    }
}

void session_close_lagging(struct server *server)
{
    list_for_each_safe (link, &server->lagging) {
        struct session *session =
            container_of(link, struct session, lagging_link);
        session_note_lag(session); // The limit may have changed.
        if (list_is_empty(link) || session->killed ||
            server->now_ms - session->lagging_since_ms <=
                limit_of(session)->soft_ms)
            continue;
        close_for(session, "output_buffer_limits exceeded for too long");
        session_changed(session);
    }
}
