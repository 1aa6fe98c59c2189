// model_slot.h -- slots and rings as they should be, in the plainest way: for
// the verdict, and for the nodes that play along. Nothing of it is graded.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB3_MODEL_SLOT_H
#define VEGA_LABS_LAB3_MODEL_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "labs/harness/text.h"

enum {
    MODEL_SLOTS = 16384,
    MODEL_TOKENS = 150,
    MODEL_NODES_MAX = 32,
    MODEL_ID_SIZE = 24,
    MODEL_NOBODY = 255,
};

unsigned model_crc16(struct bytes bytes);
// What of a key counts. Borrowed from it.
struct bytes model_tag(struct bytes key);
unsigned model_slot(struct bytes key);

// The first eight bytes of SHA-256("ID/i"), of which `bits` count.
uint64_t model_token(const char *id, unsigned i, unsigned bits);
// The bytes that count, of the eight: as a mask.
uint64_t model_mask(unsigned bits);

struct model_ring {
    char ids[MODEL_NODES_MAX][MODEL_ID_SIZE];
    unsigned weights[MODEL_NODES_MAX];
    unsigned count;
};
// Reads "n1:1 n2:2"; false when it is none.
bool model_ring_read(struct model_ring *ring, const char *text);
// The owner of every slot, as the index of a node.
void model_ring_owners(const struct model_ring *ring, unsigned bits,
                       uint8_t owners[MODEL_SLOTS]);

#endif
