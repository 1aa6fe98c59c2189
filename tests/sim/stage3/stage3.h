// stage3.h -- what vega-sim does with a cluster of stage 3.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_H
#define VEGA_TESTS_SIM_STAGE3_H

#include "tests/sim/seeds.h"

extern const struct seed_stage stage3_seeds;

// Makes the failure of a seed small, and says how to see it. True if it does
// not fail at all.
bool stage3_shrink(struct trace *trace, uint64_t seed);

// A run of that seed with some of its parts only: "1,4,9", as stage3_shrink
// names them. True if no rule was broken.
bool stage3_keep(struct trace *trace, uint64_t seed, const char *parts);

#endif
