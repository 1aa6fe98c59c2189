// memory_limit.h -- keeps a node within maxmemory.
//
// What is used is counted in two parts. What the store holds is counted as it
// changes, exactly, by the sizes that the allocator really set aside. What
// everything else takes (clients and their buffers above all) is what the
// allocator says in all, less that, ten times a second; nothing when it cannot
// tell, as in the simulator. Not counted are the program itself, and pages that
// the allocator holds but does not use.
//
// Memory that is being freed in slices is used, but does not count against the
// limit: it comes back by itself, and each write above the limit frees some.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_MEMORY_LIMIT_H
#define VEGA_STAGE1_MEMORY_LIMIT_H

#include "common/server/admission.h"
#include "common/server/internal_requests.h"
#include "stage1-singlenode/evict.h"
#include "stage1-singlenode/node_config.h"
#include "stage1-singlenode/store.h"

struct server;

struct memory_limit {
    struct admission admission; // First, so that it is a memory_limit.
    struct server *server;
    struct store *store;
    const struct node_settings *settings;
    struct evict evict;
    size_t other; // Bytes outside the store, at sampled_ms.
    int64_t sampled_ms;
    size_t peak; // Of the bytes used, as seen at ticks.
    struct internal_requests dels;
};

// All are borrowed. The server's commands are registered.
void memory_limit_init(struct memory_limit *limit, struct server *server,
                       struct store *store,
                       const struct node_settings *settings);
void memory_limit_deinit(struct memory_limit *limit);

// Tells of a setting that changed.
void memory_limit_apply(struct memory_limit *limit);

// Bytes that data and clients take; see above.
size_t memory_limit_used(const struct memory_limit *limit);

#endif
