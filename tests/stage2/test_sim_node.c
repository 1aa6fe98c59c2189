// test_sim_node.c -- a few of vega-sim's runs, under the sanitizers. The many
// are its own business: make sim. SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/sim/random_run.h"
#include "tests/sim/script.h"
#include "tests/test.h"

enum { SIM_SEEDS = 12, SIM_SCRIPTS = 15, SIM_CALLS_STRIDE = 13 };

TEST_FOR(a_node_keeps_every_rule_whatever_a_seed_does, SIM_SEEDS)
{
    struct world *world = xmalloc(sizeof *world);
    world_init(world, (uint64_t)_i + 1);
    random_run(world);
    ck_assert_msg(!world_failed(world), "SEED=%d: %s", _i + 1, world->failure);
    ck_assert_uint_gt(world->recoveries, 0);
    world_deinit(world);
    free(world);
}

TEST_FOR(a_script_survives_a_crash_at_any_call_of_the_disk, SIM_SCRIPTS)
{
    struct script_tally tally;
    bool kept =
        script_crash_everywhere(&scripts[_i], SIM_CALLS_STRIDE, NULL, &tally);
    ck_assert_msg(kept, "%s, call %llu: %s", scripts[_i].name,
                  (unsigned long long)tally.crash.at_call, tally.failure);
    ck_assert_uint_gt(tally.runs, tally.calls / SIM_CALLS_STRIDE);
}

TEST_FOR(a_flipped_bit_is_refused_or_changes_nothing, SIM_SCRIPTS)
{
    struct script_tally tally;
    bool kept = script_flip_everywhere(&scripts[_i], 4999, NULL, &tally);
    ck_assert_msg(kept, "%s: %s", scripts[_i].name, tally.failure);
    ck_assert_uint_gt(tally.runs, 1);
}

TEST(there_are_no_other_scripts)
{
    ck_assert_ptr_null(scripts[SIM_SCRIPTS].name);
    ck_assert_ptr_nonnull(scripts[SIM_SCRIPTS - 1].name);
}
