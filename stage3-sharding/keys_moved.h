// keys_moved.h -- `vega-client cluster keys-moved`: what a change of the ring
// would move. Nothing is changed by asking.
//
// The slots are those whose owner of today, by the map, is not their owner by
// the ring after the change. The least that any way to give out slots has to
// move is what the weights of the nodes that gain grow by.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_KEYS_MOVED_H
#define VEGA_STAGE3_KEYS_MOVED_H

#include "common/base/buffer.h"
#include "stage3-sharding/cluster_view.h"

struct json_t;

struct keys_moved {
    const struct topology *today; // Borrowed.
    struct topology after;        // Its nodes; it has no map.
    bool moves[SLOT_COUNT];
    uint16_t to[SLOT_COUNT]; // Index in `after`, of a slot that moves.
    uint64_t keys[SLOT_COUNT];
    double optimum; // Slots.
    bool *counted;  // By node of today: `keys` are known of its slots.
};

enum keys_change { KEYS_ADD, KEYS_REMOVE, KEYS_WEIGHT };

// Begins with no change. `today` has a map, and all weights are known.
void keys_moved_init(struct keys_moved *moved, const struct topology *today);
void keys_moved_deinit(struct keys_moved *moved);

// Changes the nodes as "n6", "n6=2" (KEYS_ADD), "n2" (KEYS_REMOVE) or "n2=2"
// (KEYS_WEIGHT) says. False, after writing why, when it cannot be.
bool keys_moved_change(struct keys_moved *moved, enum keys_change change,
                       struct slice text, char why[VIEW_TEXT_MAX]);

// Computes what moves, of which no key is counted yet.
void keys_moved_plan(struct keys_moved *moved);

// Those slots of a node of today that move; how many.
uint32_t keys_moved_from(const struct keys_moved *moved, uint16_t node,
                         bool wanted[SLOT_COUNT]);

// A line for each node that gives, one for all, and the optimum.
void keys_moved_text(const struct keys_moved *moved, struct buffer *out);
// Owned by the caller. Keys of a node that did not tell are null.
struct json_t *keys_moved_json(const struct keys_moved *moved);

#endif
