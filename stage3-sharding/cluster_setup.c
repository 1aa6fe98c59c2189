// cluster_setup.c -- from settings to a map of the cluster.
//
// Either `nodes` lists all of them and `node` picks one, or flags say what this
// one is (node_id, weight, announce) and where the others are (peers), or who
// knows that (seed); then the rest is learned from them.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/net/peer.h"
#include "common/net/peer_secret.h"
#include "stage3-sharding/cluster_nodes.h"

__attribute__((format(printf, 2, 3))) static bool
refuse(struct config_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return false;
}

// ---- From `nodes`

// The address of the chosen node is where it listens, its id tells its data
// from others' on this machine.
static bool setup_imply(struct config *config,
                        const struct server_settings *server,
                        const struct slice values[CONFIG_FIELDS_MAX],
                        struct config_error *error)
{
    struct topology_address address;
    char port[8], directory[sizeof "vega-data-" + TOPOLOGY_ID_MAX];
    topology_address_parse(values[CLUSTER_NODE_ADDRESS], &address);
    snprintf(port, sizeof port, "%u", address.port);
    snprintf(directory, sizeof directory, "vega-data-%.*s",
             SLICE_PRINT(values[CLUSTER_NODE_ID]));
    if (!config_set_default(config, "port", port, error) ||
        !config_set_default(config, "bind", address.host, error) ||
        !config_set_default(config, "data_dir", directory, error))
        return false;
    if (server->port == address.port)
        return true;
    return refuse(error,
                  "port is %lld, but nodes says that %.*s is at %.*s; if "
                  "clients get there another way, say so with announce",
                  (long long)server->port, SLICE_PRINT(values[CLUSTER_NODE_ID]),
                  SLICE_PRINT(values[CLUSTER_NODE_ADDRESS]));
}

static bool setup_refuse_choice(const struct topology *topology,
                                const char *chosen, struct config_error *error)
{
    char ids[256] = "";
    size_t size = 0;
    for (uint16_t i = 0; i < topology->count && size < sizeof ids; i++)
        size += (size_t)snprintf(ids + size, sizeof ids - size, "%s%s",
                                 i ? ", " : "", topology->nodes[i].id);
    return refuse(
        error, "%s%s: nodes has %s; say which one this is with --node",
        *chosen ? "there is no node " : "no node is chosen", chosen, ids);
}

static bool setup_from_nodes(struct cluster_setup *setup, struct config *config,
                             const struct server_settings *server,
                             const struct cluster_settings *settings,
                             struct config_error *error)
{
    struct topology *topology = &setup->topology;
    struct slice values[CONFIG_FIELDS_MAX], records = slice_of(settings->nodes);
    if (*settings->peers || *settings->seed)
        return refuse(error,
                      "%s and nodes both say who the others are: leave one out",
                      *settings->peers ? "peers" : "seed");
    if (!cluster_nodes_add(topology, settings->nodes, error))
        return false;
    topology->self = topology_find(topology, slice_of(settings->node));
    if (topology->self == TOPOLOGY_NOBODY)
        return setup_refuse_choice(topology, settings->node, error);
    while (config_next_record(cluster_node_fields, &records, values)) {
        if (slice_equal(values[CLUSTER_NODE_ID], slice_of(settings->node)))
            return setup_imply(config, server, values, error);
    }
    return false;
}

// ---- From flags

// The first of `bind`; "" if there is none.
static void first_host(const char *bind, char host[TOPOLOGY_HOST_MAX + 1])
{
    size_t size = strcspn(bind, " ");
    size = size <= TOPOLOGY_HOST_MAX ? size : 0;
    memcpy(host, bind, size);
    host[size] = '\0';
}

static bool is_wildcard(const char *host)
{
    return !*host || !strcmp(host, "0.0.0.0") || !strcmp(host, "::") ||
           !strcmp(host, "*");
}

static bool setup_add_self(struct topology *topology,
                           const struct server_settings *server,
                           const struct cluster_settings *settings,
                           struct config_error *error)
{
    struct topology_node *self =
        topology_add(topology, slice_of(settings->node_id));
    self->weight = (uint32_t)settings->weight;
    first_host(server->bind, self->client.host);
    self->client.port = (uint16_t)server->port;
    self->peer = self->client;
    topology->self = 0;
    if (*settings->announce)
        topology_address_parse(slice_of(settings->announce), &self->client);
    self->peer.port = (uint16_t)settings->peer_port;
    if (!*settings->peers && !*settings->seed)
        return true; // Nobody calls.
    if (is_wildcard(self->client.host) || self->client.port == 0)
        return refuse(error,
                      "clients cannot be told to come to '%s': say "
                      "where this node is with --announce HOST:PORT",
                      server->bind);
    return settings->peer_port ||
           cluster_peer_port((uint16_t)server->port, &self->peer.port, error);
}

static bool setup_from_flags(struct cluster_setup *setup,
                             const struct server_settings *server,
                             const struct cluster_settings *settings,
                             struct config_error *error)
{
    struct topology *topology = &setup->topology;
    struct slice peers = slice_of(settings->peers), id, address;
    bool malformed;
    if (*settings->node)
        return refuse(error,
                      "node is %s, but there are no nodes to choose "
                      "from: give the file that lists them (-c)",
                      settings->node);
    if (*settings->peers && *settings->seed)
        return refuse(error, "peers and seed both say who the others are: "
                             "leave one out");
    if (!setup_add_self(topology, server, settings, error))
        return false;
    while (cluster_next_peer(&peers, &id, &address, &malformed)) {
        struct topology_node *node = topology_add(topology, id);
        if (!node)
            return refuse(error, "peers: %.*s is named twice, or is this node",
                          SLICE_PRINT(id));
        topology_address_parse(address, &node->peer);
    }
    return true;
}

// ---- For the world

static bool setup_check_peers(const struct cluster_setup *setup,
                              struct config_error *error)
{
    const struct topology *topology = &setup->topology;
    for (uint16_t i = 0; i < topology->count; i++) {
        const struct topology_node *node = &topology->nodes[i];
        struct peer_address address;
        if (topology_find_number(topology, node->number) != i)
            return refuse(error,
                          "the ids %s and another one's look the same "
                          "to their peers: choose another",
                          node->id);
        const char *text = setup->addresses[i].text;
        if (!peer_address_parse(text, &address))
            return refuse(error,
                          "node %s: %s is no address for peers: it must be "
                          "numbers, 127.0.0.1:17001",
                          node->id, text);
        if (!setup->secret.size && !peer_address_is_loopback(&address))
            return refuse(error,
                          "node %s: %s is no address for peers: without a "
                          "cluster_secret only the loopback is",
                          node->id, text);
    }
    return true;
}

static bool setup_secret(struct cluster_setup *setup,
                         const struct cluster_settings *settings,
                         struct config_error *error)
{
    const char *why;
    if (peer_secret_load(*settings->secret_file ? settings->secret_file : NULL,
                         *settings->secret ? settings->secret : NULL,
                         &setup->secret, &why))
        return true;
    return refuse(error, "cluster_secret: %s", why);
}

// What can be known of the seed before it is asked.
static bool setup_check_seed(const struct cluster_setup *setup,
                             const char *seed, struct config_error *error)
{
    struct peer_address address;
    if (!peer_address_parse(seed, &address))
        return refuse(error,
                      "seed: %s is no address for peers: it must be numbers, "
                      "127.0.0.1:17001",
                      seed);
    return setup->secret.size || peer_address_is_loopback(&address) ||
           refuse(error,
                  "seed: %s is no address for peers: without a cluster_secret "
                  "only the loopback is",
                  seed);
}

bool cluster_setup_peers(struct cluster_setup *setup,
                         struct env_posix_options *world,
                         struct config_error *error)
{
    struct topology *topology = &setup->topology;
    setup->addresses = xcalloc(topology->count, sizeof *setup->addresses);
    setup->peers = xcalloc(topology->count, sizeof *setup->peers);
    for (uint16_t i = 0; i < topology->count; i++) {
        topology_address_format(&topology->nodes[i].peer,
                                setup->addresses[i].text);
        setup->peers[i] = (struct env_posix_peer){topology->nodes[i].number,
                                                  setup->addresses[i].text};
    }
    if (topology->count == 1)
        return true;
    world->peer_id = topology->nodes[topology->self].number;
    world->peer_listen = setup->addresses[topology->self].text;
    world->peers = setup->peers;
    world->peer_count = topology->count;
    world->peer_secret = buffer_slice(&setup->secret);
    return setup_check_peers(setup, error);
}

bool cluster_setup_init(struct cluster_setup *setup, struct config *config,
                        const struct server_settings *server,
                        const struct cluster_settings *settings,
                        struct env_posix_options *world,
                        struct config_error *error)
{
    setup->addresses = NULL;
    setup->peers = NULL;
    setup->secret = (struct buffer){0};
    topology_init(&setup->topology);
    bool good = *settings->nodes
                    ? setup_from_nodes(setup, config, server, settings, error)
                    : setup_from_flags(setup, server, settings, error);
    good = good && setup_secret(setup, settings, error);
    if (good && *settings->seed)
        return setup_check_seed(setup, settings->seed, error);
    return good && cluster_setup_peers(setup, world, error);
}

void cluster_setup_deinit(struct cluster_setup *setup)
{
    topology_deinit(&setup->topology);
    free(setup->addresses);
    free(setup->peers);
    buffer_deinit(&setup->secret);
}
