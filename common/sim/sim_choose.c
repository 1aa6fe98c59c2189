// sim_choose.c -- the rows that matter most.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_choose.h"

#include "common/base/memory.h"

bool *sim_choose(const long *weights, size_t count, size_t max)
{
    bool *chosen = xcalloc(count + 1, sizeof *chosen);
    for (size_t n = 0; n < max && n < count; n++) {
        size_t best = count;
        for (size_t i = 0; i < count; i++) {
            if (!chosen[i] && weights[i] != SIM_CHOOSE_NEVER &&
                (best == count || weights[i] > weights[best]))
                best = i;
        }
        if (best == count)
            break;
        chosen[best] = true;
    }
    return chosen;
}

size_t sim_choose_distance(const bool *marked, size_t count, size_t index)
{
    for (size_t distance = 0; distance < count; distance++) {
        if ((index >= distance && marked[index - distance]) ||
            (index + distance < count && marked[index + distance]))
            return distance;
    }
    return count;
}
