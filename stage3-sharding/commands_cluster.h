// commands_cluster.h -- the rows that stage 3 adds: CLUSTER, READONLY,
// READWRITE, ASKING; and FAULT.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_COMMANDS_CLUSTER_H
#define VEGA_STAGE3_COMMANDS_CLUSTER_H

#include "common/server/command.h"

void cluster_add_commands(struct command_table *table);

// FAULT: only where the configuration offers it.
void fault_add_commands(struct command_table *table);

#endif
