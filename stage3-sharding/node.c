// node.c -- a node of stage 3: the stack of stage 2 with one layer more.
//
//     bytes -> session -> shard_layer -> durable_layer -> store_layer -> store
//                             |
//                    the map, other nodes
// SPDX-License-Identifier: MIT
#include "stage3-sharding/node.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "stage2-persistence/commands_durable.h"
#include "stage3-sharding/commands_cluster.h"
#include "stage3-sharding/shard_layer.h"

struct sharded_node {
    struct durable_node *node; // Stage 2's: store, server, log.
    struct shard_layer shard;
};

static void sharded_add_commands(struct command_table *table)
{
    durable_add_commands(table);
    cluster_add_commands(table);
}

static void sharded_add_faults(struct command_table *table)
{
    sharded_add_commands(table);
    fault_add_commands(table);
}

struct sharded_node *
sharded_node_create(const struct node_world *world,
                    const struct durable_settings *settings,
                    struct topology *topology, bool faults)
{
    struct sharded_node *self = xcalloc(1, sizeof *self);
    struct node_world below = *world;
    below.add_commands = faults ? sharded_add_faults : sharded_add_commands;
    self->node = durable_node_create(&below, settings);

    struct server *server = durable_node_server(self->node);
    shard_layer_init(&self->shard, server, server->stack,
                     durable_node_store(self->node), topology);
    server->stack = &self->shard.layer;
    server->clustered = true;
    return self;
}

void sharded_node_destroy(struct sharded_node *self)
{
    shard_layer_deinit(&self->shard);
    durable_node_destroy(self->node);
    free(self);
}

struct server *sharded_node_server(struct sharded_node *self)
{
    return durable_node_server(self->node);
}

struct store *sharded_node_store(struct sharded_node *self)
{
    return durable_node_store(self->node);
}

bool sharded_node_finish(struct sharded_node *self)
{
    return durable_node_finish(self->node);
}

bool sharded_node_is_unusable(const struct sharded_node *self)
{
    return durable_node_is_unusable(self->node);
}
