// commands_config.c -- CONFIG: settings at run time.
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "common/base/memory.h"
#include "common/config/config.h"
#include "common/server/commands.h"
#include "common/server/server.h"
#include "common/server/session.h"

// Pairs as they are found: the map's header needs their number first.
struct found_settings {
    const struct slice *earlier; // Patterns whose matches were written already.
    size_t earlier_count;
    struct reply pairs;
    size_t count;
};

static void find_setting(void *context, const char *key, const char *value)
{
    struct found_settings *found = context;
    for (size_t i = 0; i < found->earlier_count; i++) {
        if (slice_matches(slice_of(key), found->earlier[i], true))
            return;
    }
    reply_bulk_text(&found->pairs, key);
    reply_bulk_text(&found->pairs, value);
    found->count++;
}

static void get_serve(struct session *session, struct request *request)
{
    struct buffer text = {0};
    struct found_settings found = {
        .earlier = request->argv + 2,
        .pairs = {.out = &text, .protocol = request->reply.protocol},
    };
    for (uint32_t i = 2; i < request->argc; i++) {
        found.earlier_count = i - 2;
        config_get(session->server->config, request->argv[i], find_setting,
                   &found);
    }
    reply_map(&request->reply, found.count);
    reply_bytes(&request->reply, buffer_slice(&text));
    buffer_deinit(&text);
}

static void take_value(void *context, const char *key, const char *value)
{
    (void)key;
    char **copy = context;
    if (!*copy)
        *copy = xstrdup(value);
}

// What the setting is now, to go back to; NULL for an unknown key. Owned by the
// caller. A key is looked up as a pattern that has nothing special in it.
static char *copy_value(const struct config *config, struct slice key)
{
    char *value = NULL;
    for (size_t i = 0; i < key.size; i++) {
        if (memchr("*?[]\\", key.data[i], 5))
            return NULL;
    }
    config_get(config, key, take_value, &value);
    return value;
}

static bool is_repeated(const struct slice *pairs, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (slice_equal_nocase(pairs[2 * i], pairs[2 * index]))
            return true;
    }
    return false;
}

static void refuse(struct request *request, struct slice key,
                   const char *reason)
{
    reply_error(&request->reply,
                "ERR CONFIG SET failed (possibly related to argument "
                "'%.*s') - %s",
                SLICE_PRINT(commands_quote(key)), reason);
}

// Fills old[i] with the present value of each key. On false the error was
// written.
static bool look_up(const struct config *config, struct request *request,
                    const struct slice *pairs, size_t count, char **old)
{
    for (size_t i = 0; i < count; i++) {
        struct slice key = pairs[2 * i];
        old[i] = copy_value(config, key);
        if (!old[i]) {
            reply_error(&request->reply,
                        "ERR Unknown option or number of arguments for CONFIG "
                        "SET - '%.*s'",
                        SLICE_PRINT(commands_quote(key)));
            return false;
        }
        if (is_repeated(pairs, i)) {
            refuse(request, key, "duplicate parameter");
            return false;
        }
    }
    return true;
}

static void restore(struct config *config, const struct slice *pairs,
                    size_t count, char *const *old)
{
    struct config_error error;
    while (count-- > 0)
        config_set(config, pairs[2 * count], slice_of(old[count]), &error);
}

// All or nothing: at the first refusal what was set before it goes back.
static void apply(struct config *config, struct request *request,
                  const struct slice *pairs, size_t count, char *const *old)
{
    for (size_t i = 0; i < count; i++) {
        struct config_error error;
        struct slice key = pairs[2 * i], value = pairs[2 * i + 1];
        enum status status = config_set(config, key, value, &error);
        if (status != STATUS_OK) {
            restore(config, pairs, i, old);
            refuse(request, key,
                   status == STATUS_DENIED ? "can't set immutable config"
                                           : error.text);
            return;
        }
    }
    reply_ok(&request->reply);
}

static void set_serve(struct session *session, struct request *request)
{
    if (request->argc % 2 != 0) {
        reply_syntax_error(&request->reply);
        return;
    }
    struct config *config = session->server->config;
    const struct slice *pairs = request->argv + 2;
    size_t count = (request->argc - 2) / 2;
    char **old = xcalloc(count, sizeof *old);
    if (look_up(config, request, pairs, count, old))
        apply(config, request, pairs, count, old);
    for (size_t i = 0; i < count; i++)
        free(old[i]);
    free(old);
}

static void resetstat_serve(struct session *session, struct request *request)
{
    server_reset_stats(session->server);
    reply_ok(&request->reply);
}

enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    OPERATOR = ANY_TIME | COMMAND_NOSCRIPT | COMMAND_ADMIN,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command config_rows[] = {
    {"get", -3, OPERATOR, 0, 0, 0, //
     "Returns the settings whose names match", "pattern [pattern ...]",
     "server", "2.0.0", .serve = get_serve},
    {"set", -4, OPERATOR, 0, 0, 0, //
     "Changes settings, all of them or none",
     "parameter value [parameter value ...]", "server", "2.0.0",
     .serve = set_serve},
    {"resetstat", 2, OPERATOR, 0, 0, 0, //
     "Starts counting anew", "", "server", "2.0.0", .serve = resetstat_serve},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "server", "5.0.0", .serve = command_help},
    {0},
};

const struct command commands_config[] = {
    {"config", -2, 0, 0, 0, 0, //
     "Commands about settings", "", "server", "2.0.0",
     .subcommands = config_rows},
    {0},
};
