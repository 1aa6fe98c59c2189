// sim_choose.h -- which rows of a picture are shown when there is room for few.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_CHOOSE_H
#define VEGA_COMMON_SIM_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

enum { SIM_CHOOSE_NEVER = -1000000 };

// Takes the `max` of largest weight, the first ones among equals, but none of
// SIM_CHOOSE_NEVER. Of each whether it is in; owned by the caller.
bool *sim_choose(const long *weights, size_t count, size_t max);

// How much less a row weighs for its distance to the nearest one of `marked`:
// nearer is better. `count` when there is none.
size_t sim_choose_distance(const bool *marked, size_t count, size_t index);

#endif
