// node.h -- a node of stage 2, over any world.
//
//     session -> durable -> store
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_NODE_H
#define VEGA_STAGE2_NODE_H

#include <stdbool.h>

#include "common/server/server.h"
#include "stage1-singlenode/node.h"
#include "stage2-persistence/durable_config.h"

struct durable_node;

// `world->add_commands` is NULL, or a higher stage's, which adds those of this
// stage too. Loads what is on the disk of `world->env` from the next round on;
// meanwhile the server answers -LOADING. All is borrowed until
// durable_node_destroy.
struct durable_node *
durable_node_create(const struct node_world *world,
                    const struct durable_settings *settings);
// The clients must be gone. What is not on disk by then is lost.
void durable_node_destroy(struct durable_node *node);

struct server *durable_node_server(struct durable_node *node);
struct store *durable_node_store(struct durable_node *node);

// Makes all durable and ends the log; true when that is done. Called again and
// again until then.
bool durable_node_finish(struct durable_node *node);

// True when what is on disk cannot be used; the log has said why.
bool durable_node_is_unusable(const struct durable_node *node);

#endif
