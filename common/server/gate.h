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
// reached. What it writes meanwhile waits for a mark of its own, set when the
// first is reached. Everything of a session leaves through here, in order.
// Nobody copies anything, and no layer above or below knows.
//
//     output   | sent | released |    size    | not marked yet |
//                                 `-- marked -'
//              ..................  ............................
//              nobody minds         tells of what may be lost
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
    struct list_link link;   // In gate->waiting, or alone: nothing is marked.
    uint64_t position;       // That the marked bytes wait for,
    size_t size;             // their number,
    uint32_t replies;        // and whole replies among them.
    uint32_t replies_unsaid; // Whole replies behind the released bytes.
    bool mixed;              // They can't be counted off: pushes are among
                             // them, or they changed the protocol.
    size_t released;         // Unsent bytes that no longer wait.
};

void gate_init(struct gate *gate); // Open: both positions are 0.

static inline bool gate_is_open(const struct gate *gate)
{
    return gate->made <= gate->reached;
}

// For sessions at the end of their round, while the gate is closed: marks what
// of `unsent` bytes is new. Returns how many may leave.
size_t gate_hold(struct gate *gate, struct gate_hold *held, size_t unsent);

// Moves `reached` forward: what waits up to there may leave, and the transport
// of each session that it concerns is told.
void gate_reach(struct gate *gate, uint64_t position);

// What waits beyond `reached` tells of what may be lost: it is dropped, and
// each reply in it becomes `error` ("UNKNOWN outcome ..."). Where replies
// cannot be told from pushes, one error, and the connection ends. Then the gate
// is open: made = reached. Of a request that is executing, the reply stays:
// it is made from here on. Nothing happens when the gate is open. Of a struct
// server's gate.
void gate_break(struct gate *gate, const char *error);

#endif
