// linear_memo.c -- a table of places by their bytes, all of which are compared:
// two places with one hash are two places.
// SPDX-License-Identifier: MIT
#include "common/sim/linear_memo.h"

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/base/memory.h"

enum { LINEAR_MEMO_PLACES_MIN = 256 };

// Positions in memo->bytes are from 1; 0 is none. What was spent stands behind
// the position of the next such set.
struct linear_memo_place {
    uint64_t hash;
    size_t at, size;
    size_t spent; // The first of the sets; 0: the slot is free.
};

void linear_memo_init(struct linear_memo *memo, size_t spent_size)
{
    *memo = (struct linear_memo){.place_max = LINEAR_MEMO_PLACES_MIN,
                                 .spent_size = spent_size};
    memo->places = xcalloc(memo->place_max, sizeof *memo->places);
    buffer_append_byte(&memo->bytes, 0);
}

void linear_memo_deinit(struct linear_memo *memo)
{
    free(memo->places);
    buffer_deinit(&memo->bytes);
}

size_t linear_memo_size(const struct linear_memo *memo)
{
    return memo->bytes.capacity + memo->place_max * sizeof *memo->places;
}

// Its slot, or the free one where it belongs.
static struct linear_memo_place *
linear_memo_find(const struct linear_memo *memo, uint64_t hash,
                 struct slice place)
{
    for (size_t i = hash;; i++) {
        struct linear_memo_place *slot =
            &memo->places[i & (memo->place_max - 1)];
        struct slice bytes = {memo->bytes.data + slot->at, slot->size};
        if (!slot->spent || (slot->hash == hash && slice_equal(bytes, place)))
            return slot;
    }
}

static void linear_memo_grow(struct linear_memo *memo)
{
    struct linear_memo_place *before = memo->places;
    size_t count = memo->place_max;
    memo->place_max *= 2;
    memo->places = xcalloc(memo->place_max, sizeof *memo->places);
    for (size_t i = 0; i < count; i++) {
        struct slice bytes = {memo->bytes.data + before[i].at, before[i].size};
        if (before[i].spent)
            *linear_memo_find(memo, before[i].hash, bytes) = before[i];
    }
    free(before);
}

static bool linear_is_within(const char *small, const uint64_t *large,
                             size_t size)
{
    for (size_t i = 0; i < size / sizeof *large; i++) {
        uint64_t word;
        memcpy(&word, small + i * sizeof word, sizeof word);
        if (word & ~large[i])
            return false;
    }
    return true;
}

static bool linear_memo_is_covered(const struct linear_memo *memo,
                                   const struct linear_memo_place *place,
                                   const uint64_t *spent)
{
    for (size_t at = place->spent; at;) {
        const char *set = memo->bytes.data + at;
        if (linear_is_within(set + sizeof at, spent, memo->spent_size))
            return true;
        memcpy(&at, set, sizeof at);
    }
    return false;
}

bool linear_memo_add(struct linear_memo *memo, struct slice place,
                     const uint64_t *spent)
{
    check(memo->spent_size % sizeof *spent == 0);
    uint64_t hash = XXH3_64bits(place.data, place.size);
    struct linear_memo_place *slot = linear_memo_find(memo, hash, place);
    if (slot->spent && linear_memo_is_covered(memo, slot, spent))
        return false;
    if (!slot->spent) {
        *slot = (struct linear_memo_place){
            .hash = hash, .at = memo->bytes.size, .size = place.size};
        buffer_append_slice(&memo->bytes, place);
        memo->place_count++;
    }
    size_t next = slot->spent;
    slot->spent = memo->bytes.size;
    buffer_append(&memo->bytes, &next, sizeof next);
    if (memo->spent_size)
        buffer_append(&memo->bytes, spent, memo->spent_size);
    if (memo->place_count > memo->place_max / 4 * 3)
        linear_memo_grow(memo);
    return true;
}
