// internal_requests.c -- requests of the node's own.
// SPDX-License-Identifier: MIT
#include "common/server/internal_requests.h"

#include "common/base/check.h"
#include "common/server/layer.h"
#include "common/server/server.h"

static void internal_requests_done(struct completion *completion,
                                   struct request *request)
{
    struct internal_requests *requests =
        container_of(completion, struct internal_requests, completion);
    requests->pending--;
    if (request->flags & REQUEST_KEPT)
        request_free(container_of(request, struct kept_request, request));
}

void internal_requests_init(struct internal_requests *requests,
                            struct server *server)
{
    *requests = (struct internal_requests){
        .server = server,
        .completion = {.done = internal_requests_done},
    };
}

void internal_requests_deinit(struct internal_requests *requests)
{
    buffer_deinit(&requests->reply);
}

void internal_requests_submit(struct internal_requests *requests,
                              const struct command *command,
                              const struct slice *argv, uint32_t argc,
                              int64_t now_ms)
{
    struct server *server = requests->server;
    check(command->run && !server->loading.active && !server->ascending);
    struct request request = {
        .command = command,
        .argv = argv,
        .argc = argc,
        .flags = requests->flags,
        .now_ms = now_ms,
        .seed = random_next(&server->random),
        .reply = {.out = &requests->reply, .protocol = 2},
        .completion = &requests->completion,
    };
    buffer_clear(&requests->reply);
    requests->pending++;
    server->stack->submit(server->stack, &request);
}
