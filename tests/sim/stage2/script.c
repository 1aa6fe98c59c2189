// script.c -- carries out scripts, with a crash or a flipped byte anywhere.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage2/script.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/sim/stage2/workload.h"

enum {
    SCRIPT_STARTS_MAX = 10,
    SCRIPT_READY_US = 300 * 1000, // The log's first file is there by then.
};

static void script_start(struct world *world, const struct script *script)
{
    for (int i = 0; i < SCRIPT_STARTS_MAX && !world_failed(world); i++) {
        world_end(world, false);
        world_start(world, &script->options);
        world_recover(world);
        if (world_serves(world))
            return;
    }
    world_fail(world, "R7: the node did not start");
}

static void script_send(struct world *world, size_t index, const char *words)
{
    struct buffer bytes = {0};
    workload_request(&bytes, &world->random, words);
    sim_note_of(&world->node.sim, world->node.clients[index].name, "> %s",
                words);
    if (!world_has_client(world, index))
        world_connect(world, index);
    sim_node_send(&world->node, index, buffer_slice(&bytes));
    buffer_deinit(&bytes);
}

static void script_step(struct world *world, const struct script *script,
                        const char *step)
{
    if (!strncmp(step, "wait ", 5)) {
        world_run_for(world, strtoll(step + 5, NULL, 10));
    } else if (step[0] == 'c') {
        script_send(world, (size_t)(step[1] - '1'), step + 3);
    } else {
        if (!strcmp(step, "stop"))
            world_stop(world);
        world_end(world, !strcmp(step, "power"));
        script_start(world, script);
    }
}

static void script_carry_out(struct world *world, const struct script *script)
{
    script_start(world, script);
    world_run_for(world, SCRIPT_READY_US);
    for (const char *const *step = script->steps; *step; step++) {
        char *what;
        uint64_t count = strtoull(*step, &what, 10);
        what = count ? what + strlen(" x ") : what;
        for (uint64_t i = count ? count : 1; i > 0; i--) {
            if (!world_is_alive(world))
                script_start(world, script);
            if (world_failed(world))
                return;
            script_step(world, script, what);
        }
    }
}

void script_run(struct world *world, const struct script *script)
{
    script_carry_out(world, script);
    world_end(world, true);
    if (!world_failed(world))
        script_start(world, script);
}

static struct world *script_world(uint64_t seed,
                                  const struct script_watch *watch)
{
    struct world *world = xmalloc(sizeof *world);
    world_init(world, seed);
    world->node.disk->knobs.slow_per_million = 0;
    if (watch) {
        world->node.sim.trace = watch->trace;
        world->node.sim.trace_context = watch->context;
    }
    return world;
}

// True if the world held to the rules.
static bool script_end_world(struct world *world, struct script_tally *tally)
{
    bool kept = !world_failed(world);
    if (!kept)
        memcpy(tally->failure, world->failure, sizeof tally->failure);
    tally->runs++;
    tally->calls = world->node.disk->calls;
    world_deinit(world);
    free(world);
    return kept;
}

bool script_crash(const struct script *script, const struct sim_crash *crash,
                  const struct script_watch *watch, struct script_tally *tally)
{
    struct world *world = script_world(crash->at_call, watch);
    world->node.disk->knobs.crash = *crash;
    tally->crash = *crash;
    script_run(world, script);
    return script_end_world(world, tally);
}

static bool script_crash_at(const struct script *script, uint64_t call,
                            const struct script_watch *watch,
                            struct script_tally *tally)
{
    for (int how = 0; how < 6; how++) {
        struct sim_crash crash = {
            .at_call = call,
            .how = (enum sim_crash_how)(how / 2),
            .kill = how % 2,
        };
        if (!script_crash(script, &crash, watch, tally))
            return false;
    }
    return true;
}

bool script_crash_everywhere(const struct script *script, uint64_t stride,
                             const struct script_watch *watch,
                             struct script_tally *tally)
{
    *tally = (struct script_tally){0};
    if (!script_crash(script, &(struct sim_crash){0}, watch, tally))
        return false;
    uint64_t calls = tally->calls;
    for (uint64_t call = 1; call <= calls; call += stride) {
        if (!script_crash_at(script, call, watch, tally))
            return false;
    }
    tally->calls = calls;
    return true;
}

// ---- Flipped bytes

static void script_flip(struct world *world, const struct script *script,
                        const char *name, uint64_t offset,
                        struct script_tally *tally)
{
    struct sim_disk *whole = world->node.disk;
    world->node.disk = sim_disk_clone(whole);
    sim_disk_flip(world->node.disk, name, offset,
                  (unsigned char)(1 << random_below(&world->random, 8)));
    world->may_refuse = true;
    world_start(world, &script->options);
    world_recover(world);
    tally->runs++;
    if (!world_serves(world)) {
        tally->refused++;
        if (strstr(name, ".snapshot"))
            world_fail(world, "R9: one damaged snapshot stops the node");
    }
    world_end(world, false);
    sim_disk_destroy(world->node.disk);
    world->node.disk = whole;
}

bool script_flip_everywhere(const struct script *script, uint64_t stride,
                            const struct script_watch *watch,
                            struct script_tally *tally)
{
    *tally = (struct script_tally){0};
    struct world *world = script_world(1, watch);
    script_carry_out(world, script);
    world_stop(world);
    const char *name;
    struct slice content;
    for (size_t i = 0; (name = sim_disk_name(world->node.disk, i)); i++) {
        sim_disk_content(world->node.disk, name, &content);
        uint64_t offset = random_below(&world->random, stride);
        for (; offset < content.size && !world_failed(world); offset += stride)
            script_flip(world, script, name, offset, tally);
    }
    return script_end_world(world, tally);
}
