// layer.h -- the seam between what speaks to clients and what stands behind.
//
//     session -> [ what a stage adds ] -> ... -> store
//
// A node is a stack of layers. A request goes down it, the reply comes up, now
// or later. A layer knows the one below through this struct alone, and never
// the one above.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LAYER_H
#define VEGA_COMMON_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct health;
struct info;
struct json_t; // jansson's.
struct request;

struct layer {
    const char *name;
    struct layer *below; // NULL for the lowest.

    // Says that these requests come next, in this order, so that hashes can be
    // computed and memory fetched for all of them at once. Changes nothing
    // that anyone could see. Passed down by layers that add nothing.
    void (*prepare)(struct layer *layer, struct request **requests,
                    size_t count);

    // Takes one request; none while data are loaded. Exactly one
    // request_complete follows, now or later. A layer that keeps requests of a
    // session still lets their effects and replies happen in the order of
    // submission.
    void (*submit)(struct layer *layer, struct request *request);

    // Of the top layer, of a request with keys that does not go down by itself
    // now: one that MULTI queues, or that is served above the stack. True after
    // writing why this node refuses it. NULL: it never does.
    bool (*refuse)(struct layer *layer, struct request *request);

    // Ten times a second: a slice of work that nobody asked for, of 1 ms at
    // most. While it returns true it is called again soon, but never for more
    // than a quarter of the time.
    bool (*tick)(struct layer *layer, int64_t now_ms);

    // Says what is wrong with this layer, if anything. See health.h.
    void (*health)(struct layer *layer, struct health *health);

    // Appends this layer's sections of INFO. See info.h.
    void (*info)(struct layer *layer, struct info *info);

    // Adds this layer's members to the object that STATS answers.
    void (*stats)(struct layer *layer, struct json_t *object);

    // Sets the counters that INFO and STATS show to zero (CONFIG RESETSTAT).
    void (*reset_stats)(struct layer *layer);
};

// The layer below, for those that pass through.
void layer_prepare_below(struct layer *layer, struct request **requests,
                         size_t count);

#endif
