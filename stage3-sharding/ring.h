// ring.h -- consistent hashing: which node owns which slot.
//
// The ring is the numbers from 0 to 2^64 - 1, the last followed by the first.
// Every node stands at many places of it, its tokens, which depend on its id
// alone; slot s stands at s << 50. A slot belongs to the node whose token comes
// first from there on. So a node that joins takes slots from others and moves
// none between them, and whoever knows the ids knows every owner.
//
// Karger et al. 1997; tokens as in DeCandia et al. 2007, section 4.2.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_RING_H
#define VEGA_STAGE3_RING_H

#include <stdint.h>

#include "stage3-sharding/slot.h"

enum {
    RING_TOKENS = 150, // Of a node of weight 1.
    RING_WEIGHT_MAX = 100,
    RING_NODES_MAX = 1000,
};

struct ring_node {
    const char *id;  // As it was configured: tokens depend on every byte.
    uint32_t weight; // From 1: a node of weight 2 gets about twice the slots.
};

struct ring_token {
    uint64_t position;
    uint32_t node; // Index into the nodes.
};

struct ring {
    const struct ring_node *nodes;
    uint32_t node_count;
    struct ring_token *tokens; // In the order of the ring.
    uint32_t token_count;
};

// The nodes are borrowed until ring_deinit; there is one at least, and no two
// have the same id.
void ring_init(struct ring *ring, const struct ring_node *nodes,
               uint32_t count);
void ring_deinit(struct ring *ring);

uint64_t ring_position(uint16_t slot);

// Where token i of a node is, from 0 to its weight * RING_TOKENS - 1.
uint64_t ring_token_position(const char *id, uint32_t i);

// The token that the slot belongs to. Borrowed from the ring.
const struct ring_token *ring_token_of(const struct ring *ring, uint16_t slot);

// The index of every slot's owner.
void ring_owners(const struct ring *ring, uint32_t owners[SLOT_COUNT]);

#endif
