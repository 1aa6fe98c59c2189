// node_config.h -- the settings that a node of stage 1 adds to the server's.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_NODE_CONFIG_H
#define VEGA_STAGE1_NODE_CONFIG_H

#include <stdint.h>

#include "common/config/config.h"
#include "stage1-singlenode/limits.h"

// Filled by the rows below.
struct node_settings {
    int64_t maxmemory;    // Bytes; 0: no limit.
    int maxmemory_policy; // enum evict_policy
    int64_t maxmemory_samples;
    int64_t lfu_log_factor;
    int64_t lfu_decay_time;      // Minutes.
    int64_t list_compress_depth; // Of no effect.
    struct limits limits;
    // Of the second rows.
    int save, appendonly;
};

extern const struct config_row node_config_rows[];

// What Redis' tools ask for before they measure. A node of stage 1 keeps
// nothing on disk, so there is one answer to each; later stages have others.
extern const struct config_row memory_only_config_rows[];

#endif
