// cluster_text.h -- the answers to CLUSTER NODES and CLUSTER INFO, in the lines
// that Redis' tools parse.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_TEXT_H
#define VEGA_STAGE3_CLUSTER_TEXT_H

#include "common/base/buffer.h"
#include "stage3-sharding/membership.h"

void cluster_text_nodes(const struct membership *membership,
                        struct buffer *out);
void cluster_text_info(const struct membership *membership, struct buffer *out);

#endif
