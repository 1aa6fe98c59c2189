// playground_load.h -- clients that keep the nodes of a playground busy.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PLAYGROUND_LOAD_H
#define VEGA_COMMON_PLAYGROUND_LOAD_H

#include "common/client/playground.h"

// Starts `vega-client bench` at every node that runs and has no load yet, with
// keys of that node. False after appending to `news` why there is none.
bool playground_load_start(struct playground *playground, uint32_t seconds);

bool playground_load_is_running(const struct playground *playground);

// Appends to `news` what the client reports, which has ended.
void playground_load_tell(struct playground *playground,
                          struct playground_node *node);

#endif
