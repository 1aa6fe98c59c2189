// random_history.c -- clients of a value in memory, interleaved at random.
// SPDX-License-Identifier: MIT
#include "tests/common/random_history.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sim/kv_model.h"

enum { CLIENTS_MAX = 64, VALUE_SIZE = 128 };

// What a client is doing: an operation that may still take effect.
struct client {
    bool asks, is_done, has_gone;
    size_t index;
    struct client_step step;
    char argument[VALUE_SIZE], result[VALUE_SIZE];
};

struct world {
    struct random *random;
    const struct random_history_options *options;
    struct client_history history;
    struct client clients[CLIENTS_MAX];
    char value[VALUE_SIZE]; // "-": nothing.
};

static void client_ask(struct world *world, struct client *client)
{
    static const uint32_t kinds[] = {KV_GET,     KV_GET,      KV_GET,
                                     KV_SET,     KV_SET,      KV_DELETE,
                                     KV_SET_NEW, KV_INCREMENT};
    size_t count = world->options->only_sets ? 5
                   : world->options->counts  ? 8
                                             : 7;
    *client = (struct client){.asks = true};
    client->step.kind = kinds[random_below(world->random, count)];
    client->step.key = SLICE("x");
    uint64_t value = world->options->only_sets
                         ? world->history.count
                         : random_below(world->random, world->options->values);
    snprintf(client->argument, VALUE_SIZE, "%lu", (unsigned long)value);
    if (client->step.kind != KV_GET && client->step.kind != KV_DELETE)
        client->step.argument = slice_of(client->argument);
    client->index = client_history_invoke(
        &world->history, (uint32_t)(client - world->clients),
        (int64_t)world->history.events, &client->step, 1);
}

static void client_take_effect(struct world *world, struct client *client)
{
    bool is_there = strcmp(world->value, "-") != 0;
    client->is_done = true;
    snprintf(client->result, VALUE_SIZE, "%s", world->value);
    switch (client->step.kind) {
    case KV_SET:
        strcpy(client->result, "-");
        strcpy(world->value, client->argument);
        break;
    case KV_DELETE:
        strcpy(client->result, is_there ? "1" : "0");
        strcpy(world->value, "-");
        break;
    case KV_SET_NEW:
        strcpy(client->result, is_there ? "0" : "1");
        if (!is_there)
            strcpy(world->value, client->argument);
        break;
    case KV_INCREMENT:
        snprintf(client->result, VALUE_SIZE, "%ld",
                 (is_there ? strtol(world->value, NULL, 10) : 0) +
                     strtol(client->argument, NULL, 10));
        strcpy(world->value, client->result);
        break;
    default:
        break;
    }
}

static void client_return(struct world *world, struct client *client)
{
    struct slice result = {0};
    if (strcmp(client->result, "-") != 0)
        result = slice_of(client->result);
    client_history_return(&world->history, client->index,
                          (int64_t)world->history.events, CLIENT_OK, &result);
    client->asks = false;
}

static void client_go_on(struct world *world, struct client *client)
{
    bool unlucky =
        random_below(world->random, 200) < world->options->unknown_percent;
    if (!client->asks)
        client_ask(world, client);
    else if (client->has_gone || (unlucky && !client->is_done))
        client->has_gone = true; // It may still take effect.
    else if (!client->is_done)
        client_take_effect(world, client);
    else if (unlucky)
        client->has_gone = true;
    else
        client_return(world, client);
    if (client->has_gone && !client->is_done &&
        random_below(world->random, 10) == 0)
        client_take_effect(world, client);
    if (client->has_gone && random_below(world->random, 10) == 0)
        client->asks = client->has_gone = false;
}

struct client_history
random_history(struct random *random,
               const struct random_history_options *options)
{
    struct world world = {.random = random, .options = options, .value = "-"};
    ck_assert_uint_le(options->clients, CLIENTS_MAX);
    while (world.history.count < options->operations)
        client_go_on(&world,
                     &world.clients[random_below(random, options->clients)]);
    client_history_check_invariants(&world.history);
    return world.history;
}

void random_history_spoil(struct client_history *history, struct random *random)
{
    static const char *const results[] = {"0", "1", "2", "3"};
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++)
        count += history->operations[i].outcome == CLIENT_OK;
    size_t spoilt = count ? random_below(random, count) : history->count;
    for (size_t i = 0; i < history->count; i++) {
        struct client_operation *operation = &history->operations[i];
        if (operation->outcome != CLIENT_OK || spoilt-- > 0)
            continue;
        size_t choice = random_below(random, 5);
        operation->steps[0].result =
            choice < 4 ? slice_of(results[choice]) : (struct slice){0};
        return;
    }
}
