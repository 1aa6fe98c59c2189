// test_sim_node.c -- a few of vega-sim's runs, under the sanitizers. The many
// are its own business: make sim.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/sim/stage2/random_run.h"
#include "tests/sim/stage2/script.h"
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
    unsigned stride = SIM_CALLS_STRIDE * test_stride(5);
    bool kept = script_crash_everywhere(&scripts[_i], stride, NULL, &tally);
    ck_assert_msg(kept, "%s, call %llu: %s", scripts[_i].name,
                  (unsigned long long)tally.crash.at_call, tally.failure);
    ck_assert_uint_gt(tally.runs, tally.calls / stride);
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

static void send_to(struct world *world, const char *line)
{
    if (!world_has_client(world, 0))
        world_connect(world, 0);
    sim_node_send(&world->node, 0, slice_of(line));
    world_run_for(world, 1000 * 1000);
}

// It would hold times that the log, which went on from an older one, has not
// reached.
TEST(a_snapshot_that_cannot_be_read_now_is_not_passed_over)
{
    const struct sim_node_options options = {.fsync = "always",
                                             .segment_size = 65536};
    struct world *world = xmalloc(sizeof *world);
    world_init(world, 1);
    world_start(world, &options);
    world_recover(world);
    send_to(world, "set a 1\r\nsave\r\n");
    world->node.process->wall_offset_us += 60 * 1000 * 1000;
    send_to(world, "get a\r\nsave\r\n");
    world_end(world, false);

    world->may_refuse = true;
    world->node.disk->knobs.fail[SIM_CALL_READ] =
        (struct sim_failure){.times = 1, .status = STATUS_IO};
    world_start(world, &options);
    world_recover(world);
    ck_assert(!world_serves(world));
    ck_assert_ptr_nonnull(
        strstr(recovery_error(world->node.durable->recovery), "move it away"));
    world_end(world, false);

    world->may_refuse = false;
    world_start(world, &options);
    world_recover(world);
    ck_assert(world_serves(world));
    ck_assert_msg(!world_failed(world), "%s", world->failure);
    world_deinit(world);
    free(world);
}

TEST(what_a_laxer_policy_showed_is_doubted_when_the_sync_for_always_fails)
{
    const struct sim_node_options options = {.fsync = "everysec",
                                             .segment_size = 65536};
    struct world *world = xmalloc(sizeof *world);
    world_init(world, 1);
    world_start(world, &options);
    world_recover(world);
    world_connect(world, 0);
    world_run_for(world, 300 * 1000);
    sim_node_send(&world->node, 0, SLICE("set a 1\r\n"));
    world_run_for(world, 50 * 1000);
    world->node.disk->knobs.fail[SIM_CALL_SYNC] =
        (struct sim_failure){.times = 1, .status = STATUS_IO};
    sim_node_send(&world->node, 0, SLICE("config set appendfsync always\r\n"));
    world_run_for(world, 50 * 1000);
    ck_assert_int_eq(world->node.durable->state, DURABLE_FAILED);
    sim_node_send(&world->node, 0, SLICE("get a\r\n"));
    ck_assert_uint_eq(world->read_count, 0); // It was not executed.
    world_end(world, true);
    world->may_refuse = false;
    world_start(world, &options);
    world_recover(world);
    ck_assert(world_serves(world));
    ck_assert_msg(!world_failed(world), "%s", world->failure);
    world_deinit(world);
    free(world);
}
