// commands_durable.h -- the commands that stage 2 adds: SAVE, WAITAOF, ...
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_COMMANDS_DURABLE_H
#define VEGA_STAGE2_COMMANDS_DURABLE_H

#include "common/server/command.h"

void durable_add_commands(struct command_table *table);

#endif
