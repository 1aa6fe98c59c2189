// shrink.h -- makes a failing schedule small: leaves out parts and lessens
// numbers while it still fails. What a part is, its owner knows: a request, a
// fault, a cut of a network.
//
// Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input"
// (2002): ddmin, without its trials of subsets, which for schedules seldom
// succeed where no complement does.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SHRINK_H
#define VEGA_COMMON_SHRINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shrink_number {
    uint64_t value;
    size_t part; // To which it belongs: without it, it does not matter.
};

struct shrink {
    // The schedule, which fails at first: all arrays are the caller's. The
    // shrinker changes them for a trial, and leaves them as the smallest that
    // failed.
    bool *kept; // Of each part: it is in.
    size_t count;
    // Of each part the group that it belongs to, from 0; or NULL. What belongs
    // together is tried to be left out together first, however it is mixed
    // with the rest: a client, a node, a kind of fault.
    const size_t *groups;
    size_t group_count;
    struct shrink_number *numbers;
    size_t number_count;

    // Whether the schedule, as the arrays have it now, fails in the same way.
    bool (*fails)(void *context);
    void *context;

    size_t tries_max; // Calls of `fails`.
    size_t tries;     // So far.
};

// Ends when neither a group nor a part can be left out any more by itself, or
// after tries_max.
void shrink_run(struct shrink *shrink);

size_t shrink_kept(const struct shrink *shrink); // Parts that are in.

#endif
