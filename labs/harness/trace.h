// trace.h -- what a subject told of one run, line by line (subject_main.c).
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_TRACE_H
#define VEGA_LABS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "labs/harness/text.h"

struct trace_line {
    char kind;         // 'E' and so on.
    struct bytes text; // Behind the kind.
    size_t event;      // The events up to here, this one with them.
};

enum trace_end {
    TRACE_WHOLE,
    TRACE_ENDED, // The subject ended before its run did.
    TRACE_ENDLESS,
};

// Zeroed: empty.
struct trace {
    struct text text;
    struct trace_line *lines;
    size_t count, capacity;
    size_t events;
    enum trace_end end;
    uint64_t hash; // Of all lines.
};

void trace_deinit(struct trace *trace);
void trace_clear(struct trace *trace);

// Takes the lines from trace->text, which is complete.
void trace_parse(struct trace *trace);

// The number at *at, which moves behind it and the blank that follows.
size_t trace_number(struct bytes *at);
// What \xNN stands for, too.
void trace_unescape(struct bytes escaped, struct text *out);

// The first event in which they differ; 0: none.
size_t trace_first_difference(const struct trace *a, const struct trace *b);
// Calls `each` for every event up to `last`; its text is borrowed for the call.
void trace_each_event(const struct trace *trace, size_t last,
                      void (*each)(void *context, size_t event,
                                   const char *text),
                      void *context);
// The text of an event, from 1; empty when there is none.
struct bytes trace_event(const struct trace *trace, size_t event);

#endif
