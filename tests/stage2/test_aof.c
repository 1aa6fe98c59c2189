// test_aof.c -- records, groups, policies, marks.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/aof.h"

#include <string.h>

#include "tests/stage2/aof_world.h"
#include "tests/test.h"

static const int64_t SECOND_US = 1000000;

static struct aof_stats stats_of(const struct aof_world *world)
{
    struct aof_stats stats;
    aof_stats(world->aof, &stats);
    return stats;
}

// A node at LSN 1 whose first segment stands and whose disk is quiet.
static struct aof_world *running(enum aof_policy policy)
{
    struct aof_world *world = aof_world_create(1);
    world->options.policy = policy;
    aof_world_start(world, 1);
    ck_assert_int_eq(aof_reserve(world->aof, 100), AOF_WAIT);
    aof_world_run(world, SECOND_US);
    ck_assert_int_eq(world->ready, 1);
    ck_assert_int_eq(aof_reserve(world->aof, 100), AOF_READY);
    return world;
}

TEST(a_round_is_one_write_and_one_sync)
{
    struct aof_world *world = running(AOF_ALWAYS);
    for (int i = 0; i < 10; i++)
        aof_world_append(world, 100);
    ck_assert_uint_eq(aof_end(world->aof), 10);
    ck_assert_uint_eq(aof_written(world->aof), 0);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_durable(world->aof), 10);
    ck_assert_uint_eq(stats_of(world).groups, 1);
    ck_assert_uint_eq(stats_of(world).syncs, 1);
    ck_assert_int_gt(world->advanced, 0);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end, 10);
    aof_world_destroy(world);
}

TEST(what_is_appended_during_a_sync_shares_the_next)
{
    struct aof_world *world = running(AOF_ALWAYS);
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
    ck_assert_uint_eq(stats_of(world).groups, 2);
    ck_assert_uint_eq(stats_of(world).syncs, 2);
    aof_world_destroy(world);
}

TEST(without_a_turn_of_the_loop_nothing_is_written)
{
    struct aof_world *world = running(AOF_ALWAYS);
    uint64_t calls = world->disk->calls;
    aof_world_append(world, 10);
    ck_assert_uint_eq(world->disk->calls, calls);
    ck_assert_uint_eq(stats_of(world).unwritten, aof_world_record_size(10));
    aof_world_destroy(world);
}

TEST(everysec_writes_each_round_and_syncs_once_a_second)
{
    struct aof_world *world = running(AOF_EVERYSEC);
    for (int i = 0; i < 50; i++) {
        aof_world_append(world, 10);
        aof_world_run(world, SECOND_US / 10);
        ck_assert_uint_eq(aof_written(world->aof), aof_end(world->aof));
    }
    ck_assert_uint_eq(stats_of(world).groups, 50);
    ck_assert_uint_ge(stats_of(world).syncs, 4);
    ck_assert_uint_le(stats_of(world).syncs, 5);
    ck_assert_uint_lt(aof_durable(world->aof), 50);
    aof_world_run(world, 2 * SECOND_US);
    ck_assert_uint_ge(aof_durable(world->aof), 50);
    aof_world_destroy(world);
}

TEST(no_writes_and_syncs_only_when_asked)
{
    struct aof_world *world = running(AOF_NO);
    aof_world_append(world, 10);
    aof_world_run(world, 20 * SECOND_US);
    ck_assert_uint_eq(aof_written(world->aof), 1);
    ck_assert_uint_eq(aof_durable(world->aof), 0);
    ck_assert_uint_eq(stats_of(world).syncs, 0);
    aof_sync(world->aof);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_durable(world->aof), 1);
    aof_world_destroy(world);
}

TEST(a_sync_that_is_asked_for_does_not_wait_for_the_second)
{
    struct aof_world *world = running(AOF_EVERYSEC);
    aof_world_append(world, 10);
    aof_sync(world->aof);
    aof_world_run(world, SECOND_US / 4);
    ck_assert_uint_eq(aof_durable(world->aof), 1);
    aof_world_destroy(world);
}

TEST(a_change_to_always_syncs_what_is_there)
{
    struct aof_world *world = running(AOF_NO);
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
    struct aof_world *world = running(AOF_NO);
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
    struct aof_world *world = running(AOF_EVERYSEC);
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
    ck_assert_uint_eq(stats_of(world).syncs_late, 1);
    ck_assert_uint_ge(stats_of(world).sync_us_max, 4 * SECOND_US);
    aof_world_destroy(world);
}

TEST(an_idle_log_ends_with_one_mark_that_covers_all)
{
    struct aof_world *world = running(AOF_ALWAYS);
    for (int i = 0; i < 3; i++)
        aof_world_append(world, 10);
    aof_world_run(world, 30 * SECOND_US);
    ck_assert_uint_eq(aof_end(world->aof), 4);
    ck_assert_uint_eq(aof_durable(world->aof), 4);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert(found.last_is_mark);
    ck_assert_uint_eq(found.marks, 1);
    ck_assert_uint_eq(found.marked, 3);
    aof_world_append(world, 10);
    aof_world_run(world, 30 * SECOND_US);
    found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.marks, 2);
    ck_assert_uint_eq(found.marked, 5);
    aof_world_destroy(world);
}

TEST(a_log_that_never_took_a_record_gets_no_mark)
{
    struct aof_world *world = running(AOF_ALWAYS);
    aof_world_run(world, 10 * SECOND_US);
    ck_assert_uint_eq(aof_end(world->aof), 0);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_end(world->aof), 0);
    aof_world_destroy(world);
}

TEST_FOR(a_stop_syncs_everything_and_marks_it, 3)
{
    struct aof_world *world = running((enum aof_policy)_i);
    for (int i = 0; i < 100; i++) // Over several segments.
        aof_world_put(world, 3000);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_durable(world->aof), 101);
    aof_world_end(world);
    sim_power_cut(world->disk);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.end, 101);
    ck_assert_uint_eq(found.marked, 100);
    ck_assert(found.last_is_mark);
    aof_world_destroy(world);
}

TEST(a_log_goes_on_where_another_ended)
{
    struct aof_world *world = running(AOF_ALWAYS);
    for (int i = 0; i < 5; i++)
        aof_world_put(world, 100);
    aof_world_stop(world);
    uint64_t end = aof_end(world->aof);
    aof_world_end(world);
    aof_world_start(world, end + 1);
    aof_world_put(world, 100);
    ck_assert_uint_eq(aof_end(world->aof), end + 1);
    aof_world_run(world, SECOND_US / 2);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.end, end + 1);
    ck_assert_uint_eq(found.segments, 2);
    aof_world_destroy(world);
}

TEST(writers_wait_when_too_much_waits_to_be_written)
{
    struct aof_world *world = aof_world_create(1);
    world->options.segment_size = 256 << 20;
    aof_world_start(world, 1);
    aof_world_put(world, 1);
    world->disk->knobs.delay_us = 3600 * SECOND_US;
    aof_world_run(world, 1000);
    enum { HUGE = 8 << 20 };
    int count = 0;
    while (aof_reserve(world->aof, aof_world_record_size(HUGE)) == AOF_READY) {
        aof_world_append(world, HUGE);
        ck_assert_int_le(++count, 10);
    }
    ck_assert_int_ge(count, 8);
    ck_assert_int_eq(aof_reserve(world->aof, 100), AOF_WAIT);
    aof_world_destroy(world);
}

TEST_FOR(a_failed_write_ends_the_log_for_good, 2)
{
    struct aof_world *world = running(AOF_ALWAYS);
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
