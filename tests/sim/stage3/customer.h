// customer.h -- a client of a simulated cluster: libvega over the router of
// stage 3, both as they are, in a fiber at a host of its own (sockets.h).
//
// It asks for one thing after another, or several at once, and notes what it
// was told in the history by which the cluster is judged. Of an error that says
// so, and of a server that could not be reached, the outcome is that nothing
// was done; of what else went wrong it is unknown.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_CUSTOMER_H
#define VEGA_TESTS_SIM_STAGE3_CUSTOMER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/random.h"
#include "common/client/vega.h"
#include "common/sim/client_history.h"
#include "stage3-sharding/topology.h"
#include "tests/sim/sockets.h"

// What it does, as it stands in time: the world moves all of them on.
enum customer_phase {
    CUSTOMER_BUSY,   // Asks for this and that.
    CUSTOMER_WAITS,  // Finishes what it is at, and waits.
    CUSTOMER_VISITS, // Reads every key, and keys all over the ring; then ends.
};

struct customer {
    struct caller caller; // First, so that it is a customer.
    size_t index;
    const struct topology *list;      // Borrowed. One has it from the start.
    const enum customer_phase *phase; // Borrowed; the world changes it.
    struct client_history *history;
    // Something that cannot be, in words.
    void (*complains)(void *context, const char *what);
    void *context;

    bool has_map; // It was answered by every node before anything went wrong.
    bool is_transacting; // Its next keys go where the transaction was begun.
    bool visited;        // It has reached everything.

    // The customer's own.
    struct random random;
    struct vega *vega;
    uint64_t written; // Values, so that no two are the same.
};

// `customer` has the fields above set, and is started as a caller with
// customer_run.
void customer_init(struct customer *customer, uint64_t seed);
void customer_run(struct caller *caller);

#endif
