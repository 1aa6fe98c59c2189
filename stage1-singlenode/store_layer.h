// store_layer.h -- the lowest layer of every stack: runs a command against the
// store, at once.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_STORE_LAYER_H
#define VEGA_STAGE1_STORE_LAYER_H

#include "common/env/env.h"
#include "common/server/layer.h"
#include "stage1-singlenode/store.h"

struct store_layer {
    struct layer layer; // First, so that a layer is a store_layer.
    struct store *store;
    struct env *env; // To bound the work of a tick.
};

// Both are borrowed.
void store_layer_init(struct store_layer *self, struct store *store,
                      struct env *env);

#endif
