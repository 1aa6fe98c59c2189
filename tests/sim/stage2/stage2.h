// stage2.h -- what vega-sim does with a node of stage 2.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE2_H
#define VEGA_TESTS_SIM_STAGE2_H

#include "tests/sim/seeds.h"

extern const struct seed_stage stage2_seeds;

// The scripts, with a crash at every `stride`-th call of the disk; or with a
// flipped bit in every `stride`-th byte. True if no rule was broken.
bool stage2_every_call(struct trace *trace, uint64_t stride);
bool stage2_flips(struct trace *trace, uint64_t stride);

// One of those crashes: the script's number, and "at call,how,kill".
bool stage2_one_crash(struct trace *trace, const char *number,
                      const char *crash);

#endif
