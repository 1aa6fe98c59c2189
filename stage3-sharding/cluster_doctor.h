// cluster_doctor.h -- `vega-client cluster doctor`: what is wrong with a
// cluster now, and what can fail next.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_DOCTOR_H
#define VEGA_STAGE3_CLUSTER_DOCTOR_H

#include "stage3-sharding/cluster_findings.h"
#include "stage3-sharding/cluster_view.h"

// Adds all that the view gives reason for.
void cluster_doctor_examine(const struct cluster_view *view,
                            struct findings *findings);

#endif
