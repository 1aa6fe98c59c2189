// world.c -- lives of a node of stage 2 in the simulated world.
// SPDX-License-Identifier: MIT
#include "tests/sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "tests/sim/judge.h"

enum {
    WORLD_RECOVER_US = 600 * 1000 * 1000,
    WORLD_FINISH_US = 120 * 1000 * 1000,
};

void world_fail(struct world *world, const char *format, ...)
{
    if (world_failed(world))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(world->failure, sizeof world->failure, format, args);
    va_end(args);
    sim_note(&world->sim, "BROKEN: %s", world->failure);
}

void world_init(struct world *world, uint64_t seed)
{
    *world = (struct world){0};
    sim_init(&world->sim, seed);
    random_init(&world->random, ~seed);
    world->disk = sim_disk_create(&world->sim);
    reference_init(&world->reference);
    for (size_t i = 0; i < WORLD_CLIENTS; i++)
        snprintf(world->clients[i].name, sizeof world->clients[i].name, "c%zu",
                 i + 1);
}

void world_deinit(struct world *world)
{
    if (world->process)
        world_end(world, false);
    judge_forget_reads(world);
    for (size_t i = 0; i < WORLD_CLIENTS; i++)
        free(world->clients[i].marks);
    history_deinit(&world->history);
    reference_deinit(&world->reference);
    sim_disk_destroy(world->disk);
    sim_deinit(&world->sim);
}

bool world_is_alive(const struct world *world)
{
    return world->process && !world->process->dead;
}

bool world_serves(const struct world *world)
{
    return world_is_alive(world) && world->durable->aof != NULL;
}

// ---- A life

void world_start(struct world *world, const struct world_options *options)
{
    check(!world->process);
    world->lives++;
    world->process = sim_process_start(&world->sim, world->disk, "node");
    world->config = config_create();
    config_add(world->config, server_config_rows, &world->settings);
    config_add(world->config, node_config_rows, &world->node_settings);
    config_add(world->config, durable_config_rows, &world->durable_settings);
    struct config_error error = {0};
    enum status status = config_set(world->config, slice_of("fsync"),
                                    slice_of(options->fsync), &error);
    check(status == STATUS_OK);
    world->durable_settings.log_segment_size = options->segment_size;
    world->durable_settings.snapshot_log_size = options->snapshot_log_size;
    world->durable_settings.snapshot_compress = options->compress;
    world->node = durable_node_create(
        &(struct node_world){
            .env = &world->process->env,
            .config = world->config,
            .settings = &world->settings,
            .node_settings = &world->node_settings,
            .program = "vega-sim",
            .config_path = "",
        },
        &world->durable_settings);
    world->server = durable_node_server(world->node);
    world->durable = durable_layer_of(world->server);
    world->verified = false;
    world->always = true;
    world->log_failed = false;
    judge_attach(world);
}

static void world_settle_client(struct world *world,
                                struct world_client *client)
{
    struct session *session = client->session;
    session_resume(session);
    struct slice output = session_pending_output(session);
    while (world_is_alive(world) && output.size && !session->killed) {
        judge_shown(world, client, output);
        session_sent(session, output.size);
        session_resume(session);
        output = session_pending_output(session);
    }
    if (world_is_alive(world) && session_is_done(session)) {
        session_destroy(session);
        client->session = NULL;
    }
}

// What transports do at the end of a round. What resumes there may defer tasks.
static void world_settle(struct world *world)
{
    sim_end_round(&world->sim);
    for (size_t i = 0; i < WORLD_CLIENTS && world_is_alive(world); i++) {
        judge_look(world);
        if (world->clients[i].session)
            world_settle_client(world, &world->clients[i]);
    }
    if (!world_is_alive(world))
        return;
    world->always = world->durable_settings.fsync == AOF_ALWAYS;
    judge_look(world);
    sim_end_round(&world->sim);
    if (world_serves(world) && !world->verified)
        judge_verify(world);
}

// One event. False when there is none before `until_us`.
static bool world_step(struct world *world, int64_t until_us)
{
    const struct env_timer *first = env_timers_first(&world->sim.queue);
    if (!world_is_alive(world) || !first || first->due_us > until_us)
        return false;
    sim_step(&world->sim);
    world_settle(world);
    return true;
}

void world_run_for(struct world *world, int64_t us)
{
    int64_t until_us = world->sim.now_us + us;
    while (world_step(world, until_us) && !world_failed(world)) {
    }
    if (world_is_alive(world) && !world_failed(world))
        sim_run_until(&world->sim, until_us);
}

void world_recover(struct world *world)
{
    int64_t until_us = world->sim.now_us + WORLD_RECOVER_US;
    while (!world_serves(world) && !durable_node_is_unusable(world->node) &&
           world_step(world, until_us)) {
    }
    if (!world_is_alive(world) || world_serves(world))
        return;
    const char *reason = world->durable->recovery
                             ? recovery_error(world->durable->recovery)
                             : "";
    sim_note(&world->sim, "refused to start: %s", reason);
    if (!world->may_refuse)
        world_fail(world,
                   "R7: the node does not start on what a crash left: "
                   "%s",
                   *reason ? reason : "it takes too long");
}

static void world_bury(struct world *world)
{
    for (size_t i = 0; i < WORLD_CLIENTS; i++)
        world_disconnect(world, i);
    durable_node_destroy(world->node);
    config_destroy(world->config);
    sim_process_free(world->process);
    world->process = NULL;
    world->node = NULL;
    world->server = NULL;
    world->durable = NULL;
}

void world_end(struct world *world, bool power)
{
    if (!world->process)
        return;
    struct sim_crash *planned = &world->disk->knobs.crash;
    if (world->process->dead) {
        power = !planned->kill;
        *planned = (struct sim_crash){0};
    }
    judge_end(world, power);
    if (world_is_alive(world)) {
        if (power)
            sim_power_cut(world->disk);
        else
            sim_process_kill(world->process);
    }
    world_bury(world);
}

bool world_stop(struct world *world)
{
    bool served = world_serves(world);
    world_settle(world);
    for (size_t i = 0; i < WORLD_CLIENTS; i++)
        world_disconnect(world, i);
    int64_t until_us = world->sim.now_us + WORLD_FINISH_US;
    bool done = false;
    while (world_is_alive(world) &&
           !(done = durable_node_finish(world->node)) &&
           world_step(world, until_us)) {
    }
    if (!world_is_alive(world))
        return false;
    bool whole = done && served && world->durable->state != DURABLE_FAILED;
    sim_note(&world->sim, "stopped%s", whole ? "" : ", not properly");
    if (whole)
        world->floor_power = world->floor_kill = world->history.count;
    world_end(world, false);
    return whole;
}

// ---- Clients

static void world_client_changed(struct transport *transport)
{
    (void)transport;
}

bool world_has_client(const struct world *world, size_t index)
{
    return world->clients[index].session != NULL;
}

bool world_client_is_heard(const struct world *world, size_t index)
{
    return world_has_client(world, index) &&
           session_wants_input(world->clients[index].session);
}

void world_connect(struct world *world, size_t index)
{
    struct world_client *client = &world->clients[index];
    client->transport.changed = world_client_changed;
    client->session = session_create(world->server, &client->transport);
    client->received = 0;
    client->mark_count = 0;
}

void world_disconnect(struct world *world, size_t index)
{
    struct world_client *client = &world->clients[index];
    if (client->session)
        session_destroy(client->session);
    client->session = NULL;
}

void world_send(struct world *world, size_t index, struct slice bytes)
{
    session_receive(world->clients[index].session, bytes);
    world_settle(world);
}
