// zset_combine.h -- unions, intersections and differences of sorted sets.
//
// Sources may be plain sets, too: their members have the score 1. Sums of
// floating point numbers depend on the order of the sources, so that is Redis':
// the smallest first.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_ZSET_COMBINE_H
#define VEGA_STAGE1_ZSET_COMBINE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/hash.h"
#include "stage1-singlenode/zset.h"

enum zset_operation { ZSET_UNION, ZSET_INTERSECTION, ZSET_DIFFERENCE };
enum zset_aggregate { ZSET_SUM, ZSET_MIN, ZSET_MAX };

struct zset_source {
    const struct zset *zset;  // NULL: a plain set, or no such key.
    const struct object *set; // NULL: a sorted set, or no such key.
    size_t count;
    double weight;     // Of its scores.
    uint32_t position; // As it was named, from 0: among equals in size, that is
                       // their order.
};

struct zset_combination {
    enum zset_operation operation;
    enum zset_aggregate aggregate;
    struct zset_source *sources;
    uint32_t count;
};

// Puts the sources in another order. The result is owned by the caller.
struct zset *zset_combine(struct zset_combination *combination,
                          const struct hash_secret *secret,
                          const struct limits *limits);

// How many members an intersection has; counting stops at `limit` unless it is
// 0. As above.
int64_t zset_count_common(struct zset_combination *combination, int64_t limit);

#endif
