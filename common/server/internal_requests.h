// internal_requests.h -- requests of the node's own.
//
// What the node itself does to the store (evicting a key, changing a limit) is
// submitted at the top of the stack like a client's request: so the layers log
// and replicate it in its place, and replay needs no other knowledge of it.
//
// Never from within a layer, nor while a reply comes up (server->ascending):
// what is submitted there would overtake the request that is still on its way.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_INTERNAL_REQUESTS_H
#define VEGA_COMMON_INTERNAL_REQUESTS_H

#include <stdint.h>

#include "common/base/buffer.h"
#include "common/server/request.h"

struct command;
struct server;

// One who submits.
struct internal_requests {
    struct server *server;
    uint32_t flags;   // Of all of them: 0, or what the owner sets.
    uint64_t pending; // On their way down.
    struct completion completion;
    struct buffer reply; // What they answer; nobody reads it.
};

void internal_requests_init(struct internal_requests *requests,
                            struct server *server);
// The stack must be gone, or hold none of them.
void internal_requests_deinit(struct internal_requests *requests);

// Submits one. `now_ms`: of the request that made it necessary, or
// server->now_ms. `argv` is borrowed for the call.
void internal_requests_submit(struct internal_requests *requests,
                              const struct command *command,
                              const struct slice *argv, uint32_t argc,
                              int64_t now_ms);

#endif
