// listener.h -- a socket that waits for clients.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LISTENER_H
#define VEGA_COMMON_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/base/status.h"
#include "common/net/loop.h"

struct listener {
    struct loop_source source;
    struct loop *loop;
    int spare_fd; // Given up for a moment to refuse a client politely when the
                  // process has no descriptor left.
    bool is_unix;
    char address[128]; // "127.0.0.1:6379", "[::1]:6379", "/run/vega.sock"
    // Takes the descriptor (nonblocking, close-on-exec). May close the
    // listener.
    void (*accepted)(struct listener *listener, int fd);
    void *owner; // The caller's own.
};

// Opens `listener`, whose `accepted` is set, on a numeric or resolvable host,
// or on a path whose file is replaced if nobody listens there. On failure
// `error` (256 bytes) says why, with the address. `port` may be 0: the system
// chooses one, and `address` tells.
enum status listener_open_tcp(struct listener *listener, struct loop *loop,
                              const char *host, uint16_t port, int backlog,
                              char *error);
enum status listener_open_unix(struct listener *listener, struct loop *loop,
                               const char *path, unsigned mode, int backlog,
                               char *error);

// Stops listening; removes a Unix socket's file.
void listener_close(struct listener *listener);

// Writes a socket's own or its peer's address ("127.0.0.1:51234",
// "/run/vega.sock:0") to `text`; "?:0" when there is none.
void socket_format_address(int fd, bool of_peer, char *text, size_t size);
// The same of an address.
void socket_address_text(const struct sockaddr_storage *address, char *text,
                         size_t size);

// True when the peer is on this machine: a loopback address or a Unix socket.
bool socket_peer_is_local(int fd);

// True when `host` stands for an address that is no loopback address. A name
// that stands for none is nobody's way in: listening there says what is wrong.
bool host_is_exposed(const char *host);

#endif
