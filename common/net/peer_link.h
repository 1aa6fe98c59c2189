// peer_link.h -- the way to one peer: a connection that is dialed again
// whenever it breaks, and a bounded queue of messages before it.
//
// A message is delivered at most once. Those that wait when the connection
// breaks, or an attempt to make it fails, are dropped: the peer hears what is
// current, not what piled up while it was away. peer_greeting.h says how a link
// begins and what it does not protect.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PEER_LINK_H
#define VEGA_COMMON_PEER_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/logger.h"
#include "common/base/slice.h"
#include "common/base/status.h"
#include "common/env/env.h"
#include "common/net/loop.h"
#include "common/net/peer.h"

// The wait before dialing again doubles from the first to the last of these;
// half of it is random, so that nodes do not dial in step.
enum {
    PEER_LINK_BACKOFF_US_MIN = 20 * 1000,
    PEER_LINK_BACKOFF_US_MAX = 1000 * 1000,
};

struct peer_link_options {
    struct loop *loop;
    struct env *env;       // For its timers and its randomness.
    struct logger *logger; // Hears of links, and why there is none; or NULL.
    struct slice secret;   // Of the cluster. Borrowed; may be empty.
    uint32_t from;         // This node,
    uint32_t to;           // and the one that lives at
    struct peer_address address;
    uint32_t message_max; // Bytes of one message.
    size_t queue_max;     // Bytes of all that wait, headers included; room for
                          // the largest message at least.
};

struct peer_link;

// Begins to dial. Owned by the caller; loop and env outlive it.
struct peer_link *peer_link_create(const struct peer_link_options *options);
void peer_link_destroy(struct peer_link *link); // Drops what waits.

// Takes a copy, which leaves with the next peer_link_flush. STATUS_FULL when
// the queue has no room for it, STATUS_INVALID when it is too large ever.
enum status peer_link_send(struct peer_link *link, struct slice body);

// Sends what waits, as far as the connection is there and takes it; the rest
// follows by itself.
void peer_link_flush(struct peer_link *link);

#endif
