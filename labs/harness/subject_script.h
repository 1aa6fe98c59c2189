// subject_script.h -- a schedule as it came down the socket: a line a step, and
// a step as words.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SUBJECT_SCRIPT_H
#define VEGA_LABS_SUBJECT_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

// Zeroed: empty.
struct subject_script {
    char **steps; // The lines; subject_run.c says what they may be.
    size_t count;
};
void subject_script_add(struct subject_script *script, const char *line);
void subject_script_clear(struct subject_script *script);
// The seed that one of its steps names.
uint64_t subject_script_seed(const struct subject_script *script);

enum { SUBJECT_WORDS_MAX = 32 };

struct subject_words {
    char text[64]; // Of the step, behind the first word, cut.
    char *all;
    char *at[SUBJECT_WORDS_MAX];
    size_t count;
};
void subject_words_split(struct subject_words *words, const char *line);
void subject_words_deinit(struct subject_words *words);
// The word there; "" and 0 where there is none.
const char *subject_word(const struct subject_words *words, size_t index);
uint64_t subject_number(const struct subject_words *words, size_t index);

#endif
