// test_connection.c -- one connected socket: what it tells its owner.
// SPDX-License-Identifier: MIT
#include "common/net/connection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "tests/test.h"

struct peer {
    struct connection connection;
    struct loop *loop;
    int far;
    struct buffer received;
    int ended, broken, writable, sends;
    size_t sent; // Of all sends,
    bool unsent; // of which the last one found nobody.
};

static struct peer *peer_of(struct connection *connection)
{
    return container_of(connection, struct peer, connection);
}

static void peer_received(struct connection *connection, struct slice bytes)
{
    buffer_append_slice(&peer_of(connection)->received, bytes);
}

static void peer_ended(struct connection *connection)
{
    peer_of(connection)->ended++;
    connection_want(connection, 0);
}

static void peer_broken(struct connection *connection)
{
    peer_of(connection)->broken++;
    connection_want(connection, 0);
}

static void peer_writable(struct connection *connection)
{
    peer_of(connection)->writable++;
    connection_want(connection, LOOP_READ);
}

static void peer_sent(struct connection *connection, size_t size, bool broken)
{
    struct peer *peer = peer_of(connection);
    peer->sends++;
    peer->sent += size;
    peer->unsent = broken;
}

static const struct connection_ops ops = {
    .received = peer_received,
    .ended = peer_ended,
    .broken = peer_broken,
    .writable = peer_writable,
    .sent = peer_sent,
};

static struct peer *peer_create(unsigned wanted)
{
    struct peer *peer = calloc(1, sizeof *peer);
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
                     0);
    peer->loop = loop_create();
    peer->far = fds[1];
    connection_open(&peer->connection, peer->loop, fds[0], &ops);
    connection_want(&peer->connection, wanted);
    return peer;
}

static void peer_destroy(struct peer *peer)
{
    connection_close(&peer->connection);
    if (peer->far >= 0)
        close(peer->far);
    loop_destroy(peer->loop);
    buffer_deinit(&peer->received);
    free(peer);
}

TEST(bytes_arrive_then_the_end_once)
{
    struct peer *peer = peer_create(LOOP_READ);
    ck_assert_int_eq(write(peer->far, "hello", 5), 5);
    shutdown(peer->far, SHUT_WR);
    for (int i = 0; i < 4; i++)
        loop_run_once(peer->loop, 0);
    ck_assert(slice_equal(buffer_slice(&peer->received), SLICE("hello")));
    ck_assert_int_eq(peer->ended, 1);
    ck_assert_int_eq(peer->broken, 0);
    peer_destroy(peer);
}

TEST(nothing_is_read_that_nobody_wants)
{
    struct peer *peer = peer_create(0);
    ck_assert_int_eq(write(peer->far, "hello", 5), 5);
    loop_run_once(peer->loop, 0);
    ck_assert_uint_eq(peer->received.size, 0);
    connection_want(&peer->connection, LOOP_READ);
    loop_run_once(peer->loop, 0);
    ck_assert_uint_eq(peer->received.size, 5);
    peer_destroy(peer);
}

TEST(a_half_close_is_heard_without_reading)
{
    struct peer *peer = peer_create(LOOP_HANGUP);
    shutdown(peer->far, SHUT_WR);
    loop_run_once(peer->loop, 0);
    loop_run_once(peer->loop, 0);
    ck_assert_int_eq(peer->ended, 1);
    peer_destroy(peer);
}

TEST(a_peer_that_is_gone_is_broken_also_while_nothing_is_wanted)
{
    struct peer *peer = peer_create(0);
    close(peer->far);
    peer->far = -1;
    loop_run_once(peer->loop, 0);
    ck_assert_int_eq(peer->broken, 1);
    peer_destroy(peer);
}

static void peer_send(struct peer *peer, const char *bytes, size_t size)
{
    connection_send(&peer->connection, (struct slice){bytes, size});
    io_batch_flush(loop_batch(peer->loop));
}

TEST(sending_takes_what_fits_and_tells_when_there_is_room)
{
    struct peer *peer = peer_create(LOOP_READ);
    size_t size = 8 * 1024 * 1024; // On the heap: the search for leaks, at the
    char *bytes = calloc(1, size); // end of every test, reads all statics.
    peer_send(peer, bytes, size);
    ck_assert_int_eq(peer->sends, 1);
    ck_assert_uint_gt(peer->sent, 0);
    ck_assert_uint_lt(peer->sent, size);
    size_t sent = peer->sent;
    peer_send(peer, bytes, 1);
    ck_assert_int_eq(peer->sends, 2);
    ck_assert_uint_eq(peer->sent, sent);
    ck_assert(!peer->unsent);

    connection_want(&peer->connection, LOOP_READ | LOOP_WRITE);
    loop_run_once(peer->loop, 0);
    ck_assert_int_eq(peer->writable, 0);
    for (size_t left = sent; left > 0;) {
        ssize_t got = read(peer->far, bytes, size);
        ck_assert_int_gt(got, 0);
        left -= (size_t)got;
    }
    loop_run_once(peer->loop, 0);
    ck_assert_int_eq(peer->writable, 1);
    free(bytes);
    peer_destroy(peer);
}

TEST(sending_to_a_peer_that_is_gone_says_so_and_raises_no_signal)
{
    struct peer *peer = peer_create(0);
    close(peer->far);
    peer->far = -1;
    peer_send(peer, "x", 1);
    ck_assert_int_eq(peer->sends, 1);
    ck_assert_uint_eq(peer->sent, 0);
    ck_assert(peer->unsent);
    peer_destroy(peer);
}

TEST(a_connection_that_closes_is_neither_read_nor_sent_any_more)
{
    struct peer *peer = peer_create(LOOP_READ);
    connection_send(&peer->connection, SLICE("x"));
    connection_close(&peer->connection);
    io_batch_flush(loop_batch(peer->loop));
    ck_assert_int_eq(peer->sends, 0);
    char byte;
    ck_assert_int_eq(read(peer->far, &byte, 1), 0);
    close(peer->far);
    loop_destroy(peer->loop);
    free(peer);
}

TEST(a_shut_connection_delivers_what_was_sent_and_discards_what_comes)
{
    struct peer *peer = peer_create(LOOP_READ);
    peer_send(peer, "bye", 3);
    connection_shut(&peer->connection, &ops);
    ck_assert_int_eq(write(peer->far, "more", 4), 4);
    loop_run_once(peer->loop, 0);
    char bytes[8];
    ck_assert_int_eq(read(peer->far, bytes, sizeof bytes), 3);
    ck_assert_int_eq(read(peer->far, bytes, sizeof bytes), 0);
    peer_destroy(peer);
}
