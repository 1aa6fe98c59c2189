// env_posix.h -- the real world: this machine's clocks, files and sockets.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ENV_POSIX_H
#define VEGA_COMMON_ENV_POSIX_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/logger.h"
#include "common/env/env.h"
#include "common/net/loop.h"

enum {
    ENV_POSIX_MESSAGE_MAX = 16 * 1024 * 1024,
    ENV_POSIX_QUEUE_MAX = 64 * 1024 * 1024,
};

// A node: its id and where it listens for its peers, as numbers:
// "127.0.0.1:16379" or "[::1]:16379". Without a secret only the loopback.
struct env_posix_peer {
    uint32_t id;
    const char *address;
};

// Zeroed: no disk, no peers. All of it is borrowed for env_posix_create only.
struct env_posix_options {
    // Of the disk; made when it is missing, and locked. NULL: no disk, and
    // calling for one is a bug.
    const char *directory;
    // Where names that end in ".snapshot" or ".snapshot.draft" live, likewise
    // made and locked. NULL: with the others.
    const char *snapshot_directory;
    // Set to the directory that could not be had, when it was one that failed.
    // May be NULL.
    const char **failed;

    uint32_t peer_id;        // This node's own.
    const char *peer_listen; // Where its peers reach it. NULL: nowhere.
    // All nodes, each once; one with this node's own id is passed over.
    const struct env_posix_peer *peers;
    size_t peer_count;
    // Of the cluster: peers prove to each other that they know it
    // (peer_greeting.h). May be empty.
    struct slice peer_secret;
    struct logger *logger;     // Hears of links; outlives the env. May be NULL.
    uint32_t peer_message_max; // Bytes; a larger one is STATUS_INVALID to send
                               // and ends the link that brings it.
    size_t peer_queue_max;     // Bytes that may wait for one peer.
                               // 0 in either: the constants above.
};

// Takes over the loop's clock. Owned by the caller; the loop outlives it. NULL
// with errno set when the disk or the peers cannot be had: as in
// posix_directory.h for a directory, EADDRINUSE when another process listens
// already, EINVAL for addresses that are none, EACCES for those that are not on
// the loopback without a secret, and what the system says.
struct env *env_posix_create(struct loop *loop,
                             const struct env_posix_options *options);

// Finishes what was asked of the disk, calling its `done`; all files must be
// closed by then. Jobs are stopped, messages on their way are dropped, timers
// that still run forgotten.
void env_posix_destroy(struct env *env);

#endif
