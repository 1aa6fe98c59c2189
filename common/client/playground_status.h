// playground_status.h -- how the nodes of a playground are, as a table.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PLAYGROUND_STATUS_H
#define VEGA_COMMON_PLAYGROUND_STATUS_H

#include "common/client/playground.h"

// Asks every node that runs, and appends a line for each.
void playground_status(struct playground *playground, struct buffer *out);

#endif
