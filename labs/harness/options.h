// options.h -- what the grader is told on its command line (main.c).
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_OPTIONS_H
#define VEGA_LABS_OPTIONS_H

#include <stdbool.h>

#include "labs/harness/replay.h"
#include "labs/harness/runner.h"

struct options {
    struct graded graded;
    const char *only; // NULL, a test, or TEST/CASE.
    const char *json, *junit;
    bool has_seeds;   // --seeds: not those that lab.yml says.
    size_t seeds_max; // Of those, no more a test; 0: all.
    bool is_replay;   // Of `only`.
    struct replay replay;
    const char *lab; // The path of lab.yml.
};

// False when they make no sense; getopt(3) may have said why.
bool options_read(struct options *options, int argc, char **argv);

#endif
