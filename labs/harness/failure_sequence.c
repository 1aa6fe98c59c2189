// failure_sequence.c -- a failure among several nodes as a picture.
// SPDX-License-Identifier: MIT
#include "labs/harness/failure_sequence.h"

#include "common/sim/sim_sequence.h"

enum { PICTURE_ROWS = 10 };

// Of the events up to `last`, with a mark at one of them, if it is not 0.
static struct sim_sequence sequence_of(const struct trace *trace, size_t last,
                                       size_t wrong_event)
{
    struct sim_sequence sequence = {0};
    struct text line = {0};
    for (size_t i = 0; i < trace->count; i++) {
        if (trace->lines[i].kind != 'E' || trace->lines[i].event > last)
            continue;
        line.size = 0;
        text_add(&line, trace->lines[i].text);
        sim_sequence_add(&sequence, line.data);
    }
    if (wrong_event)
        sim_sequence_mark(&sequence, wrong_event, "first wrong step");
    text_deinit(&line);
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
