// peer.c -- addresses of peers, and their sockets.
// SPDX-License-Identifier: MIT
#include "common/net/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "common/base/slice.h"

// How long what was sent may stay unacknowledged, and a connection silent
// before it is probed.
enum { PEER_UNHEARD_MS = 5000, PEER_SILENT_S = 5 };

// The digits behind the last ':'. False when they are no port to connect to.
static bool peer_port_parse(const char *digits, in_port_t *port)
{
    int64_t value;
    if (!slice_to_int64(slice_of(digits), &value) || value < 1 || value > 65535)
        return false;
    *port = htons((uint16_t)value);
    return true;
}

// `host` without brackets.
static bool peer_host_parse(const char *host, bool is_v6, in_port_t port,
                            struct peer_address *address)
{
    *address = (struct peer_address){0};
    if (is_v6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->socket;
        v6->sin6_family = AF_INET6;
        v6->sin6_port = port;
        address->size = sizeof *v6;
        return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1;
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->socket;
    v4->sin_family = AF_INET;
    v4->sin_port = port;
    address->size = sizeof *v4;
    return inet_pton(AF_INET, host, &v4->sin_addr) == 1;
}

bool peer_address_parse(const char *text, struct peer_address *address)
{
    char host[INET6_ADDRSTRLEN + 2] = {0}; // And the brackets.
    const char *colon = strrchr(text, ':');
    struct peer_address parsed;
    in_port_t port;
    errno = EINVAL;
    if (!colon || (size_t)(colon - text) >= sizeof host || colon == text ||
        !peer_port_parse(colon + 1, &port))
        return false;
    memcpy(host, text, (size_t)(colon - text));

    bool is_v6 = *host == '[' && colon[-1] == ']';
    if (is_v6)
        host[colon - text - 1] = '\0';
    if (!peer_host_parse(host + is_v6, is_v6, port, &parsed)) {
        errno = EINVAL;
        return false;
    }
    *address = parsed;
    return true;
}

bool peer_address_is_loopback(const struct peer_address *address)
{
    const void *socket = &address->socket;
    if (address->socket.ss_family == AF_INET) {
        const struct sockaddr_in *v4 = socket;
        return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    const struct sockaddr_in6 *v6 = socket;
    return address->socket.ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

void peer_socket_prepare(int fd)
{
    const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, PEER_UNHEARD_MS},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, PEER_SILENT_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, 1},
    };
    // None of them is needed to be right, only to be quick: not checked.
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        (void)setsockopt(fd, options[i].level, options[i].name,
                         &options[i].value, sizeof options[i].value);
}
