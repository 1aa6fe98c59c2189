// seeds_story.h -- why a seed failed, for people.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SEEDS_STORY_H
#define VEGA_LABS_SEEDS_STORY_H

#include "labs/harness/seeds.h"
#include "labs/harness/trace.h"

// Runs it again, unless the trace of its run is `taken`, makes its schedule as
// small as it can, and ends the case.
_Noreturn void seeds_tell(struct lab *lab, const struct seeds_test *test,
                          uint64_t seed, struct trace *taken);
// For one whose two runs were not the same.
_Noreturn void seeds_tell_difference(struct lab *lab,
                                     const struct seeds_test *test,
                                     uint64_t seed);

#endif
