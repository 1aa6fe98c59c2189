// histogram.c -- which class a value falls into, and back.
//
// Row 0 has a class for each value below 64. From there on every power of two
// has a row, with 64 classes that are each `1 << shift` values wide:
//
//     value    0 ..  63    row 0
//     value   64 .. 127    row 1    shift 0
//     value  128 .. 255    row 2    shift 1
//     value  256 .. 511    row 3    shift 2
// SPDX-License-Identifier: MIT
#include "common/base/histogram.h"

#include <math.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"

static uint32_t row_of(uint64_t value)
{
    if (value < HISTOGRAM_CLASSES)
        return 0;
    uint32_t exponent = 63 - (uint32_t)__builtin_clzll(value);
    return exponent - HISTOGRAM_LINEAR_BITS + 1;
}

static uint32_t class_of(uint64_t value, uint32_t row)
{
    return (uint32_t)(row ? value >> (row - 1) : value) % HISTOGRAM_CLASSES;
}

// The largest value of a class.
static uint64_t class_bound(uint32_t row, uint32_t class)
{
    if (row == 0)
        return class;
    uint64_t leading = HISTOGRAM_CLASSES + class;
    // The very last bound wraps around to UINT64_MAX, as it should.
    return ((leading + 1) << (row - 1)) - 1;
}

static uint64_t *row_to_count_in(struct histogram *histogram, uint32_t row)
{
    if (!histogram->rows[row])
        histogram->rows[row] =
            xcalloc(HISTOGRAM_CLASSES, sizeof **histogram->rows);
    return histogram->rows[row];
}

void histogram_init(struct histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
}

void histogram_deinit(struct histogram *histogram)
{
    for (uint32_t row = 0; row < HISTOGRAM_ROWS; row++)
        free(histogram->rows[row]);
    histogram_init(histogram);
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
    uint32_t row = row_of(value);
    row_to_count_in(histogram, row)[class_of(value, row)] += count;
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
    for (uint32_t row = 0; row < HISTOGRAM_ROWS; row++) {
        if (!from->rows[row])
            continue;
        uint64_t *classes = row_to_count_in(into, row);
        for (uint32_t i = 0; i < HISTOGRAM_CLASSES; i++)
            classes[i] += from->rows[row][i];
    }
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
    for (uint32_t row = 0; row < HISTOGRAM_ROWS; row++) {
        const uint64_t *classes = histogram->rows[row];
        for (uint32_t i = 0; classes && i < HISTOGRAM_CLASSES; i++) {
            seen += classes[i];
            if (seen >= wanted) {
                uint64_t bound = class_bound(row, i);
                return bound < histogram->max ? bound : histogram->max;
            }
        }
    }
    return histogram->max;
}

uint64_t histogram_count_to(const struct histogram *histogram, uint64_t value)
{
    uint32_t last_row = row_of(value), last = class_of(value, last_row);
    check(class_bound(last_row, last) == value);
    uint64_t count = 0;
    for (uint32_t row = 0; row <= last_row; row++) {
        const uint64_t *classes = histogram->rows[row];
        uint32_t end = row < last_row ? HISTOGRAM_CLASSES : last + 1;
        for (uint32_t i = 0; classes && i < end; i++)
            count += classes[i];
    }
    return count;
}

double histogram_mean(const struct histogram *histogram)
{
    if (histogram->count == 0)
        return 0;
    return (double)histogram->sum / (double)histogram->count;
}
