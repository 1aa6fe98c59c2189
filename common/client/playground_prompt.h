// playground_prompt.h -- orders from a terminal, or line by line from a pipe.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PLAYGROUND_PROMPT_H
#define VEGA_COMMON_PLAYGROUND_PROMPT_H

#include "common/client/playground.h"

// Until QUIT, the end of input, or a signal. False when an order could not be
// done.
bool playground_prompt(struct playground *playground);

#endif
