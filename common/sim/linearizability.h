// linearizability.h -- whether a history of clients is linearizable, and if
// not, the smallest beginning of it that is not, in words.
//
// Each key is judged by itself, and keys that one operation touched together:
// a history is linearizable if and only if all of its objects are (Herlihy and
// Wing 1990, Theorem 1). The checker is complete: what it passes has an order,
// what it refuses has none, and what it could not finish it calls undecided.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LINEARIZABILITY_H
#define VEGA_COMMON_LINEARIZABILITY_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/sim/client_history.h"
#include "common/sim/linear_search.h"

struct linear_report {
    enum linear_verdict verdict; // The worst: broken, undecided, ok.
    size_t objects;              // Keys, or sets of joined keys.
    uint64_t steps;              // Operations that were applied, in all.

    // Of the first object that is broken or, if there is none, undecided.
    // The operation whose return no order explains; NULL when undecided.
    // Borrowed from the history.
    const struct client_operation *culprit;
    size_t prefix; // Operations of the smallest beginning that is broken.
    // No smaller beginning is broken. False when a limit left that open.
    bool is_smallest;
    struct buffer story; // Lines of text; empty when all is well.
};

// The limits are those of each search. Replaces *report, which the caller
// deinits.
void linearizability_check(const struct client_history *history,
                           const struct linear_model *model,
                           const struct linear_limits *limits,
                           struct linear_report *report);
void linear_report_deinit(struct linear_report *report);

#endif
