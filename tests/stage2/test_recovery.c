// test_recovery.c -- from what is on the disk to a store.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "stage2-persistence/segment.h"
#include "tests/stage2/recovery_world.h"

static struct recovery_world_of world;

static void expect_error(const char *part)
{
    ck_assert_int_eq(world.end, RECOVERY_FAILED);
    ck_assert_msg(strstr(world.error, part), "%s", world.error);
}

static void expect_done(size_t keys, uint64_t next_lsn)
{
    ck_assert_msg(world.end == RECOVERY_DONE, "%s", world.error);
    ck_assert_uint_eq(world.keys, keys);
    ck_assert_uint_eq(world.result.start.next_lsn, next_lsn);
    ck_assert_uint_eq(world.result.start.durable, next_lsn - 1);
}

TEST(an_empty_directory_is_an_empty_store)
{
    recovery_world_init(&world);
    recovery_world_run(&world, 1000000);
    expect_done(0, 1);
    recovery_world_deinit(&world);
}

TEST(a_log_alone_gives_the_store)
{
    recovery_world_init(&world);
    recovery_world_log(&world, 1, 10, 9);
    recovery_world_log(&world, 11, 5, 15);
    recovery_world_run(&world, 1000000);
    expect_done(15, 16);
    ck_assert_uint_eq(world.result.records, 15);
    ck_assert_uint_eq(world.result.start.term, 7);
    ck_assert_int_eq(world.result.now_ms, RECOVERY_WORLD_MS + 15);
    ck_assert_uint_gt(world.result.record_size, 15 * 48);
    recovery_world_deinit(&world);
}

TEST(a_snapshot_and_the_log_behind_it_give_the_store)
{
    recovery_world_init(&world);
    recovery_world_snapshot(&world, 100);
    recovery_world_log(&world, 43, 8, 45);
    recovery_world_run(&world, 1000000);
    expect_done(108, 51);
    ck_assert_uint_eq(world.result.snapshot_lsn, 42);
    ck_assert_uint_eq(world.result.records, 8);
    recovery_world_deinit(&world);
}

TEST(records_that_the_snapshot_holds_are_not_executed_again)
{
    recovery_world_init(&world);
    recovery_world_snapshot(&world, 3);
    recovery_world_log(&world, 33, 20, 45);
    recovery_world_run(&world, 1000000);
    expect_done(3 + 10, 53);
    ck_assert_uint_eq(world.result.records, 10);
    recovery_world_deinit(&world);
}

TEST(a_snapshot_without_a_log_is_enough)
{
    recovery_world_init(&world);
    recovery_world_snapshot(&world, 3);
    recovery_world_run(&world, 1000000);
    expect_done(3, 43);
    recovery_world_deinit(&world);
}

TEST(a_log_that_ends_before_the_snapshot_has_lost_something)
{
    recovery_world_init(&world);
    recovery_world_snapshot(&world, 3);
    recovery_world_log(&world, 1, 10, 10);
    recovery_world_run(&world, 1000000);
    expect_error("LSNs up to 42 were durable");
    recovery_world_deinit(&world);
}

TEST(the_older_snapshot_stands_in_for_one_that_is_damaged)
{
    recovery_world_init(&world);
    recovery_world_snapshot(&world, 100);
    sim_disk_put(world.disk, "00000000000000000045.snapshot",
                 SLICE("VEGASNAP, and then nothing that makes sense"));
    recovery_world_log(&world, 43, 8, 50);
    recovery_world_run(&world, 1000000);
    expect_done(108, 51);
    ck_assert_uint_eq(world.result.snapshot_lsn, 42);
    recovery_world_deinit(&world);
}

TEST(what_a_damaged_snapshot_brought_in_is_thrown_away)
{
    recovery_world_init(&world);
    recovery_world_snapshot(&world, 1000);
    // Near its end, so that most of it was loaded.
    sim_disk_flip(
        world.disk, "00000000000000000042.snapshot",
        recovery_world_durable(&world, "00000000000000000042.snapshot") - 5, 1);
    recovery_world_log(&world, 1, 50, 50);
    recovery_world_run(&world, 1000000);
    expect_done(50, 51);
    ck_assert_uint_eq(world.result.snapshot_lsn, 0);
    recovery_world_deinit(&world);
}

TEST(drafts_are_not_looked_at)
{
    recovery_world_init(&world);
    recovery_world_log(&world, 1, 2, 2);
    sim_disk_put(world.disk, "00000000000000000002.snapshot.draft",
                 SLICE("half of"));
    sim_disk_put(world.disk, "tail.draft", SLICE("half of"));
    recovery_world_run(&world, 1000000);
    expect_done(2, 3);
    recovery_world_deinit(&world);
}

TEST(damage_is_named_by_file_byte_and_record)
{
    recovery_world_init(&world);
    struct log_file file = log_file_begin(9, 1, 0);
    recovery_world_add(&file, 0);
    size_t at = recovery_world_add(&file, 1);
    recovery_world_add(&file, 2);
    file.bytes.data[at + 50] ^= 1;
    recovery_world_put(&world, &file);
    recovery_world_run(&world, 1000000);
    char place[128];
    snprintf(place, sizeof place,
             "the log is damaged: 00000000000000000001.log, byte %zu: record "
             "2: the checksum is wrong; LSNs up to 2 were durable. ",
             at);
    expect_error(place);
    expect_error("vega-check --repair");
    recovery_world_deinit(&world);
}

TEST(a_log_that_does_not_reach_back_is_refused)
{
    recovery_world_init(&world);
    recovery_world_log(&world, 11, 5, 10);
    recovery_world_run(&world, 1000000);
    expect_error("the log does not reach back to record 1, and there is no "
                 "snapshot: a file is missing before "
                 "00000000000000000011.log");
    recovery_world_deinit(&world);
}

TEST(a_disk_that_cannot_be_read_is_no_empty_one)
{
    static const struct sim_failure always = {.times = UINT64_MAX,
                                              .status = STATUS_IO};
    recovery_world_init(&world);
    recovery_world_log(&world, 1, 10, 5);
    world.disk->knobs.fail[SIM_CALL_LIST] = always;
    recovery_world_run(&world, 1000000);
    expect_error("cannot list the data directory");
    world.disk->knobs.fail[SIM_CALL_LIST].times = 0;
    world.disk->knobs.fail[SIM_CALL_READ] = always;
    recovery_world_run(&world, 1000000);
    expect_error("00000000000000000001.log");
    world.disk->knobs.fail[SIM_CALL_READ].times = 0;
    recovery_world_run(&world, 1000000);
    expect_done(10, 11);
    recovery_world_deinit(&world);
}

TEST(a_snapshot_that_cannot_be_opened_is_no_missing_one)
{
    recovery_world_init(&world);
    recovery_world_snapshot(&world, 3);
    recovery_world_log(&world, 1, 50, 50);
    world.disk->knobs.fail[SIM_CALL_OPEN] =
        (struct sim_failure){.times = 1, .status = STATUS_DENIED};
    recovery_world_run(&world, 1000000);
    expect_error("cannot open 00000000000000000042.snapshot");
    recovery_world_deinit(&world);
}

TEST(it_works_in_steps_and_says_how_far_it_is)
{
    recovery_world_init(&world);
    recovery_world_snapshot(&world, 20000);
    recovery_world_log(&world, 43, 5000, 45);
    recovery_world_run(&world, 0);
    expect_done(25000, 5043);
    ck_assert_uint_gt(world.steps, 20);
    ck_assert(!world.went_back);
    recovery_world_deinit(&world);
}

TEST(recovering_twice_gives_the_same)
{
    recovery_world_init(&world);
    recovery_world_log(&world, 1, 10, 4);
    recovery_world_run(&world, 1000000);
    expect_done(10, 11);
    recovery_world_run(&world, 1000000);
    expect_done(10, 11);
    recovery_world_deinit(&world);
}
