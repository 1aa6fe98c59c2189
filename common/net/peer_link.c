// peer_link.c -- the way to one peer.
//
//                     time                 connected            answered
//     WAITING  ------------->  CONNECTING  -------->  GREETING  -------->  OPEN
//        ^                          |                     |                  |
//        +--------------------------+---------------------+------------------+
//                   refused, too late, a wrong answer, broken, closed
//
// The peer never says anything after its answer: reading only shows that it is
// gone. A node that dials a port of its own machine where nobody listens can by
// chance be given that same port and so connect to itself; it gets its own
// greeting back then, which is not the answer that it expects.
//
// Why there is no link is logged when the reason is another one than before.
// SPDX-License-Identifier: MIT
#include "common/net/peer_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "common/net/listener.h"
#include "common/net/peer_greeting.h"
#include "common/wire/vbp.h"

enum peer_link_state {
    PEER_LINK_WAITING,
    PEER_LINK_CONNECTING,
    PEER_LINK_GREETING,
    PEER_LINK_OPEN,
};

// An empty queue keeps no more memory than this.
enum { PEER_LINK_SPARE_SIZE = 256 * 1024 };

struct peer_link {
    struct peer_link_options options;
    enum peer_link_state state;
    struct loop_source source; // fd is -1 while WAITING.
    struct env_timer timer;    // Ends WAITING, or an attempt; not when OPEN.
    struct random random;      // For the wait before the next attempt,
    int64_t backoff_us;        // which is at most this.

    struct peer_greeting greeting;
    char answer[PEER_ANSWER_SIZE]; // The peer's, as far as it came.
    size_t answer_size;
    const char *trouble; // Why there is no link, as logged; or NULL.
    struct buffer queue; // Frames that wait or are being sent,
    size_t sent;         // of which so many bytes are gone.
};

static void peer_link_wait(struct peer_link *link)
{
    int64_t half_us = link->backoff_us / 2;
    uint64_t random_us = random_below(&link->random, (uint64_t)half_us + 1);
    env_timer_start(link->options.env, &link->timer,
                    half_us + (int64_t)random_us);
    link->backoff_us *= 2;
    if (link->backoff_us > PEER_LINK_BACKOFF_US_MAX)
        link->backoff_us = PEER_LINK_BACKOFF_US_MAX;
    link->state = PEER_LINK_WAITING;
}

static void peer_link_hang_up(struct peer_link *link)
{
    if (link->source.fd >= 0) {
        loop_remove(link->options.loop, &link->source);
        close(link->source.fd);
        link->source.fd = -1;
    }
    buffer_deinit(&link->queue);
    link->sent = 0;
    link->answer_size = 0;
}

// Its number stands for its name in greetings; its address, people know.
static void peer_link_note(const struct peer_link *link, const char *why)
{
    char address[64];
    socket_address_text(&link->options.address.socket, address, sizeof address);
    if (why)
        log_warn(link->options.logger, "no link to peer",
                 LOG_INT_OF("peer", link->options.to),
                 LOG_TEXT_OF("address", address), LOG_TEXT_OF("reason", why));
    else
        log_info(link->options.logger, "peer linked",
                 LOG_INT_OF("peer", link->options.to),
                 LOG_TEXT_OF("address", address));
}

// `why` is static words.
static void peer_link_break(struct peer_link *link, const char *why)
{
    if (!link->trouble || strcmp(link->trouble, why) != 0)
        peer_link_note(link, why);
    link->trouble = why;
    peer_link_hang_up(link);
    peer_link_wait(link);
}

static void peer_link_dial(struct peer_link *link)
{
    const struct peer_address *address = &link->options.address;
    const struct sockaddr *socket_address =
        (const struct sockaddr *)&address->socket;
    int fd = socket(address->socket.ss_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        peer_link_break(link, "no socket");
        return;
    }
    peer_socket_prepare(fd);
    link->source.fd = fd;
    loop_add(link->options.loop, &link->source, LOOP_WRITE);
    if (connect(fd, socket_address, address->size) != 0 &&
        errno != EINPROGRESS) {
        peer_link_break(link, "not reached");
        return;
    }
    link->state = PEER_LINK_CONNECTING;
    env_timer_start(link->options.env, &link->timer, PEER_GREETING_US);
}

static void peer_link_time_is_up(struct env_timer *timer)
{
    struct peer_link *link = container_of(timer, struct peer_link, timer);
    if (link->state == PEER_LINK_WAITING)
        peer_link_dial(link);
    else
        peer_link_break(link, "no answer in time");
}

static void peer_link_connected(struct peer_link *link)
{
    int error;
    socklen_t size = sizeof error;
    int fd = link->source.fd;
    link->greeting = (struct peer_greeting){.dialer = link->options.from,
                                            .listener = link->options.to};
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error ||
        !peer_greeting_call(&link->greeting, link->options.env, fd)) {
        peer_link_break(link, "not reached");
        return;
    }
    loop_want(link->options.loop, &link->source, LOOP_READ);
    link->state = PEER_LINK_GREETING;
}

static void peer_link_open(struct peer_link *link)
{
    if (!peer_greeting_prove(&link->greeting, link->options.secret,
                             link->source.fd)) {
        peer_link_break(link, "it hung up");
        return;
    }
    env_timer_stop(link->options.env, &link->timer);
    link->backoff_us = PEER_LINK_BACKOFF_US_MIN;
    link->trouble = NULL;
    link->state = PEER_LINK_OPEN;
    peer_link_note(link, NULL);
    peer_link_flush(link);
}

// Judges the answer as far as it came.
static void peer_link_judge(struct peer_link *link)
{
    struct slice input = {link->answer, link->answer_size};
    struct vbp_frame frame = {0};
    enum vbp_status status = vbp_decode(&input, PEER_ANSWER_BODY_SIZE, &frame);
    if (status == VBP_PARTIAL)
        return;
    enum peer_judgement judgement =
        status == VBP_OK ? peer_greeting_take_answer(
                               &link->greeting, link->options.secret, &frame)
                         : PEER_WRONG;
    if (judgement == PEER_RIGHT)
        peer_link_open(link);
    else
        peer_link_break(link, judgement == PEER_WRONG
                                  ? "another node, or none, answers there"
                                  : "it has another cluster secret");
}

static void peer_link_answered(struct peer_link *link)
{
    ssize_t got = recv(link->source.fd, link->answer + link->answer_size,
                       PEER_ANSWER_SIZE - link->answer_size, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        peer_link_break(link, "it hung up on the greeting");
        return;
    }
    link->answer_size += (size_t)got;
    peer_link_judge(link);
}

// True when the peer is still there, silent as it should be.
static bool peer_link_is_silent(const struct peer_link *link)
{
    char byte;
    return recv(link->source.fd, &byte, 1, 0) < 0 &&
           (errno == EAGAIN || errno == EINTR);
}

static void peer_link_ready(struct loop_source *source, unsigned events)
{
    struct peer_link *link = container_of(source, struct peer_link, source);
    if (link->state == PEER_LINK_CONNECTING) {
        peer_link_connected(link);
    } else if (link->state == PEER_LINK_GREETING) {
        peer_link_answered(link);
    } else if (events & ~LOOP_WRITE && !peer_link_is_silent(link)) {
        peer_link_break(link, "it hung up");
    } else {
        loop_want(link->options.loop, &link->source, LOOP_READ);
        peer_link_flush(link);
    }
}

struct peer_link *peer_link_create(const struct peer_link_options *options)
{
    check(options->queue_max >= VBP_HEADER_SIZE + (size_t)options->message_max);
    struct peer_link *link = xcalloc(1, sizeof *link);
    link->options = *options;
    link->source = (struct loop_source){.fd = -1, .ready = peer_link_ready};
    link->timer.fire = peer_link_time_is_up;
    link->backoff_us = PEER_LINK_BACKOFF_US_MIN;
    uint64_t seed;
    env_random(options->env, &seed, sizeof seed);
    random_init(&link->random, seed);
    peer_link_dial(link);
    return link;
}

void peer_link_destroy(struct peer_link *link)
{
    env_timer_stop(link->options.env, &link->timer);
    peer_link_hang_up(link);
    free(link);
}

enum status peer_link_send(struct peer_link *link, struct slice body)
{
    if (body.size > link->options.message_max)
        return STATUS_INVALID;
    size_t waiting = link->queue.size - link->sent;
    if (waiting + VBP_HEADER_SIZE + body.size > link->options.queue_max)
        return STATUS_FULL;
    // What is gone is cut off when it is the larger part, so that a byte is
    // moved once on average and the buffer stays below twice the bound.
    if (link->sent > waiting) {
        buffer_consume(&link->queue, link->sent);
        link->sent = 0;
    }
    struct vbp_frame frame = {.type = VBP_MESSAGE, .body = body};
    check(vbp_encode(&link->queue, &frame));
    return STATUS_OK;
}

void peer_link_flush(struct peer_link *link)
{
    // While it waits to be writable, the loop says when to go on.
    if (link->state != PEER_LINK_OPEN || link->source.wanted & LOOP_WRITE)
        return;
    while (link->sent < link->queue.size) {
        ssize_t sent =
            send(link->source.fd, link->queue.data + link->sent,
                 link->queue.size - link->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN) {
            loop_want(link->options.loop, &link->source,
                      LOOP_READ | LOOP_WRITE);
            return;
        }
        if (sent < 0) {
            peer_link_break(link, "it hung up");
            return;
        }
        link->sent += (size_t)sent;
    }
    link->sent = 0;
    if (link->queue.capacity > PEER_LINK_SPARE_SIZE)
        buffer_deinit(&link->queue);
    else
        buffer_clear(&link->queue);
}
