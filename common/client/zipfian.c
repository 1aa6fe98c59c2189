// zipfian.c -- after Gray et al. 1994, §3.2.
// SPDX-License-Identifier: MIT
#include "common/client/zipfian.h"

#include <math.h>

#include "common/base/check.h"

// Terms of zeta that are added one by one.
enum { EXACT_TERMS = 1000 * 1000 };

// sum of 1 / i^theta for i in [1, count]. The tail of a long one is an
// integral by the midpoint rule, whose error is below 1e-9 there.
static double zeta(uint64_t count, double theta)
{
    uint64_t exact = count < EXACT_TERMS ? count : EXACT_TERMS;
    double sum = 0;
    for (uint64_t i = 1; i <= exact; i++)
        sum += pow((double)i, -theta);
    double from = (double)exact + 0.5, to = (double)count + 0.5;
    return sum + (pow(to, 1 - theta) - pow(from, 1 - theta)) / (1 - theta);
}

void zipfian_init(struct zipfian *zipfian, uint64_t count, double theta)
{
    check(count > 0 && count <= ZIPFIAN_COUNT_MAX);
    check(theta > 0 && theta < 1);
    double zetan = zeta(count, theta);
    double second = 1 + pow(0.5, theta);
    *zipfian = (struct zipfian){
        .count = count,
        .theta = theta,
        .zetan = zetan,
        .alpha = 1 / (1 - theta),
        .eta = (1 - pow(2 / (double)count, 1 - theta)) / (1 - second / zetan),
        .second = second,
    };
}

uint64_t zipfian_next(const struct zipfian *zipfian, struct random *random)
{
    double u = random_unit(random);
    double uz = u * zipfian->zetan;
    if (uz < 1)
        return 0;
    if (uz < zipfian->second)
        return 1;
    double rank = (double)zipfian->count *
                  pow(zipfian->eta * u - zipfian->eta + 1, zipfian->alpha);
    uint64_t last = zipfian->count - 1;
    return rank < (double)last ? (uint64_t)rank : last;
}

// Multiplying by a prime larger than `count` hits every number once; YCSB
// hashes, and thereby misses a third of the keys.
uint64_t zipfian_scatter(const struct zipfian *zipfian, uint64_t rank)
{
    const uint64_t prime = 2654435761u; // Knuth's: near 2^32 / golden ratio.
    return rank * prime % zipfian->count;
}
