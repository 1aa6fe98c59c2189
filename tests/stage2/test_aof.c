// test_aof.c -- marks, the end of a log, and how its owner is held back.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/aof.h"

#include "tests/stage2/aof_world.h"
#include "tests/test.h"

static const int64_t SECOND_US = 1000000;

TEST(an_idle_log_ends_with_one_mark_that_covers_all)
{
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
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
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    aof_world_run(world, 10 * SECOND_US);
    ck_assert_uint_eq(aof_end(world->aof), 0);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_end(world->aof), 0);
    aof_world_destroy(world);
}

TEST_FOR(a_stop_syncs_everything_and_marks_it, 3)
{
    struct aof_world *world = aof_world_running((enum aof_policy)_i);
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
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
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
    world->options.segment_size = 80 << 20;
    aof_world_start(world, 1);
    aof_world_put(world, 1);
    world->disk->knobs.delay_us = 5 * SECOND_US;
    aof_world_run(world, 1000);
    enum { HUGE = 8 << 20 };
    int count = 0;
    while (aof_reserve(world->aof, aof_world_record_size(HUGE)) == AOF_READY) {
        aof_world_append(world, HUGE);
        ck_assert_int_le(++count, 10);
    }
    ck_assert_int_ge(count, 8);
    ck_assert_int_eq(aof_reserve(world->aof, 100), AOF_WAIT);
    int ready = world->ready;
    world->disk->knobs.delay_us = 0;
    for (int i = 0; i < 20 && world->ready == ready; i++)
        aof_world_run(world, SECOND_US);
    ck_assert_int_gt(world->ready, ready);
    ck_assert_int_eq(aof_reserve(world->aof, 100), AOF_READY);
    aof_world_destroy(world);
}
