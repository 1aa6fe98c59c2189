// posix_job.h -- jobs of a node (struct env_job), each a forked child.
//
// fork(2) gives the child the node's memory as it is, and copies a page only
// when one of the two writes to it. So the node stands still for the fork
// alone, some milliseconds a gigabyte, and pays for what it changes later.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_POSIX_JOB_H
#define VEGA_COMMON_POSIX_JOB_H

#include "common/env/env.h"
#include "common/env/posix_disk.h"
#include "common/net/loop.h"

struct posix_jobs;

// All arguments are borrowed. Owned by the caller.
struct posix_jobs *posix_jobs_create(struct loop *loop, struct env *env,
                                     struct posix_disk *disk);
void posix_jobs_destroy(struct posix_jobs *jobs); // Stops what still runs.

void posix_jobs_start(struct posix_jobs *jobs, struct env_job *job);
// Waits until the child is gone: as long as the system needs to take back what
// it copied. Harmless for a job that does not run.
void posix_jobs_stop(struct posix_jobs *jobs, struct env_job *job);

#endif
