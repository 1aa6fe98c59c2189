// commands_introspect.c -- COMMAND: the command table, for clients.
// SPDX-License-Identifier: MIT
#include "common/server/command_describe.h"
#include "common/server/commands.h"
#include "common/server/server.h"
#include "common/server/session.h"

static void reply_all(const struct command_table *table, struct reply *reply)
{
    size_t count = command_count(table);
    reply_array(reply, count);
    for (size_t i = 0; i < count; i++)
        command_reply_info(reply, command_at(table, i));
}

static void command_serve(struct session *session, struct request *request)
{
    reply_all(session->server->commands, &request->reply);
}

static void count_serve(struct session *session, struct request *request)
{
    reply_integer(&request->reply,
                  (int64_t)command_count(session->server->commands));
}

static void info_serve(struct session *session, struct request *request)
{
    const struct command_table *table = session->server->commands;
    struct reply *reply = &request->reply;
    if (request->argc == 2) {
        reply_all(table, reply);
        return;
    }
    reply_array(reply, request->argc - 2);
    for (uint32_t i = 2; i < request->argc; i++) {
        const struct command *command =
            command_find_full(table, request->argv[i]);
        if (command)
            command_reply_info(reply, command);
        else
            reply_null(reply);
    }
}

static void reply_document(struct reply *reply, const struct command *command)
{
    reply_bulk_text(reply, command->full_name);
    command_reply_docs(reply, command);
}

static void docs_serve(struct session *session, struct request *request)
{
    const struct command_table *table = session->server->commands;
    struct reply *reply = &request->reply;
    size_t count = 0;
    if (request->argc == 2) {
        count = command_count(table);
        reply_map(reply, count);
        for (size_t i = 0; i < count; i++)
            reply_document(reply, command_at(table, i));
        return;
    }
    for (uint32_t i = 2; i < request->argc; i++)
        count += command_find_full(table, request->argv[i]) != NULL;
    reply_map(reply, count);
    for (uint32_t i = 2; i < request->argc; i++) {
        const struct command *command =
            command_find_full(table, request->argv[i]);
        if (command)
            reply_document(reply, command);
    }
}

struct list_filter {
    enum { LIST_ALL, LIST_MODULE, LIST_CATEGORY, LIST_PATTERN } by;
    struct slice value;
};

static bool list_matches(const struct list_filter *filter,
                         const struct command *command)
{
    if (command_is_internal(command))
        return false;
    switch (filter->by) {
    case LIST_ALL:
        return true;
    case LIST_MODULE:
        return false; // There are no modules.
    case LIST_CATEGORY:
        return command_in_category(command, filter->value);
    case LIST_PATTERN:
        return slice_matches(slice_of(command->full_name), filter->value, true);
    }
    return false;
}

// COMMAND LIST [FILTERBY what value]. On false the error was written.
static bool list_parse(struct request *request, struct list_filter *filter)
{
    const struct slice *argv = request->argv;
    *filter = (struct list_filter){.by = LIST_ALL};
    if (request->argc == 2)
        return true;
    if (request->argc == 5 && slice_is(argv[2], "filterby")) {
        filter->value = argv[4];
        if (slice_is(argv[3], "module"))
            filter->by = LIST_MODULE;
        else if (slice_is(argv[3], "aclcat"))
            filter->by = LIST_CATEGORY;
        else if (slice_is(argv[3], "pattern"))
            filter->by = LIST_PATTERN;
    }
    if (filter->by == LIST_ALL)
        reply_syntax_error(&request->reply);
    return filter->by != LIST_ALL;
}

static void list_serve(struct session *session, struct request *request)
{
    const struct command_table *table = session->server->commands;
    uint32_t ids = (uint32_t)command_id_count(table);
    struct list_filter filter;
    if (!list_parse(request, &filter))
        return;
    size_t count = 0;
    for (uint32_t id = 0; id < ids; id++)
        count += list_matches(&filter, command_by_id(table, id));
    reply_array(&request->reply, count);
    for (uint32_t id = 0; id < ids; id++) {
        const struct command *command = command_by_id(table, id);
        if (list_matches(&filter, command))
            reply_bulk_text(&request->reply, command->full_name);
    }
}

static void count_key(void *context, uint32_t position)
{
    (void)position;
    ++*(size_t *)context;
}

static void reply_key(void *context, uint32_t position)
{
    struct request *request = context;
    reply_bulk(&request->reply, request->argv[2 + position]);
}

static void getkeys_serve(struct session *session, struct request *request)
{
    uint32_t argc = request->argc - 2;
    const struct command *found;
    const struct command *command = command_resolve(
        session->server->commands, request->argv + 2, argc, &found);
    const struct request asked = {
        .command = command, .argv = request->argv + 2, .argc = argc};
    size_t count = 0;
    if (!command || command_is_internal(command))
        reply_error(&request->reply, "ERR Invalid command specified");
    else if (!command_has_keys(command) || command->flags & COMMAND_NO_KEYS)
        reply_error(&request->reply, "ERR The command has no key arguments");
    else if (!command_arity_fits(command, argc))
        reply_error(&request->reply, "ERR Invalid number of arguments "
                                     "specified for command");
    else if (!request_keys(&asked, count_key, &count))
        reply_error(&request->reply,
                    "ERR Invalid arguments specified for command");
    else {
        reply_array(&request->reply, count);
        request_keys(&asked, reply_key, request);
    }
}

enum { ANY_TIME = COMMAND_LOADING | COMMAND_STALE };

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command command_rows[] = {
    {"count", 2, ANY_TIME, 0, 0, 0, //
     "Counts the commands", "", "connection", "2.8.13", .serve = count_serve},
    {"docs", -2, ANY_TIME, 0, 0, 0,
     "Returns the documentation of all commands, or some",
     "[command-name [command-name ...]]", "connection", "7.0.0",
     .serve = docs_serve, .tips = "nondeterministic_output_order"},
    {"getkeys", -4, ANY_TIME, 0, 0, 0, //
     "Returns the keys in a command", "command [arg [arg ...]]", "connection",
     "2.8.13", .serve = getkeys_serve},
    {"info", -2, ANY_TIME, 0, 0, 0, //
     "Describes all commands, or some", "[command-name [command-name ...]]",
     "connection", "2.8.13", .serve = info_serve,
     .tips = "nondeterministic_output_order"},
    {"list", -2, ANY_TIME, 0, 0, 0, //
     "Returns the names of all commands, or some",
     "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
     "connection", "7.0.0", .serve = list_serve,
     .tips = "nondeterministic_output_order"},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "connection", "5.0.0", .serve = command_help},
    {0},
};

// Its group makes the category, which in Redis is that of connections too.
const struct command commands_introspect[] = {
    {"command", -1, ANY_TIME, 0, 0, 0, //
     "Describes all commands", "", "connection", "2.8.13",
     .serve = command_serve, .subcommands = command_rows,
     .tips = "nondeterministic_output_order"},
    {0},
};
