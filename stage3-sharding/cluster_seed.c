// cluster_seed.c -- a node learns from its seed who the others are.
//
// This is before there is a world with peers, so it blocks: nobody is served
// yet, and there is nothing else to do.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_seed.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/check.h"
#include "common/net/peer_guest.h"
#include "stage3-sharding/seed_list.h"

enum seeding {
    SEEDING_DONE,
    SEEDING_AGAIN,   // It was not reached; `why` is static words.
    SEEDING_REFUSED, // For good; `error` says why.
};

struct seeding_run {
    struct cluster_setup *setup;
    const char *seed; // HOST:PORT
    struct env *env;
    struct peer_guest guest;
    const char *why;
    struct config_error error;
};

static enum seeding seeding_again(struct seeding_run *run, const char *why)
{
    run->why = why;
    return SEEDING_AGAIN;
}

// Adds a node of the list; `is_seed` for the one that answers, which is where
// it was reached, whatever it believes itself.
static bool seeding_add(struct seeding_run *run, struct slice id,
                        const struct topology_address *peer, bool is_seed)
{
    struct topology *topology = &run->setup->topology;
    if (slice_equal(id, slice_of(topology->nodes[topology->self].id)))
        return true;
    struct topology_node *node = topology_add(topology, id);
    if (!node)
        return false; // Named twice.
    node->peer = *peer;
    if (is_seed)
        topology_address_parse(slice_of(run->seed), &node->peer);
    return true;
}

// Asks for the next part of the list; *next moves behind it, *count is of all.
static enum seeding seeding_ask(struct seeding_run *run, uint16_t *next,
                                uint16_t *count)
{
    const struct topology *topology = &run->setup->topology;
    const char *id = topology->nodes[topology->self].id;
    struct buffer question = {0};
    struct slice message, named;
    struct seed_answer answer;
    struct topology_address peer;
    seed_question_encode(slice_of(id), *next, &question);
    bool told = peer_guest_ask(&run->guest, buffer_slice(&question), &message);
    buffer_deinit(&question);
    if (!told)
        return seeding_again(run, run->guest.trouble);
    if (!seed_answer_decode(message, &answer))
        return seeding_again(run, "what it says makes no sense");
    if (!answer.is_known) {
        snprintf(run->error.text, sizeof run->error.text,
                 "the seed %s has no node %s in its list: start all nodes "
                 "with a list that has it, or choose another --node-id",
                 run->seed, id);
        return SEEDING_REFUSED;
    }
    *count = answer.count;
    if (answer.first != *next || answer.nodes.size == 0)
        return seeding_again(run, "what it says makes no sense");
    while (seed_next_node(&answer.nodes, &named, &peer)) {
        if (!seeding_add(run, named, &peer, *next == answer.seed))
            return seeding_again(run, "what it says makes no sense");
        ++*next;
    }
    return SEEDING_DONE;
}

static enum seeding seeding_list(struct seeding_run *run)
{
    uint16_t next = 0, count = 1;
    enum seeding result = SEEDING_DONE;
    while (result == SEEDING_DONE && next < count)
        result = seeding_ask(run, &next, &count);
    return result;
}

static enum seeding seeding_try(struct seeding_run *run)
{
    struct topology *topology = &run->setup->topology;
    struct peer_address address;
    enum seeding result;
    topology->count = 1; // Whom an attempt before this has added is forgotten.
    check(peer_address_parse(run->seed, &address));
    if (peer_guest_open(&run->guest, run->env, &address,
                        buffer_slice(&run->setup->secret),
                        topology->nodes[topology->self].number))
        result = seeding_list(run);
    else
        result = seeding_again(run, run->guest.trouble);
    peer_guest_close(&run->guest);
    return result;
}

// Waits before the next attempt. False when a signal asks for the end.
static bool seeding_pause(struct program *program)
{
    struct timespec pause = {CLUSTER_SEED_AGAIN_MS / 1000,
                             CLUSTER_SEED_AGAIN_MS % 1000 * 1000000};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (sigtimedwait(&signals, NULL, &pause) < 0)
        return true;
    log_info(&program->log, "stopping before the seed was reached");
    return false;
}

static enum seeding seeding_run(struct program *program,
                                struct seeding_run *run)
{
    const char *said = NULL;
    enum seeding result;
    while ((result = seeding_try(run)) == SEEDING_AGAIN) {
        if (!said || strcmp(said, run->why) != 0)
            log_warn(&program->log, "no list from the seed yet",
                     LOG_TEXT_OF("seed", run->seed),
                     LOG_TEXT_OF("reason", run->why));
        said = run->why;
        if (!seeding_pause(program))
            break;
    }
    return result;
}

bool cluster_seed_join(struct program *program, struct cluster_setup *setup,
                       const struct cluster_settings *settings)
{
    struct seeding_run run = {.setup = setup, .seed = settings->seed};
    // For clock and randomness only: the real one needs the list.
    run.env = env_posix_create(program->loop, &(struct env_posix_options){0});
    check(run.env);
    enum seeding result = seeding_run(program, &run);
    env_posix_destroy(run.env);
    if (result == SEEDING_AGAIN)
        return false; // The end was asked for.
    if (result == SEEDING_DONE &&
        cluster_setup_peers(setup, &program->world, &run.error)) {
        log_info(&program->log, "list learned from the seed",
                 LOG_TEXT_OF("seed", run.seed),
                 LOG_INT_OF("nodes", setup->topology.count));
        return true;
    }
    fprintf(stderr, "vega-server: %s\n", run.error.text);
    program->exit_code = PROGRAM_EXIT_REFUSED;
    return false;
}
