// peer.h -- what both ends of a link between nodes share: addresses and the
// greeting.
//
// A node dials each of its peers and sends on that connection alone; what it
// receives comes on the connections that its peers dialed. So every direction
// has one owner, and two nodes that dial each other at once need no rule for
// whose connection survives. The dialer begins with a greeting that says who
// it is and whom it means, and sends messages once that was answered: a node
// that was given a wrong address finds out before it says anything.
//
// A greeting proves nothing. As long as nodes do not authenticate each other,
// both ends must be on the loopback: other addresses are refused, to listen
// on, to dial and to be dialed from.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PEER_H
#define VEGA_COMMON_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/base/slice.h"
#include "common/wire/vbp.h"

enum {
    PEER_HELLO_BODY_SIZE = 8,
    PEER_HELLO_SIZE = VBP_HEADER_SIZE + PEER_HELLO_BODY_SIZE,
    PEER_GREETING_US = 5 * 1000 * 1000, // Until both ends know each other.
};

struct peer_address {
    struct sockaddr_storage socket;
    socklen_t size;
};

// Reads "127.0.0.1:16379" or "[::1]:16379": numbers only, so that nothing is
// ever looked up. False with errno set: EINVAL when it is no such text, EACCES
// when it is not on the loopback.
bool peer_address_parse(const char *text, struct peer_address *address);
bool peer_address_is_loopback(const struct peer_address *address);

// Says `from` and `to` on a fresh connection. False when it broke.
bool peer_hello_send(int fd, uint32_t from, uint32_t to);

// Reads a greeting. False when the frame is none.
bool peer_hello_decode(const struct vbp_frame *frame, uint32_t *from,
                       uint32_t *to);

// Messages leave at once, and a peer that vanished without a word is noticed.
void peer_socket_prepare(int fd);

#endif
