// seeds.c -- runs a test over its seeds.
// SPDX-License-Identifier: MIT
#include "labs/harness/seeds.h"

#include <inttypes.h>
#include <stdlib.h>

#include "labs/harness/seeds_story.h"
#include "labs/harness/subject.h"

// Runs after which a process is replaced: its time is limited.
enum { RUNS_MAX = 250 };

// Seeds in a row of which none comes to its end: the others would not either.
enum { ENDED_MAX = 10 };

struct seeds {
    struct lab *lab;
    const struct seeds_test *test;
    struct subject first, second;
    struct trace trace;
    uint64_t *hashes;        // Of the first runs, by seed.
    uint64_t *hashes_second; // Of the second ones.
    uint64_t failed;         // The first seed that failed; UINT64_MAX: none.
    uint64_t differs;        // The first one whose runs differ.
    unsigned ended;          // Seeds of late whose process ended.
    bool endless;
    uint64_t traced; // The seed whose run the trace is of.
};

struct schedule seeds_schedule(const struct seeds_test *test, uint64_t seed)
{
    struct schedule schedule = {0};
    struct draw draw = {seed};
    schedule_add(&schedule, "seed %" PRIu64, seed);
    test->make(&draw, &schedule);
    if (test->world->finish)
        test->world->finish(&schedule);
    return schedule;
}

static bool is_kept(struct seeds *seeds, const struct schedule *schedule)
{
    struct finding finding;
    seeds->test->world->judge(schedule, &seeds->trace, &seeds->test->limits,
                              &finding);
    bool kept = finding.rule == RULE_NONE;
    seeds->endless |= finding.rule == RULE_ENDLESS;
    seeds->ended = finding.rule == RULE_ENDED ? seeds->ended + 1 : 0;
    finding_deinit(&finding);
    return kept;
}

// The first process takes the seeds upwards, the second one downwards, both at
// the same time.
static void run_pair(struct seeds *seeds, uint64_t index, uint64_t count)
{
    struct lab *lab = seeds->lab;
    uint64_t up = lab->first_seed + index;
    uint64_t down = lab->first_seed + count - 1 - index;
    struct schedule one = seeds_schedule(seeds->test, up);
    struct schedule other = seeds_schedule(seeds->test, down);
    subject_begin(&seeds->first, &one);
    subject_begin(&seeds->second, &other);
    subject_end(&seeds->first, &seeds->trace);
    seeds->traced = up;
    seeds->hashes[index] = seeds->trace.hash;
    bool kept = is_kept(seeds, &one);
    if (!kept && up < seeds->failed)
        seeds->failed = up;
    lab->tally.passed += kept;
    if (!seeds->endless) {
        subject_end(&seeds->second, &seeds->trace);
        seeds->traced = down;
        seeds->hashes_second[count - 1 - index] = seeds->trace.hash;
        // The first process has come to the end of it, or will.
        if (seeds->trace.end == TRACE_ENDLESS) {
            seeds->endless = true;
            seeds->differs = down;
        }
    }
    schedule_deinit(&one);
    schedule_deinit(&other);
}

static void run_all(struct seeds *seeds, uint64_t count)
{
    struct lab *lab = seeds->lab;
    for (uint64_t i = 0; i < count; i++) {
        if (i % RUNS_MAX == 0) {
            subject_restart(&seeds->first);
            subject_restart(&seeds->second);
        }
        run_pair(seeds, i, count);
        // It would be the same with every other seed.
        if (seeds->endless || seeds->ended == ENDED_MAX ||
            (lab->until_fail && seeds->failed != UINT64_MAX))
            return;
    }
    for (uint64_t i = 0; i < count && seeds->differs == UINT64_MAX; i++) {
        if (seeds->hashes[i] != seeds->hashes_second[i])
            seeds->differs = lab->first_seed + i;
    }
}

void seeds_run(struct lab *lab)
{
    uint64_t count = lab->last_seed - lab->first_seed + 1;
    struct seeds seeds = {
        .lab = lab,
        .test = (const struct seeds_test *)lab->current,
        .first = {.path = lab->subject},
        .second = {.path = lab->subject},
        .hashes = calloc(count, sizeof(uint64_t)),
        .hashes_second = calloc(count, sizeof(uint64_t)),
        .failed = UINT64_MAX,
        .differs = UINT64_MAX,
    };
    if (!seeds.hashes || !seeds.hashes_second)
        lab_broken("seeds");
    lab->tally.total = count;
    run_all(&seeds, count);
    // One that does not end would only take its time again.
    bool told = seeds.endless && seeds.failed == seeds.traced;
    if (seeds.failed != UINT64_MAX)
        seeds_tell(lab, seeds.test, seeds.failed, told ? &seeds.trace : NULL);
    if (seeds.differs != UINT64_MAX)
        seeds_tell_difference(lab, seeds.test, seeds.differs);
    subject_deinit(&seeds.first);
    subject_deinit(&seeds.second);
    if (lab->tally.passed != count)
        lab_broken("seeds: some were not run");
    lab_pass(lab);
}
