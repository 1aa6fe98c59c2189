// node.h -- a node of stage 1, over any world.
//
//     session -> store
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_NODE_H
#define VEGA_STAGE1_NODE_H

#include "common/base/logger.h"
#include "common/config/config.h"
#include "common/env/env.h"
#include "common/server/server.h"

struct command_table;
struct node;
struct node_settings;
struct store;

// All of it is borrowed until node_destroy.
struct node_world {
    struct env *env;
    struct logger *log; // NULL: silent.
    struct config *config;
    const struct server_settings *settings;
    const struct node_settings *node_settings;
    const char *program;     // For INFO: "vega-server (stage 1)".
    const char *config_path; // "" without a file.
    void (*add_commands)(struct command_table *table); // A stage's; or NULL.
};

// The store is empty and has the limits of every store: what is loaded into it
// now finds it as it was when it was written. node_loaded must follow.
struct node *node_create(const struct node_world *world);

// The stack is as it will be and what was to be loaded is there: applies the
// settings that concern the store. Those that change results are submitted as a
// request, if they are not what the store has, now and whenever they change.
void node_loaded(struct node *node);

// The clients must be gone.
void node_destroy(struct node *node);

struct server *node_server(struct node *node);
struct store *node_store(struct node *node);

#endif
