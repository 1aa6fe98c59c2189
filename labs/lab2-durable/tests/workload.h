// workload.h -- what the clients of lab 2's schedules ask for.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB2_WORKLOAD_H
#define VEGA_LABS_LAB2_WORKLOAD_H

#include "labs/harness/draw.h"
#include "labs/harness/schedule.h"

enum { WORKLOAD_CLIENTS = 4 };

struct workload {
    struct draw *draw;
    struct schedule *schedule;
    unsigned value_max; // Bytes.
    unsigned next;      // Number of the next value: no two are equal.
};

// The settings and what is to be read: the first steps of each schedule.
struct workload workload_begin(struct draw *draw, struct schedule *schedule,
                               const char *policy, unsigned segment_size,
                               unsigned snapshot_log_size);

// One request of some client.
void workload_write(struct workload *workload);
void workload_read(struct workload *workload);
// Some of them, with waits between them; wait_us_max of each.
void workload_run(struct workload *workload, unsigned count,
                  unsigned wait_us_max);

#endif
