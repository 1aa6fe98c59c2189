// stage2.c -- what vega-sim does with a node of stage 2.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage2/stage2.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/sim/stage2/random_run.h"
#include "tests/sim/stage2/script.h"

static void stage2_run(uint64_t seed, struct trace *trace,
                       struct seed_result *result)
{
    struct world *world = xmalloc(sizeof *world);
    world_init(world, seed);
    world->node.sim.trace = trace_line;
    world->node.sim.trace_context = trace;
    random_run(world);
    *result = (struct seed_result){.hash = world->node.sim.hash,
                                   .events = world->node.sim.events,
                                   .lives = world->recoveries};
    snprintf(result->failure, sizeof result->failure, "%s", world->failure);
    world_deinit(world);
    free(world);
}

const struct seed_stage stage2_seeds = {.name = "2", .run = stage2_run};

// ---- Scripts

bool stage2_every_call(struct trace *trace, uint64_t stride)
{
    uint64_t crashes = 0;
    struct script_watch watch = {trace_line, trace};
    for (const struct script *script = scripts; script->name; script++) {
        struct script_tally tally;
        trace_begin(trace, "--stage 2 --every-call %" PRIu64, stride);
        if (!script_crash_everywhere(script, stride, &watch, &tally)) {
            snprintf(trace->again, sizeof trace->again,
                     "--stage 2 --script %d --crash %" PRIu64 ",%d,%d",
                     (int)(script - scripts), tally.crash.at_call,
                     (int)tally.crash.how, tally.crash.kill);
            trace_print_failure(trace, tally.failure);
            return false;
        }
        crashes += tally.runs - 1;
        printf("%-24s %5" PRIu64 " calls of the disk, %6" PRIu64 " crashes\n",
               script->name, tally.calls, tally.runs - 1);
    }
    printf("%" PRIu64 " crashes, every one recovered from\n", crashes);
    return true;
}

bool stage2_flips(struct trace *trace, uint64_t stride)
{
    struct script_watch watch = {trace_line, trace};
    for (const struct script *script = scripts; script->name; script++) {
        struct script_tally tally;
        trace_begin(trace, "--stage 2 --flips %" PRIu64, stride);
        if (!script_flip_everywhere(script, stride, &watch, &tally)) {
            trace_print_failure(trace, tally.failure);
            return false;
        }
        printf("%-24s %6" PRIu64 " flips: %6" PRIu64
               " refused, the rest without effect\n",
               script->name, tally.runs - 1, tally.refused);
    }
    return true;
}

bool stage2_one_crash(struct trace *trace, const char *number, const char *text)
{
    struct sim_crash crash = {0};
    struct script_tally tally = {0};
    struct script_watch watch = {trace_line, trace};
    char *end;
    crash.at_call = strtoull(text, &end, 10);
    if (*end == ',')
        crash.how = (enum sim_crash_how)strtol(end + 1, &end, 10);
    if (*end == ',')
        crash.kill = strtol(end + 1, &end, 10);
    const struct script *script = scripts;
    for (long i = strtol(number, NULL, 10); i > 0 && script[1].name; i--)
        script++;
    trace_begin(trace, "--stage 2 --script %s --crash %s", number, text);
    if (script_crash(script, &crash, &watch, &tally))
        return true;
    trace_print_failure(trace, tally.failure);
    return false;
}
