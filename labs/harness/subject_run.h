// subject_run.h -- one schedule carried out by a node in the simulated world.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SUBJECT_RUN_H
#define VEGA_LABS_SUBJECT_RUN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Zeroed: empty.
struct subject_script {
    char **steps; // The lines; subject_run.c says what they may be.
    size_t count;
};
void subject_script_add(struct subject_script *script, const char *line);
void subject_script_clear(struct subject_script *script);

// Writes all that happens as in subject_main.c; returns the hash of the events.
uint64_t subject_run(const struct subject_script *script, FILE *out);

#endif
