// frontend.h -- real clients: sockets on one side, sessions on the other.
//
// The simulator has no frontend; it feeds sessions itself.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_FRONTEND_H
#define VEGA_COMMON_FRONTEND_H

#include <stdbool.h>

#include "common/base/status.h"
#include "common/net/loop.h"
#include "common/server/server.h"

struct frontend;

// Listens on every address of server->settings. Owned by the caller; NULL
// with `error` (256 bytes) filled when one of them cannot be had.
struct frontend *frontend_create(struct server *server, struct loop *loop,
                                 char *error);

// Stops listening, and lets every client go when it has its last reply.
void frontend_stop(struct frontend *frontend);

// True when the last client is gone.
bool frontend_is_idle(const struct frontend *frontend);

// Closes what is left.
void frontend_destroy(struct frontend *frontend);

#endif
