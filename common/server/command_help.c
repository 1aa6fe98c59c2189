// command_help.c -- replies that follow from a command's row alone.
// SPDX-License-Identifier: MIT
#include "common/server/command.h"
#include "common/server/request.h"

enum { HELP_LINE_MAX = 512 };

// One status line: `name` in capitals, then `rest`.
static void reply_capitals(struct reply *reply, const char *name,
                           const char *rest)
{
    char line[HELP_LINE_MAX];
    size_t size = 0;
    for (; size < sizeof line - 1 && name[size]; size++) {
        bool lower = name[size] >= 'a' && name[size] <= 'z';
        line[size] = lower ? (char)(name[size] - 'a' + 'A') : name[size];
    }
    for (; size < sizeof line - 1 && *rest; rest++)
        line[size++] = *rest;
    line[size] = '\0';
    reply_status(reply, line);
}

static void reply_indented(struct reply *reply, const char *text)
{
    struct buffer line = {0};
    buffer_printf(&line, "    %s.%c", text, '\0');
    reply_status(reply, line.data);
    buffer_deinit(&line);
}

static void reply_row(struct reply *reply, const struct command *row)
{
    struct buffer arguments = {0};
    buffer_printf(&arguments, "%s%s%c", *row->arguments ? " " : "",
                  row->arguments, '\0');
    reply_capitals(reply, row->name, arguments.data);
    buffer_deinit(&arguments);
    reply_indented(reply, row->summary);
}

// The shape is Redis': a heading, two lines a subcommand, HELP itself last.
void command_help(struct session *session, struct request *request)
{
    (void)session;
    const struct command *help = request->command;
    const struct command *rows = help->container->subcommands;
    struct reply *reply = &request->reply;

    size_t count = 0;
    while (rows[count].name)
        count++;
    reply_array(reply, 1 + 2 * count);
    reply_capitals(reply, help->container->name,
                   " <subcommand> [<arg> [value] [opt] ...]. "
                   "Subcommands are:");
    for (size_t i = 0; i < count; i++) {
        if (&rows[i] != help)
            reply_row(reply, &rows[i]);
    }
    reply_row(reply, help);
}

void command_refuse_arity(struct request *request)
{
    reply_error(&request->reply,
                "ERR wrong number of arguments for '%s' command",
                request->command->full_name);
}
