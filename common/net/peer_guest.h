// peer_guest.h -- asks a node that is none of our peers, and waits: for what
// has to be known before there are any.
//
// A guest proves that it knows the secret, and is proved the same, as
// peer_greeting.h says. Everything here blocks, PEER_GREETING_US at most in
// all.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PEER_GUEST_H
#define VEGA_COMMON_PEER_GUEST_H

#include <stdbool.h>

#include "common/base/buffer.h"
#include "common/net/peer.h"
#include "common/net/peer_greeting.h"

struct peer_guest {
    int fd; // -1: closed.
    struct env *env;
    int64_t deadline_us;
    uint64_t asked; // Questions so far.
    struct peer_greeting greeting;
    struct buffer input;
    const char *trouble; // Why a call failed; static words.
};

// Dials and greets as the node `from`. False on failure; peer_guest_close
// follows either way. `env` is borrowed, for its clock and its randomness.
bool peer_guest_open(struct peer_guest *guest, struct env *env,
                     const struct peer_address *address, struct slice secret,
                     uint32_t from);
void peer_guest_close(struct peer_guest *guest);

// The answer is borrowed until the next call. False on failure.
bool peer_guest_ask(struct peer_guest *guest, struct slice question,
                    struct slice *answer);

#endif
