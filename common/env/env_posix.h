// env_posix.h -- the real world: this machine's clocks, files and sockets.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ENV_POSIX_H
#define VEGA_COMMON_ENV_POSIX_H

#include <stddef.h>
#include <stdint.h>

#include "common/env/env.h"
#include "common/net/loop.h"

// Another node: its id and where it listens for its peers, a number and a
// port: "127.0.0.1:16379", "[::1]:16379".
struct env_posix_peer {
    uint32_t id;
    const char *address;
};

// Zeroed: no disk, no peers. All of it is borrowed for env_posix_create only.
struct env_posix_options {
    const char *directory;   // Of the disk; made when missing. NULL: no disk.
    uint32_t peer_id;        // This node's own.
    const char *peer_listen; // Where peers reach it. NULL: nowhere.
    const struct env_posix_peer *peers;
    size_t peer_count;
};

// Takes over the loop's clock. Owned by the caller; the loop outlives it. NULL
// with errno set when the disk or the peers cannot be had; EWOULDBLOCK when
// another process holds the directory.
struct env *env_posix_create(struct loop *loop,
                             const struct env_posix_options *options);

// Finishes what was asked of the disk (posix_disk_destroy). Timers that still
// run are forgotten.
void env_posix_destroy(struct env *env);

#endif
