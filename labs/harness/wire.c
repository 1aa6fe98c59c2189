// wire.c -- one connection of a case to the graded program.
// SPDX-License-Identifier: MIT
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "labs/harness/lab.h"
#include "labs/harness/server.h"

enum {
    STORY_BYTES = 256, // Of what was sent are kept for the story.
    TOLD_BYTES = 160,  // Of what came or went are printed.
    CHUNK = 64 * 1024,
    NARROW_SIZE = 4096,
    SETTLE_ROUNDS = 60,
    FULL_MS = 300,    // A socket that takes nothing for so long is full.
    REST_MS = 100,    // So long the rest of a wrong line is waited for,
    REST_BYTES = 512, // and no more of it is taken.
};

// A line of what labs/replay -v shows. A connection is told by its descriptor.
static void tell(const struct wire *wire, const char *what, struct bytes bytes)
{
    struct text line = {0};
    size_t size = bytes.size;
    if (!wire->lab->verbose)
        return;
    if (bytes.size > TOLD_BYTES)
        bytes.size = TOLD_BYTES;
    text_add_escaped(&line, bytes);
    printf("  c%-3d %s %s", wire->fd, what, line.size ? line.data : "");
    if (bytes.size < size)
        printf("... (%zu bytes)", size);
    printf("\n");
    fflush(stdout);
    text_deinit(&line);
}

static struct wire open_with(struct lab *lab, int receive_size)
{
    int fd = server_connect(lab->port, receive_size);
    if (fd < 0)
        lab_fail(lab, "your server accepts no connection any more");
    int on = 1; // Every send is a segment of its own.
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return (struct wire){lab, fd};
}

bool wire_try_open(struct lab *lab, struct wire *wire)
{
    *wire = (struct wire){lab, server_connect(lab->port, 0)};
    return wire->fd >= 0;
}

struct wire wire_open(struct lab *lab)
{
    return open_with(lab, 0);
}

struct wire wire_open_narrow(struct lab *lab)
{
    return open_with(lab, NARROW_SIZE);
}

struct wire wire_open_store(struct lab *lab)
{
    if (!lab->store) {
        lab_start(lab);
        return wire_open(lab);
    }
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        lab_broken("socketpair");
    server_spawn(lab, (const char *[]){lab->store, NULL}, ends[1]);
    close(ends[1]);
    return (struct wire){lab, ends[0]};
}

void wire_pass_ms(struct wire *wire, int ms)
{
    if (!wire->lab->store) {
        poll(NULL, 0, ms + 1);
        return;
    }
    struct text request = {0};
    char number[16];
    snprintf(number, sizeof number, "%d", ms);
    REQUEST(&request, BYTES("PASS"), bytes_of(number));
    wire_send(wire, text_bytes(&request));
    wire_expect(wire, BYTES("+OK\r\n"));
    text_deinit(&request);
}

// Keeps the beginning of what was sent last.
static void note_sent(struct lab *lab, struct bytes bytes)
{
    lab->sent.size = 0;
    if (bytes.size > STORY_BYTES)
        bytes.size = STORY_BYTES;
    text_add(&lab->sent, bytes);
}

// True when the socket is ready within `ms`.
static bool wait_for(int fd, short events, int ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};
    int ready;
    do {
        ready = poll(&poll_fd, 1, ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

// Sends until all is gone or nothing fits for `ms`. An error is left to whoever
// reads: what the server said before it closed is the better story.
static size_t send_for(struct wire *wire, struct bytes bytes, int ms)
{
    size_t done = 0;
    tell(wire, ">", bytes);
    while (done < bytes.size) {
        ssize_t size = send(wire->fd, bytes.data + done, bytes.size - done,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size > 0)
            done += (size_t)size;
        else if (errno != EAGAIN && errno != EINTR)
            return bytes.size;
        else if (!wait_for(wire->fd, POLLOUT, ms))
            return done;
    }
    return done;
}

void wire_send(struct wire *wire, struct bytes bytes)
{
    note_sent(wire->lab, bytes);
    if (send_for(wire, bytes, LAB_SILENCE_MS) < bytes.size)
        lab_fail(wire->lab, "your server took nothing for %d s",
                 LAB_SILENCE_MS / 1000);
}

size_t wire_send_some(struct wire *wire, struct bytes bytes)
{
    note_sent(wire->lab, bytes);
    return send_for(wire, bytes, FULL_MS);
}

// Appends what comes next to `got`, at most `max` bytes; false at the end.
static bool read_some(struct wire *wire, struct text *got, size_t max)
{
    static char chunk[CHUNK];
    wire->lab->ended = "nothing came for 15 s";
    _Static_assert(LAB_SILENCE_MS == 15 * 1000, "which is said above");
    if (!wait_for(wire->fd, POLLIN, LAB_SILENCE_MS))
        return false;
    wire->lab->ended = "your server closed the connection";
    ssize_t size = recv(wire->fd, chunk, max < CHUNK ? max : CHUNK, 0);
    if (size <= 0)
        return false;
    wire->lab->ended = NULL;
    text_add(got, (struct bytes){chunk, (size_t)size});
    tell(wire, "<", (struct bytes){chunk, (size_t)size});
    return true;
}

// A wrong reply is told whole, up to the end of its line: an error says why.
static void read_rest_of_line(struct wire *wire, struct text *got)
{
    size_t max = got->size + REST_BYTES;
    while (got->size && got->data[got->size - 1] != '\n' && got->size < max &&
           wait_for(wire->fd, POLLIN, REST_MS) &&
           read_some(wire, got, max - got->size))
        ;
}

size_t wire_allocated(struct wire *wire)
{
    struct text got = {0};
    wire_send(wire, BYTES("*1\r\n$6\r\nMEMORY\r\n"));
    while (!got.size || got.data[got.size - 1] != '\n') {
        if (!read_some(wire, &got, CHUNK))
            lab_fail(wire->lab, "your store ended");
    }
    size_t bytes = strtoull(got.data + 1, NULL, 10);
    text_deinit(&got);
    return bytes;
}

void wire_expect(struct wire *wire, struct bytes expected)
{
    struct text got = {0};
    while (got.size < expected.size) {
        if (!read_some(wire, &got, expected.size - got.size))
            break;
        // What is wrong already gets no better by waiting for the rest.
        struct bytes part = {expected.data, got.size};
        if (bytes_first_difference(part, text_bytes(&got)) != SIZE_MAX)
            break;
    }
    if (bytes_first_difference(expected, text_bytes(&got)) != SIZE_MAX) {
        if (!wire->lab->ended)
            read_rest_of_line(wire, &got);
        lab_fail_bytes(wire->lab, expected, text_bytes(&got));
    }
    text_deinit(&got);
}

void wire_read_to_end(struct wire *wire, struct text *got)
{
    while (read_some(wire, got, CHUNK))
        ;
}

void wire_expect_end(struct wire *wire)
{
    char byte;
    if (!wait_for(wire->fd, POLLIN, LAB_SILENCE_MS))
        lab_fail(wire->lab, "your server keeps the connection open");
    if (recv(wire->fd, &byte, 1, 0) > 0)
        lab_fail_bytes(wire->lab, BYTES(""), (struct bytes){&byte, 1});
}

void wire_end(struct wire *wire)
{
    shutdown(wire->fd, SHUT_WR);
}

void wire_close(struct wire *wire)
{
    close(wire->fd);
    wire->fd = -1;
}

void wire_reset(struct wire *wire)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    wire_close(wire);
}

void lab_barrier(struct lab *lab)
{
    struct text sent = lab->sent;
    lab->sent = (struct text){0};
    struct wire wire = wire_open(lab);
    wire_send(&wire, BYTES("*1\r\n$4\r\nPING\r\n"));
    wire_expect(&wire, BYTES("+PONG\r\n"));
    wire_close(&wire);
    text_deinit(&lab->sent);
    lab->sent = sent;
}

void lab_settle(struct lab *lab)
{
    for (int i = 0; i < SETTLE_ROUNDS; i++)
        lab_barrier(lab);
}
