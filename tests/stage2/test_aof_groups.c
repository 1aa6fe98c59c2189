// test_aof_groups.c -- what goes to the disk together, and when it is synced.
// SPDX-License-Identifier: MIT
#include <string.h>

#include "tests/stage2/aof_world.h"
#include "tests/test.h"

static const int64_t SECOND_US = 1000000;

TEST(a_round_is_one_write_and_one_sync)
{
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    for (int i = 0; i < 10; i++)
        aof_world_append(world, 100);
    ck_assert_uint_eq(aof_end(world->aof), 10);
    ck_assert_uint_eq(aof_written(world->aof), 0);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_durable(world->aof), 10);
    ck_assert_uint_eq(aof_world_stats(world).groups, 1);
    ck_assert_uint_eq(aof_world_stats(world).syncs, 1);
    ck_assert_int_gt(world->advanced, 0);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end, 10);
    aof_world_destroy(world);
}

TEST(what_is_appended_during_a_sync_shares_the_next)
{
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    world->disk->knobs.delay_us = 10000;
    aof_world_append(world, 10);
    for (int i = 0; i < 20; i++) { // Rounds, all while the first is under way.
        sim_end_round(&world->sim);
        aof_world_append(world, 10);
        aof_world_run(world, 100);
    }
    ck_assert_uint_eq(aof_durable(world->aof), 0);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_durable(world->aof), 21);
    ck_assert_uint_eq(aof_world_stats(world).groups, 2);
    ck_assert_uint_eq(aof_world_stats(world).syncs, 2);
    aof_world_destroy(world);
}

// All of them are answered by one sync, which takes half a millisecond.
static struct aof_world *world_with_writers(int count)
{
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    world->disk->knobs.delay_us = 500;
    for (int i = 0; i < count; i++)
        aof_world_append(world, 10);
    while (aof_durable(world->aof) < aof_end(world->aof))
        aof_world_run(world, 10);
    return world;
}

TEST(who_was_answered_together_is_synced_together_again)
{
    struct aof_world *world = world_with_writers(50);
    struct aof_stats before = aof_world_stats(world);
    for (int i = 0; i < 50; i++) { // One by one, within the time of a sync.
        aof_world_append(world, 10);
        aof_world_run(world, 5);
        if (i + 1 < 45) // Nearly all of them: nine in ten.
            ck_assert_uint_eq(aof_world_stats(world).groups, before.groups);
    }
    ck_assert_uint_eq(aof_world_stats(world).groups, before.groups + 1);
    aof_world_run(world, SECOND_US / 100);
    ck_assert_uint_eq(aof_durable(world->aof), 100);
    ck_assert_uint_eq(aof_world_stats(world).syncs, before.syncs + 2);
    aof_world_destroy(world);
}

TEST(who_does_not_come_back_is_waited_for_as_long_as_a_sync_takes)
{
    struct aof_world *world = world_with_writers(50);
    uint64_t took_us = aof_world_stats(world).sync_us_last;
    uint64_t groups = aof_world_stats(world).groups;
    aof_world_append(world, 10);
    aof_world_run(world, (int64_t)took_us / 2);
    ck_assert_uint_eq(aof_world_stats(world).groups, groups);
    aof_world_run(world, (int64_t)took_us * 4);
    ck_assert_uint_eq(aof_durable(world->aof), 51);
    groups = aof_world_stats(world).groups;
    aof_world_append(world, 10); // Alone by now.
    sim_end_round(&world->sim);
    ck_assert_uint_eq(aof_world_stats(world).groups, groups + 1);
    aof_world_destroy(world);
}

TEST(one_or_two_writers_wait_for_nobody)
{
    for (int count = 1; count <= 2; count++) {
        struct aof_world *world = world_with_writers(count);
        uint64_t groups = aof_world_stats(world).groups;
        aof_world_append(world, 10);
        sim_end_round(&world->sim);
        ck_assert_uint_eq(aof_world_stats(world).groups, groups + 1);
        aof_world_destroy(world);
    }
}

TEST(without_a_turn_of_the_loop_nothing_is_written)
{
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    uint64_t calls = world->disk->calls;
    aof_world_append(world, 10);
    ck_assert_uint_eq(world->disk->calls, calls);
    ck_assert_uint_eq(aof_world_stats(world).unwritten,
                      aof_world_record_size(10));
    aof_world_destroy(world);
}

TEST(everysec_writes_each_round_and_syncs_once_a_second)
{
    struct aof_world *world = aof_world_running(AOF_EVERYSEC);
    for (int i = 0; i < 50; i++) {
        aof_world_append(world, 10);
        aof_world_run(world, SECOND_US / 10);
        ck_assert_uint_eq(aof_written(world->aof), aof_end(world->aof));
    }
    ck_assert_uint_eq(aof_world_stats(world).groups, 50);
    ck_assert_uint_ge(aof_world_stats(world).syncs, 4);
    ck_assert_uint_le(aof_world_stats(world).syncs, 5);
    ck_assert_uint_lt(aof_durable(world->aof), 50);
    aof_world_run(world, 2 * SECOND_US);
    ck_assert_uint_ge(aof_durable(world->aof), 50);
    aof_world_destroy(world);
}

TEST(no_writes_and_syncs_only_when_asked)
{
    struct aof_world *world = aof_world_running(AOF_NO);
    aof_world_append(world, 10);
    aof_world_run(world, 20 * SECOND_US);
    ck_assert_uint_eq(aof_written(world->aof), 1);
    ck_assert_uint_eq(aof_durable(world->aof), 0);
    ck_assert_uint_eq(aof_world_stats(world).syncs, 0);
    aof_sync(world->aof);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_durable(world->aof), 1);
    aof_world_destroy(world);
}

TEST(a_sync_that_is_asked_for_does_not_wait_for_the_second)
{
    struct aof_world *world = aof_world_running(AOF_EVERYSEC);
    aof_world_append(world, 10);
    aof_sync(world->aof);
    aof_world_run(world, SECOND_US / 4);
    ck_assert_uint_eq(aof_durable(world->aof), 1);
    aof_world_destroy(world);
}

TEST(a_change_to_always_syncs_what_is_there)
{
    struct aof_world *world = aof_world_running(AOF_NO);
    aof_world_append(world, 10);
    aof_world_run(world, 3 * SECOND_US);
    ck_assert_uint_eq(aof_durable(world->aof), 0);
    aof_set_policy(world->aof, AOF_ALWAYS);
    ck_assert_int_eq(aof_policy(world->aof), AOF_ALWAYS);
    aof_world_run(world, SECOND_US / 4);
    ck_assert_uint_eq(aof_durable(world->aof), 1);
    aof_world_destroy(world);
}

TEST(a_change_to_everysec_syncs_what_is_there_within_a_second)
{
    struct aof_world *world = aof_world_running(AOF_NO);
    aof_world_append(world, 10);
    aof_world_run(world, SECOND_US / 10);
    aof_set_policy(world->aof, AOF_EVERYSEC);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_durable(world->aof), 0);
    aof_world_run(world, SECOND_US);
    ck_assert_uint_ge(aof_durable(world->aof), 1);
    aof_world_destroy(world);
}

TEST(a_sync_that_hangs_is_late_and_its_end_is_told)
{
    struct aof_world *world = aof_world_running(AOF_EVERYSEC);
    aof_world_append(world, 10);
    aof_world_run(world, SECOND_US / 2);
    world->disk->knobs.delay_us = 4 * SECOND_US;
    aof_world_run(world, 2 * SECOND_US); // Due since half a second.
    ck_assert(!aof_is_late(world->aof));
    aof_world_run(world, SECOND_US);
    ck_assert(aof_is_late(world->aof));
    int ready = world->ready;
    aof_world_run(world, 3 * SECOND_US);
    ck_assert(!aof_is_late(world->aof));
    ck_assert_int_gt(world->ready, ready);
    ck_assert_uint_eq(aof_world_stats(world).syncs_late, 1);
    ck_assert_uint_ge(aof_world_stats(world).sync_us_max, 4 * SECOND_US);
    aof_world_destroy(world);
}

TEST_FOR(who_waits_for_a_late_sync_goes_on_under_another_policy, 2)
{
    struct aof_world *world = aof_world_running(AOF_EVERYSEC);
    aof_world_append(world, 10);
    aof_world_run(world, SECOND_US / 2);
    world->disk->knobs.delay_us = 10 * SECOND_US;
    aof_world_run(world, 3 * SECOND_US);
    ck_assert(aof_is_late(world->aof));
    int ready = world->ready;
    aof_set_policy(world->aof, _i ? AOF_ALWAYS : AOF_NO);
    ck_assert_int_eq(world->ready, ready); // Not from inside the call.
    ck_assert(!aof_is_late(world->aof));
    aof_world_run(world, SECOND_US);
    ck_assert_int_eq(world->ready, ready + 1);
    aof_world_destroy(world);
}

TEST_FOR(a_failed_write_ends_the_log_for_good, 2)
{
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    aof_world_put(world, 10);
    aof_world_run(world, SECOND_US / 2);
    enum sim_call_kind kind = _i ? SIM_CALL_SYNC : SIM_CALL_WRITE;
    world->disk->knobs.fail[kind] =
        (struct sim_failure){.times = 1, .status = STATUS_IO};
    aof_world_append(world, 10);
    aof_world_append(world, 10);
    aof_world_run(world, 10 * SECOND_US);
    ck_assert_int_eq(world->failed, 1);
    ck_assert_int_eq(aof_reserve(world->aof, 10), AOF_FAILED);
    ck_assert_uint_eq(aof_durable(world->aof), 1);
    ck_assert_ptr_nonnull(strstr(aof_error(world->aof), _i ? "sync" : "write"));
    ck_assert_ptr_nonnull(
        strstr(aof_error(world->aof), "00000000000000000001.log"));
    uint64_t calls = world->disk->calls;
    aof_stop(world->aof);
    aof_world_run(world, 10 * SECOND_US);
    ck_assert(aof_is_stopped(world->aof));
    ck_assert_uint_eq(world->disk->calls, calls);
    aof_world_destroy(world);
}
