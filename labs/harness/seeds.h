// seeds.h -- graded tests of the simulated node: one schedule a seed.
//
//     LAB_SEEDS(torn_tail, "What is torn is dropped ...")
//     {
//         schedule_add(schedule, "node always 16384 0 0");
//         ...
//     }
//
// LAB_SEEDS_WITH also takes what it allows, as fields of struct limits. The
// function writes the schedule of a seed, which `draw` was made from. Each
// seed runs twice, in two processes and in opposite orders: a node that depends
// on addresses, on what memory held, or on the seeds before, shows it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SEEDS_H
#define VEGA_LABS_SEEDS_H

#include "labs/harness/draw.h"
#include "labs/harness/judge.h"
#include "labs/harness/lab.h"
#include "labs/harness/schedule.h"

struct seeds_test {
    struct lab_case of; // First, so that a case is its test.
    void (*make)(struct draw *draw, struct schedule *schedule);
    struct limits limits;
};

#define LAB_SEEDS_WITH(test_, rule_, ...)                                      \
    static void test_##_make(struct draw *draw, struct schedule *schedule);    \
    __attribute__((constructor)) static void test_##_register(void)            \
    {                                                                          \
        static struct seeds_test made = {.of = {.test = #test_,                \
                                                .name = "seeds",               \
                                                .rule = (rule_),               \
                                                .run = seeds_run,              \
                                                .own_only = true,              \
                                                .is_seeded = true},            \
                                         .make = test_##_make,                 \
                                         .limits = {__VA_ARGS__}};             \
        lab_register(&made.of);                                                \
    }                                                                          \
    static void test_##_make(struct draw *draw, struct schedule *schedule)

#define LAB_SEEDS(test, rule) LAB_SEEDS_WITH(test, rule, .errors = false)

// Runs the seeds of the case; see struct lab.
void seeds_run(struct lab *lab);

// The schedule of one. Owned by the caller.
struct schedule seeds_schedule(const struct seeds_test *test, uint64_t seed);

#endif
