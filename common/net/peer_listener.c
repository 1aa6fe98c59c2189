// peer_listener.c -- the links that peers dialed, and what comes on them.
//
// Memory is bounded against whoever may connect: strangers are few, must greet
// and prove themselves in time, and may say no more than that. One that has
// holds at most one unfinished message.
//
//              HELLO              PROOF
//     CALLING  ----->  ANSWERED  ------>  PROVED, or GUEST
// SPDX-License-Identifier: MIT
#include "common/net/peer_listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/net/peer_greeting.h"
#include "common/wire/vbp.h"

enum {
    PEER_LISTENER_BACKLOG = 64,
    PEER_LISTENER_STRANGERS_MAX = 16,
    PEER_LISTENER_READ_SIZE = 64 * 1024,
    PEER_LISTENER_SPARE_SIZE = 256 * 1024, // An empty buffer keeps no more.
    PEER_LISTENER_PAUSE_US = 100 * 1000,
    PEER_LISTENER_QUIET_US = 1000 * 1000, // Between lines about refused ones.
};

struct peer_listener {
    struct peer_listener_options options;
    uint32_t *peers; // The copy of options.peers.
    struct loop_source source;
    struct env_timer pause; // Runs while there are no descriptors to accept.
    struct list_link incoming;
    size_t strangers; // Of them, those that have not proved themselves yet.
    int64_t quiet_until_us;
    struct env_peers *receiver;
};

enum peer_incoming_state {
    PEER_INCOMING_CALLING,
    PEER_INCOMING_ANSWERED,
    PEER_INCOMING_PROVED,
    PEER_INCOMING_GUEST, // Still a stranger, but one who is answered.
};

// One connection.
struct peer_incoming {
    struct list_link link;
    struct peer_listener *listener;
    struct loop_source source;
    struct env_timer deadline; // Of the greeting.
    enum peer_incoming_state state;
    bool is_guest; // It called for anybody.
    struct peer_greeting greeting;
    struct buffer input;
};

static void peer_incoming_close(struct peer_incoming *incoming)
{
    struct peer_listener *listener = incoming->listener;
    if (incoming->state != PEER_INCOMING_PROVED)
        listener->strangers--;
    env_timer_stop(listener->options.env, &incoming->deadline);
    loop_remove(listener->options.loop, &incoming->source);
    close(incoming->source.fd);
    buffer_deinit(&incoming->input);
    list_remove(&incoming->link);
    free(incoming);
}

static void peer_incoming_too_late(struct env_timer *timer)
{
    peer_incoming_close(container_of(timer, struct peer_incoming, deadline));
}

static bool peer_listener_knows(const struct peer_listener *listener,
                                uint32_t id)
{
    for (size_t i = 0; i < listener->options.peer_count; i++) {
        if (listener->peers[i] == id)
            return true;
    }
    return false;
}

// What `id` dialed before: it would not dial again if that were still good.
static void peer_listener_close_older(struct peer_listener *listener,
                                      uint32_t id)
{
    list_for_each_safe (link, &listener->incoming) {
        struct peer_incoming *older =
            container_of(link, struct peer_incoming, link);
        if (older->state == PEER_INCOMING_PROVED &&
            older->greeting.dialer == id)
            peer_incoming_close(older);
    }
}

static void peer_listener_refuse(struct peer_listener *listener, uint32_t from,
                                 const char *why)
{
    int64_t now_us = env_now_us(listener->options.env);
    if (now_us < listener->quiet_until_us)
        return;
    listener->quiet_until_us = now_us + PEER_LISTENER_QUIET_US;
    log_warn(listener->options.logger, "peer refused", LOG_INT_OF("peer", from),
             LOG_TEXT_OF("reason", why));
}

static bool peer_incoming_answer(struct peer_incoming *incoming,
                                 const struct vbp_frame *frame)
{
    struct peer_listener *listener = incoming->listener;
    struct peer_greeting *greeting = &incoming->greeting;
    if (!peer_greeting_take_call(greeting, frame))
        return false;
    if (greeting->listener == PEER_ANYBODY) {
        incoming->is_guest = true;
        greeting->listener = listener->options.id;
    } else if (greeting->listener != listener->options.id ||
               !peer_listener_knows(listener, greeting->dialer)) {
        peer_listener_refuse(listener, greeting->dialer,
                             "it is no peer, or means another node");
        return false;
    }
    incoming->state = PEER_INCOMING_ANSWERED;
    return peer_greeting_answer(greeting, listener->options.secret,
                                listener->options.env, incoming->source.fd);
}

static bool peer_incoming_prove(struct peer_incoming *incoming,
                                const struct vbp_frame *frame)
{
    struct peer_listener *listener = incoming->listener;
    uint32_t from = incoming->greeting.dialer;
    enum peer_judgement judgement = peer_greeting_take_proof(
        &incoming->greeting, listener->options.secret, frame);
    if (judgement == PEER_ANOTHER_SECRET)
        peer_listener_refuse(listener, from, "it has another cluster secret");
    if (judgement != PEER_RIGHT)
        return false;
    if (incoming->is_guest) {
        incoming->state = PEER_INCOMING_GUEST;
        return true;
    }
    peer_listener_close_older(listener, from);
    env_timer_stop(listener->options.env, &incoming->deadline);
    incoming->state = PEER_INCOMING_PROVED;
    listener->strangers--;
    return true;
}

// An answer fits into a socket that was empty, and a guest who does not take
// one before it asks again is not worth a queue.
static bool peer_incoming_tell(struct peer_incoming *incoming,
                               const struct vbp_frame *frame)
{
    struct env_peers *receiver = incoming->listener->receiver;
    if (frame->type != VBP_QUESTION || !receiver || !receiver->answer)
        return false;
    struct buffer body = {0}, out = {0};
    receiver->answer(receiver, frame->body, &body);
    check(body.size <= ENV_ANSWER_MAX);
    check(vbp_encode(&out, &(struct vbp_frame){.type = VBP_ANSWER,
                                               .request = frame->request,
                                               .body = buffer_slice(&body)}));
    ssize_t sent = send(incoming->source.fd, out.data, out.size, MSG_NOSIGNAL);
    bool all = sent == (ssize_t)out.size;
    buffer_deinit(&body);
    buffer_deinit(&out);
    return all;
}

static uint32_t peer_incoming_body_max(const struct peer_incoming *incoming)
{
    if (incoming->state == PEER_INCOMING_PROVED)
        return incoming->listener->options.message_max;
    return incoming->state == PEER_INCOMING_GUEST ? PEER_QUESTION_MAX
                                                  : PEER_CALL_BODY_SIZE;
}

static bool peer_incoming_take(struct peer_incoming *incoming,
                               const struct vbp_frame *frame)
{
    struct env_peers *receiver = incoming->listener->receiver;
    if (incoming->state == PEER_INCOMING_CALLING)
        return peer_incoming_answer(incoming, frame);
    if (incoming->state == PEER_INCOMING_ANSWERED)
        return peer_incoming_prove(incoming, frame);
    if (incoming->state == PEER_INCOMING_GUEST)
        return peer_incoming_tell(incoming, frame);
    if (frame->type != VBP_MESSAGE)
        return false;
    if (receiver)
        receiver->receive(receiver, incoming->greeting.dialer, frame->body);
    return true;
}

// Takes all complete frames. False when the connection must close.
static bool peer_incoming_decode(struct peer_incoming *incoming)
{
    struct buffer *input = &incoming->input;
    struct slice rest = buffer_slice(input);
    for (;;) {
        struct vbp_frame frame;
        enum vbp_status status =
            vbp_decode(&rest, peer_incoming_body_max(incoming), &frame);
        if (status == VBP_INVALID)
            return false;
        if (status == VBP_PARTIAL)
            break;
        if (!peer_incoming_take(incoming, &frame))
            return false;
    }
    buffer_consume(input, input->size - rest.size);
    if (input->size == 0 && input->capacity > PEER_LISTENER_SPARE_SIZE)
        buffer_deinit(input);
    return true;
}

// Reads once. False when the connection is at its end.
static bool peer_incoming_read(struct peer_incoming *incoming)
{
    struct buffer *input = &incoming->input;
    // As much again as is there already: few calls for a large message, and no
    // memory for one that was only announced.
    size_t room = input->size > PEER_LISTENER_READ_SIZE
                      ? input->size
                      : PEER_LISTENER_READ_SIZE;
    check(buffer_reserve(input, room));
    ssize_t got = recv(incoming->source.fd, input->data + input->size, room, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    input->size += (size_t)got;
    return got > 0;
}

static void peer_incoming_ready(struct loop_source *source, unsigned events)
{
    (void)events;
    struct peer_incoming *incoming =
        container_of(source, struct peer_incoming, source);
    if (!peer_incoming_read(incoming) || !peer_incoming_decode(incoming))
        peer_incoming_close(incoming);
}

// Takes `fd`.
static void peer_incoming_create(struct peer_listener *listener, int fd)
{
    struct peer_incoming *incoming = xcalloc(1, sizeof *incoming);
    incoming->listener = listener;
    incoming->source.fd = fd;
    incoming->source.ready = peer_incoming_ready;
    incoming->deadline.fire = peer_incoming_too_late;
    list_push_back(&listener->incoming, &incoming->link);
    listener->strangers++;
    peer_socket_prepare(fd);
    loop_add(listener->options.loop, &incoming->source, LOOP_READ);
    env_timer_start(listener->options.env, &incoming->deadline,
                    PEER_GREETING_US);
}

static void peer_listener_resume(struct env_timer *timer)
{
    struct peer_listener *listener =
        container_of(timer, struct peer_listener, pause);
    loop_want(listener->options.loop, &listener->source, LOOP_READ);
}

static void peer_listener_ready(struct loop_source *source, unsigned events)
{
    (void)events;
    struct peer_listener *listener =
        container_of(source, struct peer_listener, source);
    struct peer_address from = {.size = sizeof from.socket};
    int fd = accept4(source->fd, (struct sockaddr *)&from.socket, &from.size,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        // Out of descriptors, the caller stays in the backlog and the loop
        // would come here at once, again and again.
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
            errno == ENOMEM) {
            loop_want(listener->options.loop, source, 0);
            env_timer_start(listener->options.env, &listener->pause,
                            PEER_LISTENER_PAUSE_US);
        }
        return;
    }
    if ((listener->options.secret.size || peer_address_is_loopback(&from)) &&
        listener->strangers < PEER_LISTENER_STRANGERS_MAX)
        peer_incoming_create(listener, fd);
    else
        close(fd);
}

// -1 with errno set on failure.
static int peer_listener_bind(const struct peer_address *address)
{
    const struct sockaddr *socket_address =
        (const struct sockaddr *)&address->socket;
    int one = 1;
    int fd = socket(address->socket.ss_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(fd, socket_address, address->size) == 0 &&
        listen(fd, PEER_LISTENER_BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

struct peer_listener *
peer_listener_create(const struct peer_listener_options *options)
{
    int fd = peer_listener_bind(&options->address);
    if (fd < 0)
        return NULL;
    struct peer_listener *listener = xcalloc(1, sizeof *listener);
    listener->options = *options;
    size_t size = options->peer_count * sizeof *options->peers;
    listener->options.peers = NULL;
    listener->peers = xmalloc(size);
    if (size)
        memcpy(listener->peers, options->peers, size);
    list_init(&listener->incoming);
    listener->pause.fire = peer_listener_resume;
    listener->source =
        (struct loop_source){.fd = fd, .ready = peer_listener_ready};
    loop_add(options->loop, &listener->source, LOOP_READ);
    return listener;
}

void peer_listener_destroy(struct peer_listener *listener)
{
    list_for_each_safe (link, &listener->incoming)
        peer_incoming_close(container_of(link, struct peer_incoming, link));
    env_timer_stop(listener->options.env, &listener->pause);
    loop_remove(listener->options.loop, &listener->source);
    close(listener->source.fd);
    free(listener->peers);
    free(listener);
}

void peer_listener_set_receiver(struct peer_listener *listener,
                                struct env_peers *receiver)
{
    listener->receiver = receiver;
}
