// node.h -- a node of stage 3, over any world.
//
//     session -> shard -> durable -> store
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_NODE_H
#define VEGA_STAGE3_NODE_H

#include <stdbool.h>

#include "stage2-persistence/node.h"
#include "stage3-sharding/topology.h"

struct sharded_node;

// As durable_node_create; `topology` has all nodes of the cluster, and knows
// which one this is. `faults`: with the command FAULT.
struct sharded_node *
sharded_node_create(const struct node_world *world,
                    const struct durable_settings *settings,
                    struct topology *topology, bool faults);
void sharded_node_destroy(struct sharded_node *node);

struct server *sharded_node_server(struct sharded_node *node);
struct store *sharded_node_store(struct sharded_node *node);

// As those of stage 2.
bool sharded_node_finish(struct sharded_node *node);
bool sharded_node_is_unusable(const struct sharded_node *node);

#endif
