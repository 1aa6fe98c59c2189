// subject_node.c -- steps of a node: the shard layer over the store of stage 1,
// on virtual time. It is n1; the others are what the schedule says of them.
//
//     node N                  n1 of so many; no slot has an owner yet
//     learn FIRST LAST n2 EPOCH    it hears of an owner of these slots
//     silent n2, heard n2     whether that node is heard of
//     importing SLOT n2       the slot is moving here from there
//     stable SLOT             and not any more
//     ask get a               what a client asks; R is the reply
// SPDX-License-Identifier: MIT
#include "stage3-sharding/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/session.h"
#include "common/sim/sim_process.h"
#include "labs/lab3-ring/subject/subject.h"
#include "labs/lab3-ring/subject/world.h"
#include "stage1-singlenode/node.h"
#include "stage1-singlenode/node_config.h"
#include "stage3-sharding/commands_cluster.h"
#include "stage3-sharding/shard_layer.h"

enum {
    NODES_MAX = WORLD_NODES_MAX,
    LONG_US = 10 * MEMBERSHIP_SILENT_US,
    STEP_US = 1000,
};

struct subject_node {
    struct sim sim;
    struct sim_process *process;
    struct config *config;
    struct server_settings settings;
    struct node_settings node_settings;
    struct topology topology;
    struct node *node;
    struct shard_layer shard;
    struct transport transport;
    struct session *session;
    bool silent[NODES_MAX];
};

static struct subject_node *subject;

static void begin_topology(struct topology *topology, unsigned count)
{
    topology_init(topology);
    for (unsigned i = 0; i < count; i++) {
        char id[16];
        snprintf(id, sizeof id, "n%u", i + 1);
        struct topology_node *node = topology_add(topology, slice_of(id));
        node->client.port = (uint16_t)(7001 + i);
        snprintf(node->client.host, sizeof node->client.host, "10.0.0.%u",
                 i + 1);
        // The last one's weight stays unknown, so that the ring has no say.
        node->weight = i + 1 < count;
    }
    topology->self = 0;
}

static void client_changed(struct transport *transport)
{
    (void)transport;
}

static void begin_node(unsigned count)
{
    subject_node_end();
    subject = xcalloc(1, sizeof *subject);
    sim_init(&subject->sim, 1);
    subject->process = sim_process_start(&subject->sim, NULL, "n1");
    subject->config = config_create();
    config_add(subject->config, server_config_rows, &subject->settings);
    config_add(subject->config, node_config_rows, &subject->node_settings);
    begin_topology(&subject->topology, count < NODES_MAX ? count : NODES_MAX);
    subject->node = node_create(&(struct node_world){
        .env = &subject->process->env,
        .config = subject->config,
        .settings = &subject->settings,
        .node_settings = &subject->node_settings,
        .program = "lab 3",
        .config_path = "",
        .add_commands = cluster_add_commands,
    });
    struct server *server = node_server(subject->node);
    shard_layer_init(&subject->shard, server, server->stack,
                     node_store(subject->node), &subject->topology);
    server->stack = &subject->shard.layer;
    server->clustered = true;
    node_loaded(subject->node);
    subject->transport.changed = client_changed;
    subject->session = session_create(server, &subject->transport);
    sim_run_for(&subject->sim, LONG_US);
    world_event("n1", "is one of %u nodes", count);
}

void subject_node_end(void)
{
    if (!subject)
        return;
    session_destroy(subject->session);
    topology_check_invariants(&subject->topology);
    shard_layer_deinit(&subject->shard);
    node_destroy(subject->node);
    topology_deinit(&subject->topology);
    config_destroy(subject->config);
    sim_process_free(subject->process);
    sim_deinit(&subject->sim);
    free(subject);
    subject = NULL;
}

static uint16_t node_named(const char *id)
{
    return topology_find(&subject->topology, slice_of(id));
}

// ---- Steps

static void learn(const struct subject_words *words)
{
    static const char *const names[] = {
        [TOPOLOGY_KNOWN] = "known",
        [TOPOLOGY_NEWER] = "newer",
        [TOPOLOGY_OLDER] = "older",
        [TOPOLOGY_DISPUTED] = "disputed",
    };
    size_t counts[sizeof names / sizeof *names] = {0};
    uint16_t owner = node_named(subject_word(words, 3));
    world_event("n1", "hears: %s to %s are %s's, epoch %s", words->at[1],
                subject_word(words, 2), subject_word(words, 3),
                subject_word(words, 4));
    if (owner == TOPOLOGY_NOBODY)
        return;
    for (uint64_t slot = subject_number(words, 1);
         slot <= subject_number(words, 2) && slot < SLOT_COUNT; slot++) {
        unsigned news = topology_learn(&subject->topology, (uint16_t)slot,
                                       owner, subject_number(words, 4));
        check(news < sizeof names / sizeof *names);
        counts[news]++;
    }
    fprintf(world->out, "A %zu", world->step);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (counts[i])
            fprintf(world->out, " %zu %s", counts[i], names[i]);
    }
    fputc('\n', world->out);
    topology_check_invariants(&subject->topology);
}

static void set_state(const struct subject_words *words, bool importing)
{
    uint16_t slot = (uint16_t)(subject_number(words, 1) % SLOT_COUNT);
    uint16_t other = node_named(subject_word(words, 2));
    if (!importing)
        topology_set_state(&subject->topology, slot, TOPOLOGY_STABLE, 0);
    else if (other != 0 && other == subject->topology.slots[slot].owner)
        topology_set_state(&subject->topology, slot, TOPOLOGY_IMPORTING, other);
    world_event("n1", "%s %s", words->at[0], words->text);
}

// Who is not silent has just spoken.
static void hear_nodes(void)
{
    for (uint16_t i = 1; i < subject->topology.count; i++)
        subject->shard.membership.known[i].heard_us =
            subject->silent[i] ? -LONG_US : env_now_us(&subject->process->env);
}

static void take_output(struct buffer *received)
{
    sim_end_round(&subject->sim);
    session_resume(subject->session);
    struct slice output = session_pending_output(subject->session);
    while (output.size) {
        buffer_append_slice(received, output);
        session_sent(subject->session, output.size);
        session_resume(subject->session);
        output = session_pending_output(subject->session);
    }
}

static void ask(const struct subject_words *words)
{
    struct buffer request = {0}, received = {0};
    buffer_printf(&request, "*%zu\r\n", words->count - 1);
    for (size_t i = 1; i < words->count; i++)
        buffer_printf(&request, "$%zu\r\n%s\r\n", strlen(words->at[i]),
                      words->at[i]);
    sim_run_for(&subject->sim, STEP_US);
    hear_nodes();
    world_event("c1", "> %s", words->text);
    session_receive(subject->session, buffer_slice(&request));
    take_output(&received);
    world_event("c1", "< %.*s", (int)(received.size < 60 ? received.size : 60),
                received.data);
    fprintf(world->out, "R %zu ", world->step);
    world_put_escaped(buffer_slice(&received));
    buffer_deinit(&request);
    buffer_deinit(&received);
}

static bool step_of_node(const struct subject_words *words)
{
    const char *what = words->at[0];
    if (!strcmp(what, "learn")) {
        learn(words);
    } else if (!strcmp(what, "silent") || !strcmp(what, "heard")) {
        uint16_t node = node_named(subject_word(words, 1));
        if (node != TOPOLOGY_NOBODY)
            subject->silent[node] = what[0] == 's';
        world_event(subject_word(words, 1), "%s",
                    what[0] == 's' ? "falls silent" : "is heard again");
    } else if (!strcmp(what, "importing") || !strcmp(what, "stable")) {
        set_state(words, what[0] == 'i');
    } else if (!strcmp(what, "ask")) {
        ask(words);
    } else {
        return false;
    }
    return true;
}

bool subject_node_step(const struct subject_words *words)
{
    if (!strcmp(words->at[0], "node")) {
        begin_node((unsigned)subject_number(words, 1));
        return true;
    }
    return subject && step_of_node(words);
}
