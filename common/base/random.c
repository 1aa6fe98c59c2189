// random.c -- seeding, and numbers below a bound.
// SPDX-License-Identifier: MIT
#include "common/base/random.h"

#include "common/base/check.h"

static uint64_t random_splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void random_init(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        random->state[i] = random_splitmix(&seed);
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    check(bound > 0);
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)random_next(random) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = -bound % bound;
        while ((uint64_t)product < threshold)
            product = (wide)random_next(random) * bound;
    }
    return (uint64_t)(product >> 64);
}
