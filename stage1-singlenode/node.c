// node.c -- a node of stage 1: the stack and what stands on it.
//
//     bytes -> session -> store_layer -> store
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/node.h"

#include "common/base/hash.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "common/server/notify.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/store.h"
#include "stage1-singlenode/store_layer.h"

struct node {
    struct server server;
    struct store *store;
    struct store_layer store_layer;
};

// From `hash_seed` if there is one, so that a run can be repeated; otherwise
// unguessable, so that nobody can choose keys that collide.
static void node_draw_secret(const struct node_world *world,
                             struct hash_secret *secret)
{
    const char *seed = world->settings->hash_seed;
    if (*seed)
        hash_secret_derive(secret, slice_of(seed));
    else
        env_random(world->env, secret, sizeof *secret);
}

struct node *node_create(const struct node_world *world)
{
    struct node *node = xcalloc(1, sizeof *node);
    struct hash_secret secret;
    node_draw_secret(world, &secret);
    node->store = store_create(&secret);
    store_layer_init(&node->store_layer, node->store, world->env);

    struct server *server = &node->server;
    server->env = world->env;
    server->log = world->log;
    server->config = world->config;
    server->settings = world->settings;
    server->program = world->program;
    server->config_path = world->config_path;
    server->stack = &node->store_layer.layer;
    server->commands = command_table_create();
    server_add_commands(server->commands);
    store_add_commands(server->commands);
    server_init(server);
    store_on_event(node->store, &world->settings->notify_keyspace_events,
                   notify_event, server);
    return node;
}

void node_destroy(struct node *node)
{
    server_deinit(&node->server);
    command_table_destroy(node->server.commands);
    store_destroy(node->store);
    free(node);
}

struct server *node_server(struct node *node)
{
    return &node->server;
}
