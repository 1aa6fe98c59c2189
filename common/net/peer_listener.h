// peer_listener.h -- where peers reach this node: accepts their links and hands
// on their messages.
//
// Only peers that this node was told of are listened to, each over one
// connection: a newer one takes the place of an older one, once it has proved
// that it knows the secret. peer_greeting.h says how a link begins and what it
// does not protect.
//
// Besides, whoever knows the secret may come as a guest and ask, for as long as
// a stranger may stay (PEER_GREETING_US).
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PEER_LISTENER_H
#define VEGA_COMMON_PEER_LISTENER_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/logger.h"
#include "common/env/env.h"
#include "common/net/loop.h"
#include "common/net/peer.h"

enum { PEER_QUESTION_MAX = 256 }; // Bytes of what a guest asks.

struct peer_listener_options {
    struct loop *loop;
    struct env *env;             // For its timers and its randomness.
    struct logger *logger;       // Hears of who was refused; or NULL.
    struct slice secret;         // Of the cluster. Borrowed. Empty: only the
                                 // loopback may connect.
    uint32_t id;                 // This node.
    struct peer_address address; // Where it listens.
    const uint32_t *peers;       // Who may link to it. Copied.
    size_t peer_count;
    uint32_t message_max; // Bytes; a larger message ends its link.
};

struct peer_listener;

// Owned by the caller; loop and env outlive it. NULL with errno set when the
// address cannot be listened on.
struct peer_listener *
peer_listener_create(const struct peer_listener_options *options);
void peer_listener_destroy(struct peer_listener *listener);

// Who gets the messages from now on; NULL: nobody, they are dropped. Borrowed.
void peer_listener_set_receiver(struct peer_listener *listener,
                                struct env_peers *receiver);

#endif
