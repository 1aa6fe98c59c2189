// histogram.c -- which class a value falls into, and back.
//
// Class i below 64 holds just the value i. From there on every power of two
// has 64 classes, each `1 << shift` values wide:
//
//     value   64 .. 127    shift 0    classes  64 .. 127
//     value  128 .. 255    shift 1    classes 128 .. 191
//     value  256 .. 511    shift 2    classes 192 .. 255
// SPDX-License-Identifier: MIT
#include "common/base/histogram.h"

#include <math.h>
#include <string.h>

#include "common/base/check.h"

enum { LINEAR = 1 << HISTOGRAM_LINEAR_BITS };

static uint32_t class_of(uint64_t value)
{
    if (value < LINEAR)
        return (uint32_t)value;
    uint32_t exponent = 63 - (uint32_t)__builtin_clzll(value);
    uint32_t shift = exponent - HISTOGRAM_LINEAR_BITS;
    return shift * LINEAR + (uint32_t)(value >> shift);
}

// The largest value of a class.
static uint64_t class_bound(uint32_t index)
{
    if (index < 2 * LINEAR)
        return index;
    uint32_t shift = index / LINEAR - 1;
    uint64_t leading = LINEAR + index % LINEAR;
    // The very last bound wraps around to UINT64_MAX, as it should.
    return ((leading + 1) << shift) - 1;
}

void histogram_init(struct histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram_add_many(histogram, value, 1);
}

void histogram_add_many(struct histogram *histogram, uint64_t value,
                        uint64_t count)
{
    if (count == 0)
        return;
    if (histogram->count == 0 || value < histogram->min)
        histogram->min = value;
    if (value > histogram->max)
        histogram->max = value;
    histogram->count += count;
    histogram->sum += value * count;
    histogram->classes[class_of(value)] += count;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0 || from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
    into->count += from->count;
    into->sum += from->sum;
    for (uint32_t i = 0; i < HISTOGRAM_CLASSES; i++)
        into->classes[i] += from->classes[i];
}

uint64_t histogram_percentile(const struct histogram *histogram, double percent)
{
    check(percent >= 0 && percent <= 100);
    if (histogram->count == 0)
        return 0;
    // Multiplied first: 99.9 % of 1000 is then 999, not a hair more.
    double exact = ceil(percent * (double)histogram->count / 100);
    uint64_t wanted = exact < 1 ? 1 : (uint64_t)exact;

    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_CLASSES; i++) {
        seen += histogram->classes[i];
        if (seen >= wanted) {
            uint64_t bound = class_bound(i);
            return bound < histogram->max ? bound : histogram->max;
        }
    }
    return histogram->max;
}

uint64_t histogram_count_to(const struct histogram *histogram, uint64_t value)
{
    uint32_t last = class_of(value);
    check(class_bound(last) == value);
    uint64_t count = 0;
    for (uint32_t i = 0; i <= last; i++)
        count += histogram->classes[i];
    return count;
}

double histogram_mean(const struct histogram *histogram)
{
    if (histogram->count == 0)
        return 0;
    return (double)histogram->sum / (double)histogram->count;
}
