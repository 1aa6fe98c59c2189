// posix_job_child.h -- the life of a job's forked child.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_POSIX_JOB_CHILD_H
#define VEGA_COMMON_POSIX_JOB_CHILD_H

#include <sys/types.h>

#include "common/env/env.h"

// What the child tells, whole or not at all.
struct posix_job_report {
    uint64_t progress;
    uint32_t status; // Of the job,
    uint32_t ended;  // when this is 1.
};

// To be called in the child of `parent`, right after the fork: lets go of all
// that is the node's, has the job write into `file`, syncs it, and exits. What
// it has to tell goes into `channel`, which does not block.
_Noreturn void posix_job_child_run(struct env_job *job, pid_t parent, int file,
                                   int channel);

#endif
