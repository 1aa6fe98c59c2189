// limits.h -- how large a value may grow before its encoding changes.
//
// OBJECT ENCODING shows it, and so does the order in which a set or a hash is
// walked: limits are a part of the store's state, and change for all of it at
// once (store_set_limits).
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_LIMITS_H
#define VEGA_STAGE1_LIMITS_H

#include <stdint.h>

// Named after the settings. Elements and bytes, inclusive.
struct limits {
    int64_t list_max_listpack_size; // Elements a node; -1 to -5: 4 to 64 KB.
    int64_t hash_max_listpack_entries;
    int64_t hash_max_listpack_value;
    int64_t set_max_intset_entries;
    int64_t zset_max_listpack_entries;
    int64_t zset_max_listpack_value;
};

struct argv;

// The internal command that sets all of them. Appends to `argv`.
void limits_to_command(const struct limits *limits, struct argv *argv);

// Redis 7.0's defaults, and those of a store.
#define LIMITS_DEFAULT                                                         \
    {                                                                          \
        .list_max_listpack_size = -2, .hash_max_listpack_entries = 512,        \
        .hash_max_listpack_value = 64, .set_max_intset_entries = 512,          \
        .zset_max_listpack_entries = 128, .zset_max_listpack_value = 64,       \
    }

#endif
