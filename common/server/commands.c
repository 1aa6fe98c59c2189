// commands.c -- registers the rows that every stage has.
// SPDX-License-Identifier: MIT
#include "common/server/commands.h"

#include "common/server/request.h"
#include "common/server/server.h"

enum { QUOTED_MAX = 128 };

struct slice commands_quote(struct slice text)
{
    if (text.size > QUOTED_MAX)
        text.size = QUOTED_MAX;
    return text;
}

void commands_refuse_subcommand(struct request *request, const char *name)
{
    reply_error(&request->reply,
                "ERR unknown subcommand or wrong number of arguments for "
                "'%.*s'. Try %s HELP.",
                SLICE_PRINT(commands_quote(request->argv[1])), name);
}

bool commands_check_name(struct request *request, const char *what,
                         struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] < '!' || name.data[i] > '~') {
            reply_error(&request->reply,
                        "ERR %s cannot contain spaces, newlines or special "
                        "characters.",
                        what);
            return false;
        }
    }
    return true;
}

bool commands_read_switch(struct request *request, struct slice text,
                          bool *value)
{
    if (!slice_is(text, "on") && !slice_is(text, "off")) {
        reply_syntax_error(&request->reply);
        return false;
    }
    *value = slice_is(text, "on");
    return true;
}

void server_add_commands(struct command_table *table)
{
    command_table_add(table, commands_connection);
    command_table_add(table, commands_client);
    command_table_add(table, commands_introspect);
    command_table_add(table, commands_config);
    command_table_add(table, commands_pubsub);
    command_table_add(table, commands_monitor);
    command_table_add(table, commands_server);
    command_table_add(table, commands_stats);
    command_table_add(table, commands_slowlog);
    command_table_add(table, commands_latency);
    command_table_add(table, commands_scripting);
}
