// random_history.h -- histories of one key of a store that is correct, as far
// as nobody changes them afterwards.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_RANDOM_HISTORY_H
#define VEGA_TESTS_RANDOM_HISTORY_H

#include "common/base/random.h"
#include "common/sim/client_history.h"

struct random_history_options {
    size_t operations, clients;
    uint32_t values;          // That are written: as many different ones.
    uint32_t unknown_percent; // Of operations that get no answer.
    bool counts;              // Increments, too.
    bool only_sets;           // And gets; no value is set twice.
};

// Each operation takes effect at one moment between its invocation and its
// return; one without an answer at any time after it, or never.
struct client_history
random_history(struct random *random,
               const struct random_history_options *options);

// Gives another result to one operation that has one.
void random_history_spoil(struct client_history *history,
                          struct random *random);

#endif
