// cluster_visit.h -- asks every node of a cluster what cluster_view.h wants to
// know.
//
// Each is asked over a connection of its own, at the address that clients are
// told; who does not answer within VISIT_TIMEOUT_MS is left, and the view says
// so.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_VISIT_H
#define VEGA_STAGE3_CLUSTER_VISIT_H

#include "stage3-sharding/cluster_view.h"

enum { VISIT_TIMEOUT_MS = 2000 };

// Visits all nodes that the view knows, and whom they know; if it knows none,
// beginning with the server of `options`. False when no node answered, and
// `problem` is why.
bool cluster_visit(struct cluster_view *view,
                   const struct vega_options *options,
                   char problem[VIEW_TEXT_MAX]);

// Asks a node of the view how many keys it has of each slot that is `wanted`.
// False when it did not say.
bool cluster_visit_count(const struct cluster_view *view,
                         const struct vega_options *options, uint16_t node,
                         const bool wanted[SLOT_COUNT],
                         uint64_t keys[SLOT_COUNT]);

#endif
