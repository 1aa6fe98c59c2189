// schedule.h -- what one run of a simulated node is told to do: a list of
// steps, each a line (subject_run.c has them all).
//
// A word "~7*300" of a step is a value of 300 bytes that tells of its number:
// people see the short form, the node the long one.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SCHEDULE_H
#define VEGA_LABS_SCHEDULE_H

#include "labs/harness/text.h"

// Zeroed: empty.
struct schedule {
    char **steps;
    size_t count, capacity;
};

void schedule_deinit(struct schedule *schedule);
void schedule_add(struct schedule *schedule, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// As the subject reads it, values at full length.
void schedule_write(const struct schedule *schedule, struct text *out);

// Words of a line, with values at full length. The bytes are in `store`.
enum { SCHEDULE_WORDS_MAX = 32 };
struct schedule_words {
    struct text store;
    struct bytes at[SCHEDULE_WORDS_MAX];
    size_t count;
};
void schedule_split(const char *line, struct schedule_words *words);
void schedule_words_deinit(struct schedule_words *words);

// The first step that begins with this word, or NULL.
const char *schedule_find(const struct schedule *schedule, const char *word);

#endif
