// endpoint.c -- making connections, and moving bytes over them.
// SPDX-License-Identifier: MIT
#include "common/client/endpoint.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum {
    PORT_DEFAULT = 6379,
    CONNECT_TIMEOUT_MS = 5000,
    RECEIVE_SIZE = 16 * 1024,    // Bytes asked for at once, at least.
    SEND_EARLY = 64 * 1024,      // A pipeline is sent in portions of these.
    KEPT_SIZE_MAX = 1024 * 1024, // A larger empty buffer is given back.
    HEADER_SIZE_MAX = 32,        // Of "$123\r\n", and a line end.
    NEVER = -1,                  // As a timeout or deadline.
};

static const size_t SIZE_MAX_DEFAULT = (size_t)1 << 30;
static const size_t ELEMENTS_MAX_DEFAULT = (size_t)16 << 20;
static const size_t UNSENT_MAX_DEFAULT = (size_t)256 << 20;

bool failure_set(struct failure *failure, enum vega_status status,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    failure->status = status;
    vsnprintf(failure->text, sizeof failure->text, format, args);
    va_end(args);
    return false;
}

static char *copy_text(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t deadline_after(int timeout_ms)
{
    return timeout_ms < 0 ? NEVER : now_ms() + timeout_ms;
}

// Waits for any of `events`; 0 when the deadline passed.
static short wait_for(int fd, short events, int64_t deadline_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};
    for (;;) {
        int64_t left = deadline_ms == NEVER ? -1 : deadline_ms - now_ms();
        if (deadline_ms != NEVER && left < 0)
            left = 0;
        int ready = poll(&poll_fd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        if (ready > 0)
            return poll_fd.revents;
        if (ready == 0)
            return 0;
        check(errno == EINTR);
    }
}

static struct reply_limits limits_of(const struct vega_options *options)
{
    struct reply_limits limits = {SIZE_MAX_DEFAULT, ELEMENTS_MAX_DEFAULT,
                                  REPLY_DEPTH_MAX};
    if (options->reply_size_max)
        limits.size_max = options->reply_size_max;
    if (options->reply_elements_max)
        limits.elements_max = options->reply_elements_max;
    if (options->reply_depth_max > 0 &&
        options->reply_depth_max < REPLY_DEPTH_MAX)
        limits.depth_max = (uint32_t)options->reply_depth_max;
    return limits;
}

struct endpoint *endpoint_create(const struct vega_options *options)
{
    struct endpoint *endpoint = xcalloc(1, sizeof *endpoint);
    struct vega_options *own = &endpoint->options;
    *own = *options;
    own->host = copy_text(options->host ? options->host : "127.0.0.1");
    own->unix_socket = copy_text(options->unix_socket);
    own->user = copy_text(options->user);
    own->password = copy_text(options->password);
    own->port = own->port ? own->port : PORT_DEFAULT;
    if (!own->connect_timeout_ms)
        own->connect_timeout_ms = CONNECT_TIMEOUT_MS;
    if (!own->command_timeout_ms)
        own->command_timeout_ms = NEVER;
    if (own->unix_socket)
        snprintf(endpoint->name, sizeof endpoint->name, "%s", own->unix_socket);
    else
        snprintf(endpoint->name, sizeof endpoint->name, "%s:%d", own->host,
                 own->port);
    endpoint->fd = -1;
    buffer_reserve(&endpoint->in, RECEIVE_SIZE);
    endpoint->out.max = own->unsent_max ? own->unsent_max : UNSENT_MAX_DEFAULT;
    reply_parser_init(&endpoint->parser, limits_of(own));
    return endpoint;
}

// Upholds (I1).
static void endpoint_disconnect(struct endpoint *endpoint)
{
    if (endpoint->fd >= 0)
        close(endpoint->fd);
    endpoint->fd = -1;
    endpoint->life++;
    endpoint->awaited = 0;
    endpoint->open = 0;
    buffer_clear(&endpoint->out);
    buffer_clear(&endpoint->in);
    endpoint->sent = endpoint->taken = 0;
    reply_parser_reset(&endpoint->parser);
}

void endpoint_destroy(struct endpoint *endpoint)
{
    endpoint_disconnect(endpoint);
    buffer_deinit(&endpoint->out);
    buffer_deinit(&endpoint->in);
    reply_parser_deinit(&endpoint->parser);
    free((char *)endpoint->options.host);
    free((char *)endpoint->options.unix_socket);
    free((char *)endpoint->options.user);
    free((char *)endpoint->options.password);
    free(endpoint);
}

void endpoint_set_password(struct endpoint *endpoint, const char *user,
                           const char *password)
{
    free((char *)endpoint->options.user);
    free((char *)endpoint->options.password);
    endpoint->options.user = copy_text(user);
    endpoint->options.password = copy_text(password);
}

static bool endpoint_lose(struct endpoint *endpoint, struct failure *failure,
                          enum vega_status status, const char *why)
{
    endpoint_disconnect(endpoint);
    return failure_set(failure, status, "%s: %s", endpoint->name, why);
}

// A connected socket, or -1 with errno.
static int dial(int family, const struct sockaddr *address, socklen_t size,
                int64_t deadline_ms)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int error = 0;
    if (connect(fd, address, size) != 0) {
        error = errno;
        if (error == EINPROGRESS || error == EINTR) {
            error = ETIMEDOUT;
            socklen_t error_size = sizeof error;
            if (wait_for(fd, POLLOUT, deadline_ms))
                getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
        }
    }
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

static bool endpoint_unreachable(const struct endpoint *endpoint,
                                 struct failure *failure, const char *why)
{
    return failure_set(failure, VEGA_UNREACHABLE, "cannot connect to %s: %s",
                       endpoint->name, why);
}

static bool endpoint_dial_unix(struct endpoint *endpoint, int64_t deadline_ms,
                               struct failure *failure)
{
    const char *path = endpoint->options.unix_socket;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return endpoint_unreachable(endpoint, failure, "path is too long");
    strcpy(address.sun_path, path);
    endpoint->fd =
        dial(AF_UNIX, (struct sockaddr *)&address, sizeof address, deadline_ms);
    if (endpoint->fd < 0)
        return endpoint_unreachable(endpoint, failure, strerror(errno));
    return true;
}

// Tries the addresses of a name in turn.
static bool endpoint_dial_tcp(struct endpoint *endpoint, int64_t deadline_ms,
                              struct failure *failure)
{
    char port[16];
    snprintf(port, sizeof port, "%d", endpoint->options.port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(endpoint->options.host, port, &hints, &found);
    if (error)
        return endpoint_unreachable(endpoint, failure, gai_strerror(error));
    for (struct addrinfo *at = found; at && endpoint->fd < 0; at = at->ai_next)
        endpoint->fd =
            dial(at->ai_family, at->ai_addr, at->ai_addrlen, deadline_ms);
    error = errno;
    freeaddrinfo(found);
    if (endpoint->fd < 0)
        return endpoint_unreachable(endpoint, failure, strerror(error));
    int on = 1;
    setsockopt(endpoint->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return true;
}

// Sends what the socket takes now. False only when the connection is lost.
static bool endpoint_send(struct endpoint *endpoint, struct failure *failure)
{
    struct buffer *out = &endpoint->out;
    while (endpoint->sent < out->size) {
        ssize_t size = send(endpoint->fd, out->data + endpoint->sent,
                            out->size - endpoint->sent, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN)
            break;
        if (size < 0)
            return endpoint_lose(endpoint, failure, VEGA_LOST, strerror(errno));
        endpoint->sent += (size_t)size;
    }
    // Never moves more bytes than were sent since the last time.
    if (endpoint->sent < out->size / 2)
        return true;
    buffer_consume(out, endpoint->sent);
    endpoint->sent = 0;
    if (out->size == 0 && out->capacity > KEPT_SIZE_MAX)
        buffer_deinit(out);
    return true;
}

static bool endpoint_receive(struct endpoint *endpoint, struct failure *failure)
{
    struct buffer *in = &endpoint->in;
    buffer_consume(in, endpoint->taken);
    endpoint->taken = 0;
    if (in->size == 0 && in->capacity > KEPT_SIZE_MAX)
        buffer_deinit(in);
    buffer_reserve(in, RECEIVE_SIZE);
    ssize_t size =
        recv(endpoint->fd, in->data + in->size, in->capacity - in->size, 0);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (size < 0)
        return endpoint_lose(endpoint, failure, VEGA_LOST, strerror(errno));
    if (size == 0)
        return endpoint_lose(endpoint, failure, VEGA_LOST,
                             "the server closed the connection");
    in->size += (size_t)size;
    return true;
}

// Sends and receives until more bytes have come. Both at once: a server that
// waits for its replies to be read must not wait for ever.
static bool endpoint_exchange(struct endpoint *endpoint, int64_t deadline_ms,
                              struct failure *failure)
{
    size_t before = endpoint->in.size - endpoint->taken;
    do {
        if (!endpoint_send(endpoint, failure))
            return false;
        short events = endpoint->out.size ? POLLIN | POLLOUT : POLLIN;
        short ready = wait_for(endpoint->fd, events, deadline_ms);
        if (!ready)
            return failure_set(failure, VEGA_TIMEOUT, "%s: no reply in time",
                               endpoint->name);
        if ((ready & ~POLLOUT) && !endpoint_receive(endpoint, failure))
            return false;
    } while (endpoint->in.size - endpoint->taken == before);
    return true;
}

static struct vega_reply *endpoint_read(struct endpoint *endpoint,
                                        int64_t deadline_ms,
                                        struct failure *failure)
{
    for (;;) {
        struct buffer *in = &endpoint->in;
        struct slice rest = {in->data + endpoint->taken,
                             in->size - endpoint->taken};
        struct vega_reply *reply = NULL;
        enum reply_result result = REPLY_PARTIAL;
        if (rest.size >= endpoint->parser.need)
            result = reply_parser_take(&endpoint->parser, &rest, &reply);
        endpoint->taken = in->size - rest.size;
        if (result == REPLY_COMPLETE)
            return reply;
        if (result == REPLY_INVALID) {
            endpoint_lose(endpoint, failure, VEGA_PROTOCOL,
                          endpoint->parser.error);
            return NULL;
        }
        if (!endpoint_exchange(endpoint, deadline_ms, failure))
            return NULL;
    }
}

struct vega_reply *endpoint_next(struct endpoint *endpoint, int timeout_ms,
                                 struct failure *failure)
{
    struct vega_reply *reply =
        endpoint_read(endpoint, deadline_after(timeout_ms), failure);
    if (reply && reply->type != VEGA_PUSH && endpoint->awaited)
        endpoint->awaited--;
    return reply;
}

static struct vega_reply *endpoint_reply_before(struct endpoint *endpoint,
                                                int64_t deadline_ms,
                                                struct failure *failure)
{
    for (;;) {
        struct vega_reply *reply =
            endpoint_read(endpoint, deadline_ms, failure);
        if (!reply && failure->status == VEGA_TIMEOUT)
            endpoint_disconnect(endpoint); // Upholds (I2).
        if (!reply)
            return NULL;
        if (reply->type != VEGA_PUSH) {
            endpoint->awaited--;
            return reply;
        }
        if (endpoint->options.on_push)
            endpoint->options.on_push(endpoint->options.push_context, reply);
        vega_reply_free(reply);
    }
}

struct vega_reply *endpoint_reply(struct endpoint *endpoint,
                                  struct failure *failure)
{
    int timeout_ms = endpoint->options.command_timeout_ms;
    return endpoint_reply_before(endpoint, deadline_after(timeout_ms), failure);
}

static size_t argument_size(const char *const *argv, const size_t *sizes,
                            size_t i)
{
    return sizes ? sizes[i] : strlen(argv[i]);
}

static void append_header(struct buffer *out, char type, size_t number)
{
    char text[HEADER_SIZE_MAX];
    int size = snprintf(text, sizeof text, "%c%zu\r\n", type, number);
    buffer_append(out, text, (size_t)size);
}

// What a connection holds for its client, and would take along when it ends.
enum { OPEN_MULTI = 1, OPEN_BEGIN = 2, OPEN_WATCH = 4 };

// By the commands alone: one that the server refuses may be taken for an open
// transaction, which costs a needless failure, but never the other way round.
static void endpoint_note_open(struct endpoint *endpoint, size_t argc,
                               const char *const *argv, const size_t *sizes)
{
    static const struct {
        const char *name;
        size_t argc_max; // With more it is malformed and changes nothing.
        unsigned begins, ends;
    } moves[] = {
        {"multi", 1, OPEN_MULTI, 0},
        {"exec", 1, 0, OPEN_MULTI | OPEN_WATCH},
        {"discard", 1, 0, OPEN_MULTI | OPEN_WATCH},
        {"watch", SIZE_MAX, OPEN_WATCH, 0},
        {"unwatch", 1, 0, OPEN_WATCH},
        {"begin", 2, OPEN_BEGIN, 0},
        {"commit", 1, 0, OPEN_BEGIN},
        {"rollback", 1, 0, OPEN_BEGIN},
        {"reset", 1, 0, OPEN_MULTI | OPEN_BEGIN | OPEN_WATCH},
    };
    size_t size = argument_size(argv, sizes, 0);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        if (argc > moves[i].argc_max || size != strlen(moves[i].name) ||
            strncasecmp(argv[0], moves[i].name, size) != 0)
            continue;
        endpoint->open = (endpoint->open & ~moves[i].ends) | moves[i].begins;
    }
}

bool endpoint_append(struct endpoint *endpoint, size_t argc,
                     const char *const *argv, const size_t *sizes,
                     struct failure *failure)
{
    struct buffer *out = &endpoint->out;
    if (out->size > SEND_EARLY && !endpoint_send(endpoint, failure))
        return false;
    size_t total = HEADER_SIZE_MAX;
    for (size_t i = 0; i < argc; i++)
        total += argument_size(argv, sizes, i) + HEADER_SIZE_MAX;
    if (!buffer_reserve(out, total)) {
        out->overflowed = false;
        return failure_set(failure, VEGA_MISUSE, "%s: too much is unsent",
                           endpoint->name);
    }
    append_header(out, '*', argc);
    for (size_t i = 0; i < argc; i++) {
        size_t size = argument_size(argv, sizes, i);
        append_header(out, '$', size);
        buffer_append(out, argv[i], size);
        buffer_append(out, "\r\n", 2);
    }
    endpoint->appended++;
    endpoint->awaited++;
    endpoint_note_open(endpoint, argc, argv, sizes);
    return true;
}

// HELLO or AUTH, when the options ask for either.
static bool endpoint_greet(struct endpoint *endpoint, int64_t deadline_ms,
                           struct failure *failure)
{
    const struct vega_options *options = &endpoint->options;
    const char *password = options->password;
    const char *user = options->user ? options->user : "default";
    const char *hello[] = {"HELLO", "3", "AUTH", user, password};
    // Servers older than Redis 6 know no users.
    const char *auth[] = {"AUTH", options->user ? user : password, password};

    bool sent;
    if (options->protocol == 3)
        sent =
            endpoint_append(endpoint, password ? 5 : 2, hello, NULL, failure);
    else if (password)
        sent = endpoint_append(endpoint, options->user ? 3 : 2, auth, NULL,
                               failure);
    else
        return true;
    if (!sent) {
        endpoint_disconnect(endpoint);
        return false;
    }

    struct vega_reply *reply =
        endpoint_reply_before(endpoint, deadline_ms, failure);
    if (!reply)
        return false;
    bool refused = reply->type == VEGA_ERROR;
    if (refused)
        endpoint_lose(endpoint, failure, VEGA_DENIED, reply->text);
    vega_reply_free(reply);
    return !refused;
}

static bool endpoint_connect(struct endpoint *endpoint, struct failure *failure)
{
    if (endpoint->options.no_reconnect && endpoint->life)
        return failure_set(failure, VEGA_LOST, "%s: not connected",
                           endpoint->name);
    int64_t deadline_ms = deadline_after(endpoint->options.connect_timeout_ms);
    bool dialed = endpoint->options.unix_socket
                      ? endpoint_dial_unix(endpoint, deadline_ms, failure)
                      : endpoint_dial_tcp(endpoint, deadline_ms, failure);
    return dialed && endpoint_greet(endpoint, deadline_ms, failure);
}

// Whether a connection with nothing under way was closed by the server in the
// meantime: better to know before the next command is sent into it.
static bool endpoint_is_stale(const struct endpoint *endpoint)
{
    char byte;
    if (endpoint->awaited)
        return false;
    ssize_t size = recv(endpoint->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

// Upholds (I3).
bool endpoint_prepare(struct endpoint *endpoint, struct failure *failure)
{
    bool is_cut = false;
    if (endpoint->fd >= 0 && endpoint_is_stale(endpoint)) {
        is_cut = endpoint->open != 0;
        endpoint_disconnect(endpoint);
    }
    if (endpoint->fd < 0 && !endpoint_connect(endpoint, failure))
        return false;
    if (!is_cut)
        return true;
    return failure_set(failure, VEGA_LOST,
                       "%s: the server closed the connection, and the open "
                       "transaction is lost: nothing of it was done",
                       endpoint->name);
}
