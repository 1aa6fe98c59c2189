// commands_cluster.c -- CLUSTER, READONLY, READWRITE, ASKING: what Redis'
// cluster clients ask.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/commands_cluster.h"

#include "common/server/server.h"
#include "common/server/session.h"
#include "stage3-sharding/cluster_text.h"
#include "stage3-sharding/shard_layer.h"
#include "stage3-sharding/slot_keys.h"

static const struct topology *topology_of(const struct session *session)
{
    return shard_layer_of(session->server)->topology;
}

// ---- The map

// A node as CLUSTER SLOTS names it. The fourth item is metadata; there is none.
static void reply_node(struct reply *reply, const struct topology_node *node)
{
    reply_array(reply, 4);
    reply_bulk_text(reply, node->client.host);
    reply_integer(reply, node->client.port);
    reply_bulk_text(reply, node->name);
    reply_map(reply, 0);
}

static void slots_serve(struct session *session, struct request *request)
{
    const struct topology *topology = topology_of(session);
    struct buffer text = {0};
    struct reply ranges = {&text, request->reply.protocol, 0};
    struct topology_range range;
    size_t count = 0;
    for (uint32_t at = 0; topology_next_range(topology, &at, &range);) {
        if (!topology_has_address(topology, range.owner))
            continue;
        count++;
        reply_array(&ranges, 3);
        reply_integer(&ranges, range.first);
        reply_integer(&ranges, range.last);
        reply_node(&ranges, &topology->nodes[range.owner]);
    }
    reply_array(&request->reply, count);
    reply_bytes(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

static void reply_ranges_of(struct reply *reply,
                            const struct topology *topology, uint16_t node)
{
    struct topology_range range;
    size_t count = 0;
    for (uint32_t at = 0; topology_next_range(topology, &at, &range);)
        count += range.owner == node;
    reply_array(reply, 2 * count);
    for (uint32_t at = 0; topology_next_range(topology, &at, &range);) {
        if (range.owner != node)
            continue;
        reply_integer(reply, range.first);
        reply_integer(reply, range.last);
    }
}

// There is one node a shard, its master.
static void reply_shard(struct reply *reply, const struct shard_layer *shard,
                        uint16_t index)
{
    const struct topology_node *node = &shard->topology->nodes[index];
    reply_map(reply, 2);
    reply_bulk_text(reply, "slots");
    reply_ranges_of(reply, shard->topology, index);
    reply_bulk_text(reply, "nodes");
    reply_array(reply, 1);
    reply_map(reply, 7);
    reply_bulk_text(reply, "id");
    reply_bulk_text(reply, node->name);
    reply_bulk_text(reply, "port");
    reply_integer(reply, node->client.port);
    reply_bulk_text(reply, "ip");
    reply_bulk_text(reply, node->client.host);
    reply_bulk_text(reply, "endpoint");
    reply_bulk_text(reply, node->client.host);
    reply_bulk_text(reply, "role");
    reply_bulk_text(reply, "master");
    reply_bulk_text(reply, "replication-offset");
    reply_integer(reply, 0);
    reply_bulk_text(reply, "health");
    reply_bulk_text(reply, membership_is_alive(&shard->membership, index)
                               ? "online"
                               : "fail");
}

static void shards_serve(struct session *session, struct request *request)
{
    const struct shard_layer *shard = shard_layer_of(session->server);
    const struct topology *topology = shard->topology;
    size_t count = 0;
    for (uint16_t i = 0; i < topology->count; i++)
        count += topology_has_address(topology, i);
    reply_array(&request->reply, count);
    for (uint16_t i = 0; i < topology->count; i++) {
        if (topology_has_address(topology, i))
            reply_shard(&request->reply, shard, i);
    }
}

static void reply_ranges_with_epochs(struct reply *reply,
                                     const struct topology *topology,
                                     uint16_t node)
{
    struct topology_range range;
    size_t count = 0;
    for (uint32_t at = 0; topology_next_range(topology, &at, &range);)
        count += range.owner == node;
    reply_array(reply, 3 * count);
    for (uint32_t at = 0; topology_next_range(topology, &at, &range);) {
        if (range.owner != node)
            continue;
        reply_integer(reply, range.first);
        reply_integer(reply, range.last);
        reply_integer(reply, (int64_t)range.epoch);
    }
}

// Empty while it is not known.
static void reply_address(struct reply *reply,
                          const struct topology_address *address)
{
    char text[TOPOLOGY_ADDRESS_MAX] = "";
    if (address->port)
        topology_address_format(address, text);
    reply_bulk_text(reply, text);
}

static const char *state_of(const struct membership *members, uint16_t node)
{
    if (node == members->topology->self)
        return "myself";
    if (!topology_has_address(members->topology, node))
        return "unknown";
    return membership_is_alive(members, node) ? "online" : "silent";
}

// All that this node knows of the ring: cluster_view.h reads it.
static void topology_serve(struct session *session, struct request *request)
{
    const struct membership *members =
        &shard_layer_of(session->server)->membership;
    const struct topology *topology = members->topology;
    struct reply *reply = &request->reply;
    reply_array(reply, topology->count);
    for (uint16_t i = 0; i < topology->count; i++) {
        const struct topology_node *node = &topology->nodes[i];
        reply_map(reply, 7);
        reply_bulk_text(reply, "id");
        reply_bulk_text(reply, node->id);
        reply_bulk_text(reply, "name");
        reply_bulk_text(reply, node->name);
        reply_bulk_text(reply, "address");
        reply_address(reply, &node->client);
        reply_bulk_text(reply, "peer-address");
        reply_address(reply, &node->peer);
        reply_bulk_text(reply, "weight");
        reply_integer(reply, node->weight);
        reply_bulk_text(reply, "state");
        reply_bulk_text(reply, state_of(members, i));
        reply_bulk_text(reply, "slots");
        reply_ranges_with_epochs(reply, topology, i);
    }
}

static void nodes_serve(struct session *session, struct request *request)
{
    struct buffer text = {0};
    cluster_text_nodes(&shard_layer_of(session->server)->membership, &text);
    reply_verbatim(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

static void info_serve(struct session *session, struct request *request)
{
    struct buffer text = {0};
    cluster_text_info(&shard_layer_of(session->server)->membership, &text);
    reply_verbatim(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

static void myid_serve(struct session *session, struct request *request)
{
    const struct topology *topology = topology_of(session);
    reply_bulk_text(&request->reply, topology->nodes[topology->self].name);
}

// Those that peers have to this node: env says nothing of the others.
static void links_serve(struct session *session, struct request *request)
{
    const struct membership *members =
        &shard_layer_of(session->server)->membership;
    const struct topology *topology = members->topology;
    struct buffer text = {0};
    struct reply links = {&text, request->reply.protocol, 0};
    size_t count = 0;
    for (uint16_t i = 0; i < topology->count; i++) {
        if (!members->known[i].heard || !membership_is_alive(members, i))
            continue;
        reply_map(&links, 6);
        reply_bulk_text(&links, "direction");
        reply_bulk_text(&links, "from");
        reply_bulk_text(&links, "node");
        reply_bulk_text(&links, topology->nodes[i].name);
        reply_bulk_text(&links, "create-time");
        reply_integer(&links, members->known[i].since_ms);
        reply_bulk_text(&links, "events");
        reply_bulk_text(&links, "r");
        reply_bulk_text(&links, "send-buffer-allocated"); // It never sends.
        reply_integer(&links, 0);
        reply_bulk_text(&links, "send-buffer-used");
        reply_integer(&links, 0);
        count++;
    }
    reply_array(&request->reply, count);
    reply_bytes(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

// ---- Keys

static void keyslot_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_integer(&request->reply, slot_of_key(request->argv[2]));
}

// On false the error was written.
static bool read_number(struct request *request, uint32_t index, int64_t *value)
{
    if (slice_to_int64(request->argv[index], value))
        return true;
    reply_not_an_integer(&request->reply);
    return false;
}

static bool is_slot(int64_t number)
{
    return number >= 0 && number < SLOT_COUNT;
}

static void countkeys_serve(struct session *session, struct request *request)
{
    int64_t slot;
    const struct slot_keys *keys = &shard_layer_of(session->server)->keys;
    if (!read_number(request, 2, &slot))
        return;
    if (!is_slot(slot))
        reply_error(&request->reply, "ERR Invalid slot");
    else
        reply_integer(&request->reply,
                      (int64_t)slot_keys_count(keys, (uint16_t)slot));
}

static void reply_key(void *context, struct slice key)
{
    reply_bulk(context, key);
}

static void getkeys_serve(struct session *session, struct request *request)
{
    int64_t slot, max;
    const struct slot_keys *keys = &shard_layer_of(session->server)->keys;
    if (!read_number(request, 2, &slot) || !read_number(request, 3, &max))
        return;
    if (!is_slot(slot) || max < 0) {
        reply_error(&request->reply, "ERR Invalid slot or number of keys");
        return;
    }
    struct buffer text = {0};
    struct reply names = {&text, request->reply.protocol, 0};
    size_t count =
        slot_keys_list(keys, (uint16_t)slot, (size_t)max, reply_key, &names);
    reply_array(&request->reply, count);
    reply_bytes(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

// ---- Of a connection

// No node is a replica of another, so there is nothing to permit.
static void readonly_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_ok(&request->reply);
}

static void asking_serve(struct session *session, struct request *request)
{
    session->asking = true;
    reply_ok(&request->reply);
}

enum { ANY_TIME = COMMAND_LOADING | COMMAND_STALE };

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command cluster_rows[] = {
    {"countkeysinslot", 3, COMMAND_STALE, 0, 0, 0,
     "Counts the keys of a slot that this node has", "slot", "cluster", "3.0.0",
     .serve = countkeys_serve},
    {"getkeysinslot", 4, COMMAND_STALE, 0, 0, 0,
     "Returns keys of a slot that this node has", "slot count", "cluster",
     "3.0.0", .serve = getkeys_serve},
    {"info", 2, ANY_TIME, 0, 0, 0, //
     "Returns the state of the cluster, as this node sees it", "", "cluster",
     "3.0.0", .serve = info_serve},
    {"keyslot", 3, ANY_TIME, 0, 0, 0, //
     "Returns the slot of a key", "key", "cluster", "3.0.0",
     .serve = keyslot_serve},
    {"links", 2, ANY_TIME, 0, 0, 0, //
     "Returns the links of other nodes to this one", "", "cluster", "7.0.0",
     .serve = links_serve},
    {"myid", 2, ANY_TIME, 0, 0, 0, //
     "Returns the name of this node", "", "cluster", "3.0.0",
     .serve = myid_serve},
    {"nodes", 2, ANY_TIME, 0, 0, 0, //
     "Returns all nodes and their slots, a line each", "", "cluster", "3.0.0",
     .serve = nodes_serve},
    {"shards", 2, ANY_TIME, 0, 0, 0, //
     "Returns the slots of each node", "", "cluster", "7.0.0",
     .serve = shards_serve},
    {"slots", 2, ANY_TIME, 0, 0, 0, //
     "Returns the ranges of slots and the node that has each", "", "cluster",
     "3.0.0", .serve = slots_serve},
    {"topology", 2, ANY_TIME, 0, 0, 0, //
     "Returns the ids, addresses, weights of all nodes and the epochs of slots",
     "", "cluster", "vega 1", .serve = topology_serve},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "cluster", "5.0.0", .serve = command_help},
    {0},
};

static const struct command rows[] = {
    {"cluster", -2, 0, 0, 0, 0, //
     "Commands about the cluster", "", "cluster", "3.0.0",
     .subcommands = cluster_rows},
    {"readonly", 1, ANY_TIME | COMMAND_FAST, 0, 0, 0,
     "Permits reads from a replica; there are none", "", "cluster", "3.0.0",
     .serve = readonly_serve},
    {"readwrite", 1, ANY_TIME | COMMAND_FAST, 0, 0, 0, //
     "Takes READONLY back", "", "cluster", "3.0.0", .serve = readonly_serve},
    {"asking", 1, COMMAND_FAST, 0, 0, 0,
     "Says that the next command was sent here by ASK", "", "cluster", "3.0.0",
     .serve = asking_serve},
    {0},
};

void cluster_add_commands(struct command_table *table)
{
    command_table_add(table, rows);
}
