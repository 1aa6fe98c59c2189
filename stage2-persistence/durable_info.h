// durable_info.h -- what INFO, STATS and HEALTH tell of log and snapshots.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_DURABLE_INFO_H
#define VEGA_STAGE2_DURABLE_INFO_H

#include "common/server/health.h"
#include "common/server/layer.h"

// For a struct layer that is a struct durable_layer.
void durable_info(struct layer *layer, struct info *info);
void durable_stats(struct layer *layer, struct json_t *object);
void durable_health(struct layer *layer, struct health *health);

#endif
