// sample.c -- different random indexes.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/sample.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"

static bool take_bit(uint64_t *bits, size_t i)
{
    uint64_t bit = UINT64_C(1) << i % 64;
    bool was_free = !(bits[i / 64] & bit);
    bits[i / 64] |= bit;
    return was_free;
}

// Robert Floyd's algorithm (Bentley, "A sample of brilliance", 1987): one
// draw an index, with a bit for each that is taken.
size_t *sample_indexes(struct random *random, size_t size, size_t count)
{
    check(count <= size);
    size_t *indexes = xmalloc(count * sizeof *indexes);
    uint64_t *taken = xcalloc(size / 64 + 1, sizeof *taken);
    for (size_t i = 0; i < count; i++) {
        size_t last = size - count + i;
        size_t index = random_below(random, last + 1);
        indexes[i] = take_bit(taken, index) ? index : last;
        take_bit(taken, indexes[i]);
    }
    free(taken);
    return indexes;
}
