// hello.h -- what a node tells its peers, again and again: who it is, and how
// it sees the map: the digest of it always, all of it to who has another.
//
// A message of env_peer_send may be lost, so nothing is ever said only once,
// and hearing it twice does no harm. hello.c states the bytes.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_HELLO_H
#define VEGA_STAGE3_HELLO_H

#include <stdbool.h>

#include "common/base/buffer.h"
#include "stage3-sharding/topology.h"

// What a peer says of itself.
struct hello {
    struct slice id; // Borrowed from the message.
    uint32_t weight;
    struct topology_address client;
    uint64_t digest;     // Of its topology.
    struct slice ranges; // Borrowed, too: see hello_next_range.
};

struct hello_range {
    uint16_t first, last;
    uint32_t owner; // topology_node.number
    uint64_t epoch; // From 1.
};

// Appends what `topology->self` has to say, with the ranges of all slots or
// without any.
void hello_encode(const struct topology *topology, bool with_ranges,
                  struct buffer *out);

// Reads a message, and checks all of it. False, and *hello untouched, when it
// is none.
bool hello_decode(struct slice message, struct hello *hello);

// Takes the next range off `ranges`, those of a hello; false: there is none.
bool hello_next_range(struct slice *ranges, struct hello_range *range);

#endif
