// cluster_text.c -- the answers to CLUSTER NODES and CLUSTER INFO.
//
// A line of NODES, of which master and ping-sent are always "-" and 0 here:
//
//     name host:port@peer-port flags master ping-sent pong-received epoch
//     connected|disconnected first-last first-last ...
//
// https://redis.io/docs/latest/commands/cluster-nodes/
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_text.h"

#include <inttypes.h>

static void append_ranges(const struct topology *topology, uint16_t node,
                          struct buffer *out)
{
    struct topology_range range;
    for (uint32_t at = 0; topology_next_range(topology, &at, &range);) {
        if (range.owner != node)
            continue;
        if (range.first == range.last)
            buffer_printf(out, " %u", range.first);
        else
            buffer_printf(out, " %u-%u", range.first, range.last);
    }
}

// "[slot->-name]" goes, "[slot-<-name]" comes. Only of this node's own slots
// and only this node knows.
static void append_moves(const struct topology *topology, struct buffer *out)
{
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        const struct topology_slot *known = &topology->slots[slot];
        if (known->state != TOPOLOGY_STABLE)
            buffer_printf(out, " [%u-%c-%s]", slot,
                          known->state == TOPOLOGY_MIGRATING ? '>' : '<',
                          topology->nodes[known->other].name);
    }
}

static const char *flags_of(const struct membership *membership, uint16_t node)
{
    const struct topology *topology = membership->topology;
    if (node == topology->self)
        return "myself,master";
    if (!topology_has_address(topology, node))
        return "master,noaddr";
    return membership_is_alive(membership, node) ? "master" : "master,fail";
}

static void append_node(const struct membership *membership, uint16_t index,
                        struct buffer *out)
{
    const struct topology *topology = membership->topology;
    const struct topology_node *node = &topology->nodes[index];
    const struct membership_peer *peer = &membership->known[index];
    bool is_self = index == topology->self;
    bool connected =
        is_self || (peer->heard && membership_is_alive(membership, index));
    buffer_printf(out, "%s %s:%u@%u %s - 0 %" PRId64 " %" PRIu64 " %s",
                  node->name, node->client.host, node->client.port,
                  node->peer.port, flags_of(membership, index), peer->heard_ms,
                  topology_node_epoch(topology, index),
                  connected ? "connected" : "disconnected");
    append_ranges(topology, index, out);
    if (is_self)
        append_moves(topology, out);
    buffer_append_byte(out, '\n');
}

void cluster_text_nodes(const struct membership *membership, struct buffer *out)
{
    for (uint16_t i = 0; i < membership->topology->count; i++)
        append_node(membership, i, out);
}

void cluster_text_info(const struct membership *membership, struct buffer *out)
{
    const struct topology *topology = membership->topology;
    uint32_t assigned = 0, down = 0, owners = 0;
    for (uint16_t i = 0; i < topology->count; i++) {
        uint32_t share = topology_share(topology, i);
        assigned += share;
        owners += share > 0;
        if (!membership_is_alive(membership, i))
            down += share;
    }
    // The slots of nodes that live are served whatever becomes of the others,
    // so clients may come; cluster_slots_fail says how much is missing.
    bool ok = assigned == SLOT_COUNT;
    buffer_printf(out,
                  "cluster_state:%s\r\n"
                  "cluster_slots_assigned:%u\r\n"
                  "cluster_slots_ok:%u\r\n"
                  "cluster_slots_pfail:0\r\n"
                  "cluster_slots_fail:%u\r\n"
                  "cluster_known_nodes:%u\r\n"
                  "cluster_size:%u\r\n"
                  "cluster_current_epoch:%" PRIu64 "\r\n"
                  "cluster_my_epoch:%" PRIu64 "\r\n"
                  "cluster_stats_messages_sent:%" PRIu64 "\r\n"
                  "cluster_stats_messages_received:%" PRIu64 "\r\n"
                  "total_cluster_links_buffer_limit_exceeded:0\r\n",
                  ok ? "ok" : "fail", assigned, assigned - down, down,
                  topology->count, owners, topology_epoch(topology),
                  topology_node_epoch(topology, topology->self),
                  membership->sent, membership->received);
}
