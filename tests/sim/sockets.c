// sockets.c -- what libvega asks the system for, answered by a simulated world.
//
// A handshake takes a message each way; while one of them is cut nothing comes
// of it, and it is tried again each second, as TCP does. Sending takes all that
// it is given: what is on its way has no bound here.
// SPDX-License-Identifier: MIT
#include "tests/sim/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common/base/check.h"
#include "common/base/list.h"

enum {
    SOCKET_FD_FIRST = 1 << 20, // No descriptor of the system is as high.
    SOCKET_AGAIN_US = 1000 * 1000,
    SOCKET_SYN_SIZE = 60,
};

static struct sim *caller_sim(const struct caller *caller)
{
    return caller->sockets->network->sim;
}

// ---- Waiting

static void caller_woken(struct env_timer *wake)
{
    struct caller *caller = container_of(wake, struct caller, wake);
    fiber_resume(caller->fiber);
}

// At once, but not from inside whatever happened.
static void caller_notify(struct caller *caller)
{
    if (caller->wake.position)
        sim_start(caller_sim(caller), &caller->wake, 0);
}

// Until it is notified, or time is up. `us` < 0: for ever.
static void caller_wait(struct caller *caller, int64_t us)
{
    if (caller->hung_up)
        return;
    sim_start(caller_sim(caller), &caller->wake, us < 0 ? INT64_MAX : us);
    fiber_wait();
}

void caller_sleep(struct caller *caller, int64_t us)
{
    int64_t until_us = caller_sim(caller)->now_us + us, left_us;
    while (!caller->hung_up &&
           (left_us = until_us - caller_sim(caller)->now_us) > 0)
        caller_wait(caller, left_us);
}

static void caller_run(void *context)
{
    struct caller *caller = context;
    caller->run(caller);
}

void caller_start(struct caller *caller, const struct sockets *sockets,
                  struct sim_host *host, int64_t after_us,
                  void (*run)(struct caller *caller))
{
    caller->sockets = sockets;
    caller->host = host;
    caller->run = run;
    caller->wake.fire = caller_woken;
    caller->fiber = fiber_create(caller_run, caller);
    sim_start(caller_sim(caller), &caller->wake, after_us);
}

bool caller_is_done(const struct caller *caller)
{
    return !caller->fiber || fiber_is_done(caller->fiber);
}

void caller_end(struct caller *caller)
{
    if (!caller->fiber)
        return;
    sim_stop(caller_sim(caller), &caller->wake);
    caller->hung_up = true;
    if (!fiber_is_done(caller->fiber))
        fiber_resume(caller->fiber);
    check(fiber_is_done(caller->fiber));
    fiber_destroy(caller->fiber);
    caller->fiber = NULL;
}

// ---- Sockets

static struct socket *socket_of(const struct caller *caller, int fd)
{
    check(fd >= SOCKET_FD_FIRST && fd < SOCKET_FD_FIRST + CALLER_SOCKETS_MAX);
    return (struct socket *)&caller->list[fd - SOCKET_FD_FIRST];
}

static void socket_move_to(struct socket *socket, enum socket_state state,
                           int error)
{
    socket->state = state;
    socket->error = error;
    caller_notify(socket->caller);
}

static void socket_receive(struct sim_stream_end *end, struct slice bytes)
{
    struct socket *socket = container_of(end, struct socket, end);
    buffer_append_slice(&socket->received, bytes);
    caller_notify(socket->caller);
}

static void socket_closed(struct sim_stream_end *end)
{
    socket_move_to(container_of(end, struct socket, end), SOCKET_ENDED, 0);
}

static void socket_shake_hands(struct env_timer *timer)
{
    struct socket *socket = container_of(timer, struct socket, handshake);
    struct caller *caller = socket->caller;
    const struct sockets *sockets = caller->sockets;
    struct sim_host *from = caller->host, *to = socket->to;
    if (sim_network_link(from, to)->cut || sim_network_link(to, from)->cut) {
        sim_start(caller_sim(caller), timer, SOCKET_AGAIN_US);
        return;
    }
    struct sim_stream_end *far = sockets->accept(sockets->context, to, from);
    if (!far) {
        socket_move_to(socket, SOCKET_FAILED, ECONNREFUSED);
        return;
    }
    sim_stream_open(&socket->end, from, far, to);
    socket_move_to(socket, SOCKET_CONNECTED, 0);
}

static int socket_create(struct caller *caller)
{
    for (int i = 0; i < CALLER_SOCKETS_MAX; i++) {
        struct socket *socket = &caller->list[i];
        if (socket->state != SOCKET_FREE)
            continue;
        *socket = (struct socket){
            .caller = caller,
            .state = SOCKET_NEW,
            .end = {.receive = socket_receive, .closed = socket_closed},
            .handshake = {.fire = socket_shake_hands},
        };
        return SOCKET_FD_FIRST + i;
    }
    errno = EMFILE;
    return -1;
}

static int socket_connect(struct socket *socket,
                          const struct sockaddr_in *address)
{
    struct caller *caller = socket->caller;
    const struct sockets *sockets = caller->sockets;
    check(socket->state == SOCKET_NEW && address->sin_family == AF_INET);
    socket->state = SOCKET_CONNECTING;
    socket->to =
        sockets->find(sockets->context, ntohl(address->sin_addr.s_addr),
                      ntohs(address->sin_port));
    sim_note_of(caller_sim(caller), caller->host->name, "connects to %s",
                socket->to ? socket->to->name : "nobody");
    if (socket->to && !caller->hung_up) {
        int64_t there_us = sim_network_draw_delay(
            caller->host, socket->to, SOCKET_SYN_SIZE, SOCKET_AGAIN_US);
        int64_t back_us = sim_network_draw_delay(
            socket->to, caller->host, SOCKET_SYN_SIZE, SOCKET_AGAIN_US);
        sim_start(caller_sim(caller), &socket->handshake, there_us + back_us);
    }
    errno = EINPROGRESS;
    return -1;
}

static void socket_close(struct socket *socket)
{
    sim_stop(caller_sim(socket->caller), &socket->handshake);
    if (socket->end.host)
        sim_stream_close(&socket->end);
    buffer_deinit(&socket->received);
    socket->state = SOCKET_FREE;
}

static short socket_ready(const struct socket *socket, short events)
{
    switch (socket->state) {
    case SOCKET_CONNECTED:
        return events &
               (short)(socket->received.size ? POLLIN | POLLOUT : POLLOUT);
    case SOCKET_ENDED:
        return events & (POLLIN | POLLOUT);
    case SOCKET_FAILED:
        return POLLERR | (events & (POLLIN | POLLOUT));
    default:
        return 0;
    }
}

static ssize_t socket_fail(int error)
{
    errno = error;
    return -1;
}

static ssize_t socket_send(struct socket *socket, struct slice bytes)
{
    if (socket->state == SOCKET_ENDED)
        return socket_fail(EPIPE);
    if (socket->state != SOCKET_CONNECTED || socket->caller->hung_up)
        return socket_fail(ECONNRESET);
    sim_stream_send(&socket->end, bytes);
    return (ssize_t)bytes.size;
}

static ssize_t socket_recv(struct socket *socket, void *bytes, size_t size,
                           bool peeks)
{
    struct buffer *received = &socket->received;
    if (!received->size && socket->caller->hung_up)
        return socket_fail(ECONNRESET);
    if (!received->size && socket->state == SOCKET_ENDED)
        return 0;
    if (!received->size)
        return socket_fail(socket->state == SOCKET_CONNECTED ? EAGAIN
                                                             : ECONNRESET);
    if (size > received->size)
        size = received->size;
    memcpy(bytes, received->data, size);
    if (!peeks)
        buffer_consume(received, size);
    return (ssize_t)size;
}

static int caller_poll(struct caller *caller, struct pollfd *fd, int timeout_ms)
{
    struct socket *socket = socket_of(caller, fd->fd);
    int64_t until_us = caller_sim(caller)->now_us + timeout_ms * INT64_C(1000);
    for (;;) {
        fd->revents = socket_ready(socket, fd->events);
        if (caller->hung_up)
            fd->revents |= POLLERR;
        if (fd->revents)
            return 1;
        int64_t left_us = until_us - caller_sim(caller)->now_us;
        if (timeout_ms >= 0 && left_us <= 0)
            return 0;
        caller_wait(caller, timeout_ms < 0 ? -1 : left_us);
    }
}

// ---- What the linker puts in the place of the system's

#define WRAPPED(type, name, ...)                                               \
    type __real_##name(__VA_ARGS__);                                           \
    type __wrap_##name(__VA_ARGS__);                                           \
    type __wrap_##name(__VA_ARGS__)

WRAPPED(int, socket, int family, int type, int protocol)
{
    struct caller *caller = fiber_context();
    return caller ? socket_create(caller)
                  : __real_socket(family, type, protocol);
}

WRAPPED(int, connect, int fd, const struct sockaddr *address, socklen_t size)
{
    struct caller *caller = fiber_context();
    if (!caller)
        return __real_connect(fd, address, size);
    return socket_connect(socket_of(caller, fd),
                          (const struct sockaddr_in *)(const void *)address);
}

WRAPPED(int, close, int fd)
{
    struct caller *caller = fiber_context();
    if (!caller)
        return __real_close(fd);
    socket_close(socket_of(caller, fd));
    return 0;
}

WRAPPED(int, setsockopt, int fd, int level, int name, const void *value,
        socklen_t size)
{
    return fiber_context() ? 0
                           : __real_setsockopt(fd, level, name, value, size);
}

// SO_ERROR, which is all that anybody asks for.
WRAPPED(int, getsockopt, int fd, int level, int name, void *value,
        socklen_t *size)
{
    struct caller *caller = fiber_context();
    if (!caller)
        return __real_getsockopt(fd, level, name, value, size);
    check(name == SO_ERROR);
    memcpy(value, &socket_of(caller, fd)->error, sizeof(int));
    return 0;
}

WRAPPED(int, poll, struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct caller *caller = fiber_context();
    if (!caller)
        return __real_poll(fds, count, timeout_ms);
    check(count == 1);
    return caller_poll(caller, fds, timeout_ms);
}

WRAPPED(ssize_t, send, int fd, const void *bytes, size_t size, int flags)
{
    struct caller *caller = fiber_context();
    if (!caller)
        return __real_send(fd, bytes, size, flags);
    return socket_send(socket_of(caller, fd), (struct slice){bytes, size});
}

WRAPPED(ssize_t, recv, int fd, void *bytes, size_t size, int flags)
{
    struct caller *caller = fiber_context();
    if (!caller)
        return __real_recv(fd, bytes, size, flags);
    return socket_recv(socket_of(caller, fd), bytes, size, flags & MSG_PEEK);
}

WRAPPED(int, clock_gettime, clockid_t clock, struct timespec *now)
{
    struct caller *caller = fiber_context();
    if (!caller)
        return __real_clock_gettime(clock, now);
    int64_t us = caller_sim(caller)->now_us;
    *now = (struct timespec){us / 1000000, us % 1000000 * 1000};
    return 0;
}

WRAPPED(int, nanosleep, const struct timespec *time, struct timespec *left)
{
    struct caller *caller = fiber_context();
    if (!caller)
        return __real_nanosleep(time, left);
    caller_sleep(caller, time->tv_sec * 1000000 + time->tv_nsec / 1000);
    return 0;
}
