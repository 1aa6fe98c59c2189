// redaction.c -- which arguments of a request are secrets.
// SPDX-License-Identifier: MIT
#include "common/server/redaction.h"

#include "common/server/command.h"
#include "common/server/request.h"
#include "common/server/server.h"

// The position of the first of two arguments that HELLO hands to AUTH; beyond
// the last when there are none.
static uint32_t hello_secret(const struct request *request)
{
    for (uint32_t i = 2; i < request->argc; i++) {
        if (slice_is(request->argv[i], "auth"))
            return i + 1;
        if (slice_is(request->argv[i], "setname"))
            i++;
    }
    return request->argc;
}

struct redaction redaction_of(const struct request *request)
{
    const char *name = request->command->full_name;
    struct redaction redaction = {.request = request};
    if (!strcmp(name, "auth")) {
        redaction.first = 1;
        redaction.end = request->argc;
    } else if (!strcmp(name, "hello")) {
        redaction.first = hello_secret(request);
        redaction.end = redaction.first + 2;
    }
    redaction.has_settings = !strcmp(name, "config|set");
    return redaction;
}

// Is this the name of a setting that is a secret, in any of its spellings?
static bool is_secret_setting(struct slice name)
{
    for (const struct config_row *row = server_config_rows; row->key; row++) {
        if (row->flags & CONFIG_SECRET &&
            (slice_is(name, row->key) ||
             (row->redis_name && slice_is(name, row->redis_name))))
            return true;
    }
    return false;
}

struct slice redaction_argument(const struct redaction *redaction,
                                uint32_t index)
{
    const struct slice *argv = redaction->request->argv;
    bool secret = index >= redaction->first && index < redaction->end;
    if (redaction->has_settings && index > 2 && index % 2 == 1)
        secret |= is_secret_setting(argv[index - 1]);
    return secret ? SLICE("(redacted)") : argv[index];
}
