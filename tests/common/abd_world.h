// abd_world.h -- a register on several simulated nodes, by the algorithm of
// Attiya, Bar-Noy and Dolev (1995): small enough to be right, and to try the
// network and the checkers with; and wrong ones beside it.
//
// A client asks all nodes for their version, waits for a majority, and has the
// newest value (a read) or one of its own with a newer version (a write) taken
// by a majority before it returns.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_ABD_WORLD_H
#define VEGA_TESTS_ABD_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/sim/client_history.h"
#include "common/sim/sim_network.h"

enum abd_bug {
    ABD_RIGHT,
    ABD_READS_DO_NOT_WRITE, // A read returns what it found.
    ABD_ONE_IS_ENOUGH,      // A quorum of one node.
    ABD_FORGETS,            // A node that starts anew has nothing.
};

enum abd_part {
    ABD_OPERATION, // The first of each client, then the second of each, ...
    ABD_TROUBLE,   // A cut, a death, healing.
    ABD_BAD_LUCK,  // Of a message.
    ABD_PARTS,
};

struct abd_options {
    uint64_t seed;
    enum abd_bug bug;
    size_t nodes, clients;
    size_t operations; // In all; the same for each client.
    bool faults;       // Of links, cuts and deaths.
    // Whether something is left out, by its number from 0; or NULL.
    bool (*skips)(void *context, enum abd_part part, size_t number);
    void *context;
    void (*trace)(void *context, const char *line);
    void *trace_context;
};

struct abd_result {
    struct client_history history; // Owned by the caller.
    uint64_t hash, events;
    size_t parts[ABD_PARTS]; // So many there were, left out or not.
};

struct abd_result abd_run(const struct abd_options *options);

#endif
