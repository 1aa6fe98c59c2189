// node.c -- a node of stage 2: the stack of stage 1 with one layer more.
//
//     bytes -> session -> durable_layer -> store_layer -> store
//                              |
//                         log, snapshots
// SPDX-License-Identifier: MIT
#include "stage2-persistence/node.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "stage2-persistence/commands_durable.h"
#include "stage2-persistence/durable_layer.h"

struct durable_node {
    struct node *node; // Stage 1's: store, server, memory limit.
    struct durable_layer durable;
};

static void durable_node_apply(void *context)
{
    struct durable_node *self = context;
    durable_layer_apply(&self->durable);
}

static void durable_node_loaded(void *context)
{
    struct durable_node *self = context;
    node_loaded(self->node);
}

struct durable_node *
durable_node_create(const struct node_world *world,
                    const struct durable_settings *settings)
{
    struct durable_node *self = xcalloc(1, sizeof *self);
    struct node_world below = *world;
    if (!below.add_commands)
        below.add_commands = durable_add_commands;
    self->node = node_create(&below);

    struct server *server = node_server(self->node);
    durable_layer_init(&self->durable, server, server->stack,
                       node_store(self->node), settings, durable_node_loaded,
                       self);
    server->stack = &self->durable.layer;
    config_on_change(world->config, durable_node_apply, self);
    return self;
}

void durable_node_destroy(struct durable_node *self)
{
    durable_layer_deinit(&self->durable);
    node_destroy(self->node);
    free(self);
}

struct server *durable_node_server(struct durable_node *self)
{
    return node_server(self->node);
}

struct store *durable_node_store(struct durable_node *self)
{
    return node_store(self->node);
}

bool durable_node_finish(struct durable_node *self)
{
    durable_layer_stop(&self->durable);
    return durable_layer_is_stopped(&self->durable);
}

bool durable_node_is_unusable(const struct durable_node *self)
{
    return self->durable.state == DURABLE_UNUSABLE;
}
