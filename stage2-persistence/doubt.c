// doubt.c -- after the log has failed: which keys may not be shown any more.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/doubt.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/server/flat.h"

struct doubt_key {
    struct map_link link;
    char name[];
};

void doubt_init(struct doubt *doubt, const struct command_table *commands,
                const struct hash_secret *secret)
{
    *doubt = (struct doubt){.commands = commands};
    map_init(&doubt->keys, secret);
}

void doubt_deinit(struct doubt *doubt)
{
    for (size_t i = 0; i < doubt->keys.bucket_count; i++) {
        struct map_link *link = doubt->keys.buckets[i];
        while (link) {
            struct map_link *next = link->next;
            free(container_of(link, struct doubt_key, link));
            link = next;
        }
    }
    map_deinit(&doubt->keys);
}

static void doubt_add_key(struct doubt *doubt, struct slice name)
{
    if (map_find(&doubt->keys, name))
        return;
    struct doubt_key *key = xmalloc(sizeof *key + name.size);
    memcpy(key->name, name.data, name.size);
    key->link.name = (struct slice){key->name, name.size};
    map_insert(&doubt->keys, &key->link);
}

struct doubt_walk {
    struct doubt *doubt;
    const struct slice *argv;
    uint32_t keys;
};

static void doubt_add_position(void *context, uint32_t position)
{
    struct doubt_walk *walk = context;
    doubt_add_key(walk->doubt, walk->argv[position]);
    walk->keys++;
}

// A transaction's own row names no keys; the commands in it do.
static void doubt_add_flat(struct doubt *doubt, const struct slice *argv,
                           uint32_t argc)
{
    struct flat flat = flat_open(argv, argc);
    struct flat_version version;
    struct flat_command command;
    uint32_t count;
    flat_read_count(&flat, &count);
    while (count-- > 0)
        flat_read_version(&flat, &version);
    flat_read_count(&flat, &count);
    while (count-- > 0) {
        flat_read_command(&flat, &command);
        doubt_add(doubt, command.argv, command.argc);
    }
}

void doubt_add(struct doubt *doubt, const struct slice *argv, uint32_t argc)
{
    const struct command *found;
    const struct command *command =
        command_resolve(doubt->commands, argv, argc, &found);
    if (command && command->run && command->serve &&
        flat_is_valid(argv, argc)) {
        doubt_add_flat(doubt, argv, argc);
        return;
    }
    struct request request = {.command = command, .argv = argv, .argc = argc};
    struct doubt_walk walk = {doubt, argv, 0};
    if (!command || !request_keys(&request, doubt_add_position, &walk) ||
        walk.keys == 0)
        doubt->everything = true;
}

struct doubt_look {
    const struct doubt *doubt;
    const struct slice *argv;
    uint32_t keys;
    bool found;
};

static void doubt_look_at(void *context, uint32_t position)
{
    struct doubt_look *look = context;
    look->keys++;
    look->found |= map_find(&look->doubt->keys, look->argv[position]) != NULL;
}

bool doubt_concerns(const struct doubt *doubt, const struct request *request)
{
    if (doubt->everything)
        return true;
    if (doubt->keys.count == 0)
        return false;
    struct doubt_look look = {doubt, request->argv, 0, false};
    bool named = request_keys(request, doubt_look_at, &look) && look.keys > 0;
    return look.found || !named;
}
