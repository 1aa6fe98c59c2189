// seeds.h -- runs that a seed settles, each done twice: what fails once fails
// always, or the simulator itself is at fault.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_SEEDS_H
#define VEGA_TESTS_SIM_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/trace.h"

enum { SEED_FAILURE_SIZE = 2048 };

struct seed_result {
    uint64_t hash;   // Of the trace.
    uint64_t events; // Of virtual time.
    uint64_t lives;  // Of nodes that had crashed, or were stopped.
    uint64_t asked;  // Operations of clients that were judged; 0: not counted.
    char failure[SEED_FAILURE_SIZE]; // The rule that was broken; or "".
};

// What a stage brings.
struct seed_stage {
    const char *name; // "2"
    bool shrinks;     // --shrink makes its failures small.
    void (*run)(uint64_t seed, struct trace *trace, struct seed_result *result);
};

// Runs the seed, twice if it does not fail at once, and says so if it does.
bool seed_run_twice(const struct seed_stage *stage, uint64_t seed,
                    struct trace *trace, struct seed_result *result);

// All of them, and a line of what was done. True if none failed.
bool seeds_run(const struct seed_stage *stage, uint64_t first, uint64_t last,
               struct trace *trace);

#endif
