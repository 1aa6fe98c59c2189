// test_aof_spares.c -- old segments become new ones.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "tests/stage2/aof_world.h"
#include "tests/test.h"

static const int64_t SECOND_US = 1000000;

TEST(in_a_steady_state_nothing_is_made)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    uint64_t creates = 0;
    for (int i = 0; i < 200; i++) {
        aof_world_put(world, 6000);
        aof_world_run(world, SECOND_US / 100);
        world->trimmed = aof_durable(world->aof);
        aof_trim(world->aof, world->trimmed);
        if (i == 50) { // From here on, no file is made.
            world->disk->knobs.fail[SIM_CALL_CREATE] =
                (struct sim_failure){.times = 1000000, .status = STATUS_FULL};
            creates = world->disk->knobs.fail[SIM_CALL_CREATE].times;
        }
    }
    ck_assert_uint_eq(world->disk->knobs.fail[SIM_CALL_CREATE].times, creates);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end,
                      aof_durable(world->aof));
    aof_world_destroy(world);
}

// Records of a former life lie behind the new ones in a recycled file, some at
// the very place where one ends; only the salt tells them from new ones.
TEST(old_records_behind_new_ones_are_not_read)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    for (int i = 0; i < 80; i++)
        aof_world_put(world, 3000);
    aof_world_run(world, SECOND_US / 2);
    aof_rotate(world->aof);
    aof_world_run(world, SECOND_US / 2);
    world->trimmed = aof_end(world->aof);
    aof_trim(world->aof, world->trimmed);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_ge(aof_world_files(world->disk, "spare-"), 2);
    for (int i = 0; i < 30; i++) { // Into recycled ones, one after another.
        aof_world_put(world, 3000);
        aof_world_run(world, SECOND_US / 10);
        struct aof_found found = aof_world_read(world, world->disk);
        ck_assert_uint_eq(found.end, aof_end(world->aof));
    }
    aof_world_destroy(world);
}

// Only then may it be written to: see the top of aof_spares.c.
TEST(an_old_segment_is_a_spare_when_its_new_name_is_synced)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    for (int i = 0; i < 60; i++)
        aof_world_put(world, 3000);
    aof_world_run(world, 5 * SECOND_US);
    world->disk->knobs.fail[SIM_CALL_SYNC_NAMES] =
        (struct sim_failure){.times = 1, .status = STATUS_IO};
    size_t segments = aof_world_stats(world).segments;
    world->trimmed = 40;
    aof_trim(world->aof, 40);
    aof_world_run(world, SECOND_US);
    // They were given up, and nothing else was.
    ck_assert_uint_lt(aof_world_stats(world).segments, segments);
    ck_assert_uint_le(aof_world_files(world->disk, "spare-"), 1);
    ck_assert_int_eq(world->failed, 0);
    aof_world_put(world, 3000);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end,
                      aof_end(world->aof));
    aof_world_destroy(world);
}

TEST(a_start_takes_over_spares_and_removes_what_is_none)
{
    struct aof_world *world = aof_world_create(1);
    char *zeros = calloc(1, 65536);
    struct slice whole = {zeros, 65536}, half = {zeros, 30000};
    sim_disk_put(world->disk, "spare-7.log", whole);
    sim_disk_put(world->disk, "spare-8.log", whole);
    sim_disk_put(world->disk, "spare-9.log", whole); // One too many.
    sim_disk_put(world->disk, "spare-3.log", half);
    sim_disk_put(world->disk, "spare-11.draft", whole);
    sim_disk_put(world->disk, "spare-99999999999999999999.log", whole);
    sim_disk_put(world->disk, "spare-.log", whole);
    sim_disk_put(world->disk, "sparerib.log", whole);
    aof_world_start(world, 1);
    aof_world_put(world, 10);
    aof_world_run(world, SECOND_US);
    ck_assert_uint_eq(aof_world_files(world->disk, "spare-"), 1);
    ck_assert_uint_eq(aof_world_files(world->disk, "sparerib"), 1);
    ck_assert_uint_eq(aof_world_stats(world).disk_size, 2 * 65536);
    for (int i = 0; i < 50; i++)
        aof_world_put(world, 3000);
    aof_world_stop(world);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end,
                      aof_end(world->aof));
    free(zeros);
    aof_world_destroy(world);
}

TEST(a_trim_brings_space_at_once)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    world->disk->knobs.capacity = 3 * 65536 + 30000;
    while (aof_world_wait(world, 3000) == AOF_READY)
        aof_world_append(world, 3000);
    ck_assert_int_eq(aof_reserve(world->aof, 3000), AOF_FULL);
    world->trimmed = 40;
    aof_trim(world->aof, 40);
    aof_world_run(world, SECOND_US / 10);
    ck_assert_int_eq(aof_reserve(world->aof, 3000), AOF_READY);
    ck_assert(!aof_world_stats(world).full);
    aof_world_put(world, 3000);
    aof_world_stop(world);
    aof_world_destroy(world);
}
