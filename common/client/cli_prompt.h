// cli_prompt.h -- vega-client on a terminal: lines with history, completion and
// help.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLI_PROMPT_H
#define VEGA_COMMON_CLI_PROMPT_H

#include "common/client/cli.h"

// Until QUIT, EXIT or the end of input.
enum cli_exit cli_prompt(struct cli *cli);

#endif
