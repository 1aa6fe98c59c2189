// key_places.c -- a sorted list of names, read from the reply to COMMAND.
//
// An entry of that reply is a list: name, arity, flags, first key, last key,
// step, and from Redis 7 on more, the tenth being the subcommands with entries
// of their own, whose names are like "object|encoding".
// SPDX-License-Identifier: MIT
#include "stage3-sharding/key_places.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

enum {
    NAME_MAX_SIZE = 48,
    ENTRY_NAME = 0,
    ENTRY_FLAGS = 2,
    ENTRY_FIRST = 3,
    ENTRY_NEEDED = 4,
    ENTRY_SUBCOMMANDS = 9,
};

struct key_place {
    char name[NAME_MAX_SIZE]; // In lower case.
    size_t first;             // 0: none.
    bool is_movable;
    bool has_subcommands;
};

void key_places_deinit(struct key_places *places)
{
    free(places->places);
    *places = (struct key_places){0};
}

static bool is_list(const struct vega_reply *reply)
{
    return reply->type == VEGA_ARRAY || reply->type == VEGA_SET;
}

static bool has_flag(const struct vega_reply *flags, const char *name)
{
    for (size_t i = 0; is_list(flags) && i < flags->count; i++) {
        if (flags->elements[i].text &&
            strcmp(flags->elements[i].text, name) == 0)
            return true;
    }
    return false;
}

static void lower(char *text)
{
    for (; *text; text++)
        *text = (char)tolower((unsigned char)*text);
}

static bool read_entry(const struct vega_reply *entry, struct key_place *place)
{
    if (!is_list(entry) || entry->count < ENTRY_NEEDED)
        return false;
    const struct vega_reply *name = &entry->elements[ENTRY_NAME];
    const struct vega_reply *first = &entry->elements[ENTRY_FIRST];
    if (!name->text || name->size >= NAME_MAX_SIZE ||
        first->type != VEGA_INTEGER || first->integer < 0)
        return false;
    strcpy(place->name, name->text);
    lower(place->name);
    place->first = (size_t)first->integer;
    place->is_movable = has_flag(&entry->elements[ENTRY_FLAGS], "movablekeys");
    place->has_subcommands = entry->count > ENTRY_SUBCOMMANDS &&
                             entry->elements[ENTRY_SUBCOMMANDS].count > 0;
    return true;
}

// Adds what can be read of a list of entries, and of their subcommands'.
static void read_entries(struct key_places *places,
                         const struct vega_reply *list, bool is_top)
{
    places->places =
        xrealloc(places->places,
                 (places->count + list->count + 1) * sizeof *places->places);
    for (size_t i = 0; i < list->count; i++)
        places->count +=
            read_entry(&list->elements[i], &places->places[places->count]);
    for (size_t i = 0; is_top && i < list->count; i++) {
        const struct vega_reply *entry = &list->elements[i];
        if (entry->count > ENTRY_SUBCOMMANDS &&
            is_list(&entry->elements[ENTRY_SUBCOMMANDS]))
            read_entries(places, &entry->elements[ENTRY_SUBCOMMANDS], false);
    }
}

static int compare(const void *a, const void *b)
{
    const struct key_place *x = a, *y = b;
    return strcmp(x->name, y->name);
}

bool key_places_read(struct key_places *places, const struct vega_reply *reply)
{
    key_places_deinit(places);
    if (!is_list(reply))
        return false;
    read_entries(places, reply, true);
    qsort(places->places, places->count, sizeof *places->places, compare);
    return true;
}

static const struct key_place *find(const struct key_places *places,
                                    const char *name)
{
    struct key_place wanted = {0};
    snprintf(wanted.name, sizeof wanted.name, "%s", name);
    lower(wanted.name);
    if (places->count == 0)
        return NULL;
    return bsearch(&wanted, places->places, places->count, sizeof wanted,
                   compare);
}

static int argument_size(const struct route_command *command, size_t i)
{
    size_t size = route_argument(command, i).size;
    return size < NAME_MAX_SIZE ? (int)size : NAME_MAX_SIZE;
}

enum key_answer key_places_find(const struct key_places *places,
                                const struct route_command *command,
                                size_t *index)
{
    char name[2 * NAME_MAX_SIZE + 2];
    if (command->argc == 0)
        return KEY_NONE;
    int size = snprintf(name, sizeof name, "%.*s", argument_size(command, 0),
                        command->argv[0]);
    const struct key_place *place = find(places, name);
    if (place && place->has_subcommands && command->argc > 1) {
        snprintf(name + size, sizeof name - (size_t)size, "|%.*s",
                 argument_size(command, 1), command->argv[1]);
        place = find(places, name);
    }
    if (!place)
        return KEY_UNKNOWN;
    if (place->first > 0) {
        *index = place->first;
        return *index < command->argc ? KEY_AT : KEY_NONE;
    }
    return place->is_movable ? KEY_ASK : KEY_NONE;
}
