// topology.c -- the map of a cluster: its nodes, and who has which slot.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/topology.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/digest.h"
#include "common/base/memory.h"

// ---- Texts

static bool port_parse(struct slice text, uint16_t *port)
{
    int64_t value;
    if (!slice_to_int64(text, &value) || value < 1 || value > UINT16_MAX)
        return false;
    *port = (uint16_t)value;
    return true;
}

static bool host_is_valid(struct slice host, bool bracketed)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_";
    static const char number[] = "0123456789abcdefABCDEF:.";
    for (size_t i = 0; i < host.size; i++) {
        if (!host.data[i] || !strchr(bracketed ? number : name, host.data[i]))
            return false;
    }
    return host.size >= 1 && host.size <= TOPOLOGY_HOST_MAX;
}

bool topology_address_parse(struct slice text, struct topology_address *address)
{
    size_t end = text.size; // Of the host: the last colon.
    while (end > 0 && text.data[end - 1] != ':')
        end--;
    if (end < 2)
        return false;
    struct slice host = {text.data, end - 1};
    struct slice port = {text.data + end, text.size - end};
    bool bracketed = *host.data == '[' && host.data[host.size - 1] == ']';
    if (bracketed)
        host = (struct slice){host.data + 1, host.size - 2};

    struct topology_address read = {0};
    if (!host_is_valid(host, bracketed) || !port_parse(port, &read.port))
        return false;
    memcpy(read.host, host.data, host.size);
    *address = read;
    return true;
}

void topology_address_format(const struct topology_address *address,
                             char text[TOPOLOGY_ADDRESS_MAX])
{
    bool brackets = strchr(address->host, ':');
    snprintf(text, TOPOLOGY_ADDRESS_MAX, "%s%s%s:%u", brackets ? "[" : "",
             address->host, brackets ? "]" : "", address->port);
}

bool topology_id_is_valid(struct slice id)
{
    return id.size <= TOPOLOGY_ID_MAX && host_is_valid(id, false);
}

// ---- Nodes

static void node_name(struct topology_node *node)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[DIGEST_SIZE];
    struct digest digest;
    digest_init(&digest);
    digest_update(&digest, node->id, strlen(node->id));
    digest_final(&digest, sum);
    digest_deinit(&digest);
    for (int i = 0; i < TOPOLOGY_NAME_SIZE; i++)
        node->name[i] = digits[i % 2 ? sum[i / 2] & 15 : sum[i / 2] >> 4];
    for (int i = 0; i < 4; i++)
        node->number = node->number << 8 | sum[i];
}

void topology_init(struct topology *topology)
{
    *topology = (struct topology){.self = TOPOLOGY_NOBODY};
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        topology->slots[slot].owner = TOPOLOGY_NOBODY;
}

void topology_deinit(struct topology *topology)
{
    free(topology->nodes);
    topology->nodes = NULL;
}

struct topology_node *topology_add(struct topology *topology, struct slice id)
{
    check(topology_id_is_valid(id));
    if (topology->count == TOPOLOGY_NODES_MAX ||
        topology_find(topology, id) != TOPOLOGY_NOBODY)
        return NULL;
    topology->nodes = xrealloc(topology->nodes, (topology->count + 1u) *
                                                    sizeof *topology->nodes);
    struct topology_node *node = &topology->nodes[topology->count++];
    *node = (struct topology_node){0};
    memcpy(node->id, id.data, id.size);
    node_name(node);
    return node;
}

uint16_t topology_find(const struct topology *topology, struct slice id)
{
    for (uint16_t i = 0; i < topology->count; i++) {
        if (slice_equal(slice_of(topology->nodes[i].id), id))
            return i;
    }
    return TOPOLOGY_NOBODY;
}

uint16_t topology_find_name(const struct topology *topology, struct slice name)
{
    for (uint16_t i = 0; i < topology->count; i++) {
        if (slice_equal(slice_of(topology->nodes[i].name), name))
            return i;
    }
    return TOPOLOGY_NOBODY;
}

uint16_t topology_find_number(const struct topology *topology, uint32_t number)
{
    for (uint16_t i = 0; i < topology->count; i++) {
        if (topology->nodes[i].number == number)
            return i;
    }
    return TOPOLOGY_NOBODY;
}

// ---- Slots

bool topology_is_complete(const struct topology *topology)
{
    for (uint16_t i = 0; i < topology->count; i++) {
        if (topology->nodes[i].weight == 0)
            return false;
    }
    return topology->count > 0;
}

struct ring_node *topology_ring_nodes(const struct topology *topology)
{
    if (!topology_is_complete(topology))
        return NULL;
    struct ring_node *nodes = xcalloc(topology->count, sizeof *nodes);
    for (uint16_t i = 0; i < topology->count; i++)
        nodes[i] = (struct ring_node){topology->nodes[i].id,
                                      topology->nodes[i].weight};
    return nodes;
}

bool topology_plan(struct topology *topology)
{
    struct ring_node *nodes = topology_ring_nodes(topology);
    if (!nodes)
        return false;
    struct ring ring;
    uint32_t *owners = xcalloc(SLOT_COUNT, sizeof *owners);
    ring_init(&ring, nodes, topology->count);
    ring_owners(&ring, owners);
    ring_deinit(&ring);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (topology->slots[slot].epoch == 0)
            topology_learn(topology, (uint16_t)slot, (uint16_t)owners[slot], 1);
    }
    free(owners);
    free(nodes);
    return true;
}

// What a slot adds to the digest: the finalizer of splitmix64 (Steele et al.
// 2014) over all that is known of it. Nothing is 0.
static uint64_t slot_digest(const struct topology *topology, uint16_t slot)
{
    const struct topology_slot *known = &topology->slots[slot];
    if (known->epoch == 0)
        return 0;
    uint64_t value = (uint64_t)topology->nodes[known->owner].number << 32;
    value ^= known->epoch * UINT64_C(0x9e3779b97f4a7c15) + slot;
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

enum topology_news topology_learn(struct topology *topology, uint16_t slot,
                                  uint16_t owner, uint64_t epoch)
{
    struct topology_slot *known = &topology->slots[slot];
    check(owner < topology->count);
    uint64_t *word = &topology->own[slot / 64], bit = UINT64_C(1) << slot % 64;
    if (epoch > known->epoch) { // Upholds (T1), (T4) and (T5).
        *word = owner == topology->self ? *word | bit : *word & ~bit;
        topology->digest ^= slot_digest(topology, slot);
        *known = (struct topology_slot){.epoch = epoch, .owner = owner};
        topology->digest ^= slot_digest(topology, slot);
        return TOPOLOGY_NEWER;
    }
    if (epoch < known->epoch)
        return TOPOLOGY_OLDER;
    return owner == known->owner ? TOPOLOGY_KNOWN : TOPOLOGY_DISPUTED;
}

void topology_set_state(struct topology *topology, uint16_t slot,
                        enum topology_state state, uint16_t other)
{
    struct topology_slot *known = &topology->slots[slot];
    if (state == TOPOLOGY_MIGRATING)
        check(known->owner == topology->self && other != topology->self);
    if (state == TOPOLOGY_IMPORTING)
        check(known->owner == other && other != topology->self);
    known->state = state;
    known->other = state == TOPOLOGY_STABLE ? 0 : other;
}

bool topology_next_range(const struct topology *topology, uint32_t *at,
                         struct topology_range *range)
{
    const struct topology_slot *slots = topology->slots;
    uint32_t first = *at;
    while (first < SLOT_COUNT && slots[first].epoch == 0)
        first++;
    if (first == SLOT_COUNT)
        return false;
    uint32_t end = first + 1;
    while (end < SLOT_COUNT && slots[end].owner == slots[first].owner &&
           slots[end].epoch == slots[first].epoch)
        end++;
    *range = (struct topology_range){(uint16_t)first, (uint16_t)(end - 1),
                                     slots[first].owner, slots[first].epoch};
    *at = end;
    return true;
}

uint32_t topology_share(const struct topology *topology, uint16_t node)
{
    uint32_t share = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        share += topology->slots[slot].owner == node;
    return share;
}

uint64_t topology_node_epoch(const struct topology *topology, uint16_t node)
{
    uint64_t epoch = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        const struct topology_slot *known = &topology->slots[slot];
        if (known->owner == node && known->epoch > epoch)
            epoch = known->epoch;
    }
    return epoch;
}

uint64_t topology_epoch(const struct topology *topology)
{
    uint64_t epoch = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (topology->slots[slot].epoch > epoch)
            epoch = topology->slots[slot].epoch;
    }
    return epoch;
}

void topology_check_invariants(const struct topology *topology)
{
    uint64_t digest = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        const struct topology_slot *known = &topology->slots[slot];
        check((known->epoch == 0) == (known->owner == TOPOLOGY_NOBODY));
        if (known->epoch)
            check(known->owner < topology->count);
        if (known->state == TOPOLOGY_MIGRATING)
            check(known->owner == topology->self);
        if (known->state == TOPOLOGY_IMPORTING)
            check(known->owner == known->other &&
                  known->owner != topology->self);
        check(topology_is_own(topology, (uint16_t)slot) ==
              (known->epoch && known->owner == topology->self));
        digest ^= slot_digest(topology, (uint16_t)slot);
    }
    check(digest == topology->digest);
}
