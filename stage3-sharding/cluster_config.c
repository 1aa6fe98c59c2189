// cluster_config.c -- the settings that a node of stage 3 adds.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_config.h"

#include <stddef.h>

#include "stage3-sharding/topology.h"

#define FIELD(name) .offset = offsetof(struct cluster_settings, name)

static bool is_id(const char *text)
{
    return topology_id_is_valid(slice_of(text));
}

static bool is_id_or_empty(const char *text)
{
    return !*text || is_id(text);
}

static bool is_address(const char *text)
{
    struct topology_address address;
    return topology_address_parse(slice_of(text), &address);
}

static bool is_address_or_empty(const char *text)
{
    return !*text || is_address(text);
}

static bool is_weight(const char *text)
{
    int64_t weight;
    return slice_to_int64(slice_of(text), &weight) && weight >= 1 &&
           weight <= RING_WEIGHT_MAX;
}

bool cluster_next_peer(struct slice *peers, struct slice *id,
                       struct slice *address, bool *malformed)
{
    *malformed = false;
    if (peers->size == 0)
        return false;
    const char *comma = memchr(peers->data, ',', peers->size);
    size_t size = comma ? (size_t)(comma - peers->data) : peers->size;
    const char *at = memchr(peers->data, '@', size);
    struct topology_address parsed;
    if (at) {
        *id = (struct slice){peers->data, (size_t)(at - peers->data)};
        *address = (struct slice){at + 1, size - id->size - 1};
    }
    *malformed = !at || !topology_id_is_valid(*id) ||
                 !topology_address_parse(*address, &parsed) ||
                 (comma && size + 1 == peers->size);
    size_t used = size + (comma != NULL);
    *peers = (struct slice){peers->data + used, peers->size - used};
    return !*malformed;
}

static bool are_peers(const char *text)
{
    struct slice peers = slice_of(text), id, address;
    bool malformed;
    while (cluster_next_peer(&peers, &id, &address, &malformed))
        ;
    return !malformed;
}

static const char an_id[] = "1 to 32 letters, digits, '-', '_' and '.'";
static const char an_address[] = "HOST:PORT";

const struct config_field cluster_node_fields[] = {
    [CLUSTER_NODE_ID] = {.name = "id",
                         .unique = true,
                         .accepts = is_id,
                         .allowed = an_id},
    [CLUSTER_NODE_ADDRESS] = {.name = "address",
                              .unique = true,
                              .accepts = is_address,
                              .allowed = an_address},
    [CLUSTER_NODE_ANNOUNCE] = {.name = "announce",
                               .fallback = "-",
                               .unique = true,
                               .accepts = is_address,
                               .allowed = an_address},
    [CLUSTER_NODE_PEER] = {.name = "peer_address",
                           .fallback = "-",
                           .unique = true,
                           .accepts = is_address,
                           .allowed = an_address},
    [CLUSTER_NODE_WEIGHT] = {.name = "weight",
                             .fallback = "1",
                             .accepts = is_weight,
                             .allowed = "an integer from 1 to 100"},
    {0},
};

const struct config_row cluster_config_rows[] = {
    {
        .key = "nodes",
        .type = CONFIG_RECORDS,
        .fallback = "",
        .fields = cluster_node_fields,
        FIELD(nodes),
        .section = "Cluster",
        .help = "All nodes of the cluster, the same list for each of them: a "
                "mapping with id, address (HOST:PORT for clients) and, if "
                "wanted, announce (the address that clients are told instead), "
                "peer_address (for the other nodes; the address with its port "
                "+ 10000 if left out) and weight (1). Which one this is, node "
                "says.",
    },
    {
        .key = "node",
        .type = CONFIG_TEXT,
        .fallback = "",
        .accepts = is_id_or_empty,
        .allowed = an_id,
        FIELD(node),
        .flag = "--node",
        .section = "Cluster",
        .help = "Which of nodes this server is. Its address then settles bind "
                "and port, and its id the data_dir (vega-data-ID), unless "
                "these are set.",
    },
    {
        .key = "node_id",
        .type = CONFIG_TEXT,
        .fallback = "n1",
        .accepts = is_id,
        .allowed = an_id,
        FIELD(node_id),
        .flag = "--node-id",
        .section = "Cluster",
        .help = "Without nodes: the id of this one, which settles its slots.",
    },
    {
        .key = "peers",
        .type = CONFIG_TEXT,
        .fallback = "",
        .accepts = are_peers,
        .allowed = "ID@HOST:PORT,ID@HOST:PORT,...",
        FIELD(peers),
        .flag = "--peers",
        .section = "Cluster",
        .help = "Without nodes: all others, each with the address of its peer "
                "port, which is dialed as it stands here. The rest they tell. "
                "Empty: a cluster of one.",
    },
    {
        .key = "seed",
        .type = CONFIG_TEXT,
        .fallback = "",
        .accepts = is_address_or_empty,
        .allowed = an_address,
        FIELD(seed),
        .flag = "--seed",
        .section = "Cluster",
        .help = "Instead of peers: the peer address of any one of them, whose "
                "list has this node. It is asked for the others until it "
                "answers.",
    },
    {
        .key = "cluster_secret",
        .type = CONFIG_TEXT,
        .fallback = "",
        .flags = CONFIG_SECRET,
        FIELD(secret),
        .section = "Cluster",
        .help = "At least 16 bytes that all nodes share, by which they prove "
                "to each other who they are. Without it peers are reached "
                "over the loopback only. Best given in the environment.",
    },
    {
        .key = "cluster_secret_file",
        .type = CONFIG_TEXT,
        .fallback = "",
        FIELD(secret_file),
        .section = "Cluster",
        .help = "Or the file that holds it, which nobody else may read.",
    },
    {
        .key = "weight",
        .type = CONFIG_INT,
        .fallback = "1",
        .min = 1,
        .max = RING_WEIGHT_MAX,
        FIELD(weight),
        .flag = "--weight",
        .section = "Cluster",
        .help = "Without nodes: this one's share of the slots; one of weight 2 "
                "gets twice as many.",
    },
    {
        .key = "announce",
        .type = CONFIG_TEXT,
        .fallback = "",
        .accepts = is_address_or_empty,
        .allowed = an_address,
        FIELD(announce),
        .flag = "--announce",
        .section = "Cluster",
        .help = "Without nodes: the address that clients are told, as "
                "HOST:PORT. Empty: the first of bind, and port.",
    },
    {
        .key = "peer_port",
        .type = CONFIG_INT,
        .fallback = "0",
        .max = 65535,
        FIELD(peer_port),
        .flag = "--peer-port",
        .section = "Cluster",
        .help = "Without nodes: the port for peers, at the first of bind. 0: "
                "that of clients + 10000. Closed in a cluster of one.",
    },
    {
        .key = "fault_commands",
        .type = CONFIG_BOOL,
        .fallback = "false",
        FIELD(fault_commands),
        .flag = "--fault-commands",
        .section = "Cluster",
        .help = "Offers FAULT, which cuts this node off from others: for "
                "trying out a cluster, and for tests.",
    },
    {0},
};
