// posix_peers.h -- the peers of a node, for env_posix: a link to each of them,
// and the place where they reach this one.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_POSIX_PEERS_H
#define VEGA_COMMON_POSIX_PEERS_H

#include <stdbool.h>

#include "common/env/env_posix.h"

struct posix_peers;

// Listens and begins to dial. Owned by the caller; loop and env outlive it.
// NULL with errno set when an address cannot be used.
struct posix_peers *posix_peers_create(struct loop *loop, struct env *env,
                                       const struct env_posix_options *options);
void posix_peers_destroy(struct posix_peers *peers);

// As env_peer_send, env_peer_listen and env_peer_cut.
enum status posix_peers_send(struct posix_peers *peers, uint32_t to,
                             struct slice body);
void posix_peers_listen(struct posix_peers *peers, struct env_peers *receiver);
enum status posix_peers_cut(struct posix_peers *peers, uint32_t id, bool cut);

// True when messages wait for the end of the loop's round.
bool posix_peers_are_waiting(const struct posix_peers *peers);

#endif
