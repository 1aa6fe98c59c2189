// talkers.c -- see talkers.h.
// SPDX-License-Identifier: MIT
#include "tests/stage3/talkers.h"

#include <stdio.h>

#include "tests/test.h"

enum { STEP_MS = 10 };

static struct talkers *world; // The one of the test that runs.

static uint16_t index_of(struct env *env)
{
    struct fake_env *fake = container_of(env, struct fake_env, env);
    return (uint16_t)(container_of(fake, struct talker, fake) - world->all);
}

// Arrives at once: what a message may find there is any state of its peer.
static enum status talker_send(struct env *env, uint32_t to, struct slice body)
{
    uint16_t from = index_of(env);
    uint16_t node = topology_find_number(&world->all[from].topology, to);
    ck_assert(node != TOPOLOGY_NOBODY && node != from);
    world->all[from].last_size = body.size;
    struct talker *peer = &world->all[node];
    if (peer->peers && !peer->asleep && !world->cut[from][node])
        peer->peers->receive(
            peer->peers, world->all[from].topology.nodes[from].number, body);
    return STATUS_OK;
}

static void talker_listen(struct env *env, struct env_peers *peers)
{
    world->all[index_of(env)].peers = peers;
}

static void talker_init(struct talker *talker, uint16_t self)
{
    fake_env_init(&talker->fake, self + 1u);
    talker->ops = *talker->fake.env.ops;
    talker->ops.peer_send = talker_send;
    talker->ops.peer_listen = talker_listen;
    talker->fake.env.ops = &talker->ops;
    topology_init(&talker->topology);
    for (int i = 0; i < TALKERS; i++) {
        char id[16];
        snprintf(id, sizeof id, "n%d", i);
        ck_assert_ptr_nonnull(topology_add(&talker->topology, slice_of(id)));
    }
    talker->topology.self = self;
    talker->topology.nodes[self].weight = 1;
    talker->topology.nodes[self].client =
        (struct topology_address){"127.0.0.1", (uint16_t)(7000 + self)};
}

void talkers_init(struct talkers *talkers)
{
    *talkers = (struct talkers){0};
    world = talkers;
    for (uint16_t i = 0; i < TALKERS; i++)
        talker_init(&talkers->all[i], i);
}

void talkers_start(struct talkers *talkers)
{
    for (int i = 0; i < TALKERS; i++) {
        struct talker *talker = &talkers->all[i];
        membership_init(&talker->membership, &talker->fake.env, NULL,
                        &talker->topology);
    }
}

void talkers_deinit(struct talkers *talkers)
{
    for (int i = 0; i < TALKERS; i++) {
        struct talker *talker = &talkers->all[i];
        topology_check_invariants(&talker->topology);
        membership_deinit(&talker->membership);
        topology_deinit(&talker->topology);
        fake_env_deinit(&talker->fake);
    }
}

void talkers_run_ms(struct talkers *talkers, int64_t ms)
{
    for (int64_t at = 0; at < ms; at += STEP_MS) {
        for (int i = 0; i < TALKERS; i++) {
            if (!talkers->all[i].asleep)
                fake_env_advance(&talkers->all[i].fake, STEP_MS * 1000);
        }
    }
}
