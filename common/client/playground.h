// playground.h -- a cluster on this machine to try out: the lives of its nodes.
//
// One process, one thread. What happens to the nodes comes as signals, read
// from a descriptor by playground_watch, and is told in `news`.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PLAYGROUND_H
#define VEGA_COMMON_PLAYGROUND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/buffer.h"
#include "common/client/playground_order.h"
#include "common/client/playground_place.h"
#include "common/client/vega.h"

struct playground_node {
    char id[8]; // "n1"
    char *log;  // Its path.
    uint16_t port, peer_port;
    pid_t pid;       // 0: it is dead.
    off_t log_start; // Of this life's log.
    bool paused;
    bool dismissed;  // Its end is wanted, and no news.
    uint64_t cut;    // The nodes that it is cut off from: bit i is node i.
    struct vega *v;  // NULL: it was not asked yet.
    pid_t load;      // A client that loads it; 0: there is none.
    char *load_file; // What that one reports. NULL before the first.
};

struct playground {
    struct playground_place place;
    struct playground_node nodes[PLAYGROUND_NODES_MAX];
    size_t count;
    uint16_t next_port;
    int signals;        // Of the kernel: what the nodes do, and the user.
    bool ending;        // The user wants to go.
    struct buffer news; // To be told, in whole lines.
};

// False for stages of which there is one node: nothing to cut, no ring.
bool playground_is_cluster(const struct playground *playground);

// Takes over this process's signals and starts `count` nodes. False when they
// do not come up, with the reason in `news`, or when the user wants to go; then
// playground_end is called all the same. The place is open.
bool playground_start(struct playground *playground, size_t count);
// Ends all nodes and what loads them.
void playground_end(struct playground *playground);

// Waits until `input` can be read, and no longer than until something happened
// or `timeout_ms` have passed (negative: as long as it takes). Whether it can.
// -1 is no input.
bool playground_watch(struct playground *playground, int input, int timeout_ms);

// Orders. False after appending to `news` why it could not be done.
bool playground_kill(struct playground *playground,
                     struct playground_node *node);
bool playground_restart(struct playground *playground,
                        struct playground_node *node);
bool playground_pause(struct playground *playground,
                      struct playground_node *node);
bool playground_resume(struct playground *playground,
                       struct playground_node *node);
bool playground_cut(struct playground *playground, const uint64_t sides[2]);
bool playground_heal(struct playground *playground);

// Makes the node's cuts those that are wished. One that cannot be asked now
// learns of them when it is back; until then the other side does it alone.
bool playground_apply_cuts(struct playground *playground,
                           struct playground_node *node);

// Appends to `news` why something could not be done, and a line end. False.
bool playground_refuse(struct playground *playground, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// ---- Questions

// The node's reply; NULL when it does not run or does not answer soon. The
// words end with a NULL. The caller's.
struct vega_reply *playground_ask(struct playground_node *node,
                                  const char *const *words);

// The nodes of which this one says that it hears nothing: bit i is node i.
uint64_t playground_find_unheard(const struct playground *playground,
                                 struct playground_node *node);

// Whether it takes requests; whether it also hears all others that speak.
bool playground_is_up(struct playground_node *node);
bool playground_is_ready(const struct playground *playground,
                         struct playground_node *node);

#endif
