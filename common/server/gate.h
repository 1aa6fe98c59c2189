// gate.h -- the door through which all output leaves the node.
//
// What a reply, a push or an answer to a read tells may so far exist in this
// process' memory alone. A layer that makes state durable holds such output
// back until nobody can be shown what could still be lost ("output commit",
// Strom and Yemini 1985). It moves two positions, of its log for instance:
//
//     made      output made now depends on everything up to here
//     reached   output that depends on no more than this may leave
//
// While made > reached, output waits: at the end of its round a session marks
// how much it has, with the `made` of that moment, and sends when that is
// reached. Everything of a session leaves through here, in order. Nobody copies
// anything, and no layer above or below knows.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_GATE_H
#define VEGA_COMMON_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/list.h"

struct gate {
    uint64_t made;
    uint64_t reached;
    struct list_link waiting; // Sessions by their held.link, lowest first.
};

// A session's part: of its output, what waits.
struct gate_hold {
    struct list_link link; // In gate->waiting, or alone.
    uint64_t position;     // That it waits for.
    size_t size;           // Unsent bytes of output that it covers.
    uint32_t replies;      // Whole replies among them.
};

void gate_init(struct gate *gate); // Open: both positions are 0.

static inline bool gate_is_open(const struct gate *gate)
{
    return gate->made <= gate->reached;
}

// Moves `reached` forward: what waits up to there may leave.
void gate_reach(struct gate *gate, uint64_t position);

// What waits beyond `reached` tells of what may be lost: it is dropped, and
// each reply in it becomes `error` ("UNKNOWN outcome ..."). Where replies
// cannot be told from pushes, one error, and the connection ends. Then the gate
// is open: made = reached.
void gate_break(struct gate *gate, const char *error);

#endif
