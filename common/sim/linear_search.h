// linear_search.h -- looks for one order of operations that explains them all.
//
// An object is linearizable if its operations can be put in one sequence that
// the sequential model allows, and in which whatever returned before something
// else was invoked stands before it (Herlihy and Wing 1990).
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LINEAR_SEARCH_H
#define VEGA_COMMON_LINEAR_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/sim/client_history.h"

// The object, as it is without concurrency: functions of the state, which is
// bytes. Equal states must have equal bytes; the first one has none.
struct linear_model {
    const char *const *names; // Of the kinds of steps.
    // True for a kind that never changes any state.
    bool (*only_reads)(uint32_t kind);
    // Takes the step. False when it cannot be taken in that state or, if the
    // result is `known`, has another one there; the state does not matter then.
    bool (*apply)(const struct client_step *step, bool known,
                  struct buffer *state);
};

enum linear_verdict {
    LINEAR_OK,
    LINEAR_BROKEN,
    LINEAR_UNDECIDED, // A limit was reached first.
};

// 0: the default.
struct linear_limits {
    uint64_t steps_max; // Operations that are applied. Default 20 millions.
    size_t memory_max;  // Bytes of what is remembered. Default 256 MiB.
};

struct linear_problem {
    const struct linear_model *model;
    const struct client_operation *const *operations; // By invocation.
    size_t count;
    // Judges what had happened up to this event: later invocations are not
    // there, and later returns have not come. UINT64_MAX: everything.
    uint64_t until;
    struct linear_limits limits;
};

struct linear_answer {
    enum linear_verdict verdict;
    uint64_t steps;
    // The order that goes as far as any, if `wants_order` was set before:
    // operations that the caller frees as one array.
    bool wants_order;
    const struct client_operation **order;
    size_t order_count;
};

void linear_search(const struct linear_problem *problem,
                   struct linear_answer *answer);

#endif
