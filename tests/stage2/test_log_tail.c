// test_log_tail.c -- what is above every durable mark is copied, and what is
// behind the cut goes, whatever happens on the way.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "stage2-persistence/segment.h"
#include "tests/stage2/recovery_world.h"

static const char first[] = "00000000000000000001.log";
static const char second[] = "00000000000000000011.log";
static const char third[] = "00000000000000000016.log";

static struct recovery_world_of world;

static void expect_keys(size_t keys)
{
    recovery_world_run(&world, 1000000);
    ck_assert_msg(world.end == RECOVERY_DONE, "%s", world.error);
    ck_assert_uint_eq(world.keys, keys);
    ck_assert_uint_eq(world.result.start.next_lsn, keys + 1);
}

// Ten durable records, and five more in a second file of which the fourth is
// invalid; then a third file.
static void torn_log(void)
{
    recovery_world_log(&world, 1, 10, 10);
    struct log_file file = log_file_begin(5, 11, 10);
    size_t at = 0;
    for (int i = 0; i < 5; i++) {
        size_t start = recovery_world_add(&file, 10);
        if (i == 3)
            at = start;
    }
    file.bytes.data[at + 40] ^= 1;
    recovery_world_put(&world, &file);
    recovery_world_log(&world, 16, 4, 10);
}

TEST(what_is_durable_is_left_alone)
{
    recovery_world_init(&world);
    recovery_world_log(&world, 1, 10, 10);
    recovery_world_log(&world, 11, 1, 10);
    size_t before = recovery_world_durable(&world, first);
    expect_keys(11);
    ck_assert_uint_eq(recovery_world_durable(&world, first), before);
    recovery_world_deinit(&world);
}

TEST(what_is_above_the_marks_is_copied_up_to_the_cut)
{
    recovery_world_init(&world);
    torn_log();
    size_t before = recovery_world_durable(&world, second);
    expect_keys(13);
    size_t after = recovery_world_durable(&world, second);
    ck_assert_uint_gt(after, SEGMENT_HEADER_SIZE);
    ck_assert_uint_lt(after, before);
    recovery_world_deinit(&world);
}

TEST(what_is_behind_the_cut_goes)
{
    recovery_world_init(&world);
    torn_log();
    expect_keys(13);
    ck_assert(!sim_disk_has(world.disk, third));
    ck_assert_uint_eq(recovery_world_durable(&world, third), 0);
    recovery_world_deinit(&world);
}

TEST(what_was_copied_outlives_a_power_cut)
{
    recovery_world_init(&world);
    torn_log();
    expect_keys(13);
    sim_power_cut(world.disk);
    expect_keys(13);
    ck_assert(!sim_disk_has(world.disk, "tail.draft"));
    recovery_world_deinit(&world);
}

TEST(a_file_without_any_record_goes)
{
    recovery_world_init(&world);
    recovery_world_log(&world, 1, 10, 5);
    recovery_world_log(&world, 11, 0, 5);
    expect_keys(10);
    ck_assert(!sim_disk_has(world.disk, second));
    recovery_world_deinit(&world);
}

static const struct {
    enum sim_call_kind kind;
    enum status status;
    const char *error;
} failures[] = {
    {SIM_CALL_CREATE, STATUS_IO, "cannot copy 00000000000000000011.log: "},
    {SIM_CALL_WRITE, STATUS_FULL,
     "cannot copy 00000000000000000011.log: full; free some space, and start "
     "again"},
    {SIM_CALL_WRITE, STATUS_IO, "cannot copy 00000000000000000011.log: "},
    {SIM_CALL_SYNC, STATUS_IO, "cannot copy 00000000000000000011.log: "},
    {SIM_CALL_RENAME, STATUS_IO, "cannot copy 00000000000000000011.log: "},
    {SIM_CALL_REMOVE, STATUS_IO, "cannot remove 00000000000000000016.log: "},
    {SIM_CALL_SYNC_NAMES, STATUS_IO, "cannot "},
};

TEST_FOR(a_disk_that_fails_is_not_served_from,
         sizeof failures / sizeof *failures)
{
    recovery_world_init(&world);
    torn_log();
    world.disk->knobs.fail[failures[_i].kind] = (struct sim_failure){
        .times = UINT64_MAX, .status = failures[_i].status};
    recovery_world_run(&world, 1000000);
    ck_assert_int_eq(world.end, RECOVERY_FAILED);
    ck_assert_msg(strstr(world.error, failures[_i].error), "%s", world.error);

    world.disk->knobs.fail[failures[_i].kind].times = 0;
    expect_keys(13);
    recovery_world_deinit(&world);
}

TEST(on_a_full_disk_the_file_itself_is_written_again)
{
    recovery_world_init(&world);
    torn_log();
    size_t before = recovery_world_durable(&world, second);
    world.disk->knobs.capacity = 1;
    expect_keys(13);
    ck_assert_uint_eq(recovery_world_durable(&world, second), before);
    ck_assert(!sim_disk_has(world.disk, "tail.draft"));
    sim_power_cut(world.disk);
    expect_keys(13);
    recovery_world_deinit(&world);
}

// What the cache shows is not what the disk holds.
TEST(on_a_full_disk_what_a_sync_had_lost_is_synced)
{
    for (int i = 0; i < 20; i++) {
        recovery_world_init(&world);
        recovery_world_log(&world, 1, 10, 0);
        struct slice content;
        ck_assert_int_eq(sim_disk_content(world.disk, first, &content),
                         STATUS_OK);
        char *copy = xmalloc(content.size);
        memcpy(copy, content.data, content.size);
        // As by a process whose sync failed: all of it only in the cache.
        sim_disk_flip(world.disk, first, content.size / 2, 1);
        struct sim_process *process =
            sim_process_start(&world.sim, world.disk, "before");
        struct env_file *file;
        ck_assert_int_eq(
            env_disk_open(&process->env, first, ENV_OPEN_WRITE, &file),
            STATUS_OK);
        env_disk_write_now(&process->env, file, 0,
                           (struct slice){copy, content.size});
        world.disk->knobs.fail[SIM_CALL_SYNC] =
            (struct sim_failure){.times = 1, .status = STATUS_IO};
        env_disk_sync_now(&process->env, file);
        sim_process_free(process);
        free(copy);

        world.disk->knobs.capacity = 1;
        expect_keys(10);
        sim_power_cut(world.disk);
        expect_keys(10);
        recovery_world_deinit(&world);
    }
}

// The same decision is made again, whatever the crash left; on a full disk too.
TEST_FOR(a_crash_at_any_call_changes_nothing, 6)
{
    bool died = true;
    for (uint64_t call = 1; died; call++) {
        recovery_world_init(&world);
        torn_log();
        world.disk->knobs.capacity = _i / 3;
        world.disk->knobs.crash = (struct sim_crash){
            .at_call = world.disk->calls + call,
            .how = (enum sim_crash_how)(_i % 3),
        };
        recovery_world_run(&world, 1000000);
        died = world.died;
        ck_assert_uint_lt(call, 100);
        if (!died)
            ck_assert_uint_gt(call, 5);
        world.disk->knobs.crash = (struct sim_crash){0};
        sim_power_cut(world.disk);
        expect_keys(13);
        recovery_world_deinit(&world);
    }
}
