// mover.h -- slots change their owners: by hand, because nodes cannot yet.
//
// What an operator would do who held both nodes still: in one instant the old
// owner's values are written to the new one, and the old one is told that the
// slot has a new owner at the next epoch. Some others are told at once, the
// rest hears of it from them, whenever that may be. The two that it concerns
// have it in their lists from then on.
//
// A new owner that crashes before its disk has the values would have lost them:
// then they are written once more when it is back, before it serves anybody.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_MOVER_H
#define VEGA_TESTS_SIM_STAGE3_MOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/stage3/ledger.h"
#include "tests/sim/stage3/member.h"

struct mover {
    struct ledger *ledger;
    struct member *members;
    size_t count;
};

// Moves the slot of that tag, if both nodes are up to it. Whether it did.
bool mover_move(struct mover *mover, size_t tag, uint16_t to, uint64_t told);

// A life begins: its list has the moves that concern the node.
void mover_tell(const struct mover *mover, struct member *member);

// After each event.
void mover_look(struct mover *mover);

#endif
