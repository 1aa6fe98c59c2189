// peer_greeting.h -- how two nodes find out, at the beginning of a connection,
// that they mean each other and share the cluster's secret.
//
//     dialer    HELLO  who I am, whom I mean, a nonce
//     listener  HELLO  who I am, whom I mean, a nonce of mine, my proof
//     dialer    PROOF  my proof; messages follow at once
//
// Who does not know yet who lives at an address calls for PEER_ANYBODY, and
// learns it from the answer. It is a guest then: it may ask, and is no peer.
//
// A proof is an HMAC-SHA-256 under the secret of the proving side's role, both
// ids and both nonces: it fits no other connection, no other pair of nodes and
// not the other side. Without a secret the key is empty and proves nothing, so
// nodes without one keep to the loopback (posix_peers.c).
//
// What is proved is who was there when the connection began. Messages have a
// checksum against accidents and nothing against somebody on the way who can
// change them: such a network needs a tunnel.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PEER_GREETING_H
#define VEGA_COMMON_PEER_GREETING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/digest.h"
#include "common/env/env.h"
#include "common/wire/vbp.h"

enum {
    PEER_NONCE_SIZE = 32,
    PEER_PROOF_SIZE = DIGEST_SIZE,
    PEER_CALL_BODY_SIZE = 8 + PEER_NONCE_SIZE,
    PEER_ANSWER_BODY_SIZE = PEER_CALL_BODY_SIZE + PEER_PROOF_SIZE,
    PEER_ANSWER_SIZE = VBP_HEADER_SIZE + PEER_ANSWER_BODY_SIZE,
    PEER_GREETING_US = 5 * 1000 * 1000, // Until both ends know each other.
    PEER_ANYBODY = 0, // As the listener of a call: whoever is there.
};

// What both sides know of a connection.
struct peer_greeting {
    uint32_t dialer, listener;
    char dialer_nonce[PEER_NONCE_SIZE], listener_nonce[PEER_NONCE_SIZE];
};

enum peer_judgement {
    PEER_RIGHT,
    PEER_WRONG,          // Another node, or something else altogether.
    PEER_ANOTHER_SECRET, // The node that was meant, but not of this cluster.
};

// Each says its part on `fd`, a fresh connection; false when that broke. The
// nonces are drawn from `env`.
bool peer_greeting_call(struct peer_greeting *greeting, struct env *env,
                        int fd);
bool peer_greeting_answer(struct peer_greeting *greeting, struct slice secret,
                          struct env *env, int fd);
bool peer_greeting_prove(const struct peer_greeting *greeting,
                         struct slice secret, int fd);

// Reads the dialer's first frame. False when it is none.
bool peer_greeting_take_call(struct peer_greeting *greeting,
                             const struct vbp_frame *frame);
// Reads what answers the call that is in `greeting`, which knows the listener
// then.
enum peer_judgement peer_greeting_take_answer(struct peer_greeting *greeting,
                                              struct slice secret,
                                              const struct vbp_frame *frame);
// Reads what proves the dialer that is in `greeting`.
enum peer_judgement
peer_greeting_take_proof(const struct peer_greeting *greeting,
                         struct slice secret, const struct vbp_frame *frame);

#endif
