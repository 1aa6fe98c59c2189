// draw.h -- the grader's own dice: equal seeds give equal schedules, whatever
// happens to the rest of the tree.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_DRAW_H
#define VEGA_LABS_DRAW_H

#include <stdbool.h>
#include <stdint.h>

struct draw {
    uint64_t state; // The seed.
};

// splitmix64.
static inline uint64_t draw_next(struct draw *draw)
{
    uint64_t z = draw->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

// Uniform enough in [0, bound).
static inline unsigned draw_below(struct draw *draw, unsigned bound)
{
    return (unsigned)(draw_next(draw) >> 32) % bound;
}

static inline bool draw_chance(struct draw *draw, unsigned percent)
{
    return draw_below(draw, 100) < percent;
}

#endif
