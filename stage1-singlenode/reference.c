// reference.c -- the command reference, a page of Markdown.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/reference.h"

#include <stdio.h>
#include <string.h>

static const char *const groups[] = {
    "string",     "bitmap",       "list",      "hash",    "set",
    "sorted-set", "transactions", "scripting", "generic", "pubsub",
    "connection", "server",       "cluster",
};
enum { GROUP_COUNT = sizeof groups / sizeof *groups };

// Upper case, with '|' for Markdown's sake in a code span of a table.
static void print_name(const char *full_name)
{
    for (const char *at = full_name; *at; at++)
        putchar(*at == '|' ? ' ' : *at >= 'a' && *at <= 'z' ? *at - 32 : *at);
}

static void print_arguments(const char *arguments)
{
    for (const char *at = arguments; *at; at++)
        printf(*at == '|' ? "\\%c" : "%c", *at);
}

static void print_row(const struct command *command)
{
    printf("| `");
    print_name(command->full_name);
    if (*command->arguments) {
        putchar(' ');
        print_arguments(command->arguments);
    }
    printf("` | %s | %s |\n", command->summary, command->since);
}

static void print_command(const struct command *command)
{
    if (!command->subcommands) {
        print_row(command);
        return;
    }
    if (command->run || command->serve)
        print_row(command);
    for (const struct command *row = command->subcommands; row->name; row++)
        print_row(row);
}

static int print_group(const struct command_table *table, const char *group)
{
    int count = 0;
    for (size_t i = 0; i < command_count(table); i++) {
        const struct command *command = command_at(table, i);
        if (strcmp(command->group, group))
            continue;
        if (count++ == 0)
            printf("\n## %s\n\n| command | what it does | since |\n"
                   "|---|---|---|\n",
                   group);
        print_command(command);
    }
    return count;
}

bool reference_print(const struct command_table *table)
{
    printf("# Commands\n\n"
           "Made by `make reference` from the command table, which also drives "
           "dispatch,\n`COMMAND DOCS` and the help of `vega-client`. *Since* "
           "is the Redis version that had\na command first; \"vega 1\" marks "
           "VegaDB's own words.\n");
    size_t count = 0;
    for (int i = 0; i < GROUP_COUNT; i++)
        count += (size_t)print_group(table, groups[i]);
    // A group that is missing above would lose its commands in silence.
    if (count != command_count(table))
        fprintf(stderr, "vega-reference: %zu of %zu commands have a group\n",
                count, command_count(table));
    return count == command_count(table);
}
