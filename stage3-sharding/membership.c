// membership.c -- the nodes of a cluster keep each other up to date.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/membership.h"

#include <stdlib.h>

#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage3-sharding/hello.h"
#include "stage3-sharding/seed_list.h"

static struct membership *membership_of(struct env_peers *peers)
{
    return container_of(peers, struct membership, peers);
}

// ---- What this node says

static void membership_greet(struct membership *self, uint16_t node)
{
    const struct membership_peer *peer = &self->known[node];
    bool is_at_odds = !peer->heard || peer->digest != self->topology->digest;
    struct buffer message = {0};
    hello_encode(self->topology, is_at_odds, &message);
    // A peer whose queue is full, or that cannot be reached, hears the next.
    if (env_peer_send(self->env, self->topology->nodes[node].number,
                      buffer_slice(&message)) == STATUS_OK)
        self->sent++;
    buffer_deinit(&message);
}

bool membership_is_alive(const struct membership *self, uint16_t node)
{
    const struct membership_peer *peer = &self->known[node];
    if (node == self->topology->self)
        return true;
    // Who was not heard while this node slept, or had not begun, may have
    // spoken.
    int64_t heard_us =
        peer->heard_us > self->awake_us ? peer->heard_us : self->awake_us;
    return env_now_us(self->env) - heard_us < MEMBERSHIP_SILENT_US;
}

bool membership_is_disputed(const struct membership *self)
{
    for (uint16_t i = 0; i < self->topology->count; i++) {
        if (self->known[i].disagrees)
            return true;
    }
    return false;
}

enum status membership_cut(struct membership *self, uint16_t node, bool cut)
{
    const struct topology_node *peer = &self->topology->nodes[node];
    enum status status = env_peer_cut(self->env, peer->number, cut);
    if (status != STATUS_OK)
        return status;
    self->known[node].cut = cut;
    log_warn(self->log, cut ? "peer is cut off" : "peer is no longer cut off",
             LOG_TEXT_OF("node", peer->id));
    return STATUS_OK;
}

// Says once when a peer falls silent; membership_hear, when it is back.
static void membership_note_silence(struct membership *self, uint16_t node)
{
    struct membership_peer *peer = &self->known[node];
    if (peer->silent || membership_is_alive(self, node))
        return;
    peer->silent = true;
    log_warn(self->log, "peer is silent",
             LOG_TEXT_OF("node", self->topology->nodes[node].id));
}

// A process that was stopped (or a machine) has heard nobody meanwhile.
static void membership_note_sleep(struct membership *self)
{
    int64_t now_us = env_now_us(self->env);
    if (now_us - self->ticked_us > MEMBERSHIP_SILENT_US)
        self->awake_us = now_us;
    self->ticked_us = now_us;
}

static void membership_tick(struct env_timer *timer)
{
    struct membership *self = container_of(timer, struct membership, timer);
    membership_note_sleep(self);
    for (uint16_t i = 0; i < self->topology->count; i++) {
        if (i == self->topology->self)
            continue;
        membership_greet(self, i);
        membership_note_silence(self, i);
    }
    env_timer_start(self->env, timer, MEMBERSHIP_GREET_US);
}

// ---- What it hears

static void membership_plan(struct membership *self)
{
    struct topology *topology = self->topology;
    if (self->planned || !topology_plan(topology))
        return;
    self->planned = true;
    log_info(self->log, "map complete", LOG_INT_OF("nodes", topology->count),
             LOG_INT_OF("own_slots", topology_share(topology, topology->self)));
}

// An owner that we were not told of means that the peer has another list of
// nodes.
static bool membership_learn_range(struct membership *self,
                                   const struct hello_range *range)
{
    uint16_t owner = topology_find_number(self->topology, range->owner);
    if (owner == TOPOLOGY_NOBODY)
        return false;
    bool agreed = true;
    for (uint32_t slot = range->first; slot <= range->last; slot++)
        agreed &= topology_learn(self->topology, (uint16_t)slot, owner,
                                 range->epoch) != TOPOLOGY_DISPUTED;
    return agreed;
}

// Whether the map that the peer speaks of is ours, once what is newer has been
// taken over; without ranges, what was found out the last time.
static bool membership_learn_map(struct membership *self, uint16_t node,
                                 struct hello *hello)
{
    struct hello_range range;
    bool agreed = !self->known[node].disagrees || hello->ranges.size > 0;
    while (hello_next_range(&hello->ranges, &range))
        agreed &= membership_learn_range(self, &range);
    return agreed || hello->digest == self->topology->digest;
}

static void membership_learn(struct membership *self, uint16_t node,
                             struct hello *hello)
{
    struct topology_node *known = &self->topology->nodes[node];
    bool agreed = known->weight == 0 || known->weight == hello->weight;
    known->client = hello->client;
    if (known->weight == 0)
        known->weight = hello->weight;
    membership_plan(self);
    agreed &= membership_learn_map(self, node, hello);
    if (!agreed && !self->known[node].disagrees)
        log_error(self->log, "a peer has another map: give all nodes the same",
                  LOG_TEXT_OF("node", known->id));
    self->known[node].disagrees = !agreed;
    self->known[node].digest = hello->digest;
}

static void membership_hear(struct membership *self, uint16_t node)
{
    struct membership_peer *peer = &self->known[node];
    bool is_news = !peer->heard || peer->silent;
    peer->heard = true;
    peer->silent = false;
    peer->heard_us = env_now_us(self->env);
    peer->heard_ms = env_wall_us(self->env) / 1000;
    self->received++;
    if (!is_news)
        return;
    peer->since_ms = peer->heard_ms;
    log_info(self->log, "peer is there",
             LOG_TEXT_OF("node", self->topology->nodes[node].id));
    membership_greet(self, node); // It waits to hear of us, too.
}

static void membership_receive(struct env_peers *peers, uint32_t from,
                               struct slice body)
{
    struct membership *self = membership_of(peers);
    struct hello hello;
    if (!hello_decode(body, &hello))
        return; // Of a later version.
    uint16_t node = topology_find(self->topology, hello.id);
    if (node == TOPOLOGY_NOBODY || node == self->topology->self ||
        self->topology->nodes[node].number != from)
        return; // It is not who its link says.
    membership_learn(self, node, &hello);
    membership_hear(self, node);
}

static void membership_answer(struct env_peers *peers, struct slice question,
                              struct buffer *answer)
{
    seed_answer_encode(membership_of(peers)->topology, question, answer);
}

void membership_init(struct membership *self, struct env *env,
                     struct logger *log, struct topology *topology)
{
    *self = (struct membership){
        .peers = {.receive = membership_receive, .answer = membership_answer},
        .env = env,
        .log = log,
        .topology = topology,
        .known = xcalloc(topology->count, sizeof *self->known),
        .awake_us = env_now_us(env),
        .ticked_us = env_now_us(env),
        .timer = {.fire = membership_tick},
    };
    membership_plan(self);
    if (topology->count == 1)
        return;
    env_peer_listen(env, &self->peers);
    env_timer_start(env, &self->timer, 0);
}

void membership_deinit(struct membership *self)
{
    if (self->topology->count > 1)
        env_peer_listen(self->env, NULL);
    env_timer_stop(self->env, &self->timer);
    free(self->known);
}
