// cluster_nodes.c -- from the setting `nodes` to the nodes of a map.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_nodes.h"

#include <stdio.h>

#include "common/server/server.h"
#include "stage1-singlenode/node_config.h"
#include "stage2-persistence/durable_config.h"
#include "stage3-sharding/cluster_config.h"

enum { PEER_PORT_OFFSET = 10000 };

bool cluster_peer_port(uint16_t port, uint16_t *peer_port,
                       struct config_error *error)
{
    if (port <= UINT16_MAX - PEER_PORT_OFFSET) {
        *peer_port = (uint16_t)(port + PEER_PORT_OFFSET);
        return true;
    }
    snprintf(error->text, sizeof error->text,
             "port %u + %d is no port for peers: say which one is "
             "(peer_address, or --peer-port)",
             port, PEER_PORT_OFFSET);
    return false;
}

static bool is_given(struct slice value)
{
    return !slice_equal(value, SLICE("-"));
}

static bool nodes_add_record(struct topology *topology,
                             const struct slice values[CONFIG_FIELDS_MAX],
                             struct config_error *error)
{
    struct topology_node *node =
        topology_add(topology, values[CLUSTER_NODE_ID]);
    struct topology_address address;
    int64_t weight;
    if (!node) {
        snprintf(error->text, sizeof error->text, "nodes: more than %d",
                 TOPOLOGY_NODES_MAX);
        return false;
    }
    topology_address_parse(values[CLUSTER_NODE_ADDRESS], &address);
    slice_to_int64(values[CLUSTER_NODE_WEIGHT], &weight);
    node->weight = (uint32_t)weight;
    node->client = node->peer = address;
    if (is_given(values[CLUSTER_NODE_ANNOUNCE]))
        topology_address_parse(values[CLUSTER_NODE_ANNOUNCE], &node->client);
    if (is_given(values[CLUSTER_NODE_PEER]))
        return topology_address_parse(values[CLUSTER_NODE_PEER], &node->peer);
    return cluster_peer_port(address.port, &node->peer.port, error);
}

bool cluster_nodes_add(struct topology *topology, const char *records,
                       struct config_error *error)
{
    struct slice values[CONFIG_FIELDS_MAX], rest = slice_of(records);
    while (config_next_record(cluster_node_fields, &rest, values)) {
        if (!nodes_add_record(topology, values, error))
            return false;
    }
    return true;
}

// What a file may say to a node of this stage, and what it says then.
struct file_settings {
    struct server_settings server;
    struct node_settings node;
    struct durable_settings durable;
    struct cluster_settings cluster;
};

bool cluster_nodes_read_file(struct topology *topology, const char *path,
                             struct config_error *error)
{
    struct file_settings settings = {0};
    struct config *config = config_create();
    config_add(config, server_config_rows, &settings.server);
    config_add(config, node_config_rows, &settings.node);
    config_add(config, durable_config_rows, &settings.durable);
    config_add(config, cluster_config_rows, &settings.cluster);
    bool good = config_load_yaml(config, path, error) == STATUS_OK;
    if (good && !*settings.cluster.nodes) {
        snprintf(error->text, sizeof error->text,
                 "%s: it lists no nodes of a cluster", path);
        good = false;
    }
    good = good && cluster_nodes_add(topology, settings.cluster.nodes, error);
    config_destroy(config);
    return good;
}
