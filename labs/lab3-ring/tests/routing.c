// routing.c -- routing, node_down, hygiene: a node that is asked, and a client
// that asks.
// SPDX-License-Identifier: MIT
#include "labs/lab3-ring/tests/referee.h"
#include "labs/lab3-ring/tests/requests.h"

static unsigned draw_slot(struct draw *draw)
{
    return model_slot(bytes_of(requests_key(draw)));
}

// ---- A node that answers for its slots

static void learn(struct draw *draw, struct schedule *schedule, unsigned nodes)
{
    unsigned slot = draw_slot(draw), size = draw_below(draw, 4000);
    unsigned last = slot + size < MODEL_SLOTS ? slot + size : MODEL_SLOTS - 1;
    schedule_add(schedule, "learn %u %u n%u %u",
                 draw_chance(draw, 50) ? slot : slot - slot % 100, last,
                 1 + draw_below(draw, nodes), 1 + draw_below(draw, 5));
}

static void ask_node(struct draw *draw, struct schedule *schedule)
{
    unsigned nodes = 2 + draw_below(draw, 4), next = 0;
    schedule_add(schedule, "node %u", nodes);
    for (unsigned i = 0; i < nodes; i++)
        schedule_add(schedule, "learn %u %u n%u 1", i * MODEL_SLOTS / nodes,
                     (i + 1) * MODEL_SLOTS / nodes - 1, i + 1);
    for (unsigned steps = 20 + draw_below(draw, 30); steps > 0; steps--) {
        unsigned what = draw_below(draw, 100), slot = draw_slot(draw);
        if (what < 8)
            learn(draw, schedule, nodes);
        else if (what < 11)
            schedule_add(schedule, "importing %u n%u", slot,
                         1 + draw_below(draw, nodes));
        else if (what < 13)
            schedule_add(schedule, "stable %u", slot);
        else if (what < 23)
            schedule_add(schedule, "ask asking");
        else if (what < 26)
            schedule_add(schedule, "ask %s",
                         draw_chance(draw, 50) ? "ping" : "dbsize");
        else
            requests_add(draw, schedule, "ask", &next, false);
    }
    schedule_add(schedule, "ask dbsize");
}

// ---- A client among nodes

struct cluster {
    unsigned nodes, given; // The client is given that one.
};

static struct cluster begin_client(struct draw *draw, struct schedule *schedule)
{
    static const char *const hosts[] = {"10.0.0.1", "db.example", "::1"};
    unsigned nodes = 2 + draw_below(draw, 4);
    schedule_add(schedule, "cluster %u %s%s", nodes, hosts[draw_below(draw, 3)],
                 draw_chance(draw, 30) ? " anonymous" : "");
    struct cluster cluster = {nodes, 1 + draw_below(draw, nodes)};
    schedule_add(schedule, "client n%u", cluster.given);
    return cluster;
}

static void change_map(struct draw *draw, struct schedule *schedule,
                       unsigned nodes)
{
    unsigned slot = draw_slot(draw), node = 1 + draw_below(draw, nodes);
    unsigned last =
        draw_chance(draw, 60) ? slot : slot + draw_below(draw, 5000);
    schedule_add(schedule, "give %u %u n%u", slot,
                 last < MODEL_SLOTS ? last : MODEL_SLOTS - 1, node);
}

// One node, or all of them.
static void garble(struct draw *draw, struct schedule *schedule, unsigned nodes,
                   unsigned node)
{
    const char *what = draw_chance(draw, 60) ? "garbled" : "clear";
    bool all = draw_chance(draw, 50);
    for (unsigned i = 1; i <= nodes; i++) {
        if (all || i == node)
            schedule_add(schedule, "%s n%u", what, i);
    }
}

static void ask_cluster(struct draw *draw, struct schedule *schedule)
{
    struct cluster cluster = begin_client(draw, schedule);
    unsigned next = 0;
    for (unsigned steps = 15 + draw_below(draw, 30); steps > 0; steps--) {
        unsigned what = draw_below(draw, 100);
        unsigned node = 1 + draw_below(draw, cluster.nodes);
        if (what < 10)
            change_map(draw, schedule, cluster.nodes);
        else if (what < 17)
            schedule_add(schedule, "moving %u n%u", draw_slot(draw), node);
        else if (what < 20)
            schedule_add(schedule, "busy n%u %u", node,
                         1 + draw_below(draw, 2));
        else if (what < 22)
            schedule_add(schedule, "client n%u", cluster.given);
        else if (what < 24)
            schedule_add(schedule, "lies n%u %u", node,
                         1 + draw_below(draw, 8));
        else if (what < 27)
            garble(draw, schedule, cluster.nodes, node);
        else
            requests_add(draw, schedule, "call", &next, true);
    }
}

LAB_CLUSTER(routing, "A key is asked for where its slot is: the client goes "
                     "there, and a node answers for its own slots only.")
{
    if (draw_chance(draw, 40))
        ask_node(draw, schedule);
    else
        ask_cluster(draw, schedule);
}

// ---- node_down

// At least one node is always there.
static void kill_or_start(struct draw *draw, struct schedule *schedule,
                          unsigned nodes, bool *down)
{
    unsigned node = draw_below(draw, nodes), alive = 0;
    for (unsigned i = 0; i < nodes; i++)
        alive += !down[i];
    if (!down[node] && alive == 1)
        return;
    down[node] = !down[node];
    schedule_add(schedule, "%s n%u", down[node] ? "down" : "up", node + 1);
}

static void ask_half_a_cluster(struct draw *draw, struct schedule *schedule)
{
    unsigned nodes = begin_client(draw, schedule).nodes, next = 0;
    bool down[REFEREE_NODES_MAX] = {0};
    for (unsigned steps = 15 + draw_below(draw, 30); steps > 0; steps--) {
        unsigned what = draw_below(draw, 100);
        if (what < 18)
            kill_or_start(draw, schedule, nodes, down);
        else if (what < 28)
            change_map(draw, schedule, nodes);
        else if (what < 31)
            schedule_add(schedule, "moving %u n%u", draw_slot(draw),
                         1 + draw_below(draw, nodes));
        else if (what < 38)
            schedule_add(schedule, "call ping");
        else
            requests_add(draw, schedule, "call", &next, true);
    }
}

static void ask_beside_silent(struct draw *draw, struct schedule *schedule)
{
    unsigned nodes = 2 + draw_below(draw, 4), next = 0;
    schedule_add(schedule, "node %u", nodes);
    for (unsigned i = 0; i < nodes; i++)
        schedule_add(schedule, "learn %u %u n%u 1", i * MODEL_SLOTS / nodes,
                     (i + 1) * MODEL_SLOTS / nodes - 1, i + 1);
    for (unsigned steps = 15 + draw_below(draw, 20); steps > 0; steps--) {
        if (draw_chance(draw, 20))
            schedule_add(schedule, "%s n%u",
                         draw_chance(draw, 60) ? "silent" : "heard",
                         2 + draw_below(draw, nodes - 1));
        else
            requests_add(draw, schedule, "ask", &next, false);
    }
}

LAB_CLUSTER(node_down, "What only a node that is down has, nobody answers in "
                       "its place; all else goes on.")
{
    if (draw_chance(draw, 30))
        ask_beside_silent(draw, schedule);
    else
        ask_half_a_cluster(draw, schedule);
}

// ---- hygiene

static void add_round(struct schedule *schedule, const struct schedule *round)
{
    for (size_t i = 0; i < round->count; i++)
        schedule_add(schedule, "%s", round->steps[i]);
}

LAB_CLUSTER(hygiene, "What was allocated for a ring, a request or a client is "
                     "given back.")
{
    struct schedule round = {0};
    schedule_add(&round, "ring a:1 b:2");
    ask_cluster(draw, &round);
    schedule_add(&round, "leave");
    // The first time tables are made that stay.
    add_round(schedule, &round);
    for (int i = 0; i < 2; i++) {
        add_round(schedule, &round);
        schedule_add(schedule, "cluster 1 nowhere");
        schedule_add(schedule, "allocated");
    }
    schedule_add(schedule, "same");
    schedule_deinit(&round);
}
