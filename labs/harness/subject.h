// subject.h -- the process in which the student's node runs in the simulated
// world (subject_main.c). It is jailed, knows no verdict, and may end or loop
// as it likes: a run then has failed.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SUBJECT_H
#define VEGA_LABS_SUBJECT_H

#include <sys/types.h>

#include "labs/harness/schedule.h"
#include "labs/harness/trace.h"

enum { SUBJECT_NONCE_SIZE = 33, SUBJECT_ENDLESS_MS = 15 * 1000 };

// Zeroed but for the path: not running.
struct subject {
    const char *path;
    pid_t pid;
    int fd;
    int printed_fd; // What the last one printed.
    int status;     // Of waitpid(2), after TRACE_ENDED.
    char nonce[SUBJECT_NONCE_SIZE];
};

void subject_deinit(struct subject *subject);
// Ends the process, so that the next run begins in a new one.
void subject_restart(struct subject *subject);

// Sends the schedule; a process is started when there is none.
void subject_begin(struct subject *subject, const struct schedule *schedule);
// Waits for the end of the run, and replaces the trace.
void subject_end(struct subject *subject, struct trace *trace);

#endif
