// guest.h -- a client's connection at a simulated node: a session of the server
// whose bytes come and go over the network.
//
// What comes waits in the kernel, as it were, while the node is paused or reads
// no more of this client.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_GUEST_H
#define VEGA_TESTS_SIM_STAGE3_GUEST_H

#include <stdbool.h>

#include "common/base/buffer.h"
#include "common/base/list.h"
#include "common/server/session.h"
#include "common/sim/sim_stream.h"

struct member;

struct guest {
    struct list_link link; // In its member's list.
    struct member *member;
    struct transport transport;
    struct sim_stream_end end;
    struct session *session; // NULL: not yet accepted by the process.
    struct buffer inbox;     // Came, and is not read.
    bool busy;               // There is something to do.
    bool gone;               // The client is.
};

// A connection to the member, for sim_stream_open.
struct guest *guest_create(struct member *member);
void guest_destroy(struct guest *guest);

// Does what there is to do, at the end of a round: reads, executes, sends. The
// guest may be destroyed by it.
void guest_settle(struct guest *guest);

#endif
