// commands.h -- the rows that every stage has, one family a file, and what the
// families share.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_COMMANDS_H
#define VEGA_COMMON_COMMANDS_H

#include "common/server/command.h"

extern const struct command commands_connection[]; // PING, HELLO, AUTH, ...
extern const struct command commands_client[];     // CLIENT
extern const struct command commands_introspect[]; // COMMAND
extern const struct command commands_config[];     // CONFIG
extern const struct command commands_pubsub[];     // SUBSCRIBE, PUBLISH, ...
extern const struct command commands_monitor[];    // MONITOR
extern const struct command commands_server[];     // INFO, WAIT, DEBUG, ...
extern const struct command commands_stats[];      // STATS, HEALTH
extern const struct command commands_slowlog[];    // SLOWLOG
extern const struct command commands_latency[];    // LATENCY
extern const struct command commands_scripting[];  // FUNCTION, SCRIPT

// As much of a client's text as an error repeats.
struct slice commands_quote(struct slice text);

// For a subcommand that got more arguments than it knows, of the container
// `name`, "CLIENT" say: in Redis' words, which admit either mistake.
void commands_refuse_subcommand(struct request *request, const char *name);

// A name that fits a line of CLIENT LIST: printable ASCII without spaces.
// On false the error was written: "ERR Client names cannot contain ...".
bool commands_check_name(struct request *request, const char *what,
                         struct slice name);

// ON or OFF. On false the error was written.
bool commands_read_switch(struct request *request, struct slice text,
                          bool *value);

#endif
