// sim_stream.h -- a connection through a simulated network: bytes both ways, in
// order, each once, or not any more. It is how clients speak with nodes: a
// harness stands at both ends, and gives what arrives at the one to a session
// and at the other to a client.
//
// Bytes take the time of their link. What the link loses is sent again, a while
// later; a cut holds everything up, and when it lasts too long, both sides
// are told that the connection is gone. Pieces arrive as the network likes, not
// as they were sent.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_STREAM_H
#define VEGA_COMMON_SIM_STREAM_H

#include <stdbool.h>

#include "common/sim/sim_network.h"

enum {
    SIM_STREAM_RESEND_US = 200 * 1000,
    SIM_STREAM_PATIENCE_US = 5 * 1000 * 1000, // Of a cut, with either side.
};

// Bytes towards one end. Embedded by whoever is there.
struct sim_stream_end {
    // More bytes. Borrowed until it returns.
    void (*receive)(struct sim_stream_end *end, struct slice bytes);
    // The connection is gone: the last call, unless this end closed it itself.
    void (*closed)(struct sim_stream_end *end);

    // The stream's own.
    struct sim_host *host, *far;  // Where it is, and where the other end is.
    struct sim_stream_end *other; // NULL: that has closed, or all is over.
    bool is_open;
    struct list_link pieces;  // On their way to this end.
    struct env_timer arrival; // Of the first one.
    int64_t held_since_us;    // By a cut; -1: it is not.
};

// Connects the two, which have their functions set, at once. The hosts outlive
// the connection; an end may go when it was closed, or was told.
void sim_stream_open(struct sim_stream_end *client, struct sim_host *at,
                     struct sim_stream_end *server, struct sim_host *to);

// What is sent when the connection is gone goes nowhere.
void sim_stream_send(struct sim_stream_end *from, struct slice bytes);

// This end hears nothing any more. The other one still gets what was sent
// before, and then hears that the connection is gone. Harmless when it is.
void sim_stream_close(struct sim_stream_end *end);

// Both ends hear nothing any more, at once: for the end of a run.
void sim_stream_drop(struct sim_stream_end *end);

static inline bool sim_stream_is_open(const struct sim_stream_end *end)
{
    return end->is_open;
}

#endif
