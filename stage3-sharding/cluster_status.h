// cluster_status.h -- `vega-client cluster status`: all nodes at a glance.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_STATUS_H
#define VEGA_STAGE3_CLUSTER_STATUS_H

#include "common/base/buffer.h"
#include "stage3-sharding/cluster_view.h"

struct json_t;

// A line a node, and one for all of them.
void cluster_status_text(const struct cluster_view *view, struct buffer *out);

// The same, owned by the caller: {"nodes": [{"id": "n1", ...}, ...], "all":
// {"slots": ..., ...}}. What a node that did not answer cannot say is null.
struct json_t *cluster_status_json(const struct cluster_view *view);

#endif
