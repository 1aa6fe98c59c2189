// shrink.c -- makes a failing schedule small.
// SPDX-License-Identifier: MIT
#include "common/sim/shrink.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

static bool shrink_fails(struct shrink *shrink)
{
    if (shrink->tries == shrink->tries_max)
        return false;
    shrink->tries++;
    return shrink->fails(shrink->context);
}

size_t shrink_kept(const struct shrink *shrink)
{
    size_t kept = 0;
    for (size_t i = 0; i < shrink->count; i++)
        kept += shrink->kept[i];
    return kept;
}

// ---- Parts

// Tries without the parts that are not in `trial`, which is the caller's. True
// if it fails without; else they are in again.
static bool shrink_try(struct shrink *shrink, const bool *trial)
{
    bool *before = xmalloc(shrink->count);
    memcpy(before, shrink->kept, shrink->count);
    memcpy(shrink->kept, trial, shrink->count);
    bool fails = shrink_fails(shrink);
    if (!fails)
        memcpy(shrink->kept, before, shrink->count);
    free(before);
    return fails;
}

// Leaves out the parts that are in, from the one at *at on, `size` of them, and
// moves *at behind them. True if they could go.
static bool shrink_leave_out(struct shrink *shrink, size_t *at, size_t size)
{
    size_t end = *at;
    bool *trial = xmalloc(shrink->count);
    memcpy(trial, shrink->kept, shrink->count);
    for (; end < shrink->count && size > 0; end++) {
        size -= trial[end];
        trial[end] = false;
    }
    *at = end;
    bool gone = shrink_try(shrink, trial);
    free(trial);
    return gone;
}

// Leaves out what is in of one group. True if there was anything, and it could
// go.
static bool shrink_leave_out_group(struct shrink *shrink, size_t group)
{
    size_t size = 0;
    bool *trial = xmalloc(shrink->count);
    for (size_t i = 0; i < shrink->count; i++) {
        bool goes = shrink->kept[i] && shrink->groups[i] == group;
        trial[i] = shrink->kept[i] && !goes;
        size += goes;
    }
    bool gone = size > 0 && shrink_try(shrink, trial);
    free(trial);
    return gone;
}

static bool shrink_groups(struct shrink *shrink)
{
    bool any = false;
    for (size_t i = 0; shrink->groups && i < shrink->group_count; i++)
        any |= shrink_leave_out_group(shrink, i);
    return any;
}

// One pass over all parts in pieces of that size. True if any could go.
static bool shrink_pass(struct shrink *shrink, size_t size)
{
    bool any = false;
    for (size_t at = 0; at < shrink->count;) {
        if (!shrink->kept[at])
            at++;
        else
            any |= shrink_leave_out(shrink, &at, size);
    }
    return any;
}

static bool shrink_parts(struct shrink *shrink)
{
    bool any = false;
    for (size_t size = shrink_kept(shrink) / 2; size > 0;) {
        bool gone = shrink_pass(shrink, size);
        any |= gone;
        if (!gone || size > 1)
            size /= 2; // Single parts are tried until none can go.
    }
    return any;
}

// ---- Numbers

// To the least value that fails, if all above it do; else to a smaller one.
static void shrink_number(struct shrink *shrink, struct shrink_number *number)
{
    uint64_t fails = number->value, passes = 0;
    number->value = 0;
    if (fails == 0 || shrink_fails(shrink))
        return;
    while (fails - passes > 1) {
        number->value = passes + (fails - passes) / 2;
        if (shrink_fails(shrink))
            fails = number->value;
        else
            passes = number->value;
    }
    number->value = fails;
}

static bool shrink_numbers(struct shrink *shrink)
{
    bool any = false;
    for (size_t i = 0; i < shrink->number_count; i++) {
        struct shrink_number *number = &shrink->numbers[i];
        uint64_t before = number->value;
        if (shrink->kept[number->part])
            shrink_number(shrink, number);
        any |= number->value < before;
    }
    return any;
}

void shrink_run(struct shrink *shrink)
{
    bool smaller = true;
    while (smaller && shrink->tries < shrink->tries_max) {
        smaller = shrink_groups(shrink);
        smaller |= shrink_parts(shrink);
        smaller |= shrink_numbers(shrink);
    }
}
