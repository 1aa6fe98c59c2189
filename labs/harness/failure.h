// failure.h -- one seed that failed: run again by itself, made small, told.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_FAILURE_H
#define VEGA_LABS_FAILURE_H

#include <stdio.h>

#include "labs/harness/seeds.h"
#include "labs/harness/subject.h"

struct failure {
    const struct seeds_test *test;
    uint64_t seed;
    struct subject subject;
    struct schedule schedule;
    struct trace trace;     // Of the schedule as it is now.
    struct finding finding; // On it; RULE_NONE: it did not fail.
    size_t steps_before;    // Before it was made smaller,
    size_t events_before;
};

// Runs the seed, unless the trace of a run is `taken`. Everything is owned by
// the failure.
void failure_init(struct failure *failure, const struct seeds_test *test,
                  const char *subject, uint64_t seed, struct trace *taken);
void failure_deinit(struct failure *failure);

// Takes steps out of the schedule, and makes numbers smaller, while it breaks
// the same rule.
void failure_shrink(struct failure *failure);

// The event at which it first went wrong; the last one if it did not.
size_t failure_wrong_event(const struct failure *failure);

// At most 20 lines.
void failure_tell(const struct failure *failure, struct text *story);

// All events as a page. `story` is what failure_tell made.
void failure_write_html(const struct failure *failure, const struct text *story,
                        FILE *out);

// What its clients asked and were answered, as a page beside that one, which is
// named diagram.html.
void failure_write_history(const struct failure *failure,
                           const struct text *story, FILE *out);

// The folder LAB.TEST-SEED in `out`, made or filled anew: the schedule, the
// trace, the picture and the history as pages, and what the node logs. What
// cannot be written is left out. Adds a line to the story.
void failure_keep(struct failure *failure, const char *out, const char *lab,
                  struct text *story);
// Removes such folders of a test that passes again.
void failure_forget(const char *out, const char *lab, const char *test);

#endif
