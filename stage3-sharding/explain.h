// explain.h -- `vega-client explain KEY`: from a key to its node, step by step.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_EXPLAIN_H
#define VEGA_STAGE3_EXPLAIN_H

#include "common/base/buffer.h"
#include "stage3-sharding/cluster_view.h"

struct json_t;

struct explanation {
    struct slice key, counted; // What of the key counts: its tag, or all of it.
    uint16_t crc, slot;
    uint64_t position;
    // By the ring of all nodes: the token, which is its node's token_index-th;
    // node TOPOLOGY_NOBODY when a weight is not known.
    struct ring_token token;
    uint32_t token_index;
    // By the map of the cluster; TOPOLOGY_NOBODY when nobody told.
    uint16_t owner;
    uint64_t epoch;
};

// The key is borrowed.
void explain_key(const struct topology *topology, struct slice key,
                 struct explanation *explanation);

// Whether map and ring, as far as they are known, name one node.
bool explain_agrees(const struct explanation *explanation);

void explain_text(const struct topology *topology,
                  const struct explanation *explanation, struct buffer *out);
// Owned by the caller.
struct json_t *explain_json(const struct topology *topology,
                            const struct explanation *explanation);

#endif
