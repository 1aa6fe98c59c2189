// world.h -- what the parts of lab 3's subject share: the trace, and the
// cluster of model nodes that a graded client talks to.
//
// These nodes are the grader's: they answer as nodes of stage 3 should, over
// one store that they share, of which each one serves its own slots. They run
// in the process of the graded client, and what they heard is told line by
// line; the verdict is made elsewhere.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB3_WORLD_H
#define VEGA_LABS_LAB3_WORLD_H

#include <stdint.h>
#include <stdio.h>

#include "common/base/buffer.h"
#include "labs/lab3-ring/tests/model_slot.h"
#include "labs/lab3-ring/tests/model_store.h"

enum { WORLD_NODES_MAX = 5, WORLD_PORT = 7000 };

struct world_node {
    bool down;
    unsigned lies; // Its next answer is that redirection: see world.c.
    bool garbled;  // The map that it tells ends in what is none.
    unsigned busy; // Requests that it still refuses with CLUSTERDOWN.
};

struct world {
    FILE *out;
    size_t step; // Of the schedule, from 1.
    int64_t now_us;
    uint64_t events, trap_at, hash;
    uint64_t messages;
    size_t allocated; // When that was asked first; 0: not yet.

    // Node i is at host:WORLD_PORT + i, i from 1.
    struct world_node nodes[WORLD_NODES_MAX + 1];
    unsigned node_count;
    char host[64];
    bool anonymous; // Nodes leave their host out: it is that of the one asked.
    bool has_told;  // A map, to the present client. None is garbled before.
    uint8_t owners[MODEL_SLOTS];
    uint8_t targets[MODEL_SLOTS]; // Where a slot is moving; 0: nowhere.
    struct model_store store;
};

// Of the schedule that is carried out.
extern struct world *world;

// A line of the trace: an event, as sim.h has them.
void world_event(const char *who, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Bytes in one line, with \xNN for the unusual.
void world_put_escaped(struct slice bytes);

// The node at that address, or 0.
unsigned world_node_at(const char *host, int port);
// A node gets a request; its reply, in RESP, is appended. *asking is the state
// of the connection.
void world_hear(unsigned node, const struct model_words *words, bool *asking,
                struct text *reply);

#endif
