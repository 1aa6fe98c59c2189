// commands_debug.c -- what stage 1 adds to DEBUG.
// SPDX-License-Identifier: MIT
#include "common/server/request.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/store.h"

static void debug_set_active_expire(struct store *store,
                                    struct request *request)
{
    int64_t on;
    if (!slice_to_int64(request->argv[2], &on)) {
        reply_not_an_integer(&request->reply);
        return;
    }
    store_set_active_expiry(store, on != 0);
    reply_ok(&request->reply);
}

const struct command commands_debug[] = {
    {"set-active-expire", 3,
     COMMAND_PROTECTED | COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING |
         COMMAND_STALE,
     0, 0, 0, "Turns reclaiming expired keys in the background on or off",
     "<0 | 1>", "server", "3.0.0", .run = debug_set_active_expire},
    {0},
};
