// subject_faults.h -- the steps of a schedule that are about the disk: what
// fails on it, when it loses its power, and which of its bits rot.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SUBJECT_FAULTS_H
#define VEGA_LABS_SUBJECT_FAULTS_H

#include "common/sim/sim_disk.h"
#include "labs/harness/subject_script.h"

// Carries the step out, if it is one of these.
void subject_faults_step(struct sim_disk *disk,
                         const struct subject_words *words);
// None of them from now on.
void subject_faults_heal(struct sim_disk *disk);

#endif
