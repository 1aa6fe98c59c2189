// commands_limits.c -- LIMITS: how a change of the limits reaches the store.
//
// Limits change what later commands do, so a change has its place among them,
// in a log too. The node submits it when its settings differ from the store's;
// clients can't.
//
//     LIMITS list-max-listpack-size -2 hash-max-listpack-entries 512 ...
// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <string.h>

#include "common/server/argv.h"
#include "common/server/request.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/limits.h"
#include "stage1-singlenode/store.h"

static const struct limit_field {
    const char *name;
    size_t offset; // Of the int64_t in struct limits.
} limit_fields[] = {
    {"list-max-listpack-size", offsetof(struct limits, list_max_listpack_size)},
    {"hash-max-listpack-entries",
     offsetof(struct limits, hash_max_listpack_entries)},
    {"hash-max-listpack-value",
     offsetof(struct limits, hash_max_listpack_value)},
    {"set-max-intset-entries", offsetof(struct limits, set_max_intset_entries)},
    {"zset-max-listpack-entries",
     offsetof(struct limits, zset_max_listpack_entries)},
    {"zset-max-listpack-value",
     offsetof(struct limits, zset_max_listpack_value)},
};

enum { LIMIT_FIELDS = sizeof limit_fields / sizeof *limit_fields };

void limits_to_command(const struct limits *limits, struct argv *argv)
{
    argv_add(argv, SLICE("LIMITS"));
    for (size_t i = 0; i < LIMIT_FIELDS; i++) {
        int64_t value;
        const char *at = (const char *)limits + limit_fields[i].offset;
        memcpy(&value, at, sizeof value);
        argv_add(argv, slice_of(limit_fields[i].name));
        argv_add_integer(argv, value);
    }
}

// False when there is no such limit.
static bool limits_set(struct limits *limits, struct slice name, int64_t value)
{
    for (size_t i = 0; i < LIMIT_FIELDS; i++) {
        if (!slice_is(name, limit_fields[i].name))
            continue;
        memcpy((char *)limits + limit_fields[i].offset, &value, sizeof value);
        return true;
    }
    return false;
}

static void limits_run(struct store *store, struct request *request)
{
    struct limits limits = *store_limits(store);
    for (uint32_t i = 1; i + 1 < request->argc; i += 2) {
        int64_t value;
        if (!slice_to_int64(request->argv[i + 1], &value) ||
            !limits_set(&limits, request->argv[i], value)) {
            reply_syntax_error(&request->reply);
            return;
        }
    }
    store_set_limits(store, &limits);
    request_changed(request);
    reply_ok(&request->reply);
}

const struct command commands_limits[] = {
    {"limits", -3, COMMAND_WRITE | COMMAND_INTERNAL, 0, 0, 0,
     "Sets how large values grow before their encoding changes",
     "limit value [limit value ...]", "server", "vega 1", .run = limits_run},
    {0},
};
