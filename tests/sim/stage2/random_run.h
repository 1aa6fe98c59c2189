// random_run.h -- a run of several lives with a workload and faults that a seed
// settles.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE2_RANDOM_RUN_H
#define VEGA_TESTS_SIM_STAGE2_RANDOM_RUN_H

#include "tests/sim/stage2/world.h"

// `world` was initialised with the seed. See world->failure.
void random_run(struct world *world);

#endif
