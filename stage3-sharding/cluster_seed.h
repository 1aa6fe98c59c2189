// cluster_seed.h -- a node that was given a seed learns from it who the others
// are, before it is one of them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_SEED_H
#define VEGA_STAGE3_CLUSTER_SEED_H

#include "common/server/program.h"
#include "stage3-sharding/cluster_setup.h"

enum { CLUSTER_SEED_AGAIN_MS = 1000 };

// Asks the seed until it answers, and adds the nodes that it names to `setup`
// and the program's world. A seed that cannot be reached is asked again, and
// the log says why. False, with the program's exit code, when it does not know
// this node, what it says does not fit, or the program is to end.
bool cluster_seed_join(struct program *program, struct cluster_setup *setup,
                       const struct cluster_settings *settings);

#endif
