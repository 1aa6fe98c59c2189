// hello.c -- what a node tells its peers.
//
// All integers are little-endian:
//
//      0  u8   kind      1
//      1  u8   version   1
//      2  u16  port      of the address that clients are told; from 1
//      4  u32  weight    from 1
//      8  u64  digest    of the sender's map; see topology.c
//     16  u32  ranges    how many follow at the end
//     20  u8   size      of the id, which follows
//         u8   size      of the host, which follows
//
//     and for each range of slots
//
//      0  u16  first
//      2  u16  last      not below the first, nor beyond the last slot
//      4  u32  owner     the first four bytes of its name, as a number
//      8  u64  epoch     from 1
//
// Nothing follows the last range.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/hello.h"

#include <string.h>

#include "common/base/codec.h"
#include "stage3-sharding/message_parts.h"

enum {
    HELLO_KIND = 1,
    HELLO_VERSION = 1,
    HELLO_HEAD_SIZE = 20,
    HELLO_RANGE_SIZE = 16,
};

static void append_range(const struct topology *topology,
                         const struct topology_range *range, struct buffer *out)
{
    char bytes[HELLO_RANGE_SIZE];
    put_u16(bytes, range->first);
    put_u16(bytes + 2, range->last);
    put_u32(bytes + 4, topology->nodes[range->owner].number);
    put_u64(bytes + 8, range->epoch);
    buffer_append(out, bytes, sizeof bytes);
}

void hello_encode(const struct topology *topology, bool with_ranges,
                  struct buffer *out)
{
    const struct topology_node *self = &topology->nodes[topology->self];
    size_t start = out->size;
    char head[HELLO_HEAD_SIZE] = {HELLO_KIND, HELLO_VERSION};
    put_u16(head + 2, self->client.port);
    put_u32(head + 4, self->weight);
    put_u64(head + 8, topology->digest);
    buffer_append(out, head, sizeof head);
    message_append_text(out, self->id);
    message_append_text(out, self->client.host);

    uint32_t at = with_ranges ? 0 : SLOT_COUNT, count = 0;
    struct topology_range range;
    for (; topology_next_range(topology, &at, &range); count++)
        append_range(topology, &range, out);
    put_u32(out->data + start + 16, count);
}

static bool ranges_are_valid(struct slice ranges, uint32_t count)
{
    struct hello_range range;
    if (ranges.size != (size_t)count * HELLO_RANGE_SIZE)
        return false;
    while (hello_next_range(&ranges, &range)) {
        if (range.first > range.last || range.last >= SLOT_COUNT ||
            range.epoch == 0)
            return false;
    }
    return true;
}

bool hello_decode(struct slice message, struct hello *hello)
{
    struct slice head;
    struct hello read = {0};
    if (!message_take(&message, HELLO_HEAD_SIZE, &head) ||
        head.data[0] != HELLO_KIND || head.data[1] != HELLO_VERSION ||
        !message_take_id(&message, &read.id) ||
        !message_take_host(&message, &read.client))
        return false;
    read.client.port = get_u16(head.data + 2);
    read.weight = get_u32(head.data + 4);
    read.digest = get_u64(head.data + 8);
    read.ranges = message;
    if (read.client.port == 0 || read.weight == 0 ||
        read.weight > RING_WEIGHT_MAX ||
        !ranges_are_valid(message, get_u32(head.data + 16)))
        return false;
    *hello = read;
    return true;
}

bool hello_next_range(struct slice *ranges, struct hello_range *range)
{
    struct slice bytes;
    if (!message_take(ranges, HELLO_RANGE_SIZE, &bytes))
        return false;
    *range = (struct hello_range){
        .first = get_u16(bytes.data),
        .last = get_u16(bytes.data + 2),
        .owner = get_u32(bytes.data + 4),
        .epoch = get_u64(bytes.data + 8),
    };
    return true;
}
