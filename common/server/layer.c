// layer.c -- passing through.
// SPDX-License-Identifier: MIT
#include "common/server/layer.h"

void layer_prepare_below(struct layer *layer, struct request **requests,
                         size_t count)
{
    if (layer->below->prepare)
        layer->below->prepare(layer->below, requests, count);
}
