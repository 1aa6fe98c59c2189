// view_maker.h -- views of clusters for tests: what nodes said, in short.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_STAGE3_VIEW_MAKER_H
#define VEGA_TESTS_STAGE3_VIEW_MAKER_H

#include "stage3-sharding/cluster_view.h"

enum { SAID_RANGES_MAX = 9 };

// What somebody says of one node. Its address is 127.0.0.1 and the port 7000
// plus the number in its id, "n3".
struct said {
    const char *id;
    uint32_t weight;
    const char *state;
    int ranges[SAID_RANGES_MAX]; // first, last, epoch, ...; epoch 0 ends them.
};

// The reply to CLUSTER TOPOLOGY, up to an entry without an id; `protocol` 2
// or 3. Owned by the caller.
struct vega_reply *said_reply(const struct said *said, int protocol);

// A node answers this, and that it is well: "ok", always, 1 GB of memory at
// most. The node.
struct cluster_view_node *view_hear(struct cluster_view *view,
                                    const struct said *said);

#endif
