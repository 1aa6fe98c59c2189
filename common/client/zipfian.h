// zipfian.h -- numbers of which a few come often, most hardly ever.
//
// Rank r (from 0) has probability proportional to 1 / (r + 1)^theta. Drawn in
// constant time by the method of Gray, Sundaresan, Englert, Baclawski and
// Weinberger, "Quickly Generating Billion-Record Synthetic Databases", SIGMOD
// 1994, §3.2; the same that YCSB uses.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ZIPFIAN_H
#define VEGA_COMMON_ZIPFIAN_H

#include <stdint.h>

#include "common/base/random.h"

enum { ZIPFIAN_COUNT_MAX = INT32_MAX };

struct zipfian {
    uint64_t count;
    double theta;
    // Constants of the method, under the names of the paper.
    double zetan, alpha, eta;
    double second; // zeta(2, theta): below it lie ranks 0 and 1.
};

// 0 < count <= ZIPFIAN_COUNT_MAX, 0 < theta < 1.
void zipfian_init(struct zipfian *zipfian, uint64_t count, double theta);

// A rank in [0, count), 0 the most frequent.
uint64_t zipfian_next(const struct zipfian *zipfian, struct random *random);

// Where a rank lies among the keys: a permutation of [0, count) that takes
// neighbours apart, so that the frequent keys are not all in one place.
uint64_t zipfian_scatter(const struct zipfian *zipfian, uint64_t rank);

#endif
