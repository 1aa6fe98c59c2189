// node.c -- a node of stage 1: the stack and what stands on it.
//
//     bytes -> session -> store_layer -> store
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/node.h"

#include "common/base/hash.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "common/server/argv.h"
#include "common/server/internal_requests.h"
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
    struct internal_requests changes; // Of the limits,
    struct limits limits;             // the last of them,
    struct env_timer change_timer;    // and one that could not be made then.
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

static bool node_limits_differ(const struct node *node)
{
    const struct limits *wanted = &node->settings->limits;
    const struct limits *present =
        node->changes.pending ? &node->limits : store_limits(node->store);
    return memcmp(wanted, present, sizeof *wanted) != 0;
}

// Limits are a part of the store's state, so a change goes down the stack.
static void node_apply_limits(struct node *node)
{
    struct server *server = &node->server;
    if (server->loading.active || !node_limits_differ(node))
        return;
    if (server->ascending) { // CONFIG SET within EXEC.
        env_timer_start(server->env, &node->change_timer, 0);
        return;
    }
    struct argv argv = {0};
    node->limits = node->settings->limits;
    limits_to_command(&node->limits, &argv);
    const struct slice *words = argv_slices(&argv);
    internal_requests_submit(&node->changes,
                             command_find(server->commands, words[0]), words,
                             argv.count, server->now_ms);
    argv_deinit(&argv);
}

static void node_change_later(struct env_timer *timer)
{
    struct node *node = container_of(timer, struct node, change_timer);
    server_update_now(&node->server);
    node_apply_limits(node);
}

// Lets the store know of the settings that concern it.
static void node_apply_settings(void *context)
{
    struct node *node = context;
    const struct node_settings *settings = node->settings;
    node_apply_limits(node);
    memory_limit_apply(&node->memory_limit);
    enum evict_policy policy = (enum evict_policy)settings->maxmemory_policy;
    store_share_integers(node->store, settings->maxmemory == 0 ||
                                          (!evict_policy_is_lru(policy) &&
                                           !evict_policy_is_lfu(policy)));
    if (evict_policy_is_lfu(policy))
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
    if (world->add_commands)
        world->add_commands(server->commands);
    server_init(server);
    store_on_event(node->store, &world->settings->notify_keyspace_events,
                   notify_event, server);
    store_on_object(node->store, node_key_appeared, node);
    memory_limit_init(&node->memory_limit, server, node->store,
                      world->node_settings);
    server->admission = &node->memory_limit.admission;
    internal_requests_init(&node->changes, server);
    node->change_timer.fire = node_change_later;
    node->settings = world->node_settings;
    config_on_change(world->config, node_apply_settings, node);
    return node;
}

void node_loaded(struct node *node)
{
    node_apply_settings(node);
}

void node_destroy(struct node *node)
{
    env_timer_stop(node->server.env, &node->change_timer);
    server_deinit(&node->server);
    internal_requests_deinit(&node->changes);
    memory_limit_deinit(&node->memory_limit);
    command_table_destroy(node->server.commands);
    store_destroy(node->store);
    free(node);
}

struct server *node_server(struct node *node)
{
    return &node->server;
}

struct store *node_store(struct node *node)
{
    return node->store;
}
