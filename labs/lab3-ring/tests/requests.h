// requests.h -- what clients of lab 3's schedules ask for.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB3_REQUESTS_H
#define VEGA_LABS_LAB3_REQUESTS_H

#include "labs/harness/draw.h"
#include "labs/harness/schedule.h"

// One of a few keys, some of which share a {tag}.
const char *requests_key(struct draw *draw);
// A request with any of them; `next` numbers the values.
void requests_add(struct draw *draw, struct schedule *schedule,
                  const char *verb, unsigned *next, bool batch);

#endif
