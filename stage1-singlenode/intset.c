// intset.c -- a sorted array of integers.
//
// Invariants
// (I1) Members ascend strictly.
// (I2) Every member fits `width` bytes.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/intset.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"

struct intset {
    uint32_t count;
    uint32_t width; // Bytes of a member: 2, 4 or 8.
    char bytes[];
};

static uint32_t width_of(int64_t value)
{
    if (value >= INT16_MIN && value <= INT16_MAX)
        return sizeof(int16_t);
    if (value >= INT32_MIN && value <= INT32_MAX)
        return sizeof(int32_t);
    return sizeof(int64_t);
}

static char *place_at(struct intset *set, size_t index)
{
    return set->bytes + index * set->width;
}

int64_t intset_at(const struct intset *set, size_t index)
{
    const char *at = set->bytes + index * set->width;
    int16_t narrow;
    int32_t medium;
    int64_t wide;
    switch (set->width) {
    case sizeof narrow:
        memcpy(&narrow, at, sizeof narrow);
        return narrow;
    case sizeof medium:
        memcpy(&medium, at, sizeof medium);
        return medium;
    default:
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
}

static void write_at(struct intset *set, size_t index, int64_t value)
{
    int16_t narrow = (int16_t)value;
    int32_t medium = (int32_t)value;
    if (set->width == sizeof narrow)
        memcpy(place_at(set, index), &narrow, sizeof narrow);
    else if (set->width == sizeof medium)
        memcpy(place_at(set, index), &medium, sizeof medium);
    else
        memcpy(place_at(set, index), &value, sizeof value);
}

static struct intset *resize(struct intset *set, uint32_t count, uint32_t width)
{
    return xrealloc(set, sizeof *set + (size_t)count * width);
}

// Makes room for members of `width` bytes; from the end, as they overlap.
static struct intset *widen(struct intset *set, uint32_t width)
{
    set = resize(set, set->count, width);
    uint32_t narrow = set->width;
    for (size_t i = set->count; i-- > 0;) {
        set->width = narrow;
        int64_t value = intset_at(set, i);
        set->width = width;
        write_at(set, i, value);
    }
    set->width = width;
    return set;
}

// The index of the first member that is not below `value`.
static size_t lower_bound(const struct intset *set, int64_t value)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (intset_at(set, middle) < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct intset *intset_create(void)
{
    struct intset *set = xmalloc(sizeof *set);
    *set = (struct intset){.width = sizeof(int16_t)};
    return set;
}

struct intset *intset_copy(const struct intset *set)
{
    size_t size = sizeof *set + (size_t)set->count * set->width;
    return memcpy(xmalloc(size), set, size);
}

size_t intset_count(const struct intset *set)
{
    return set->count;
}

size_t intset_memory(const struct intset *set)
{
    return memory_size(set);
}

bool intset_contains(const struct intset *set, int64_t value)
{
    size_t index = lower_bound(set, value);
    return index < set->count && intset_at(set, index) == value;
}

bool intset_add(struct intset **place, int64_t value)
{
    struct intset *set = *place;
    size_t index = lower_bound(set, value);
    if (index < set->count && intset_at(set, index) == value)
        return false;
    if (width_of(value) > set->width)
        set = widen(set, width_of(value));
    set = resize(set, set->count + 1, set->width);
    memmove(place_at(set, index + 1), place_at(set, index),
            (set->count - index) * set->width);
    set->count++;
    write_at(set, index, value);
    *place = set;
    return true;
}

bool intset_remove(struct intset **place, int64_t value)
{
    struct intset *set = *place;
    size_t index = lower_bound(set, value);
    if (index == set->count || intset_at(set, index) != value)
        return false;
    set->count--;
    memmove(place_at(set, index), place_at(set, index + 1),
            (set->count - index) * set->width);
    *place = resize(set, set->count, set->width);
    return true;
}

void intset_check_invariants(const struct intset *set)
{
    check(set->width == 2 || set->width == 4 || set->width == 8);
    for (size_t i = 1; i < set->count; i++)
        check(intset_at(set, i - 1) < intset_at(set, i));
}
