// outstanding.h -- commands that were sent, and whose replies are not handed
// out yet.
//
// Replies are handed out in the order of the commands, whatever the route. A
// connection answers in the order in which commands were sent over it, which is
// another one when a command was taken apart or sent again: a reply that comes
// before its turn waits here, with the command that it answers.
//
// Invariants
// (I1) A part is answered by the reply whose turn on its endpoint is the
// part's,
//      on the same life of the connection, or by none.
// (I2) What is sent again was refused before: nothing is done twice.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_OUTSTANDING_H
#define VEGA_COMMON_OUTSTANDING_H

#include "common/client/route.h"

struct owed; // A command, whole or in parts.

// A queue. Zeroed: empty.
struct outstanding {
    struct owed *owed;
    size_t first, count, capacity; // [first, first + count)
};

void outstanding_deinit(struct outstanding *outstanding);

// Sends a command to where the route says, and puts it behind the others. False
// when that failed: then nothing of it is in the queue, and of a command in
// parts some may be done. *latest is set to the endpoint that got it.
bool outstanding_send(struct outstanding *outstanding, struct route *route,
                      const struct route_command *command,
                      struct endpoint **latest, struct failure *failure);

// Waits for the answer to the oldest command, which leaves the queue. The
// caller's; NULL on failure.
struct vega_reply *outstanding_reply(struct outstanding *outstanding,
                                     struct route *route,
                                     struct failure *failure);

// Takes note of an answer that came over `endpoint` as the `turn`-th and was
// handed out: the oldest command leaves the queue if it was its own.
void outstanding_answered(struct outstanding *outstanding,
                          const struct endpoint *endpoint, uint64_t turn);

#endif
