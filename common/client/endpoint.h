// endpoint.h -- a server and the connection to it, which is made when it is
// first needed and again after it was lost.
//
// Invariants
// (I1) An endpoint without a connection holds no bytes: a reply is never
//      matched with a command of an earlier connection.
// (I2) A connection whose reply did not come in time is closed, because the
//      reply may still come and would answer the wrong command.
// (I3) No command goes over another connection than the transaction or WATCH
//      that was begun before it, unless a failure has told of their loss.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ENDPOINT_H
#define VEGA_COMMON_ENDPOINT_H

#include "common/base/buffer.h"
#include "common/client/reply_parser.h"
#include "common/client/vega.h"

// Why a call failed. `status` stays as it is when it did not.
struct failure {
    enum vega_status status;
    char text[256];
};

// Notes a failure; always false.
bool failure_set(struct failure *failure, enum vega_status status,
                 const char *format, ...) __attribute__((format(printf, 3, 4)));

struct endpoint {
    struct vega_options options; // Its strings are owned.
    char name[128];              // "127.0.0.1:6379", for messages.
    int fd;                      // -1: not connected.
    uint64_t life;               // Connections that have ended so far.
    uint64_t appended;           // Commands, over all its connections.
    size_t awaited;              // Replies that this connection owes.
    unsigned open;               // Transactions begun over it. See endpoint.c.
    struct buffer out;
    size_t sent; // Bytes of `out` that the socket took already.
    struct buffer in;
    size_t taken; // Bytes of `in` that the parser took already.
    struct reply_parser parser;
};

// Owned by the caller. The options are copied, with defaults filled in.
struct endpoint *endpoint_create(const struct vega_options *options);
void endpoint_destroy(struct endpoint *endpoint);

// For its next connections. Copied.
void endpoint_set_password(struct endpoint *endpoint, const char *user,
                           const char *password);

// Makes sure that there is a connection, greeted and authenticated. Fails once
// with VEGA_LOST when a new one took the place of one with a transaction open.
bool endpoint_prepare(struct endpoint *endpoint, struct failure *failure);

// Adds a command to what is to be sent, and counts its reply as awaited.
bool endpoint_append(struct endpoint *endpoint, size_t argc,
                     const char *const *argv, const size_t *sizes,
                     struct failure *failure);

// The value that `appended` had before the command whose reply comes next.
static inline uint64_t endpoint_turn(const struct endpoint *endpoint)
{
    return endpoint->appended - endpoint->awaited;
}

// The reply to the oldest command that still awaits one. Pushes are handed to
// the options' on_push on the way. NULL on failure; then the connection is
// gone. Upholds (I2).
struct vega_reply *endpoint_reply(struct endpoint *endpoint,
                                  struct failure *failure);

// Whatever comes next. NULL on failure; after a timeout the connection stands.
struct vega_reply *endpoint_next(struct endpoint *endpoint, int timeout_ms,
                                 struct failure *failure);

#endif
