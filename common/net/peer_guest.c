// peer_guest.c -- asks a node that is none of our peers, and waits.
// SPDX-License-Identifier: MIT
#include "common/net/peer_guest.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/env/env.h"

enum { PEER_GUEST_READ_SIZE = 4096 };

// Always false. `why` is static words.
static bool guest_fail(struct peer_guest *guest, const char *why)
{
    guest->trouble = why;
    return false;
}

// Until the socket is ready for these events of poll; false: it is too late.
static bool guest_wait(struct peer_guest *guest, short events)
{
    struct pollfd polled = {.fd = guest->fd, .events = events};
    for (;;) {
        int64_t left_us = guest->deadline_us - env_now_us(guest->env);
        if (left_us <= 0)
            return guest_fail(guest, "no answer in time");
        int ready = poll(&polled, 1, (int)(left_us / 1000) + 1);
        if (ready > 0)
            return true;
        check(ready == 0 || errno == EINTR);
    }
}

static bool guest_dial(struct peer_guest *guest,
                       const struct peer_address *address)
{
    const struct sockaddr *socket_address =
        (const struct sockaddr *)&address->socket;
    int error;
    socklen_t size = sizeof error;
    guest->fd = socket(address->socket.ss_family,
                       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (guest->fd < 0)
        return guest_fail(guest, "no socket");
    peer_socket_prepare(guest->fd);
    if (connect(guest->fd, socket_address, address->size) != 0 &&
        errno != EINPROGRESS)
        return guest_fail(guest, "not reached");
    if (!guest_wait(guest, POLLOUT))
        return false;
    if (getsockopt(guest->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
        error)
        return guest_fail(guest, "not reached");
    return true;
}

// The next frame, borrowed until the call after this.
static bool guest_read(struct peer_guest *guest, struct vbp_frame *frame,
                       size_t *used)
{
    for (;;) {
        struct slice rest = buffer_slice(&guest->input);
        enum vbp_status status = vbp_decode(&rest, ENV_ANSWER_MAX, frame);
        *used = guest->input.size - rest.size;
        if (status == VBP_OK)
            return true;
        if (status == VBP_INVALID)
            return guest_fail(guest, "no node answers there");
        if (!guest_wait(guest, POLLIN))
            return false;
        check(buffer_reserve(&guest->input, PEER_GUEST_READ_SIZE));
        ssize_t got = recv(guest->fd, guest->input.data + guest->input.size,
                           PEER_GUEST_READ_SIZE, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return guest_fail(guest, "it hung up");
        guest->input.size += (size_t)got;
    }
}

static bool guest_greet(struct peer_guest *guest, struct slice secret)
{
    struct vbp_frame frame;
    size_t used;
    if (!peer_greeting_call(&guest->greeting, guest->env, guest->fd))
        return guest_fail(guest, "it hung up");
    if (!guest_read(guest, &frame, &used))
        return false;
    enum peer_judgement judgement =
        peer_greeting_take_answer(&guest->greeting, secret, &frame);
    buffer_consume(&guest->input, used);
    if (judgement == PEER_ANOTHER_SECRET)
        return guest_fail(guest, "it has another cluster secret");
    if (judgement != PEER_RIGHT)
        return guest_fail(guest, "no node answers there");
    return peer_greeting_prove(&guest->greeting, secret, guest->fd) ||
           guest_fail(guest, "it hung up");
}

bool peer_guest_open(struct peer_guest *guest, struct env *env,
                     const struct peer_address *address, struct slice secret,
                     uint32_t from)
{
    *guest = (struct peer_guest){
        .fd = -1,
        .env = env,
        .deadline_us = env_now_us(env) + PEER_GREETING_US,
        .greeting = {.dialer = from, .listener = PEER_ANYBODY},
    };
    return guest_dial(guest, address) && guest_greet(guest, secret);
}

void peer_guest_close(struct peer_guest *guest)
{
    if (guest->fd >= 0)
        close(guest->fd);
    guest->fd = -1;
    buffer_deinit(&guest->input);
}

bool peer_guest_ask(struct peer_guest *guest, struct slice question,
                    struct slice *answer)
{
    struct buffer out = {0};
    struct vbp_frame frame = {
        .type = VBP_QUESTION, .request = ++guest->asked, .body = question};
    check(vbp_encode(&out, &frame));
    ssize_t sent = send(guest->fd, out.data, out.size, MSG_NOSIGNAL);
    bool all = sent == (ssize_t)out.size;
    buffer_deinit(&out);
    if (!all)
        return guest_fail(guest, "it hung up");
    // What the last answer was has been used.
    buffer_clear(&guest->input);
    size_t used;
    if (!guest_read(guest, &frame, &used))
        return false;
    if (frame.type != VBP_ANSWER || frame.request != guest->asked)
        return guest_fail(guest, "no node answers there");
    *answer = frame.body;
    return true;
}
