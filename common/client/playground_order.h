// playground_order.h -- what may be typed at the prompt of vega-playground.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PLAYGROUND_ORDER_H
#define VEGA_COMMON_PLAYGROUND_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

enum { PLAYGROUND_NODES_MAX = 32 };

enum playground_verb {
    PLAYGROUND_NOTHING, // An empty line.
    PLAYGROUND_STATUS,
    PLAYGROUND_KILL,
    PLAYGROUND_RESTART,
    PLAYGROUND_PAUSE,
    PLAYGROUND_RESUME,
    PLAYGROUND_CUT,
    PLAYGROUND_HEAL,
    PLAYGROUND_LOAD,
    PLAYGROUND_LOGS,
    PLAYGROUND_HELP,
    PLAYGROUND_QUIT,
};

struct playground_order {
    enum playground_verb verb;
    size_t node;       // Of KILL to RESUME and LOGS: from 0.
    uint64_t sides[2]; // Of CUT: bit i is node i. None is in both.
    uint32_t number;   // Of LOAD: seconds; of LOGS: lines.
};

// Reads a line, of a playground of so many nodes, which are written "n2" or
// "2". False after appending to `why` what is wrong with it, in one line.
bool playground_order_parse(struct slice line, size_t nodes,
                            struct playground_order *order, struct buffer *why);

// Appends what there is to type, a line each.
void playground_order_help(struct buffer *out);

#endif
