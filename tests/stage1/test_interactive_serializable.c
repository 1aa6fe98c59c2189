// test_interactive_serializable.c -- whatever clients do at once, there is an
// order in which they might have come one after another: that of their commits.
//
// Clients take random turns; some of their commands are transactions of their
// own. Each transaction that commits is told again, as a whole, to a node that
// has seen the earlier ones and nothing else: every reply must be the same.
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "common/base/memory.h"
#include "common/base/random.h"
#include "stage1-singlenode/interactive.h"
#include "tests/stage1/node_harness.h"
#include "tests/test.h"

enum { CLIENTS = 4, TURNS = 1500, LINE_SIZE = 80 };

struct teller {
    struct node_client client;
    bool inside;
    struct buffer story; // Lines and replies since BEGIN, each terminated.
};

struct world {
    struct node_harness node, serial;
    struct teller tellers[CLIENTS];
    struct node_client listener; // Of `serial`.
    struct random random;
    int committed, conflicts;
};

static void world_init(struct world *world, uint64_t seed)
{
    node_init(&world->node);
    node_init(&world->serial);
    node_client_open(&world->listener, &world->serial);
    for (int i = 0; i < CLIENTS; i++) {
        world->tellers[i] = (struct teller){0};
        node_client_open(&world->tellers[i].client, &world->node);
    }
    random_init(&world->random, seed);
    world->committed = world->conflicts = 0;
}

static void world_deinit(struct world *world)
{
    for (int i = 0; i < CLIENTS; i++) {
        node_client_close(&world->tellers[i].client);
        buffer_deinit(&world->tellers[i].story);
    }
    node_client_close(&world->listener);
    node_deinit(&world->node);
    node_deinit(&world->serial);
}

// Strings in a, b, c; lists in l, m; a set in s. %c: another of the same type.
static void choose_line(struct random *random, char line[LINE_SIZE])
{
    static const char *const shapes[] = {
        "GET %c",          "GET %c",
        "SET %c 1",        "SET %c 2 NX",
        "INCR %c",         "APPEND %c 3",
        "DEL %c",          "STRLEN %c",
        "SET %c 4 GET",    "PUT %c 5",
        "GETDEL %c",       "MGET %c c",
        "MSETNX a 7 %c 8", "COPY %c a REPLACE",
        "EXISTS a %c",     "BATCH GET a PUT %c 9 DELETE b",
    };
    static const char *const others[] = {
        "RPUSH l 1",     "LPOP l",
        "LLEN l",        "LMOVE l m LEFT RIGHT",
        "LRANGE m 0 -1", "LPOP m",
        "SADD s 1 2",    "SREM s 1",
        "SCARD s",       "LMPOP 2 l m LEFT",
        "RPUSHX m 2",    "SMEMBERS s",
    };
    size_t shape = random_below(random, sizeof shapes / sizeof *shapes + 8);
    if (shape < sizeof shapes / sizeof *shapes)
        snprintf(line, LINE_SIZE, shapes[shape],
                 (int)('a' + random_below(random, 3)));
    else
        snprintf(line, LINE_SIZE, "%s",
                 others[random_below(random, sizeof others / sizeof *others)]);
}

static void note(struct teller *teller, const char *text)
{
    buffer_append(&teller->story, text, strlen(text) + 1);
}

// Tells the serial node what was told, and compares what it answers.
static void tell_again(struct world *world, struct teller *teller)
{
    const char *at = teller->story.data;
    const char *end = at + teller->story.size;
    while (at < end) {
        const char *reply = at + strlen(at) + 1;
        const char *serial = node_client_send(&world->listener, at);
        ck_assert_msg(!strcmp(serial, reply), "%s\nin parallel: %s\nserial: %s",
                      at, reply, serial);
        at = reply + strlen(reply) + 1;
    }
    buffer_clear(&teller->story);
}

static void end_transaction(struct world *world, struct teller *teller)
{
    teller->inside = false;
    const char *reply = node_client_send(&teller->client, "COMMIT");
    if (!strcmp(reply, "+OK\r\n")) {
        world->committed++;
        tell_again(world, teller);
    } else {
        ck_assert_int_eq(strncmp(reply, "-CONFLICT ", 10), 0);
        world->conflicts++;
        buffer_clear(&teller->story);
    }
}

static void take_turn(struct world *world, struct teller *teller)
{
    char line[LINE_SIZE];
    uint64_t dice = random_below(&world->random, 10);
    if (!teller->inside && dice < 4) {
        node_client_send(&teller->client, "BEGIN");
        teller->inside = true;
    } else if (teller->inside && dice < 2) {
        end_transaction(world, teller);
    } else {
        choose_line(&world->random, line);
        note(teller, line);
        note(teller, node_client_send(&teller->client, line));
        if (!teller->inside)
            tell_again(world, teller);
    }
}

TEST_FOR(transactions_are_serializable, 10)
{
    struct world *world = xmalloc(sizeof *world);
    world_init(world, (uint64_t)_i);
    for (int turn = 0; turn < TURNS; turn++)
        take_turn(world,
                  &world->tellers[random_below(&world->random, CLIENTS)]);
    ck_assert_int_gt(world->committed, 20);
    ck_assert_int_gt(world->conflicts, 20);
    world_deinit(world);
    free(world);
}
