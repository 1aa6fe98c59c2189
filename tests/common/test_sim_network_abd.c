// test_sim_network_abd.c -- a register on five nodes in the simulated world,
// with every fault of the network: the right one is linearizable in every run,
// each wrong one is found out, and equal seeds give equal runs.
// SPDX-License-Identifier: MIT
#include "common/sim/kv_model.h"
#include "common/sim/linearizability.h"
#include "tests/common/abd_world.h"
#include "tests/test.h"

static struct linear_report judge(enum abd_bug bug, uint64_t seed)
{
    struct abd_options options = {.seed = seed,
                                  .bug = bug,
                                  .nodes = 5,
                                  .clients = 5,
                                  .operations = 60,
                                  .faults = true};
    struct abd_result result = abd_run(&options);
    struct linear_report report;
    linearizability_check(&result.history, &kv_model,
                          &(struct linear_limits){0}, &report);
    buffer_append_byte(&report.story, '\0');
    client_history_deinit(&result.history);
    return report;
}

TEST(the_right_register_is_linearizable_under_every_fault)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct linear_report report = judge(ABD_RIGHT, seed);
        ck_assert_msg(report.verdict == LINEAR_OK, "SEED=%lu: %s",
                      (unsigned long)seed, report.story.data);
        linear_report_deinit(&report);
    }
}

TEST_FOR(a_wrong_register_is_found_out, 3)
{
    int found = 0;
    for (uint64_t seed = 1; seed <= 60 && !found; seed++) {
        struct linear_report report =
            judge((enum abd_bug)(ABD_READS_DO_NOT_WRITE + _i), seed);
        found += report.verdict == LINEAR_BROKEN;
        ck_assert_int_ne(report.verdict, LINEAR_UNDECIDED);
        linear_report_deinit(&report);
    }
    ck_assert_int_eq(found, 1);
}

TEST(every_seed_gives_the_same_run_twice)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct abd_options options = {.seed = seed,
                                      .nodes = 7,
                                      .clients = 10,
                                      .operations = 100,
                                      .faults = true};
        struct abd_result first = abd_run(&options);
        struct abd_result second = abd_run(&options);
        ck_assert_uint_eq(first.hash, second.hash);
        ck_assert_uint_eq(first.events, second.events);
        client_history_deinit(&first.history);
        client_history_deinit(&second.history);
    }
}
