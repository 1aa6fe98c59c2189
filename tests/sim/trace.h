// trace.h -- what vega-sim shows of a run: all lines as they come, or the last
// ones when it has failed; and a picture.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_TRACE_H
#define VEGA_TESTS_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/sim/sim.h"
#include "common/sim/sim_sequence.h"

enum {
    TRACE_LINES = 40,
    TRACE_LINE_SIZE = 200,
    TRACE_AGAIN_SIZE = 400,
    TRACE_REASON_SIZE = 2048,
};

struct trace {
    bool all;                       // Print lines as they come.
    struct sim_sequence *picture;   // Takes every line, too; or NULL.
    char again[TRACE_AGAIN_SIZE];   // The arguments that repeat this run.
    char smaller[TRACE_AGAIN_SIZE]; // And those that make it small; or "".
    char reason[TRACE_REASON_SIZE]; // Why it has failed; or "".
    char lines[TRACE_LINES][TRACE_LINE_SIZE];
    uint64_t count;
};

// As `trace` of a struct sim, whose trace_context is a struct trace.
void trace_line(void *context, const char *line);

// Forgets the lines, and has a run that `format` repeats begin.
void trace_begin(struct trace *trace, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Prints the last lines, why it failed and how to do it again.
void trace_print_failure(struct trace *trace, const char *reason);

#endif
