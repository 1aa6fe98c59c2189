// test_snapshot_files.c -- which snapshots count, and which files go.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot_files.h"

#include "stage2-persistence/snapshot.h"
#include "tests/stage2/snapshot_harness.h"
#include "tests/test.h"

TEST(the_newest_two_count_in_whatever_order_they_come)
{
    static const uint64_t orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1},
                                         {1, 3, 2}, {3, 1, 2}, {2, 1, 3}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct snapshot_files files = {0};
        for (int j = 0; j < 3; j++) {
            snapshot_files_keep(&files, orders[i][j]);
            snapshot_files_keep(&files, orders[i][j]); // Once is enough.
            snapshot_files_check_invariants(&files);
        }
        ck_assert_uint_eq(files.count, 2);
        ck_assert_uint_eq(files.kept[0], 3);
        ck_assert_uint_eq(files.kept[1], 2);
    }
}

static void put(struct snapshot_harness *harness, const char *name)
{
    sim_disk_put(harness->disk, name, SLICE("1234"));
}

TEST(only_snapshots_are_found_and_removed)
{
    struct snapshot_harness harness;
    snapshot_harness_init(&harness);
    struct snapshot_files files = {.env = &harness.process->env};
    ck_assert_uint_eq(snapshot_files_size(&files), 0);
    put(&harness, "00000000000000000001.snapshot");
    put(&harness, "00000000000000000002.snapshot");
    put(&harness, "00000000000000000003.snapshot");
    put(&harness, "00000000000000000004.snapshot");
    put(&harness, "00000000000000000005.snapshot.draft");
    put(&harness, "00000000000000000001.log");
    snapshot_files_find(&files, 3);
    ck_assert_uint_eq(files.kept[0], 3);
    ck_assert_uint_eq(files.kept[1], 2);
    ck_assert_uint_eq(snapshot_files_size(&files), 4);

    snapshot_files_remove_others(&files);
    static const char *const left[] = {
        "00000000000000000001.log", "00000000000000000002.snapshot",
        "00000000000000000003.snapshot", "00000000000000000005.snapshot.draft"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(sim_disk_name(harness.disk, i), left[i]);
    ck_assert_ptr_null(sim_disk_name(harness.disk, 4));

    snapshot_files_remove_drafts(&files);
    ck_assert(!sim_disk_has(harness.disk, left[3]));
    ck_assert(sim_disk_has(harness.disk, left[2]));
    snapshot_harness_deinit(&harness);
}

TEST(a_file_that_cannot_be_removed_stays)
{
    struct snapshot_harness harness;
    snapshot_harness_init(&harness);
    struct snapshot_files files = {.env = &harness.process->env};
    put(&harness, "00000000000000000001.snapshot");
    put(&harness, "00000000000000000002.snapshot");
    harness.disk->knobs.fail[SIM_CALL_REMOVE] =
        (struct sim_failure){.times = 1, .status = STATUS_IO};
    snapshot_files_remove_others(&files);
    ck_assert(sim_disk_name(harness.disk, 0));
    ck_assert_ptr_null(sim_disk_name(harness.disk, 1));
    snapshot_harness_deinit(&harness);
}
