// connection.c -- one connected socket.
// SPDX-License-Identifier: MIT
#include "common/net/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/check.h"

static void connection_received(struct io_call *call, ssize_t result)
{
    struct connection *connection =
        container_of(call, struct connection, receive);
    if (result > 0) {
        connection->ops->received(connection,
                                  (struct slice){call->data, (size_t)result});
    } else if (result == 0) {
        connection->ended = true;
        connection->ops->ended(connection);
    } else if (result != -EAGAIN && result != -EINTR) {
        connection->ops->broken(connection);
    }
}

static void connection_sent(struct io_call *call, ssize_t result)
{
    struct connection *connection = container_of(call, struct connection, send);
    bool broken = result < 0 && result != -EAGAIN && result != -EINTR;
    connection->ops->sent(connection, result > 0 ? (size_t)result : 0, broken);
}

static void connection_ready(struct loop_source *source, unsigned events)
{
    struct connection *connection =
        container_of(source, struct connection, source);
    // Any of the calls may close the connection, so only one is made; what
    // else is ready comes again in the next round.
    if (events & LOOP_READ) {
        // One read a round: a client that sends without pause shares with the
        // others.
        io_batch_receive(loop_batch(connection->loop), &connection->receive);
    } else if (events & LOOP_WRITE) {
        connection->ops->writable(connection);
    } else if (source->wanted & LOOP_HANGUP && !connection->ended) {
        connection->ended = true;
        connection->ops->ended(connection);
    } else {
        connection->ops->broken(connection);
    }
}

void connection_open(struct connection *connection, struct loop *loop, int fd,
                     const struct connection_ops *ops)
{
    *connection = (struct connection){
        .source = {.fd = fd, .ready = connection_ready},
        .loop = loop,
        .ops = ops,
        .receive = {.fd = fd, .done = connection_received},
        .send = {.fd = fd, .done = connection_sent},
    };
    loop_add(loop, &connection->source, 0);
}

void connection_want(struct connection *connection, unsigned wanted)
{
    if (connection->ended)
        wanted &= ~(unsigned)(LOOP_READ | LOOP_HANGUP);
    loop_want(connection->loop, &connection->source, wanted);
}

void connection_send(struct connection *connection, struct slice bytes)
{
    connection->send.data = (char *)bytes.data; // Only read.
    connection->send.size = bytes.size;
    io_batch_send(loop_batch(connection->loop), &connection->send);
}

void connection_close(struct connection *connection)
{
    io_batch_cancel(loop_batch(connection->loop), &connection->receive);
    io_batch_cancel(loop_batch(connection->loop), &connection->send);
    loop_remove(connection->loop, &connection->source);
    close(connection->source.fd);
    connection->source.fd = -1;
}

void connection_shut(struct connection *connection,
                     const struct connection_ops *ops)
{
    connection->ops = ops;
    shutdown(connection->source.fd, SHUT_WR);
    connection_want(connection, LOOP_READ);
}

void connection_tune(struct connection *connection, int64_t keepalive_ms)
{
    int fd = connection->source.fd, on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (keepalive_ms == 0)
        return;
    int idle_s = (int)((keepalive_ms + 999) / 1000);
    int interval_s = idle_s / 3 > 0 ? idle_s / 3 : 1;
    int probes = 3;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}
