// parked.c -- requests that wait above the stack, for a time or an event.
//
// The stack never blocks: a command that must wait keeps its request here, and
// its session executes nothing until the request completes. Everybody else goes
// on.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/server.h"
#include "common/server/session.h"

// Longer than any clock runs, and short enough for microseconds.
#define PARKED_MS_MAX (INT64_MAX / 4000)

static void parked_time_is_up(struct env_timer *timer)
{
    struct parked *parked = container_of(timer, struct parked, timer);
    if (parked->blocked && !blocked_expire(parked->blocked))
        return;
    parked->expired(parked);
    session_unpark(parked);
}

void parked_start_timer(struct parked *parked, int64_t timeout_ms)
{
    if (timeout_ms > PARKED_MS_MAX)
        timeout_ms = PARKED_MS_MAX;
    if (timeout_ms > 0)
        env_timer_start(parked->session->server->env, &parked->timer,
                        timeout_ms * 1000);
}

struct parked *session_park(struct session *session, struct request *request,
                            int64_t timeout_ms,
                            void (*expired)(struct parked *parked))
{
    if (request->flags & REQUEST_NO_WAIT) {
        struct parked at_once = {.session = session, .request = request};
        expired(&at_once);
        return NULL;
    }
    check(!session->parked);
    struct kept_request *kept = request_keep(request);
    struct parked *parked = xmalloc(sizeof *parked);
    *parked = (struct parked){
        .session = session,
        .request = &kept->request,
        .timer = {.fire = parked_time_is_up},
        .expired = expired,
    };
    session->parked = parked;
    session->server->parked_count++;
    parked_start_timer(parked, timeout_ms);
    return parked;
}

// Takes it from the session; the request is left.
static void parked_destroy(struct parked *parked)
{
    struct session *session = parked->session;
    env_timer_stop(session->server->env, &parked->timer);
    session->parked = NULL;
    session->server->parked_count--;
    if (parked->blocked)
        blocked_leave(parked->blocked);
    if (parked->left)
        parked->left(parked);
    free(parked);
}

void session_abandon_parked(struct session *session)
{
    struct parked *parked = session->parked;
    if (parked->blocked && blocked_is_submitted(parked->blocked))
        parked_destroy(parked);
    else
        session_unpark(parked);
}

void session_unpark(struct parked *parked)
{
    struct request *request = parked->request;
    parked_destroy(parked);
    request_complete(request);
}
