// ledger.h -- who has which slot at which epoch, by the book of the simulation:
// the ring's owner at epoch 1, and one line for each move since.
//
// Nodes do not move slots yet; the simulation does it by hand (mover.h), as an
// operator would between two nodes that it holds still. What a node says and
// does is compared with this book, which it never sees.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_LEDGER_H
#define VEGA_TESTS_SIM_STAGE3_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "stage3-sharding/topology.h"
#include "tests/sim/stage3/keys.h"

enum { LEDGER_MOVES_MAX = 32, LEDGER_NOBODY = UINT16_MAX };

// What a key had when its slot moved.
struct ledger_value {
    bool exists;
    struct buffer bytes;
};

struct ledger_move {
    uint16_t slot, from, to;
    uint64_t epoch; // Of the new owner, from 2.
    size_t tag;     // Whose keys moved; see keys.h.
    struct ledger_value values[KEYS_OF_TAG];
    bool is_written; // By the new owner, in this life;
    uint64_t lsn;    // the last of them as that record of its log.
    bool is_safe;    // The new owner will not lose them any more.
};

struct ledger {
    uint16_t base[SLOT_COUNT]; // By the ring.
    struct ledger_move moves[LEDGER_MOVES_MAX];
    size_t count;
    uint64_t tried[KEYS_TAGS]; // Nodes that got keys for a move that failed.
};

// The nodes' list has been planned: its owners are those of epoch 1.
void ledger_init(struct ledger *ledger, const struct topology *list);
void ledger_deinit(struct ledger *ledger);
void ledger_move_deinit(struct ledger_move *move);

// LEDGER_NOBODY: there is no such epoch yet.
uint16_t ledger_owner(const struct ledger *ledger, uint16_t slot,
                      uint64_t epoch);
uint64_t ledger_epoch(const struct ledger *ledger, uint16_t slot); // The last.
// Whether the node has it, ever had, or may have got keys of it all the same.
bool ledger_had(const struct ledger *ledger, uint16_t slot, uint16_t node);

#endif
