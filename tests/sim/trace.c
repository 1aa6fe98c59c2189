// trace.c -- what vega-sim shows of a run.
// SPDX-License-Identifier: MIT
#include "tests/sim/trace.h"

#include <stdarg.h>
#include <stdio.h>

void trace_line(void *context, const char *line)
{
    struct trace *trace = context;
    if (trace->all)
        puts(line);
    if (trace->picture)
        sim_sequence_add(trace->picture, line);
    snprintf(trace->lines[trace->count++ % TRACE_LINES], TRACE_LINE_SIZE, "%s",
             line);
}

void trace_begin(struct trace *trace, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(trace->again, sizeof trace->again, format, args);
    va_end(args);
    trace->smaller[0] = trace->reason[0] = '\0';
    trace->count = 0;
}

void trace_print_failure(struct trace *trace, const char *reason)
{
    snprintf(trace->reason, sizeof trace->reason, "%s", reason);
    uint64_t first = trace->all                   ? trace->count
                     : trace->count > TRACE_LINES ? trace->count - TRACE_LINES
                                                  : 0;
    for (uint64_t i = first; i < trace->count; i++)
        puts(trace->lines[i % TRACE_LINES]);
    printf("FAILED: %s\nagain:  build/vega-sim %s -v\n", reason, trace->again);
    if (trace->smaller[0])
        printf("less:   build/vega-sim %s\n", trace->smaller);
    fflush(stdout);
}
