// test_aof_segments.c -- the turn from one segment to the next, and the trim.
// SPDX-License-Identifier: MIT
#include <string.h>

#include "stage2-persistence/record.h"
#include "stage2-persistence/segment.h"
#include "tests/stage2/aof_world.h"
#include "tests/test.h"

static const int64_t SECOND_US = 1000000;

TEST_FOR(records_of_all_sizes_go_over_many_segments_in_order, 3)
{
    struct aof_world *world = aof_world_create(7);
    world->options.policy = (enum aof_policy)_i;
    aof_world_start(world, 1);
    struct random random;
    random_init(&random, 5);
    for (int i = 0; i < 400; i++) {
        bool large = random_below(&random, 10) == 0;
        uint64_t size = 1 + random_below(&random, large ? 60000 : 3000);
        aof_world_put(world, (uint32_t)size);
        if (random_below(&random, 3) == 0)
            aof_world_run(world, (int64_t)random_below(&random, 2000));
    }
    aof_world_stop(world);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.end, aof_end(world->aof));
    ck_assert_uint_eq(found.first_lsn, 1);
    ck_assert_uint_gt(found.segments, 20);
    ck_assert_uint_eq(aof_world_stats(world).segments, found.segments);
    ck_assert_uint_eq(aof_world_stats(world).oldest_lsn, 1);
    aof_world_destroy(world);
}

// The sizes at which a record just fits, or just does not.
TEST_FOR(the_last_place_of_a_segment_is_a_marks, 5)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    uint32_t room = (uint32_t)(65536 - SEGMENT_HEADER_SIZE -
                               record_size(NULL, 0) - aof_world_record_size(0));
    aof_world_put(world, room - 4 + (uint32_t)_i * 2);
    aof_world_run(world, 5 * SECOND_US); // And a mark.
    uint64_t segments = aof_world_stats(world).segments;
    aof_world_put(world, 1);
    aof_world_stop(world);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.end, 4);
    ck_assert_uint_eq(found.marks, 2);
    ck_assert_uint_eq(segments, 1);
    aof_world_destroy(world);
}

TEST(a_record_larger_than_a_segment_gets_one_of_its_size)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    aof_world_put(world, 10);
    ck_assert_int_eq(aof_reserve(world->aof, aof_world_record_size(3000000)),
                     AOF_WAIT);
    aof_world_put(world, 3000000);
    aof_world_put(world, 10);
    aof_world_put(world, 60000);
    aof_world_stop(world);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.end, 5);
    // It is not kept as a spare.
    aof_trim(world->aof, 3);
    ck_assert_uint_lt(aof_world_stats(world).disk_size, 500000);
    aof_world_destroy(world);
}

TEST(a_segment_without_records_gives_way_to_a_larger_one)
{
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    aof_world_put(world, 100000);
    aof_world_run(world, SECOND_US / 4);
    ck_assert_uint_eq(aof_world_stats(world).segments, 1);
    aof_trim(world->aof, 1);
    aof_world_run(world, SECOND_US / 4);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.end, 1);
    ck_assert_uint_eq(found.segments, 1);
    aof_world_destroy(world);
}

TEST(rotation_begins_a_segment_at_the_next_record)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    aof_rotate(world->aof); // Of nothing.
    aof_world_put(world, 10);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_world_stats(world).segments, 1);
    aof_rotate(world->aof);
    aof_world_run(world, SECOND_US / 10);
    ck_assert_uint_eq(aof_world_stats(world).segments, 2);
    aof_rotate(world->aof); // Nothing came since.
    aof_world_run(world, SECOND_US / 10);
    ck_assert_uint_eq(aof_world_stats(world).segments, 2);
    aof_world_put(world, 10);
    aof_world_run(world, SECOND_US / 10);
    ck_assert(sim_disk_has(world->disk, "00000000000000000002.log"));
    ck_assert_uint_eq(aof_world_read(world, world->disk).end, 2);
    aof_world_destroy(world);
}

// What is appended during a turn waits for it, and goes on after it.
TEST(records_appended_during_a_turn_are_not_reported_before_its_end)
{
    struct aof_world *world = aof_world_create(1);
    world->options.policy = AOF_NO;
    aof_world_start(world, 1);
    aof_world_put(world, 61000);
    aof_world_run(world, SECOND_US / 2);
    world->disk->knobs.delay_us = 50000;
    ck_assert_int_eq(aof_world_wait(world, 1000), AOF_READY);
    while (aof_end(world->aof) < 10) {
        ck_assert_int_eq(aof_reserve(world->aof, aof_world_record_size(1000)),
                         AOF_READY);
        aof_world_append(world, 1000);
    }
    while (!sim_disk_has(world->disk, "00000000000000000002.log")) {
        ck_assert_uint_lt(aof_written(world->aof), 2);
        aof_world_run(world, 1000);
    }
    aof_world_run(world, SECOND_US);
    ck_assert_uint_eq(aof_written(world->aof), 10);
    aof_world_destroy(world);
}

TEST_FOR(trimming_bounds_the_use_of_the_disk, 3)
{
    struct aof_world *world = aof_world_create(3);
    world->options.policy = (enum aof_policy)_i;
    aof_world_start(world, 1);
    for (int i = 0; i < 1000; i++) {
        aof_world_put(world, 2000);
        if (i % 50 != 49)
            continue;
        aof_world_run(world, SECOND_US / 10);
        world->trimmed = aof_durable(world->aof);
        aof_trim(world->aof, world->trimmed);
        aof_world_run(world, SECOND_US / 10);
        ck_assert_uint_le(sim_disk_used(world->disk), 8 * 65536);
        ck_assert_uint_le(aof_world_stats(world).disk_size, 8 * 65536);
        ck_assert_uint_le(aof_world_files(world->disk, "spare-"), 3);
    }
    aof_world_stop(world);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.end, aof_end(world->aof));
    ck_assert_uint_gt(found.first_lsn, 900);
    ck_assert_uint_eq(found.first_lsn, aof_world_stats(world).oldest_lsn);
    aof_world_destroy(world);
}

TEST(trimming_everything_leaves_the_present_segment)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    aof_world_put(world, 10);
    aof_trim(world->aof, 1000);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_world_read(world, world->disk).end, 1);
    aof_world_put(world, 10);
    aof_rotate(world->aof); // It is no longer the present one then.
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_world_stats(world).segments, 1);
    ck_assert(!sim_disk_has(world->disk, "00000000000000000001.log"));
    aof_world_destroy(world);
}

TEST(segments_of_a_former_process_are_trimmed_like_others)
{
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    for (int i = 0; i < 100; i++)
        aof_world_put(world, 2000);
    aof_world_stop(world);
    uint64_t end = aof_end(world->aof);
    aof_world_end(world);
    aof_world_start(world, end + 1);
    aof_world_put(world, 10);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_ge(aof_world_stats(world).segments, 4);
    ck_assert_uint_eq(aof_world_stats(world).oldest_lsn, 1);
    world->trimmed = end;
    aof_trim(world->aof, end);
    aof_world_run(world, SECOND_US / 2);
    ck_assert_uint_eq(aof_world_stats(world).segments, 1);
    struct aof_found found = aof_world_read(world, world->disk);
    ck_assert_uint_eq(found.first_lsn, end + 1);
    aof_world_destroy(world);
}

struct failing_turn {
    enum sim_call_kind kind;
    uint64_t skip;
    const char *verb;
};

// A record is written and synced already; what comes is the turn's.
static const struct failing_turn failing_turns[] = {
    {SIM_CALL_WRITE, 0, "write"},
    {SIM_CALL_SYNC, 0, "sync"},
    {SIM_CALL_RENAME, 0, "rename"},
    {SIM_CALL_SYNC_NAMES, 0, "sync the directory"},
    {SIM_CALL_OPEN, 0, "open"},
};

TEST_FOR(a_turn_that_fails_ends_the_log, 5)
{
    const struct failing_turn *failing = &failing_turns[_i];
    struct aof_world *world = aof_world_create(1);
    aof_world_start(world, 1);
    aof_world_put(world, 61000);
    aof_world_run(world, 5 * SECOND_US);
    ck_assert_int_eq(aof_world_wait(world, 1000), AOF_READY);
    world->disk->knobs.fail[failing->kind] = (struct sim_failure){
        .skip = failing->skip, .times = 1, .status = STATUS_IO};
    uint64_t durable = aof_durable(world->aof);
    aof_world_append(world, 1000);
    aof_world_run(world, 10 * SECOND_US);
    ck_assert_int_eq(world->failed, 1);
    ck_assert_ptr_nonnull(strstr(aof_error(world->aof), failing->verb));
    ck_assert_uint_eq(aof_durable(world->aof), durable);
    ck_assert_uint_eq(aof_written(world->aof), durable);
    ck_assert_int_eq(aof_reserve(world->aof, 1), AOF_FAILED);
    aof_world_destroy(world);
}
