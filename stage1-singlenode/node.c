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
#include "stage1-singlenode/memory_limit.h"
#include "stage1-singlenode/node_config.h"
#include "stage1-singlenode/store.h"
#include "stage1-singlenode/store_layer.h"

struct node {
    struct server server;
    struct store *store;
    struct store_layer store_layer;
    const struct node_settings *settings;
    struct memory_limit memory_limit;
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

// Lets the store know of the settings that concern it.
static void node_apply_settings(void *context)
{
    struct node *node = context;
    const struct node_settings *settings = node->settings;
    store_set_limits(node->store, &settings->limits);
    if (evict_policy_is_lfu((enum evict_policy)settings->maxmemory_policy))
        store_note_frequency(node->store, settings->lfu_log_factor,
                             settings->lfu_decay_time);
    else
        store_note_recency(node->store);
}

static void node_key_appeared(void *context, struct slice key)
{
    struct node *node = context;
    server_key_ready(&node->server, key);
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
    store_on_object(node->store, node_key_appeared, node);
    memory_limit_init(&node->memory_limit, server, node->store,
                      world->node_settings);
    server->admission = &node->memory_limit.admission;
    node->settings = world->node_settings;
    node_apply_settings(node);
    config_on_change(world->config, node_apply_settings, node);
    return node;
}

void node_destroy(struct node *node)
{
    server_deinit(&node->server);
    memory_limit_deinit(&node->memory_limit);
    command_table_destroy(node->server.commands);
    store_destroy(node->store);
    free(node);
}

struct server *node_server(struct node *node)
{
    return &node->server;
}
