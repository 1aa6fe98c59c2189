// random_run.c -- several lives, a workload and faults that a seed settles.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage2/random_run.h"

#include <string.h>

#include "common/base/list.h"
#include "tests/sim/stage2/workload.h"

enum {
    RUN_LIVES_MAX = 5,
    RUN_STEPS_MAX = 250,
    RUN_STARTS_MAX = 20, // Until a disk without faults is had.
};

struct random_run {
    struct world *world;
    struct random *random;
    struct sim_node_options options;
    bool resp3[WORLD_CLIENTS];
};

static uint64_t run_below(struct random_run *run, uint64_t bound)
{
    return random_below(run->random, bound);
}

static bool run_chance(struct random_run *run, uint64_t percent)
{
    return run_below(run, 100) < percent;
}

// ---- Faults

static void run_clear_faults(struct random_run *run)
{
    struct world *world = run->world;
    struct sim_disk_knobs *knobs = &world->node.disk->knobs;
    *knobs = (struct sim_disk_knobs){.slow_per_million = 1000};
    world->may_refuse = false;
}

static void run_plan_crash(struct random_run *run, uint64_t calls_max)
{
    struct sim_disk *disk = run->world->node.disk;
    disk->knobs.crash = (struct sim_crash){
        .at_call = disk->calls + 1 + run_below(run, calls_max),
        .how = (enum sim_crash_how)run_below(run, 3),
        .kill = run_chance(run, 40),
    };
}

static void run_plan_failure(struct random_run *run)
{
    static const enum sim_call_kind kinds[] = {
        SIM_CALL_WRITE,      SIM_CALL_WRITE,  SIM_CALL_SYNC,   SIM_CALL_SYNC,
        SIM_CALL_SYNC_NAMES, SIM_CALL_CREATE, SIM_CALL_RENAME, SIM_CALL_REMOVE,
    };
    struct world *world = run->world;
    enum sim_call_kind kind =
        kinds[run_below(run, sizeof kinds / sizeof *kinds)];
    world->node.disk->knobs.fail[kind] = (struct sim_failure){
        .skip = run_below(run, 60),
        .times = 1 + run_below(run, 3),
        .status = STATUS_IO,
    };
    world->may_refuse = true;
}

static void run_plan_full(struct random_run *run)
{
    struct world *world = run->world;
    world->node.disk->knobs.capacity =
        sim_disk_used(world->node.disk) + 1 + run_below(run, 200000);
}

static void run_plan_faults(struct random_run *run)
{
    struct sim_disk_knobs *knobs = &run->world->node.disk->knobs;
    run_clear_faults(run);
    if (run_chance(run, 30))
        run_plan_crash(run, run_chance(run, 30) ? 20 : 300);
    if (run_chance(run, 15))
        run_plan_failure(run);
    if (run_chance(run, 15))
        run_plan_full(run);
    if (run_chance(run, 20))
        knobs->slow_per_million = 50000;
    if (run_chance(run, 10))
        knobs->delay_us = (int64_t)run_below(run, 20000);
    if (run_chance(run, 4)) {
        knobs->snapshots_dead = true;
        run->world->may_refuse = true;
    }
    if (run_chance(run, 4)) {
        knobs->fail[SIM_CALL_READ] = (struct sim_failure){
            .skip = run_below(run, 30), .times = 1, .status = STATUS_IO};
        run->world->may_refuse = true;
    }
}

// ---- A life

static void run_send(struct random_run *run)
{
    struct world *world = run->world;
    size_t index = run_below(run, WORLD_CLIENTS);
    if (!world_has_client(world, index)) {
        if (!run_chance(run, 30))
            return;
        world_connect(world, index);
        run->resp3[index] = run_chance(run, 25);
    }
    if (!sim_node_client_is_heard(&world->node, index))
        return;
    struct buffer bytes = {0};
    if (run->resp3[index] && world->node.clients[index].received == 0)
        workload_request(&bytes, run->random, "hello 3");
    workload_burst(&bytes, run->random, run->resp3[index]);
    sim_note_of(&world->node.sim, world->node.clients[index].name,
                "> %.*s (%zu bytes)", (int)strcspn(bytes.data, "\r"),
                bytes.data, bytes.size);
    sim_node_send(&world->node, index, buffer_slice(&bytes));
    buffer_deinit(&bytes);
}

static void run_step(struct random_run *run)
{
    struct world *world = run->world;
    uint64_t kind = run_below(run, 1000);
    if (kind < 600)
        run_send(run);
    else if (kind < 900)
        world_run_for(world, (int64_t)run_below(run, 3000));
    else if (kind < 980)
        world_run_for(world, (int64_t)run_below(run, 150 * 1000));
    else if (kind < 985)
        world_run_for(world, (int64_t)run_below(run, 4000 * 1000));
    else if (kind < 990)
        world->node.disk->knobs.capacity = 0;
    else if (kind < 994)
        world->node.process->wall_offset_us +=
            (int64_t)run_below(run, 4000 * 1000) - 2000 * 1000;
    else
        sim_node_disconnect(&world->node, run_below(run, WORLD_CLIENTS));
}

// Starts until it serves. Faults go away in the end.
static void run_start(struct random_run *run)
{
    struct world *world = run->world;
    for (int i = 0; i < RUN_STARTS_MAX; i++) {
        if (i > 0 && run_chance(run, 50))
            run_clear_faults(run);
        if (i > 0 && run_chance(run, 20))
            run_plan_crash(run, 30);
        world_start(world, &run->options);
        world_recover(world);
        if (world_serves(world) || world_failed(world))
            return;
        world_end(world, run_chance(run, 50));
    }
    world_fail(world, "R7: the node did not start %d times", RUN_STARTS_MAX);
}

static void run_life(struct random_run *run)
{
    struct world *world = run->world;
    run_plan_faults(run);
    run_start(run);
    uint64_t steps = run_below(run, RUN_STEPS_MAX);
    while (steps-- > 0 && world_is_alive(world) && !world_failed(world))
        run_step(run);
    if (world_failed(world))
        return;
    if (run_chance(run, 25) && world_is_alive(world))
        world_stop(world);
    world_end(world, run_chance(run, 60));
}

void random_run(struct world *world)
{
    static const char *const policies[] = {"always", "always", "everysec",
                                           "no"};
    static const int64_t sizes[] = {16384, 65536, 65536, 262144};
    struct random_run run = {.world = world, .random = &world->random};
    run.options = (struct sim_node_options){
        .segment_size = sizes[run_below(&run, 4)],
        .snapshot_log_size = (int64_t)run_below(&run, 2) * 40000,
        .compress = run_chance(&run, 50),
    };
    uint64_t lives = 2 + run_below(&run, RUN_LIVES_MAX);
    while (lives-- > 0 && !world_failed(world)) {
        run.options.fsync = policies[run_below(&run, 4)];
        run_life(&run);
    }
    if (world_failed(world))
        return;
    run_clear_faults(&run); // What is there at last is looked at, too.
    run_start(&run);
}
