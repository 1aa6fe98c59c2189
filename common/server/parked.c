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

static void parked_time_is_up(struct env_timer *timer)
{
    struct parked *parked = container_of(timer, struct parked, timer);
    parked->expired(parked);
    session_unpark(parked);
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
    if (timeout_ms > 0)
        env_timer_start(session->server->env, &parked->timer,
                        timeout_ms * 1000);
    return parked;
}

void session_unpark(struct parked *parked)
{
    struct session *session = parked->session;
    struct request *request = parked->request;
    env_timer_stop(session->server->env, &parked->timer);
    session->parked = NULL;
    session->server->parked_count--;
    free(parked);
    request_complete(request);
}
