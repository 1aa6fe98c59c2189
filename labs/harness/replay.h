// replay.h -- one seed or one case again, for labs/replay.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_REPLAY_H
#define VEGA_LABS_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labs/harness/seeds.h"

struct replay {
    const char *subject;
    uint64_t seed;
    size_t until;     // An event; 0: to the end.
    bool whole;       // As the seed has it, not made smaller.
    bool verbose;     // Every event.
    const char *html; // A file for the picture, or NULL.
    bool gdb;         // Under the debugger, which stops at `until`.
};

// Prints what happens. True if the seed keeps the rules.
bool replay_seed(const struct replay *replay, const struct seeds_test *test);

#endif
