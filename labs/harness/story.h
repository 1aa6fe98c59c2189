// story.h -- how cases end, for the files of the harness.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_STORY_H
#define VEGA_LABS_STORY_H

#include "labs/harness/lab.h"

// Ends the case: 'P' or 'F', and a story.
_Noreturn void story_end_case(struct lab *lab, char verdict,
                              struct bytes story);

// The last lines that a graded program printed.
void story_add_printed(struct text *story, int printed_fd);

#endif
