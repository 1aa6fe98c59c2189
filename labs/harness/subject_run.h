// subject_run.h -- one schedule carried out by a node in the simulated world.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SUBJECT_RUN_H
#define VEGA_LABS_SUBJECT_RUN_H

#include <stdint.h>
#include <stdio.h>

#include "labs/harness/subject_script.h"

// Writes all that happens as in subject_main.c; returns the hash of the events.
uint64_t subject_run(const struct subject_script *script, FILE *out);

#endif
