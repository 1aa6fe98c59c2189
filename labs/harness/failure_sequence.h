// failure_sequence.h -- a failure among several nodes as a picture: for worlds
// whose traces are those of a network (sim_sequence.h).
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_FAILURE_SEQUENCE_H
#define VEGA_LABS_FAILURE_SEQUENCE_H

#include "labs/harness/failure.h"

// For a struct seeds_world.
void failure_sequence_print(const struct failure *failure, size_t wrong_event,
                            FILE *out);
void failure_sequence_write_html(const struct failure *failure,
                                 size_t wrong_event, const char *title,
                                 const char *story, FILE *out);

#endif
