// durable_config.h -- the settings that a node of stage 2 adds.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_DURABLE_CONFIG_H
#define VEGA_STAGE2_DURABLE_CONFIG_H

#include <stdint.h>

#include "common/config/config.h"

// Filled by the rows below.
struct durable_settings {
    char *data_dir;
    char *snapshot_path;      // "": the same.
    int fsync;                // enum aof_policy
    int64_t log_segment_size; // Bytes of one file of the log.
    char *save;               // "3600 1 300 100": seconds and changes, in turn.
    int64_t snapshot_log_size; // A snapshot when the log since the last one is
                               // larger; 0: never for that.
    bool snapshot_compress;
    int appendonly; // What Redis' tools ask for; there is one answer.
};

extern const struct config_row durable_config_rows[];

#endif
