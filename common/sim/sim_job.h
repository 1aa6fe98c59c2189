// sim_job.h -- the jobs of a simulated process: env_job_start and _stop.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_JOB_H
#define VEGA_COMMON_SIM_JOB_H

#include "common/env/env.h"
#include "common/sim/sim_process.h"

// As in env.h, for a living process.
void sim_job_start(struct sim_process *process, struct env_job *job);
void sim_job_stop(struct sim_process *process, struct env_job *job);

// Forgets all of them: their process is dead.
void sim_jobs_drop(struct sim_process *process);

#endif
