// world.c -- a node in the simulated world, watched by a judge.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage2/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/stage2/judge.h"

void world_fail(struct world *world, const char *format, ...)
{
    if (world_failed(world))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(world->failure, sizeof world->failure, format, args);
    va_end(args);
    world->node.halted = true;
    sim_note(&world->node.sim, "BROKEN: %s", world->failure);
}

// ---- What the judge is told

static void world_begins(void *context)
{
    struct world *world = context;
    world->verified = false;
    world->always = true;
    world->log_failed = false;
    judge_attach(world);
}

static void world_looks(void *context)
{
    judge_look(context);
}

static void world_shows(void *context, size_t client, struct slice bytes)
{
    judge_shown(context, client, bytes);
}

static void world_rests(void *context)
{
    struct world *world = context;
    world->always = world->node.durable_settings.fsync == AOF_ALWAYS;
    judge_look(world);
}

static void world_settles(void *context)
{
    struct world *world = context;
    if (world_serves(world) && !world->verified)
        judge_verify(world);
}

static const struct sim_node_watch world_watch = {
    .begins = world_begins,
    .looks = world_looks,
    .shows = world_shows,
    .rests = world_rests,
    .settles = world_settles,
};

void world_init(struct world *world, uint64_t seed)
{
    *world = (struct world){0};
    sim_node_init(&world->node, seed, &world_watch, world);
    random_init(&world->random, ~seed);
    reference_init(&world->reference);
}

void world_deinit(struct world *world)
{
    world_end(world, false);
    judge_forget_reads(world);
    for (size_t i = 0; i < WORLD_CLIENTS; i++)
        free(world->marks[i].marks);
    history_deinit(&world->history);
    reference_deinit(&world->reference);
    sim_node_deinit(&world->node);
}

// ---- A life

void world_start(struct world *world, const struct sim_node_options *options)
{
    world->lives++;
    sim_node_start(&world->node, options);
}

void world_recover(struct world *world)
{
    const char *reason = sim_node_recover(&world->node);
    if (!reason)
        return;
    sim_note(&world->node.sim, "refused to start: %s", reason);
    if (!world->may_refuse)
        world_fail(world,
                   "R7: the node does not start on what a crash left: %s",
                   reason);
}

void world_end(struct world *world, bool power)
{
    const struct sim_process *process = world->node.process;
    if (!process)
        return;
    if (process->dead)
        power = !world->node.disk->knobs.crash.kill;
    judge_end(world, power);
    sim_node_end(&world->node, power);
}

bool world_stop(struct world *world)
{
    bool whole = sim_node_finish(&world->node);
    if (!world_is_alive(world))
        return false;
    sim_note(&world->node.sim, "stopped%s", whole ? "" : ", not properly");
    if (whole)
        world->floor_power = world->floor_kill = world->history.count;
    world_end(world, false);
    return whole;
}

void world_connect(struct world *world, size_t index)
{
    sim_node_connect(&world->node, index);
    world->marks[index].count = 0;
}
