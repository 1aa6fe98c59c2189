// command_describe.h -- a command's row in the words of COMMAND INFO and
// COMMAND DOCS.
//
// https://redis.io/docs/latest/commands/command/ describes the ten fields,
// https://redis.io/docs/latest/commands/command-docs/ the documents. What a row
// does not say is derived from what it does: categories from flags and group,
// key specifications from first, last and step, argument documents from the
// text that people read.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_COMMAND_DESCRIBE_H
#define VEGA_COMMON_COMMAND_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/slice.h"
#include "common/server/command.h"
#include "common/wire/reply.h"

// Subcommands with names; 0 for what is no container.
size_t command_subcommand_count(const struct command *command);

// One element of COMMAND INFO.
void command_reply_info(struct reply *reply, const struct command *command);

// The value that COMMAND DOCS gives for one command.
void command_reply_docs(struct reply *reply, const struct command *command);

// True when `command` is of that category ("write", without '@').
bool command_in_category(const struct command *command, struct slice category);

#endif
