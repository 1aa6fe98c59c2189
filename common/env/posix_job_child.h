// posix_job_child.h -- the life of a job's forked child.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_POSIX_JOB_CHILD_H
#define VEGA_COMMON_POSIX_JOB_CHILD_H

#include <sys/types.h>

#include "common/env/env.h"

// To be called in the child of `parent`, right after the fork: lets go of all
// that is the node's, has the job write into `file`, syncs it, and exits with
// the enum status. Progress goes into `channel`, a uint64_t a time.
_Noreturn void posix_job_child_run(struct env_job *job, pid_t parent, int file,
                                   int channel);

#endif
