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

#include <stdio.h>

#include "labs/harness/draw.h"
#include "labs/harness/judge.h"
#include "labs/harness/lab.h"
#include "labs/harness/schedule.h"

struct failure;

// What all tests of a sort of subject share.
struct seeds_world {
    void (*finish)(struct schedule *schedule); // Its last steps; or NULL.
    void (*judge)(const struct schedule *schedule, const struct trace *trace,
                  const struct limits *limits, struct finding *finding);
    // For the shrinker, by their first words, up to a NULL: the steps without
    // which a schedule is another one, and those whose number may be less.
    const char *const *fixed, *const *numbered;
    // Draws a failure with a mark at that event: in lines, and as a page.
    void (*print)(const struct failure *failure, size_t wrong_event, FILE *out);
    void (*write_html)(const struct failure *failure, size_t wrong_event,
                       const char *title, const char *story, FILE *out);
    // What clients saw, as a page; or NULL.
    void (*write_history)(const struct failure *failure,
                          const struct text *story, FILE *out);
};
extern const struct seeds_world seeds_node; // Of lab 2: one node and its disk.

struct seeds_test {
    struct lab_case of; // First, so that a case is its test.
    const struct seeds_world *world;
    void (*make)(struct draw *draw, struct schedule *schedule);
    struct limits limits;
};

#define LAB_SEEDS_IN(world_, test_, rule_, ...)                                \
    static void test_##_make(struct draw *draw, struct schedule *schedule);    \
    __attribute__((constructor)) static void test_##_register(void)            \
    {                                                                          \
        static struct seeds_test made = {.of = {.test = #test_,                \
                                                .name = "seeds",               \
                                                .rule = (rule_),               \
                                                .run = seeds_run,              \
                                                .own_only = true,              \
                                                .is_seeded = true},            \
                                         .world = (world_),                    \
                                         .make = test_##_make,                 \
                                         .limits = {__VA_ARGS__}};             \
        lab_register(&made.of);                                                \
    }                                                                          \
    static void test_##_make(struct draw *draw, struct schedule *schedule)

#define LAB_SEEDS_WITH(test, rule, ...)                                        \
    LAB_SEEDS_IN(&seeds_node, test, rule, __VA_ARGS__)
#define LAB_SEEDS(test, rule) LAB_SEEDS_WITH(test, rule, .errors = false)

// Runs the seeds of the case; see struct lab.
void seeds_run(struct lab *lab);

// The schedule of one. Owned by the caller.
struct schedule seeds_schedule(const struct seeds_test *test, uint64_t seed);

#endif
