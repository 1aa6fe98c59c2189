// main.c -- vega-sim: a node of stage 2 in the simulated world.
//
//     vega-sim --stage 2 --seeds 1..500    runs with these seeds, each twice
//     vega-sim --stage 2 --seed 7 -v       one of them, as a readable trace
//     vega-sim --stage 2 --every-call [STRIDE]
//         the scripts, with a crash at every (every STRIDE-th) call of the disk
//     vega-sim --stage 2 --script N --crash CALL,HOW,KILL -v    one of those
//     vega-sim --stage 2 --flips [STRIDE]
//         the scripts, then one flipped bit in every (STRIDE-th) byte
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/sim/random_run.h"
#include "tests/sim/script.h"

enum { MAIN_LINES = 40, MAIN_LINE_SIZE = 200, MAIN_AGAIN_SIZE = 100 };

// ---- The trace

// One program, one run at a time.
static struct main_trace {
    bool all;                    // Print as they come.
    char again[MAIN_AGAIN_SIZE]; // The arguments that repeat this run.
    char lines[MAIN_LINES][MAIN_LINE_SIZE];
    uint64_t count;
} main_trace;

static void main_trace_line(void *context, const char *line)
{
    struct main_trace *trace = context;
    if (trace->all)
        puts(line);
    snprintf(trace->lines[trace->count++ % MAIN_LINES], MAIN_LINE_SIZE, "%s",
             line);
}

static const struct script_watch main_watch = {main_trace_line, &main_trace};

static void main_fail(const char *reason)
{
    const struct main_trace *trace = &main_trace;
    uint64_t first = trace->count > MAIN_LINES ? trace->count - MAIN_LINES : 0;
    for (uint64_t i = first; i < trace->count; i++)
        puts(trace->lines[i % MAIN_LINES]);
    printf("FAILED: %s\nagain:  build/vega-sim --stage 2 %s -v\n", reason,
           trace->again);
    fflush(stdout);
}

// The node itself says that it has a bug.
static void main_aborted(int signal)
{
    (void)signal;
    main_fail("the node aborted");
    _Exit(EXIT_FAILURE);
}

// ---- Seeds

struct main_sum {
    uint64_t hash, events, recoveries;
    char failure[WORLD_FAILURE_SIZE];
};

static void main_run(uint64_t seed, struct main_sum *sum)
{
    struct world *world = xmalloc(sizeof *world);
    world_init(world, seed);
    world->node.sim.trace = main_trace_line;
    world->node.sim.trace_context = &main_trace;
    random_run(world);
    sum->hash = world->node.sim.hash;
    sum->events = world->node.sim.events;
    sum->recoveries = world->recoveries;
    memcpy(sum->failure, world->failure, sizeof sum->failure);
    world_deinit(world);
    free(world);
}

static bool main_seed(uint64_t seed, struct main_sum *sum)
{
    struct main_sum again;
    snprintf(main_trace.again, MAIN_AGAIN_SIZE, "--seed %" PRIu64, seed);
    main_trace.count = 0;
    main_run(seed, sum);
    if (!sum->failure[0]) {
        bool all = main_trace.all;
        main_trace.all = false;
        main_run(seed, &again);
        main_trace.all = all;
        if (again.hash != sum->hash)
            snprintf(sum->failure, sizeof sum->failure,
                     "determinism: the seed gave two different runs");
    }
    if (sum->failure[0])
        main_fail(sum->failure);
    return !sum->failure[0];
}

static bool main_seeds(uint64_t first, uint64_t last)
{
    uint64_t events = 0, recoveries = 0, failed = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        struct main_sum sum;
        failed += !main_seed(seed, &sum);
        events += sum.events;
        recoveries += sum.recoveries;
    }
    printf("%" PRIu64 " seeds, twice each: %" PRIu64 " events, %" PRIu64
           " recoveries; %" PRIu64 " seeds failed\n",
           last - first + 1, events, recoveries, failed);
    return failed == 0;
}

// ---- Scripts

static bool main_every_call(uint64_t stride)
{
    uint64_t crashes = 0;
    for (const struct script *script = scripts; script->name; script++) {
        struct script_tally tally;
        bool kept =
            script_crash_everywhere(script, stride, &main_watch, &tally);
        snprintf(main_trace.again, MAIN_AGAIN_SIZE,
                 "--script %d --crash %" PRIu64 ",%d,%d",
                 (int)(script - scripts), tally.crash.at_call,
                 (int)tally.crash.how, tally.crash.kill);
        if (!kept) {
            main_fail(tally.failure);
            return false;
        }
        crashes += tally.runs - 1;
        printf("%-24s %5" PRIu64 " calls of the disk, %6" PRIu64 " crashes\n",
               script->name, tally.calls, tally.runs - 1);
    }
    printf("%" PRIu64 " crashes, every one recovered from\n", crashes);
    return true;
}

static bool main_flips(uint64_t stride)
{
    for (const struct script *script = scripts; script->name; script++) {
        struct script_tally tally;
        bool kept = script_flip_everywhere(script, stride, &main_watch, &tally);
        snprintf(main_trace.again, MAIN_AGAIN_SIZE, "--flips %" PRIu64, stride);
        if (!kept) {
            main_fail(tally.failure);
            return false;
        }
        printf("%-24s %6" PRIu64 " flips: %6" PRIu64
               " refused, the rest without effect\n",
               script->name, tally.runs - 1, tally.refused);
    }
    return true;
}

// "at call,how,kill"
static bool main_one_crash(const char *number, const char *text)
{
    struct sim_crash crash = {0};
    struct script_tally tally = {0};
    char *end;
    crash.at_call = strtoull(text, &end, 10);
    if (*end == ',')
        crash.how = (enum sim_crash_how)strtol(end + 1, &end, 10);
    if (*end == ',')
        crash.kill = strtol(end + 1, &end, 10);
    const struct script *script = scripts;
    for (long i = strtol(number, NULL, 10); i > 0 && script[1].name; i--)
        script++;
    snprintf(main_trace.again, MAIN_AGAIN_SIZE, "--script %s --crash %s",
             number, text);
    if (script_crash(script, &crash, &main_watch, &tally))
        return true;
    main_fail(tally.failure);
    return false;
}

// ---- Arguments

static int main_usage(void)
{
    fputs(
        "usage: vega-sim [--stage 2] [-v]\n"
        "           [--seed N | --seeds FIRST..LAST | --every-call [STRIDE] |\n"
        "            --flips [STRIDE] | --script N --crash CALL,HOW,KILL]\n",
        stderr);
    return 2;
}

struct main_options {
    const char *stage, *seed, *seeds, *every_call, *flips, *script, *crash;
};

// The value of an option, if this is it. One that may be left out is 1.
static bool main_option(const char *name, bool optional, const char **value,
                        char ***argv)
{
    if (strcmp(**argv, name) != 0)
        return false;
    const char *next = (*argv)[1];
    bool given = next && next[0] != '-';
    *value = given ? next : optional ? "1" : NULL;
    *argv += given;
    return *value != NULL;
}

static bool main_read_options(char **argv, struct main_options *options)
{
    for (argv++; *argv; argv++) {
        if (!strcmp(*argv, "-v"))
            main_trace.all = true;
        else if (!main_option("--stage", false, &options->stage, &argv) &&
                 !main_option("--seed", false, &options->seed, &argv) &&
                 !main_option("--seeds", false, &options->seeds, &argv) &&
                 !main_option("--every-call", true, &options->every_call,
                              &argv) &&
                 !main_option("--flips", true, &options->flips, &argv) &&
                 !main_option("--script", false, &options->script, &argv) &&
                 !main_option("--crash", false, &options->crash, &argv))
            return false;
    }
    return !options->stage || !strcmp(options->stage, "2");
}

static uint64_t main_stride(const char *text)
{
    uint64_t stride = strtoull(text, NULL, 10);
    return stride ? stride : 1;
}

int main(int argc, char **argv)
{
    struct main_options options = {.seeds = "1..100"};
    if (argc < 1 || !main_read_options(argv, &options))
        return main_usage();
    signal(SIGABRT, main_aborted);
    bool kept;
    if (options.script && options.crash) {
        kept = main_one_crash(options.script, options.crash);
    } else if (options.every_call) {
        kept = main_every_call(main_stride(options.every_call));
    } else if (options.flips) {
        kept = main_flips(main_stride(options.flips));
    } else {
        char *end;
        const char *seeds = options.seed ? options.seed : options.seeds;
        uint64_t first = strtoull(seeds, &end, 10), last = first;
        if (!strncmp(end, "..", 2))
            last = strtoull(end + 2, NULL, 10);
        kept = main_seeds(first, last);
    }
    return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
