// listener.c -- a socket that waits for clients, and names of sockets.
// SPDX-License-Identifier: MIT
#include "common/net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    LISTENER_ERROR_MAX = 256,
    LISTENER_ACCEPTS_A_ROUND = 64, // So that a flood does not stop the rest.
};

// Out of descriptors: the client would wait in the queue, and the loop spin.
static void listener_refuse_one(struct listener *listener)
{
    close(listener->spare_fd);
    int fd = accept(listener->source.fd, NULL, NULL);
    if (fd >= 0)
        close(fd);
    listener->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void listener_ready(struct loop_source *source, unsigned events)
{
    (void)events;
    struct listener *listener = container_of(source, struct listener, source);
    for (int i = 0; i < LISTENER_ACCEPTS_A_ROUND && source->fd >= 0; i++) {
        int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            listener->accepted(listener, fd);
        else if (errno == EMFILE || errno == ENFILE)
            listener_refuse_one(listener);
        else if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

static enum status listener_fail(int fd, const char *what, const char *address,
                                 char *error)
{
    int reason = errno;
    snprintf(error, LISTENER_ERROR_MAX, "cannot %s %s: %s", what, address,
             strerror(reason));
    if (fd >= 0)
        close(fd);
    return status_of_errno(reason);
}

static void listener_start(struct listener *listener, struct loop *loop, int fd)
{
    listener->loop = loop;
    listener->source.fd = fd;
    listener->source.ready = listener_ready;
    listener->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    loop_add(loop, &listener->source, LOOP_READ);
}

// Tries one address of a host.
static enum status listener_bind(const struct addrinfo *info, int backlog,
                                 const char *address, int *fd, char *error)
{
    *fd =
        socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return listener_fail(-1, "make a socket for", address, error);
    int on = 1;
    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6)
        setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(*fd, info->ai_addr, info->ai_addrlen) != 0 ||
        listen(*fd, backlog) != 0)
        return listener_fail(*fd, "listen on", address, error);
    return STATUS_OK;
}

enum status listener_open_tcp(struct listener *listener, struct loop *loop,
                              const char *host, uint16_t port, int backlog,
                              char *error)
{
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    snprintf(listener->address, sizeof listener->address,
             strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
    struct addrinfo *infos, hints = {
                                .ai_socktype = SOCK_STREAM,
                                .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                            };
    int failed = getaddrinfo(host, service, &hints, &infos);
    if (failed) {
        snprintf(error, LISTENER_ERROR_MAX, "cannot resolve '%s': %s", host,
                 gai_strerror(failed));
        return STATUS_NOT_FOUND;
    }
    int fd = -1;
    enum status status =
        listener_bind(infos, backlog, listener->address, &fd, error);
    freeaddrinfo(infos);
    if (status != STATUS_OK)
        return status;
    listener->is_unix = false;
    socket_format_address(fd, false, listener->address,
                          sizeof listener->address);
    listener_start(listener, loop, fd);
    return STATUS_OK;
}

// A file left behind by a process that died would make bind fail for ever; one
// that somebody answers at must stay.
static bool listener_path_is_stale(const struct sockaddr_un *name)
{
    struct stat info;
    if (lstat(name->sun_path, &info) != 0 || !S_ISSOCK(info.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool refused =
        fd >= 0 &&
        connect(fd, (const struct sockaddr *)name, sizeof *name) != 0 &&
        errno == ECONNREFUSED;
    close(fd);
    return refused;
}

enum status listener_open_unix(struct listener *listener, struct loop *loop,
                               const char *path, unsigned mode, int backlog,
                               char *error)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return listener_fail(-1, "listen on", path, error);
    }
    strcpy(name.sun_path, path);
    if (listener_path_is_stale(&name))
        unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) != 0)
        return listener_fail(fd, "listen on", path, error);
    if (chmod(path, mode) != 0 || listen(fd, backlog) != 0)
        return listener_fail(fd, "listen on", path, error);
    snprintf(listener->address, sizeof listener->address, "%s", path);
    listener->is_unix = true;
    listener_start(listener, loop, fd);
    return STATUS_OK;
}

void listener_close(struct listener *listener)
{
    loop_remove(listener->loop, &listener->source);
    close(listener->source.fd);
    close(listener->spare_fd);
    listener->source.fd = -1;
    if (listener->is_unix)
        unlink(listener->address);
}

void socket_address_text(const struct sockaddr_storage *address, char *text,
                         size_t size)
{
    char host[INET6_ADDRSTRLEN];
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(text, size, "%s:%u", host, ntohs(in->sin_port));
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;
        inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
        snprintf(text, size, "[%s]:%u", host, ntohs(in->sin6_port));
    } else if (address->ss_family == AF_UNIX) {
        const struct sockaddr_un *un = (const struct sockaddr_un *)address;
        snprintf(text, size, "%s:0", un->sun_path);
    } else {
        snprintf(text, size, "?:0");
    }
}

void socket_format_address(int fd, bool of_peer, char *text, size_t size)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    if (of_peer)
        getpeername(fd, (struct sockaddr *)&address, &length);
    else
        getsockname(fd, (struct sockaddr *)&address, &length);
    socket_address_text(&address, text, size);
}

static bool address_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_UNIX)
        return true;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        return ntohl(in->sin_addr.s_addr) >> 24 == 127;
    }
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
    return address->sa_family == AF_INET6 &&
           (IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
            (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) &&
             in6->sin6_addr.s6_addr[12] == 127));
}

bool socket_peer_is_local(int fd)
{
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    return getpeername(fd, (struct sockaddr *)&storage, &length) == 0 &&
           address_is_loopback((struct sockaddr *)&storage);
}

bool host_is_exposed(const char *host)
{
    struct addrinfo *infos, hints = {.ai_socktype = SOCK_STREAM};
    if (getaddrinfo(host, NULL, &hints, &infos) != 0)
        return false;
    bool exposed = false;
    for (struct addrinfo *info = infos; info; info = info->ai_next)
        exposed = exposed || !address_is_loopback(info->ai_addr);
    freeaddrinfo(infos);
    return exposed;
}
