// seeds.c -- runs that a seed settles, each done twice.
// SPDX-License-Identifier: MIT
#include "tests/sim/seeds.h"

#include <inttypes.h>
#include <stdio.h>

// Nobody looks on while it is done again.
static uint64_t seed_hash_again(const struct seed_stage *stage, uint64_t seed,
                                const struct trace *trace)
{
    struct trace quiet = *trace;
    struct seed_result again;
    quiet.all = false;
    quiet.picture = NULL;
    stage->run(seed, &quiet, &again);
    return again.hash;
}

bool seed_run_twice(const struct seed_stage *stage, uint64_t seed,
                    struct trace *trace, struct seed_result *result)
{
    trace_begin(trace, "--stage %s --seed %" PRIu64, stage->name, seed);
    if (stage->shrinks)
        snprintf(trace->smaller, sizeof trace->smaller,
                 "--stage %s --seed %" PRIu64 " --shrink", stage->name, seed);
    stage->run(seed, trace, result);
    if (!result->failure[0] &&
        seed_hash_again(stage, seed, trace) != result->hash)
        snprintf(result->failure, sizeof result->failure,
                 "determinism: the seed gave two different runs");
    if (result->failure[0])
        trace_print_failure(trace, result->failure);
    return !result->failure[0];
}

bool seeds_run(const struct seed_stage *stage, uint64_t first, uint64_t last,
               struct trace *trace)
{
    struct seed_result sum = {0};
    uint64_t failed = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        struct seed_result result;
        failed += !seed_run_twice(stage, seed, trace, &result);
        sum.events += result.events;
        sum.lives += result.lives;
        sum.asked += result.asked;
    }
    printf("%" PRIu64 " seeds, twice each: %" PRIu64 " events, %" PRIu64
           " recoveries; ",
           last - first + 1, sum.events, sum.lives);
    if (sum.asked)
        printf("%" PRIu64 " operations judged; ", sum.asked);
    printf("%" PRIu64 " seeds failed\n", failed);
    return failed == 0;
}
