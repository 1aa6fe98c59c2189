// config_nearest.c -- which key a wrong one was probably meant to be.
// SPDX-License-Identifier: MIT
#include "common/config/config_private.h"

#include <ctype.h>

#include "common/base/check.h"

enum { NEAREST_SIZE_MAX = 64 }; // Longer keys are no slips of a finger.

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Counted from 1, as the matrix is; of either case.
static int letter(struct slice word, size_t position)
{
    return tolower((unsigned char)word.data[position - 1]);
}

// How many insertions, deletions, replacements and swaps of neighbours make
// `a` into `b` (optimal string alignment). Three rows of the usual matrix are
// enough; a swap looks two rows back.
static size_t edit_distance(struct slice a, struct slice b)
{
    size_t rows[3][NEAREST_SIZE_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.size; j++)
        row[j] = j;

    for (size_t i = 1; i <= a.size; i++) {
        size_t *reused = before;
        before = above;
        above = row;
        row = reused;
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            bool differ = letter(a, i) != letter(b, j);
            row[j] = min_of(above[j] + 1, row[j - 1] + 1);
            row[j] = min_of(row[j], above[j - 1] + differ);
            if (i > 1 && j > 1 && letter(a, i) == letter(b, j - 1) &&
                letter(a, i - 1) == letter(b, j))
                row[j] = min_of(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size];
}

static const struct config_row *row_of_redis(const struct config *config,
                                             struct slice key)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct config_row *row = config->entries[i].row;
        check(row);
        if (config_is_redis_name(row, key))
            return row;
    }
    return NULL;
}

const struct config_row *config_nearest(const struct config *config,
                                        struct slice key)
{
    // Who comes from Redis writes Redis' words.
    const struct config_row *nearest = row_of_redis(config, key);
    if (nearest || key.size > NEAREST_SIZE_MAX)
        return nearest;

    // Beyond a third of the letters it would be guessing.
    size_t distance_max = (key.size + 2) / 3;
    for (size_t i = 0; i < config->count; i++) {
        struct slice known = slice_of(config->entries[i].row->key);
        size_t distance = edit_distance(key, known);
        if (distance <= distance_max) {
            nearest = config->entries[i].row;
            if (distance == 0)
                break;
            distance_max = distance - 1;
        }
    }
    return nearest;
}
