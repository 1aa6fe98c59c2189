// program_private.h -- what the files of program.h share.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PROGRAM_PRIVATE_H
#define VEGA_COMMON_PROGRAM_PRIVATE_H

#include "common/server/program.h"

// Says why the program ends on standard error, and sets exit_code. False.
bool program_refuse(struct program *program, const char *text);

// Makes program->config of all sources. False when the program is to end now.
bool program_configure(struct program *program);

// Adopts what may change at run time from the same sources; on any error
// everything stays as it was.
void program_reload(struct program *program);

// Makes program->env, with the disk that the settings name. False after saying
// why there is none.
bool program_open_world(struct program *program);

#endif
