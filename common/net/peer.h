// peer.h -- addresses of peers, and their sockets.
//
// A node dials each of its peers and sends on that connection alone; what it
// receives comes on the connections that its peers dialed. So every direction
// has one owner, and two nodes that dial each other at once need no rule for
// whose connection survives. peer_greeting.h says how a connection begins.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PEER_H
#define VEGA_COMMON_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct peer_address {
    struct sockaddr_storage socket;
    socklen_t size;
};

// Reads "127.0.0.1:16379" or "[::1]:16379": numbers only, so that nothing is
// ever looked up. False with errno set to EINVAL when it is no such text.
bool peer_address_parse(const char *text, struct peer_address *address);
bool peer_address_is_loopback(const struct peer_address *address);

// Messages leave at once, and a peer that vanished without a word is noticed.
void peer_socket_prepare(int fd);

#endif
