// shard_layer.h -- the layer of stage 3: a node answers for its slots only.
//
//     session -> shard -> durable -> store
//
// A request for a key of another node is answered with that node's address
// (MOVED) and touches nothing: clients route, servers never forward. So a
// client that knows the map is one step from any key, and one that does not
// learns it by asking anybody.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_SHARD_LAYER_H
#define VEGA_STAGE3_SHARD_LAYER_H

#include "common/server/layer.h"
#include "common/server/server.h"
#include "stage1-singlenode/store.h"
#include "stage3-sharding/membership.h"
#include "stage3-sharding/slot_keys.h"
#include "stage3-sharding/topology.h"

struct shard_layer {
    struct layer layer; // First, so that it is a shard_layer.
    struct topology *topology;
    struct membership membership;
    struct slot_keys keys;
    uint64_t moved;   // Requests that were sent elsewhere.
    uint64_t refused; // Others that were: CROSSSLOT, CLUSTERDOWN.
};

// All is borrowed. The store is empty yet. The topology has all nodes, and
// knows this one.
void shard_layer_init(struct shard_layer *shard, struct server *server,
                      struct layer *below, struct store *store,
                      struct topology *topology);
void shard_layer_deinit(struct shard_layer *shard);

// The one in this server's stack, which has one.
struct shard_layer *shard_layer_of(const struct server *server);

#endif
