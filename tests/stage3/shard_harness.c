// shard_harness.c -- see shard_harness.h.
// SPDX-License-Identifier: MIT
#include "tests/stage3/shard_harness.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "stage3-sharding/commands_cluster.h"

static enum status deaf_send(struct env *env, uint32_t to, struct slice body)
{
    (void)env, (void)to, (void)body;
    return STATUS_OK;
}

static void deaf_listen(struct env *env, struct env_peers *peers)
{
    (void)env, (void)peers;
}

static enum status note_cut(struct env *env, uint32_t peer, bool cut)
{
    struct fake_env *world = container_of(env, struct fake_env, env);
    struct shard_harness *harness =
        container_of(world, struct shard_harness, world);
    harness->cut[topology_find_number(&harness->topology, peer)] = cut;
    return STATUS_OK;
}

static void add_commands(struct command_table *table)
{
    cluster_add_commands(table);
    fault_add_commands(table);
}

static void client_changed(struct transport *transport)
{
    (void)transport; // Looked at after every line.
}

static void make_topology(struct topology *topology)
{
    topology_init(topology);
    for (uint16_t i = 0; i < SHARD_NODES; i++) {
        char id[16];
        snprintf(id, sizeof id, "n%d", i + 1);
        struct topology_node *node = topology_add(topology, slice_of(id));
        node->weight = 1;
        node->client.port = (uint16_t)(7001 + i);
        node->peer.port = (uint16_t)(17001 + i);
        snprintf(node->client.host, sizeof node->client.host, "10.0.0.%d",
                 i + 1);
        memcpy(node->peer.host, node->client.host, sizeof node->peer.host);
    }
    topology->self = 0;
}

void shard_init(struct shard_harness *harness)
{
    *harness = (struct shard_harness){0};
    fake_env_init(&harness->world, 1);
    harness->ops = *harness->world.env.ops;
    harness->ops.peer_send = deaf_send;
    harness->ops.peer_listen = deaf_listen;
    harness->ops.peer_cut = note_cut;
    harness->world.env.ops = &harness->ops;
    harness->config = config_create();
    config_add(harness->config, server_config_rows, &harness->settings);
    config_add(harness->config, node_config_rows, &harness->node_settings);
    make_topology(&harness->topology);
    harness->node = node_create(&(struct node_world){
        .env = &harness->world.env,
        .config = harness->config,
        .settings = &harness->settings,
        .node_settings = &harness->node_settings,
        .program = "harness",
        .config_path = "",
        .add_commands = add_commands,
    });
    harness->server = node_server(harness->node);
    shard_layer_init(&harness->shard, harness->server, harness->server->stack,
                     node_store(harness->node), &harness->topology);
    harness->server->stack = &harness->shard.layer;
    harness->server->clustered = true;
    node_loaded(harness->node);
    for (size_t i = 0; i < SHARD_CLIENTS; i++) {
        struct shard_client *client = &harness->clients[i];
        client->transport.changed = client_changed;
        client->session = session_create(harness->server, &client->transport);
    }
}

void shard_deinit(struct shard_harness *harness)
{
    for (size_t i = 0; i < SHARD_CLIENTS; i++) {
        session_destroy(harness->clients[i].session);
        buffer_deinit(&harness->clients[i].received);
    }
    topology_check_invariants(&harness->topology);
    shard_layer_deinit(&harness->shard);
    node_destroy(harness->node);
    topology_deinit(&harness->topology);
    config_destroy(harness->config);
    fake_env_deinit(&harness->world);
}

void shard_run_ms(struct shard_harness *harness, int64_t ms)
{
    fake_env_advance(&harness->world, ms * 1000);
}

static void settle(struct shard_harness *harness, struct shard_client *client)
{
    fake_env_settle(&harness->world);
    session_resume(client->session);
    struct slice output = session_pending_output(client->session);
    while (output.size) {
        buffer_append_slice(&client->received, output);
        session_sent(client->session, output.size);
        session_resume(client->session);
        output = session_pending_output(client->session);
    }
}

const char *shard_ask(struct shard_harness *harness, size_t index,
                      const char *line)
{
    struct shard_client *client = &harness->clients[index];
    struct buffer bytes = {0};
    buffer_clear(&client->received);
    buffer_printf(&bytes, "%s\r\n", line);
    session_receive(client->session, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    settle(harness, client);
    buffer_append_byte(&client->received, '\0');
    return client->received.data;
}
