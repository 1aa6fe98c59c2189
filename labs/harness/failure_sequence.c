// failure_sequence.c -- a failure among several nodes as a picture.
// SPDX-License-Identifier: MIT
#include "labs/harness/failure_sequence.h"

#include "common/sim/sim_sequence.h"

enum { PICTURE_ROWS = 10 };

static void add_event(void *sequence, size_t event, const char *text)
{
    (void)event;
    sim_sequence_add(sequence, text);
}

// Of the events up to `last`, with a mark at one of them, if it is not 0.
static struct sim_sequence sequence_of(const struct trace *trace, size_t last,
                                       size_t wrong_event)
{
    struct sim_sequence sequence = {0};
    trace_each_event(trace, last, add_event, &sequence);
    if (wrong_event)
        sim_sequence_mark(&sequence, wrong_event, "first wrong step");
    return sequence;
}

void failure_sequence_print(const struct failure *failure, size_t wrong_event,
                            FILE *out)
{
    struct sim_sequence sequence =
        sequence_of(&failure->trace, failure->finding.event, wrong_event);
    sim_sequence_print(&sequence, PICTURE_ROWS, out);
    sim_sequence_deinit(&sequence);
}

void failure_sequence_write_html(const struct failure *failure,
                                 size_t wrong_event, const char *title,
                                 const char *story, FILE *out)
{
    struct sim_sequence sequence =
        sequence_of(&failure->trace, failure->trace.events, wrong_event);
    sim_sequence_write_html(&sequence, title, story, out);
    sim_sequence_deinit(&sequence);
}
