// command.c -- the command table: rows in order, and an index by name.
//
// The index is open addressing with linear probing over a multiplicative hash
// of the lower-cased name, never more than a quarter full: a look-up is one
// pass over a short name and, nearly always, one comparison. Names come from
// the source, not from clients, so the hash needs no secret.
// SPDX-License-Identifier: MIT
#include "common/server/command.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/command_arguments.h"
#include "common/server/request.h"

enum { SLOTS_MIN = 64 };

struct command_table {
    struct command **slots; // The index; NULL: free.
    size_t slot_count;      // A power of two.
    struct command **rows;  // Top level, in the order of registration, the
    size_t count;           // internal ones last. Owned.
    size_t internal_count;
    const struct command **by_id;
    uint32_t id_count;
};

struct command_table *command_table_create(void)
{
    struct command_table *table = xcalloc(1, sizeof *table);
    table->slot_count = SLOTS_MIN;
    table->slots = xcalloc(SLOTS_MIN, sizeof(struct command *));
    return table;
}

static struct command *subcommands_of(const struct command *container)
{
    return (struct command *)(uintptr_t)container->subcommands;
}

void command_table_destroy(struct command_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        struct command *subcommands = subcommands_of(table->rows[i]);
        for (struct command *s = subcommands; s && s->name; s++)
            free((void *)(uintptr_t)s->full_name);
        free(subcommands);
        free(table->rows[i]);
    }
    free(table->by_id);
    free(table->rows);
    free(table->slots);
    free(table);
}

// Setting bit 5 makes letters lower case; what it does to other bytes is the
// same each time, and the comparison that follows is exact.
static size_t hash_name(struct slice name)
{
    size_t hash = name.size;
    for (size_t i = 0; i < name.size; i++)
        hash = hash * 31 + (unsigned char)(name.data[i] | 0x20);
    return hash * 0x9e3779b97f4a7c15u >> 32;
}

// slice_is, without a call and with one pass: every request comes by here.
static bool is_named(const struct command *row, struct slice name)
{
    size_t i = 0;
    for (; i < name.size && row->name[i]; i++) {
        char c = name.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != row->name[i])
            return false;
    }
    return i == name.size && !row->name[i];
}

// The slot that holds `name`, or the free one where it belongs.
static struct command **find_slot(const struct command_table *table,
                                  struct slice name)
{
    size_t mask = table->slot_count - 1;
    size_t at = hash_name(name) & mask;
    while (table->slots[at] && !is_named(table->slots[at], name))
        at = (at + 1) & mask;
    return &table->slots[at];
}

static void double_slots(struct command_table *table)
{
    table->slot_count *= 2;
    free(table->slots);
    table->slots = xcalloc(table->slot_count, sizeof(struct command *));
    for (size_t i = 0; i < table->count; i++)
        *find_slot(table, slice_of(table->rows[i]->name)) = table->rows[i];
}

static void give_id(struct command_table *table, struct command *row)
{
    row->table = table;
    row->id = table->id_count++;
    table->by_id = xrealloc(table->by_id, table->id_count * sizeof(row));
    table->by_id[row->id] = row;
}

static void check_row(const struct command *row)
{
    for (const char *c = row->name; *c; c++)
        check(*c < 'A' || *c > 'Z');
    check(row->arity != 0);
    check(row->summary && row->arguments && row->group && row->since);
    check(!row->run || !row->subcommands);
    check(row->run || row->serve || row->subcommands);
    struct arguments arguments;
    arguments_parse(&arguments, row->arguments);
}

static const struct command *find_subcommand(const struct command *container,
                                             struct slice name)
{
    for (const struct command *s = container->subcommands; s->name; s++) {
        if (slice_is(name, s->name))
            return s;
    }
    return NULL;
}

static char *join_names(const char *container, const char *name)
{
    size_t size = strlen(container) + 1 + strlen(name) + 1;
    char *full_name = xmalloc(size);
    snprintf(full_name, size, "%s|%s", container, name);
    return full_name;
}

// Copies `rows` behind the subcommands that `container` has.
static void add_subcommands(struct command_table *table,
                            struct command *container,
                            const struct command *rows)
{
    struct command *end = subcommands_of(container);
    while (end->name)
        end++;
    for (; rows->name; rows++) {
        check(end - container->subcommands < COMMAND_SUBCOMMANDS_MAX);
        check(!find_subcommand(container, slice_of(rows->name)));
        check(!rows->subcommands);
        check_row(rows);
        *end = *rows;
        end->container = container;
        end->full_name = join_names(container->name, rows->name);
        give_id(table, end++);
    }
}

size_t command_count(const struct command_table *table)
{
    return table->count - table->internal_count;
}

static void add_row(struct command_table *table, const struct command *row)
{
    check_row(row);
    if (4 * (table->count + 1) > table->slot_count)
        double_slots(table);
    struct command **slot = find_slot(table, slice_of(row->name));
    check(!*slot);

    struct command *copy = xmalloc(sizeof *copy);
    *copy = *row;
    copy->full_name = copy->name;
    give_id(table, copy);
    *slot = copy;
    table->rows = xrealloc(table->rows, (table->count + 1) * sizeof *slot);
    size_t at = command_count(table);
    if (command_is_internal(copy))
        at += table->internal_count++;
    memmove(table->rows + at + 1, table->rows + at,
            (table->count++ - at) * sizeof *slot);
    table->rows[at] = copy;
    if (row->subcommands) {
        copy->subcommands = xcalloc(COMMAND_SUBCOMMANDS_MAX + 1, sizeof *copy);
        add_subcommands(table, copy, row->subcommands);
    }
}

void command_table_add(struct command_table *table, const struct command *rows)
{
    for (; rows->name; rows++)
        add_row(table, rows);
}

void command_table_add_subcommands(struct command_table *table,
                                   const char *container,
                                   const struct command *rows)
{
    struct command *row = *find_slot(table, slice_of(container));
    check(row && row->subcommands);
    add_subcommands(table, row, rows);
}

const struct command *command_find(const struct command_table *table,
                                   struct slice name)
{
    return *find_slot(table, name);
}

const struct command *command_find_full(const struct command_table *table,
                                        struct slice full_name)
{
    const char *bar = memchr(full_name.data, '|', full_name.size);
    if (!bar) {
        const struct command *found = command_find(table, full_name);
        return found && !command_is_internal(found) ? found : NULL;
    }
    size_t size = (size_t)(bar - full_name.data);
    const struct command *container =
        command_find(table, (struct slice){full_name.data, size});
    if (!container || !container->subcommands)
        return NULL;
    return find_subcommand(container,
                           (struct slice){bar + 1, full_name.size - size - 1});
}

const struct command *command_resolve(const struct command_table *table,
                                      const struct slice *argv, uint32_t argc,
                                      const struct command **found)
{
    check(argc > 0);
    *found = command_find(table, argv[0]);
    if (!*found || !(*found)->subcommands || argc == 1)
        return *found;
    return find_subcommand(*found, argv[1]);
}

const struct command *command_at(const struct command_table *table,
                                 size_t index)
{
    check(index < command_count(table));
    return table->rows[index];
}

size_t command_id_count(const struct command_table *table)
{
    return table->id_count;
}

const struct command *command_by_id(const struct command_table *table,
                                    uint32_t id)
{
    check(id < table->id_count);
    return table->by_id[id];
}

bool command_keys(const struct command *command, uint32_t argc,
                  void (*each)(void *context, uint32_t position), void *context)
{
    if (command->first_key == 0)
        return true;
    int64_t last = command->last_key;
    if (last < 0)
        last += argc;
    if (last < command->first_key || last >= argc)
        return false;
    for (int64_t at = command->first_key; at <= last; at += command->key_step)
        each(context, (uint32_t)at);
    return true;
}

bool request_keys(const struct request *request,
                  void (*each)(void *context, uint32_t position), void *context)
{
    const struct command *command = request->command;
    int64_t count;
    if (command->find_keys)
        return command->find_keys(request, each, context);
    if (!command_keys(command, request->argc, each, context))
        return false;
    if (!command->key_count)
        return !(command->flags & COMMAND_MOVABLE_KEYS);
    uint32_t at = (uint32_t)command->key_count;
    if (at >= request->argc || !slice_to_int64(request->argv[at], &count) ||
        count < 1 || count >= request->argc - at)
        return false;
    for (uint32_t i = 1; i <= count; i++)
        each(context, at + i);
    return true;
}
