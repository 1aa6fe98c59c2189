// main.c -- vega-sim: a node of stage 2 in the simulated world.
//
//     vega-sim --stage 2 --seeds 1..500    runs with these seeds, each twice
//     vega-sim --stage 2 --seed 7 -v       one of them, as a readable trace
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/sim/random_run.h"

enum { MAIN_LINES = 40, MAIN_LINE_SIZE = 200 };

struct main_trace {
    bool all; // Print as they come.
    char lines[MAIN_LINES][MAIN_LINE_SIZE];
    uint64_t count;
};

static void main_trace_line(void *context, const char *line)
{
    struct main_trace *trace = context;
    if (trace->all)
        puts(line);
    snprintf(trace->lines[trace->count++ % MAIN_LINES], MAIN_LINE_SIZE, "%s",
             line);
}

static void main_print_trace(const struct main_trace *trace)
{
    uint64_t first = trace->count > MAIN_LINES ? trace->count - MAIN_LINES : 0;
    for (uint64_t i = first; i < trace->count; i++)
        puts(trace->lines[i % MAIN_LINES]);
}

struct main_result {
    uint64_t hash, events, writes, lives;
    char failure[WORLD_FAILURE_SIZE];
};

// For when the node itself says that it has a bug.
static struct main_trace *main_present;
static uint64_t main_present_seed;

static void main_say_again(uint64_t seed)
{
    printf("again: build/vega-sim --stage 2 --seed %" PRIu64 " -v\n", seed);
    fflush(stdout);
}

static void main_aborted(int signal)
{
    (void)signal;
    main_print_trace(main_present);
    printf("FAILED seed %" PRIu64 ": the node aborted\n", main_present_seed);
    main_say_again(main_present_seed);
    _Exit(EXIT_FAILURE);
}

static void main_run(uint64_t seed, struct main_trace *trace,
                     struct main_result *result)
{
    struct world *world = xmalloc(sizeof *world);
    world_init(world, seed);
    world->sim.trace = main_trace_line;
    world->sim.trace_context = trace;
    random_run(world);
    *result = (struct main_result){
        .hash = world->sim.hash,
        .events = world->sim.events,
        .writes = world->history.count,
        .lives = world->lives,
    };
    memcpy(result->failure, world->failure, sizeof result->failure);
    world_deinit(world);
    free(world);
}

static bool main_seed(uint64_t seed, bool verbose, struct main_result *result)
{
    struct main_trace *trace = xcalloc(1, sizeof *trace);
    struct main_result again;
    main_present = trace;
    main_present_seed = seed;
    trace->all = verbose;
    main_run(seed, trace, result);
    if (!result->failure[0]) {
        trace->all = false;
        main_run(seed, trace, &again);
        if (again.hash != result->hash)
            strcpy(result->failure,
                   "determinism: the same seed gave two different runs");
    }
    bool failed = result->failure[0];
    if (failed) {
        main_print_trace(trace);
        printf("FAILED seed %" PRIu64 ": %s\n", seed, result->failure);
        main_say_again(seed);
    }
    free(trace);
    return !failed;
}

int main(int argc, char **argv)
{
    uint64_t first = 1, last = 100, failed = 0;
    bool verbose = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-v"))
            verbose = true;
        else if (!strcmp(argv[i], "--seed") && i + 1 < argc)
            first = last = strtoull(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--seeds") && i + 1 < argc) {
            char *end;
            first = strtoull(argv[++i], &end, 10);
            last = strtoull(end + strspn(end, "."), NULL, 10);
        } else if (!strcmp(argv[i], "--stage") && i + 1 < argc)
            i++;
    }
    signal(SIGABRT, main_aborted);
    uint64_t lives = 0, writes = 0, events = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        struct main_result result;
        failed += !main_seed(seed, verbose, &result);
        lives += result.lives;
        writes += result.writes;
        events += result.events;
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " lives, %" PRIu64 " events, %" PRIu64
           " writes at the end: %" PRIu64 " failed\n",
           last - first + 1, lives, events, writes, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
