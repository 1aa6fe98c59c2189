// cli_options.h -- the command line of vega-client.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLI_OPTIONS_H
#define VEGA_COMMON_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/client/cli_format.h"
#include "common/client/vega.h"

// Exit codes.
enum cli_exit {
    CLI_DONE = 0,
    CLI_ERROR = 1,   // The server answered with an error.
    CLI_FAILURE = 2, // No connection, no answer, or a wrong command line.
};

struct cli_options {
    struct vega_options server; // Its strings are argv's.
    enum cli_format format;
    int64_t repeat;           // How often to run the command; at least 1.
    int64_t interval_ms;      // Between two runs.
    bool takes_last_input;    // -x: the last argument is standard input.
    bool is_pipe;             // --pipe
    const char *cluster_file; // -c: lists the servers; NULL: see `server`.
    int first;                // argv[first] is the first word of the command.
};

enum cli_parsed {
    CLI_PARSED,
    CLI_PARSED_WRONG, // Said why on standard error.
    CLI_PARSED_HELP,
    CLI_PARSED_VERSION,
};

// Fills in what argv, the environment (VEGA_PASSWORD, REDISCLI_AUTH) and the
// kind of standard output say.
enum cli_parsed cli_options_parse(struct cli_options *options, int argc,
                                  char **argv);

struct cli_stage;

// The options that all stages have; and what one adds to them.
void cli_print_usage(FILE *out);
void cli_print_tools(FILE *out, const struct cli_stage *stage);

// A whole number in [min, max] and nothing else.
bool cli_parse_number(const char *text, int64_t min, int64_t max,
                      int64_t *value);

#endif
