// connection.h -- one connected socket: reads in the loop's batch, writes what
// its owner holds, closes without losing the last reply.
//
// A connection buffers nothing itself, so an idle one costs a few dozen bytes.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CONNECTION_H
#define VEGA_COMMON_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/slice.h"
#include "common/net/io_batch.h"
#include "common/net/loop.h"

struct connection;

struct connection_ops {
    // Bytes have come; borrowed for the call.
    void (*received)(struct connection *connection, struct slice bytes);
    // The peer sends no more.
    void (*ended)(struct connection *connection);
    // The peer is gone; nothing can be sent.
    void (*broken)(struct connection *connection);
    // There may be room to send again.
    void (*writable)(struct connection *connection);
    // How many of the bytes of connection_send the socket took; `broken`: none,
    // and it never will.
    void (*sent)(struct connection *connection, size_t size, bool broken);
};

struct connection {
    struct loop_source source;
    struct loop *loop;
    const struct connection_ops *ops;
    struct io_call receive, send;
    bool ended; // The end of the peer's input was seen.
};

// Takes `fd`. Reads nothing until connection_want. The callbacks come from the
// loop or its batch, and each may close.
void connection_open(struct connection *connection, struct loop *loop, int fd,
                     const struct connection_ops *ops);

// What to wait for: LOOP_READ, LOOP_WRITE, and LOOP_HANGUP to hear of the
// peer's half close (as `ended`) without reading.
void connection_want(struct connection *connection, unsigned wanted);

// Sends what the socket takes when the loop's batch is flushed, and then calls
// `sent`. `bytes` are borrowed until then.
void connection_send(struct connection *connection, struct slice bytes);

// Closes at once.
void connection_close(struct connection *connection);

// Says that nothing more will be sent, but goes on reading and discarding:
// close(2) with input unread resets the connection, and the peer may lose the
// reply that it was sent last. The owner closes when `ended` or `broken` is
// called, or when it has waited long enough. `ops` must allow for that.
void connection_shut(struct connection *connection,
                     const struct connection_ops *ops);

// TCP_NODELAY, and keepalive probes after `keepalive_ms` of silence (0: none).
// Harmless for other sockets.
void connection_tune(struct connection *connection, int64_t keepalive_ms);

#endif
