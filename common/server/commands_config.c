// commands_config.c -- CONFIG: settings at run time.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
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

// The names come first, as in Redis: each is known, may change and stands
// there once. On false the error was written.
static bool check_names(const struct config *config, struct request *request,
                        const struct slice *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct config_error error;
        struct slice key = pairs[2 * i];
        enum status status =
            config_check(config, key, pairs[2 * i + 1], &error);
        if (status == STATUS_NOT_FOUND)
            reply_error(&request->reply,
                        "ERR Unknown option or number of arguments for CONFIG "
                        "SET - '%.*s'",
                        SLICE_PRINT(commands_quote(key)));
        else if (status == STATUS_DENIED)
            refuse(request, key, "can't set immutable config");
        else if (is_repeated(pairs, i))
            refuse(request, key, "duplicate parameter");
        else
            continue;
        return false;
    }
    return true;
}

static bool check_values(const struct config *config, struct request *request,
                         const struct slice *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct config_error error;
        if (config_check(config, pairs[2 * i], pairs[2 * i + 1], &error) !=
            STATUS_OK) {
            refuse(request, pairs[2 * i], error.text);
            return false;
        }
    }
    return true;
}

// All or nothing: what was checked can't be refused.
static void set_serve(struct session *session, struct request *request)
{
    if (request->argc % 2 != 0) {
        reply_syntax_error(&request->reply);
        return;
    }
    struct config *config = session->server->config;
    const struct slice *pairs = request->argv + 2;
    size_t count = (request->argc - 2) / 2;
    if (!check_names(config, request, pairs, count) ||
        !check_values(config, request, pairs, count))
        return;
    for (size_t i = 0; i < count; i++) {
        struct config_error error;
        check(config_set(config, pairs[2 * i], pairs[2 * i + 1], &error) ==
              STATUS_OK);
    }
    reply_ok(&request->reply);
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
     .serve = set_serve,
     .tips = "request_policy:all_nodes response_policy:all_succeeded"},
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
