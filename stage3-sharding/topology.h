// topology.h -- the map of a cluster: its nodes, and who has which slot.
//
// The ring is the plan. The truth is an owner with an epoch for every slot: of
// two that differ, the higher epoch is the newer one and wins, wherever it is
// heard of. A slot that was never given away has its owner from the ring, with
// epoch 1; epoch 0 is a slot of which nothing is known yet.
//
// Invariants
// (T1) The epoch of a slot never falls.
// (T2) A slot has an owner if and only if its epoch is not 0.
// (T3) A slot migrates from its owner, or is imported from it, and only this
//      node's own moves are known here: what others are about to do is theirs.
// (T4) `digest` is the same for maps that say the same of every slot, and
//      almost surely for no others.
// (T5) `own` has a slot's bit if and only if its owner is this node.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_TOPOLOGY_H
#define VEGA_STAGE3_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/slice.h"
#include "stage3-sharding/ring.h"

enum {
    TOPOLOGY_ID_MAX = 32,
    TOPOLOGY_NAME_SIZE = 40,
    TOPOLOGY_HOST_MAX = 253, // A DNS name's most.
    TOPOLOGY_ADDRESS_MAX = TOPOLOGY_HOST_MAX + sizeof "[]:65535",
    TOPOLOGY_NODES_MAX = RING_NODES_MAX,
    TOPOLOGY_NOBODY = UINT16_MAX,
};

struct topology_address {
    char host[TOPOLOGY_HOST_MAX + 1]; // Without brackets: "::1".
    uint16_t port;                    // 0: not known.
};

// Reads "127.0.0.1:7001", "db1.example:7001" or "[::1]:7001", with a port from
// 1 on. False, and *address untouched, when it is none.
bool topology_address_parse(struct slice text,
                            struct topology_address *address);

// As topology_address_parse reads it, terminated.
void topology_address_format(const struct topology_address *address,
                             char text[TOPOLOGY_ADDRESS_MAX]);

// What a node may be called: 1 to 32 letters, digits, '-', '_' and '.'.
bool topology_id_is_valid(struct slice id);

struct topology_node {
    char id[TOPOLOGY_ID_MAX + 1];
    // Redis' clients want 40 hex digits: the first of SHA-256(id).
    char name[TOPOLOGY_NAME_SIZE + 1];
    uint32_t number; // For env_peer_send: the first eight of them.
    uint32_t weight; // 0: not known yet.
    struct topology_address client; // That clients are told. Known when the
                                    // weight is.
    struct topology_address peer;   // Where other nodes reach it.
};

enum topology_state {
    TOPOLOGY_STABLE,
    TOPOLOGY_MIGRATING, // From this node to `other`.
    TOPOLOGY_IMPORTING, // From `other`, the owner, to this node.
};

struct topology_slot {
    uint64_t epoch;
    uint16_t owner; // Index of the node, or TOPOLOGY_NOBODY.
    uint16_t other;
    enum topology_state state;
};

struct topology {
    struct topology_node *nodes; // In the order in which they were added.
    uint16_t count;
    uint16_t self;   // Set before anything is learned of slots.
    uint64_t digest; // Of owners and epochs.
    // What every request asks, small enough to stay in the nearest cache.
    uint64_t own[SLOT_COUNT / 64];
    struct topology_slot slots[SLOT_COUNT];
};

void topology_init(struct topology *topology);
void topology_deinit(struct topology *topology);

// Adds a node of which nothing is known but its id, which is valid. NULL when
// there is one of that id, or there are too many. Borrowed until the next one
// is added.
struct topology_node *topology_add(struct topology *topology, struct slice id);

// Indexes; TOPOLOGY_NOBODY when there is no such node.
uint16_t topology_find(const struct topology *topology, struct slice id);
uint16_t topology_find_name(const struct topology *topology, struct slice name);
uint16_t topology_find_number(const struct topology *topology, uint32_t number);

// Whether clients can be told where the node is. Its slots may have been heard
// of before, from others.
static inline bool topology_has_address(const struct topology *topology,
                                        uint16_t node)
{
    return topology->nodes[node].client.port != 0;
}

// Whether there is a node, and the weight of each is known.
bool topology_is_complete(const struct topology *topology);

// All nodes for ring_init, owned by the caller; their ids are borrowed from the
// topology. NULL while it is not complete.
struct ring_node *topology_ring_nodes(const struct topology *topology);

// Once the weight of every node is known, gives the slots of which
// nothing else is known the owners of the ring. False before.
bool topology_plan(struct topology *topology);

enum topology_news {
    TOPOLOGY_KNOWN,    // It said the same.
    TOPOLOGY_NEWER,    // Adopted.
    TOPOLOGY_OLDER,    // It has not heard yet.
    TOPOLOGY_DISPUTED, // Another owner of the same epoch: two maps at odds.
};

// Hears of an owner from elsewhere. What is adopted ends a move of the slot.
enum topology_news topology_learn(struct topology *topology, uint16_t slot,
                                  uint16_t owner, uint64_t epoch);

static inline bool topology_is_own(const struct topology *topology,
                                   uint16_t slot)
{
    return topology->own[slot / 64] >> slot % 64 & 1;
}

// This node begins, or ends, to move a slot: see (T3). `other` is not used for
// TOPOLOGY_STABLE.
void topology_set_state(struct topology *topology, uint16_t slot,
                        enum topology_state state, uint16_t other);

// A run of slots of one owner and one epoch.
struct topology_range {
    uint16_t first, last;
    uint16_t owner;
    uint64_t epoch;
};

// The next run that has an owner from slot *at on; moves *at behind it. False
// when there is none.
bool topology_next_range(const struct topology *topology, uint32_t *at,
                         struct topology_range *range);

// Slots that a node owns; and the highest epoch of them, or of all slots.
uint32_t topology_share(const struct topology *topology, uint16_t node);
uint64_t topology_node_epoch(const struct topology *topology, uint16_t node);
uint64_t topology_epoch(const struct topology *topology);

void topology_check_invariants(const struct topology *topology);

#endif
