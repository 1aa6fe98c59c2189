// node_config.c -- the settings that a node of stage 1 adds to the server's.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/node_config.h"

#include <stddef.h>

#include "stage1-singlenode/evict.h"

#define FIELD(name) .offset = offsetof(struct node_settings, name)
#define TB (INT64_C(1) << 40)

static const char *const only_empty[] = {"", NULL};
static const char *const only_no[] = {"no", NULL};

const struct config_row node_config_rows[] = {
    {
        .key = "maxmemory",
        .type = CONFIG_SIZE,
        .flags = CONFIG_RUNTIME,
        .fallback = "0",
        .max = 1024 * TB,
        FIELD(maxmemory),
        .flag = "--maxmemory",
        .section = "Memory",
        .help = "Memory that data and clients may take; beyond it keys are "
                "evicted, or writes refused: see maxmemory_policy. 0: no "
                "limit.",
        .redis_name = "maxmemory",
    },
    {
        .key = "maxmemory_policy",
        .type = CONFIG_CHOICE,
        .flags = CONFIG_RUNTIME,
        .fallback = "noeviction",
        .choices = evict_policy_names,
        FIELD(maxmemory_policy),
        .section = "Memory",
        .help = "Which keys go at maxmemory: none, so that writes are refused; "
                "of all keys, or of those with an expiry (volatile), the least "
                "recently used, the least frequently used, any, or those that "
                "expire soonest.",
        .redis_name = "maxmemory-policy",
    },
    {
        .key = "maxmemory_samples",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "5",
        .min = 1,
        .max = 1000,
        FIELD(maxmemory_samples),
        .section = "Memory",
        .help = "Keys that are looked at to find one to evict: more find a "
                "better one, and cost more.",
        .redis_name = "maxmemory-samples",
    },
    {
        .key = "lfu_log_factor",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "10",
        .max = INT32_MAX,
        FIELD(lfu_log_factor),
        .section = "Memory",
        .help = "How slowly a key's counter of uses grows; with 10 it is full "
                "at about a million of them.",
        .redis_name = "lfu-log-factor",
    },
    {
        .key = "lfu_decay_time",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "1",
        .max = INT32_MAX,
        FIELD(lfu_decay_time),
        .section = "Memory",
        .help = "Minutes without a use that lower the counter by one; 0: it is "
                "never lowered.",
        .redis_name = "lfu-decay-time",
    },
    {
        .key = "list_max_listpack_size",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "-2",
        .min = -5,
        .max = INT32_MAX,
        FIELD(limits.list_max_listpack_size),
        .section = "Encodings",
        .help = "Elements in one piece of a list; or -1 to -5: bytes of it, "
                "4KB, 8KB, 16KB, 32KB or 64KB.",
        .redis_name = "list-max-listpack-size",
        .redis_old_name = "list-max-ziplist-size",
    },
    {
        .key = "list_compress_depth",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "0",
        .max = INT32_MAX,
        FIELD(list_compress_depth),
        .section = "Encodings",
        .help = "For Redis' tools, which set it: Redis compresses the pieces "
                "of a list beyond so many at either end. Here none ever is.",
        .redis_name = "list-compress-depth",
    },
    {
        .key = "hash_max_listpack_entries",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "512",
        .max = INT32_MAX,
        FIELD(limits.hash_max_listpack_entries),
        .section = "Encodings",
        .help = "Fields up to which a hash is kept in one piece of memory.",
        .redis_name = "hash-max-listpack-entries",
        .redis_old_name = "hash-max-ziplist-entries",
    },
    {
        .key = "hash_max_listpack_value",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "64",
        .max = INT32_MAX,
        FIELD(limits.hash_max_listpack_value),
        .section = "Encodings",
        .help = "Bytes of a field or value up to which it is.",
        .redis_name = "hash-max-listpack-value",
        .redis_old_name = "hash-max-ziplist-value",
    },
    {
        .key = "set_max_intset_entries",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "512",
        .max = INT32_MAX,
        FIELD(limits.set_max_intset_entries),
        .section = "Encodings",
        .help = "Members up to which a set of integers is kept as an array.",
        .redis_name = "set-max-intset-entries",
    },
    {
        .key = "zset_max_listpack_entries",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "128",
        .max = INT32_MAX,
        FIELD(limits.zset_max_listpack_entries),
        .section = "Encodings",
        .help = "Members up to which a sorted set is kept in one piece of "
                "memory.",
        .redis_name = "zset-max-listpack-entries",
        .redis_old_name = "zset-max-ziplist-entries",
    },
    {
        .key = "zset_max_listpack_value",
        .type = CONFIG_INT,
        .flags = CONFIG_RUNTIME,
        .fallback = "64",
        .max = INT32_MAX,
        FIELD(limits.zset_max_listpack_value),
        .section = "Encodings",
        .help = "Bytes of a member up to which it is.",
        .redis_name = "zset-max-listpack-value",
        .redis_old_name = "zset-max-ziplist-value",
    },
    {0},
};

const struct config_row memory_only_config_rows[] = {
    {
        .key = "save",
        .type = CONFIG_CHOICE,
        .flags = CONFIG_RUNTIME,
        .fallback = "",
        .choices = only_empty,
        FIELD(save),
        .section = "Persistence",
        .help = "Stage 1 keeps nothing on disk. This, and appendonly, are for "
                "Redis' tools, which ask.",
        .redis_name = "save",
    },
    {
        .key = "appendonly",
        .type = CONFIG_CHOICE,
        .flags = CONFIG_RUNTIME,
        .fallback = "no",
        .choices = only_no,
        FIELD(appendonly),
        .section = "Persistence",
        .help = "See save.",
        .redis_name = "appendonly",
    },
    {0},
};
