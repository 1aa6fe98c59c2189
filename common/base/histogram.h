// histogram.h -- counts of values in log-linear classes, after HdrHistogram.
//
// Each power of two is cut into 64 equal classes, so a percentile is at most
// 1/64 (1.6 %) above the truth. The counts of one power of two lie together,
// half a KB, and are there once there is something to count: times that differ
// by a factor of a thousand take 5 KB. Units are the caller's. Not for two
// threads at once; merge instead.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_HISTOGRAM_H
#define VEGA_COMMON_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_LINEAR_BITS = 6,
    HISTOGRAM_CLASSES = 1 << HISTOGRAM_LINEAR_BITS, // Of one row.
    HISTOGRAM_ROWS = 64 - HISTOGRAM_LINEAR_BITS + 1,
};

struct histogram {
    uint64_t count;
    uint64_t sum; // Of all values; wraps only after 2^64 units.
    uint64_t min, max;
    uint64_t *rows[HISTOGRAM_ROWS]; // NULL: nothing there yet. Owned.
};

// All zeros is an empty one, too.
void histogram_init(struct histogram *histogram);
// It is empty then.
void histogram_deinit(struct histogram *histogram);
void histogram_add(struct histogram *histogram, uint64_t value);
// The same value `count` times.
void histogram_add_many(struct histogram *histogram, uint64_t value,
                        uint64_t count);
void histogram_merge(struct histogram *into, const struct histogram *from);

// The smallest class bound that at least `percent` % of the values do not
// exceed, never above the true maximum; 0 when empty. 0 <= percent <= 100.
uint64_t histogram_percentile(const struct histogram *histogram,
                              double percent);
// How many values are at most `value`, which is the bound of its class: one
// below a power of two, for instance.
uint64_t histogram_count_to(const struct histogram *histogram, uint64_t value);
double histogram_mean(const struct histogram *histogram); // 0 when empty.

#endif
