// judge.h -- notes what a node executes and shows, and compares what it is
// after a crash: the rules at the top of world.h.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE2_JUDGE_H
#define VEGA_TESTS_SIM_STAGE2_JUDGE_H

#include "tests/sim/stage2/world.h"

// Puts the spy between log and store of a life that begins.
void judge_attach(struct world *world);

// Notes what output there is by now. Called before anything is executed, and
// whenever the node comes to rest.
void judge_look(struct world *world);
// A client gets these bytes.
void judge_shown(struct world *world, size_t client, struct slice bytes);

// What recovery brought, before anything else is executed.
void judge_verify(struct world *world);

// The life ends.
void judge_end(struct world *world, bool power);

void judge_forget_reads(struct world *world);

#endif
