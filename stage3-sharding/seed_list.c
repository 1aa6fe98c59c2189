// seed_list.c -- what a node asks its seed, and what it is told.
//
// All integers are little-endian:
//
//     question                          answer
//      0  u8   kind     2                0  u8   kind     3
//      1  u8   version  1                1  u8   version  1
//      2  u16  first    node wanted      2  u8   known    0 or 1: who asks
//      4  u8   size     of the id,       3  u8   0
//              which follows             4  u16  count    of all nodes
//                                        6  u16  seed     index of who answers
//                                        8  u16  first    index of the first
//                                                         that follows
//
//     and for each node that follows
//
//         u8   size   of the id, which follows
//         u8   size   of the host of its peer address, which follows
//         u16  port   of that; from 1
//
// Nothing follows the last node. With 0 at 2 there is nothing to tell, and all
// behind it is 0.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/seed_list.h"

#include "common/base/codec.h"
#include "common/env/env.h"
#include "stage3-sharding/message_parts.h"

enum {
    SEED_QUESTION = 2,
    SEED_ANSWER = 3,
    SEED_VERSION = 1,
    SEED_QUESTION_HEAD = 4,
    SEED_ANSWER_HEAD = 10,
    SEED_NODE_MAX = 1 + TOPOLOGY_ID_MAX + 1 + TOPOLOGY_HOST_MAX + 2,
};

void seed_question_encode(struct slice id, uint16_t first, struct buffer *out)
{
    char head[SEED_QUESTION_HEAD] = {SEED_QUESTION, SEED_VERSION};
    put_u16(head + 2, first);
    buffer_append(out, head, sizeof head);
    buffer_append_byte(out, (char)id.size);
    buffer_append_slice(out, id);
}

static bool question_decode(struct slice message, struct slice *id,
                            uint16_t *first)
{
    struct slice head;
    if (!message_take(&message, SEED_QUESTION_HEAD, &head) ||
        head.data[0] != SEED_QUESTION || head.data[1] != SEED_VERSION ||
        !message_take_id(&message, id) || message.size > 0)
        return false;
    *first = get_u16(head.data + 2);
    return true;
}

static void append_node(const struct topology_node *node, struct buffer *out)
{
    char port[2];
    put_u16(port, node->peer.port);
    message_append_text(out, node->id);
    message_append_text(out, node->peer.host);
    buffer_append(out, port, sizeof port);
}

void seed_answer_encode(const struct topology *topology, struct slice question,
                        struct buffer *out)
{
    struct slice id;
    uint16_t first;
    if (!question_decode(question, &id, &first))
        return;
    size_t start = out->size;
    char head[SEED_ANSWER_HEAD] = {SEED_ANSWER, SEED_VERSION};
    bool is_known = topology_find(topology, id) != TOPOLOGY_NOBODY;
    if (first > topology->count) // Nothing is there; its end is.
        first = topology->count;
    if (is_known) {
        head[2] = 1;
        put_u16(head + 4, topology->count);
        put_u16(head + 6, topology->self);
        put_u16(head + 8, first);
    }
    buffer_append(out, head, sizeof head);
    for (uint32_t i = first; is_known && i < topology->count; i++) {
        if (out->size - start + SEED_NODE_MAX > ENV_ANSWER_MAX)
            break;
        append_node(&topology->nodes[i], out);
    }
}

static bool nodes_are_valid(struct slice nodes, uint32_t room)
{
    struct slice id;
    struct topology_address peer;
    uint32_t count = 0;
    while (nodes.size > 0) {
        if (!seed_next_node(&nodes, &id, &peer) || ++count > room)
            return false;
    }
    return true;
}

bool seed_answer_decode(struct slice message, struct seed_answer *answer)
{
    struct slice head;
    if (!message_take(&message, SEED_ANSWER_HEAD, &head) ||
        head.data[0] != SEED_ANSWER || head.data[1] != SEED_VERSION)
        return false;
    struct seed_answer read = {
        .is_known = head.data[2],
        .count = get_u16(head.data + 4),
        .seed = get_u16(head.data + 6),
        .first = get_u16(head.data + 8),
        .nodes = message,
    };
    if (read.count > TOPOLOGY_NODES_MAX || read.first > read.count ||
        (read.is_known && read.seed >= read.count) ||
        !nodes_are_valid(message, (uint32_t)read.count - read.first))
        return false;
    *answer = read;
    return true;
}

bool seed_next_node(struct slice *nodes, struct slice *id,
                    struct topology_address *peer)
{
    struct slice port;
    struct topology_address read = {0};
    if (!message_take_id(nodes, id) || !message_take_host(nodes, &read) ||
        !message_take(nodes, 2, &port) || get_u16(port.data) == 0)
        return false;
    read.port = get_u16(port.data);
    *peer = read;
    return true;
}
