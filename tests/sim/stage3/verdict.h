// verdict.h -- the rules of cluster.h, checked.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_VERDICT_H
#define VEGA_TESTS_SIM_STAGE3_VERDICT_H

#include "tests/sim/stage3/cluster.h"

// What nodes are watched by.
extern const struct member_watch verdict_watch;

void verdict_look(struct cluster *cluster); // After each event.

// Of the store of a node that lives: (S2).
void verdict_on_store(struct cluster *cluster, const struct member *member);
// Once the nodes have had their time to converge: (S5).
void verdict_on_maps(struct cluster *cluster);
// When `dead` has been so for CLUSTER_MOURNS_US: (S9).
void verdict_on_silence(struct cluster *cluster, const struct member *dead);
// At last, of what clients saw: (S3).
void verdict_on_history(struct cluster *cluster);

#endif
