// watch.c -- WATCH and UNWATCH: EXEC only if nobody changed these keys.
//
// Nobody tells a session that a key changed. It asks for the key's version now
// and sends that along with EXEC, which compares: so the verdict is a function
// of the store and the request, the same on every node that runs it. An absent
// key has version 0, so that one that came and went again has not changed.
// (Redis, which marks the clients of a key that is touched, would refuse.)
// SPDX-License-Identifier: MIT
#include "common/server/request.h"
#include "common/server/server.h"
#include "common/server/session.h"
#include "common/server/transaction.h"
#include "common/wire/resp_value.h"

// Turns the array of versions into what the session keeps, and into OK. Any
// other reply comes from a layer that could not tell: it goes to the client.
static void watch_done(void *context, struct session *session,
                       struct request *request)
{
    (void)context;
    struct buffer *out = request->reply.out;
    struct slice rest = {out->data + request->reply_start,
                         out->size - request->reply_start};
    if (!session || out->overflowed || rest.size == 0 || rest.data[0] != '*')
        return;
    resp_take_header(&rest);
    for (uint32_t i = 1; i < request->argc; i++) {
        struct slice version = resp_take_header(&rest);
        argv_add(&session->watched, request->argv[i]);
        argv_add(&session->watched, version);
    }
    out->size = request->reply_start;
    reply_ok(&request->reply);
}

// What is watched goes with EXEC, and both are bounded like any request. A key
// that is watched twice is there twice: the older version decides.
static bool watch_has_room(const struct session *session,
                           const struct request *request)
{
    size_t size = session->watched.bytes.size;
    for (uint32_t i = 1; i < request->argc; i++)
        size += request->argv[i].size + INT64_TEXT_MAX;
    return size <= (size_t)session->server->settings->input_buffer_max &&
           session->watched.count + 2 * request->argc <= RESP_ARGUMENTS_MAX;
}

void watch_serve(struct session *session, struct request *request)
{
    if (multi_is_open(session))
        reply_error(&request->reply, "ERR WATCH inside MULTI is not allowed");
    else if (session->transaction)
        reply_error(&request->reply, "ERR WATCH inside another transaction is "
                                     "not allowed");
    else if (!watch_has_room(session, request))
        reply_error(&request->reply,
                    "ERR watched keys exceed input_buffer_max");
    else
        transaction_submit(session, request, request->command, NULL, watch_done,
                           NULL);
}

void unwatch_serve(struct session *session, struct request *request)
{
    argv_deinit(&session->watched);
    reply_ok(&request->reply);
}
