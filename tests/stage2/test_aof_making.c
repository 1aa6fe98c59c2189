// test_aof_making.c -- segments made ahead, and a disk that has no space for
// them.
// SPDX-License-Identifier: MIT
#include <string.h>

#include "tests/stage2/aof_world.h"
#include "tests/test.h"

static const int64_t SECOND_US = 1000000;

enum { MB = 1 << 20 };

static bool is_full(const struct aof_world *world)
{
    return aof_world_stats(world).full;
}

static uint64_t size_of(const struct sim_disk *disk, const char *name)
{
    struct slice content = {0};
    ck_assert_int_eq(sim_disk_content(disk, name, &content), STATUS_OK);
    return content.size;
}

TEST(the_next_segment_is_made_while_the_present_one_fills)
{
    struct aof_world *world = aof_world_create(1);
    world->options.segment_size = 8 * MB;
    aof_world_start(world, 1);
    aof_world_put(world, 1);
    aof_world_run(world, 5 * SECOND_US);
    // A log that hardly anybody writes to takes hardly more than it needs.
    ck_assert_uint_eq(size_of(world->disk, "spare-2.draft"), MB);
    uint64_t used = 0;
    while (!sim_disk_has(world->disk, "spare-2.log")) {
        aof_world_put(world, 200000);
        used += 200000;
        aof_world_run(world, SECOND_US / 10);
        ck_assert_uint_lt(used, 5 * MB);
    }
    ck_assert_uint_gt(used, 3 * MB);
    ck_assert_uint_eq(size_of(world->disk, "spare-2.log"), 8 * MB);
    aof_world_destroy(world);
}

TEST(a_full_disk_refuses_and_space_brings_the_log_back)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    aof_world_put(world, 10);
    aof_world_run(world, SECOND_US);
    world->disk->knobs.capacity = 3 * 65536 + 30000;
    size_t count = 0;
    while (aof_world_wait(world, 3000) == AOF_READY) {
        aof_world_append(world, 3000);
        ck_assert_uint_lt(++count, 100);
    }
    ck_assert_uint_gt(count, 55); // Three segments of twenty.
    ck_assert_int_eq(aof_reserve(world->aof, 3000), AOF_FULL);
    ck_assert(is_full(world));
    ck_assert_ptr_nonnull(strstr(aof_error(world->aof), "full"));
    aof_world_run(world, 10 * SECOND_US);
    ck_assert_int_eq(aof_reserve(world->aof, 3000), AOF_FULL);
    ck_assert_int_eq(world->failed, 0);
    // What is there is safe, and half-made files do not stay.
    ck_assert_uint_ge(aof_durable(world->aof), count + 1);
    int ready = world->ready;
    world->disk->knobs.capacity = 0;
    aof_world_run(world, 2 * SECOND_US);
    ck_assert_int_gt(world->ready, ready);
    ck_assert(!is_full(world));
    ck_assert_str_eq(aof_error(world->aof), "");
    aof_world_put(world, 3000);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end,
                      aof_end(world->aof));
    aof_world_destroy(world);
}

TEST_FOR(a_disk_that_is_full_at_the_start_refuses_and_is_tried_again, 2)
{
    struct aof_world *world = aof_world_create(1);
    if (_i == 0)
        world->disk->knobs.capacity = 1000;
    else
        world->disk->knobs.fail[SIM_CALL_CREATE] =
            (struct sim_failure){.times = 3, .status = STATUS_FULL};
    aof_world_start(world, 1);
    ck_assert_int_eq(aof_world_wait(world, 10), AOF_FULL);
    ck_assert_uint_eq(aof_world_files(world->disk, "spare-"), 0);
    world->disk->knobs.capacity = 0;
    aof_world_run(world, 5 * SECOND_US);
    aof_world_put(world, 10);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end, 2);
    aof_world_destroy(world);
}

TEST_FOR(a_spare_that_cannot_be_made_costs_no_record, 4)
{
    static const enum sim_call_kind kinds[] = {
        SIM_CALL_WRITE, SIM_CALL_SYNC, SIM_CALL_RENAME, SIM_CALL_SYNC_NAMES};
    struct aof_world *world = aof_world_create(1);
    world->disk->knobs.fail[kinds[_i]] =
        (struct sim_failure){.times = 1, .status = STATUS_IO};
    aof_world_start(world, 1);
    ck_assert_int_eq(aof_world_wait(world, 10), AOF_FULL);
    ck_assert_int_eq(world->failed, 0);
    ck_assert_ptr_nonnull(strstr(aof_error(world->aof), "check the disk"));
    ck_assert_uint_eq(aof_world_files(world->disk, "spare-"), 0);
    aof_world_run(world, 2 * SECOND_US);
    aof_world_put(world, 10);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end, 2);
    aof_world_destroy(world);
}

TEST(no_space_for_a_large_record_is_space_for_small_ones)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    aof_world_put(world, 10);
    world->disk->knobs.capacity = 4 * 65536;
    ck_assert_int_eq(aof_world_wait(world, 2 * MB), AOF_FULL);
    for (int i = 0; i < 25; i++)
        aof_world_put(world, 3000);
    aof_world_run(world, 3 * SECOND_US);
    ck_assert(!is_full(world));
    aof_world_put(world, 3000);
    aof_world_stop(world);
    aof_world_destroy(world);
}

// Whoever asked for it went away.
TEST(a_spare_of_a_special_size_is_used_sooner_or_later)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    aof_world_put(world, 10);
    for (uint32_t size = 100000; size < 800000; size += 100000)
        ck_assert_int_eq(aof_world_wait(world, size), AOF_READY);
    ck_assert_uint_le(aof_world_files(world->disk, "spare-"), 4);
    for (int i = 0; i < 500; i++)
        aof_world_put(world, 6000);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end,
                      aof_end(world->aof));
    aof_world_destroy(world);
}
