// random.h -- a small, fast, seeded generator: xoshiro256** (Blackman and
// Vigna, 2018). Equal seeds give equal sequences on every machine. Not for
// secrets; those come from env_random().
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_RANDOM_H
#define VEGA_COMMON_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

// Any seed is good, 0 too: it is spread by splitmix64.
void random_init(struct random *random, uint64_t seed);

static inline uint64_t random_rotate(uint64_t x, int count)
{
    return (x << count) | (x >> (64 - count));
}

static inline uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = random_rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = random_rotate(s[3], 45);
    return result;
}

// Uniform in [0, bound), without bias (Lemire 2019); bound > 0.
uint64_t random_below(struct random *random, uint64_t bound);

// Uniform in [0, 1) with 53 bits.
static inline double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1.0p-53;
}

#endif
