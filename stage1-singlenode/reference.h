// reference.h -- the command reference, a page of Markdown from the command
// table: `make reference` keeps COMMANDS.md.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_REFERENCE_H
#define VEGA_STAGE1_REFERENCE_H

#include <stdbool.h>

#include "common/server/command.h"

// Prints the page. False, and stderr says so, when a command has no place in
// it.
bool reference_print(const struct command_table *table);

#endif
