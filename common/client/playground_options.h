// playground_options.h -- the command line of vega-playground.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PLAYGROUND_OPTIONS_H
#define VEGA_COMMON_PLAYGROUND_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "common/client/cli_options.h"

// Exit codes.
enum playground_exit {
    PLAYGROUND_DONE = 0,
    PLAYGROUND_FAILED = 1, // No cluster came up, or an order could not be done.
    PLAYGROUND_WRONG = 2,  // The command line, or what it names.
};

struct playground_options {
    int stage;             // 0: the newest that is built.
    size_t nodes;          // 0: what the directory has, or as many as usual.
    const char *directory; // NULL: a temporary one.
};

// As cli_options_parse. The strings are argv's.
enum cli_parsed playground_options_parse(struct playground_options *options,
                                         int argc, char **argv);

void playground_print_usage(FILE *out);

#endif
