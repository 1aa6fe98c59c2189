// test_snapshots.c -- when snapshots are taken, when they count, and which ones
// stay, on a simulated disk.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshots.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/list.h"
#include "stage1-singlenode/image.h"
#include "tests/stage2/snapshot_harness.h"
#include "tests/test.h"

// The keeper with a log that is nothing but a few numbers.
struct keeper {
    struct snapshot_harness world; // `process` is the node's.
    struct store *store;
    struct snapshots_owner owner;
    struct snapshots *snapshots;
    uint64_t lsn;     // End of the log,
    uint64_t durable; // and up to where it is synced.
    int syncs_asked;
    int ended;
};

enum { MS = 1000, SECOND = 1000 * MS };

static void describe(struct snapshots_owner *owner, struct snapshot *snapshot)
{
    struct keeper *keeper = container_of(owner, struct keeper, owner);
    snapshot->lsn = keeper->lsn;
    snapshot->term = 3;
    snapshot->now_ms = 1700000000000;
}

static uint64_t sync_log(struct snapshots_owner *owner)
{
    struct keeper *keeper = container_of(owner, struct keeper, owner);
    keeper->syncs_asked++;
    return keeper->durable;
}

static void ended(struct snapshots_owner *owner)
{
    container_of(owner, struct keeper, owner)->ended++;
}

static void keeper_start(struct keeper *keeper, uint64_t loaded_lsn)
{
    keeper->snapshots =
        snapshots_create(&keeper->world.process->env, NULL, keeper->store,
                         loaded_lsn, &keeper->owner);
}

static void keeper_init(struct keeper *keeper)
{
    *keeper = (struct keeper){.owner = {describe, sync_log, ended}};
    snapshot_harness_init(&keeper->world);
    keeper->store = snapshot_store(1);
    snapshot_put(keeper->store, "key", "value");
    keeper_start(keeper, 0);
}

static void keeper_deinit(struct keeper *keeper)
{
    sim_process_kill(keeper->world.process);
    snapshots_destroy(keeper->snapshots);
    store_destroy(keeper->store);
    snapshot_harness_deinit(&keeper->world);
}

// The process ends, the power too, and another one begins.
static void keeper_power_cycle(struct keeper *keeper, uint64_t loaded_lsn)
{
    sim_power_cut(keeper->world.disk);
    snapshots_destroy(keeper->snapshots);
    sim_process_free(keeper->world.process);
    keeper->world.process =
        sim_process_start(&keeper->world.sim, keeper->world.disk, "again");
    keeper_start(keeper, loaded_lsn);
}

static void pass(struct keeper *keeper, int64_t us)
{
    sim_run_for(&keeper->world.sim, us);
    snapshots_check_invariants(keeper->snapshots);
}

static void set_durable(struct keeper *keeper, uint64_t lsn)
{
    keeper->durable = lsn;
    snapshots_log_durable(keeper->snapshots, lsn);
}

static struct snapshots_stats stats_of(const struct keeper *keeper)
{
    struct snapshots_stats stats;
    snapshots_stats(keeper->snapshots, &stats);
    return stats;
}

// Writes so many records, and takes a snapshot that counts.
static void take(struct keeper *keeper, uint64_t records)
{
    keeper->lsn += records;
    snapshots_changed(keeper->snapshots, records, records * 100);
    set_durable(keeper, keeper->lsn);
    uint64_t before = stats_of(keeper).finished;
    ck_assert(snapshots_start(keeper->snapshots, SNAPSHOTS_ASKED));
    pass(keeper, SECOND);
    ck_assert_uint_eq(stats_of(keeper).finished, before + 1);
}

static bool has(const struct keeper *keeper, uint64_t lsn, bool draft)
{
    char name[SNAPSHOT_NAME_SIZE];
    snapshot_format_name(name, lsn, draft);
    return sim_disk_has(keeper->world.disk, name);
}

static void put(struct keeper *keeper, uint64_t lsn, bool draft)
{
    char name[SNAPSHOT_NAME_SIZE];
    snapshot_format_name(name, lsn, draft);
    sim_disk_put(keeper->world.disk, name, SLICE("..."));
}

// The next `times` calls of that kind fail.
static void break_calls(struct keeper *keeper, enum sim_call_kind kind,
                        uint64_t times, enum status status)
{
    keeper->world.disk->knobs.fail[kind] =
        (struct sim_failure){.times = times, .status = status};
}

TEST(a_snapshot_that_counts_can_be_loaded)
{
    struct keeper keeper;
    keeper_init(&keeper);
    take(&keeper, 10);
    ck_assert(has(&keeper, 10, false));
    ck_assert_int_eq(keeper.ended, 1);
    struct snapshots_stats stats = stats_of(&keeper);
    ck_assert(!stats.running);
    ck_assert(!stats.last_failed);
    ck_assert_uint_eq(stats.last_lsn, 10);
    ck_assert_uint_eq(stats.changes, 0);
    ck_assert_int_gt(stats.last_duration_ms, 0);
    ck_assert_uint_gt(stats.last_size, 100);

    struct slice content;
    struct buffer copy = {0};
    const char *name = sim_disk_name(keeper.world.disk, 0);
    ck_assert_int_eq(sim_disk_durable(keeper.world.disk, name, &content),
                     STATUS_OK);
    buffer_append_slice(&copy, content);
    ck_assert_int_eq(snapshot_load(&keeper.world,
                                   "00000000000000000010.snapshot",
                                   buffer_slice(&copy), 10),
                     SNAPSHOT_DONE);
    ck_assert_uint_eq(store_digest(keeper.world.store),
                      store_digest(keeper.store));
    buffer_deinit(&copy);
    keeper_deinit(&keeper);
}

TEST(the_last_two_stay_and_the_log_back_to_the_older_one)
{
    struct keeper keeper;
    keeper_init(&keeper);
    ck_assert_uint_eq(snapshots_needed_lsn(keeper.snapshots), 0);
    take(&keeper, 10);
    ck_assert_uint_eq(snapshots_needed_lsn(keeper.snapshots), 0);
    take(&keeper, 10);
    ck_assert_uint_eq(snapshots_needed_lsn(keeper.snapshots), 10);
    take(&keeper, 10);
    ck_assert_uint_eq(snapshots_needed_lsn(keeper.snapshots), 20);
    ck_assert(!has(&keeper, 10, false));
    ck_assert(has(&keeper, 20, false));
    ck_assert(has(&keeper, 30, false));
    keeper_deinit(&keeper);
}

TEST(one_at_the_same_lsn_takes_the_place_of_the_other)
{
    struct keeper keeper;
    keeper_init(&keeper);
    take(&keeper, 10);
    take(&keeper, 0);
    ck_assert_uint_eq(snapshots_needed_lsn(keeper.snapshots), 0);
    ck_assert(has(&keeper, 10, false));
    keeper_deinit(&keeper);
}

TEST(it_has_no_name_before_the_log_is_durable)
{
    struct keeper keeper;
    keeper_init(&keeper);
    keeper.lsn = 10;
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    pass(&keeper, SECOND);
    ck_assert_int_eq(keeper.syncs_asked, 1);
    ck_assert(has(&keeper, 10, true));
    set_durable(&keeper, 9);
    pass(&keeper, SECOND);
    ck_assert(has(&keeper, 10, true));
    ck_assert(stats_of(&keeper).running);
    set_durable(&keeper, 10);
    ck_assert(has(&keeper, 10, true)); // Not inside that call.
    pass(&keeper, SECOND);
    ck_assert(!has(&keeper, 10, true));
    ck_assert(has(&keeper, 10, false));
    ck_assert_int_eq(keeper.ended, 1);
    keeper_deinit(&keeper);
}

TEST(changes_meanwhile_belong_to_the_next_one)
{
    struct keeper keeper;
    keeper_init(&keeper);
    snapshots_changed(keeper.snapshots, 5, 500);
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    snapshots_changed(keeper.snapshots, 2, 200);
    pass(&keeper, SECOND);
    ck_assert_uint_eq(stats_of(&keeper).changes, 2);
    ck_assert_uint_eq(stats_of(&keeper).log_size, 200);
    keeper_deinit(&keeper);
}

TEST(there_is_one_at_a_time_and_another_is_remembered)
{
    struct keeper keeper;
    keeper_init(&keeper);
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    ck_assert(!snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    snapshots_schedule(keeper.snapshots);
    snapshots_schedule(keeper.snapshots);
    ck_assert(stats_of(&keeper).scheduled);
    pass(&keeper, 10 * SECOND);
    ck_assert_uint_eq(stats_of(&keeper).finished, 2);
    ck_assert(!stats_of(&keeper).scheduled);
    keeper_deinit(&keeper);
}

TEST(the_schedule_takes_them)
{
    struct keeper keeper;
    keeper_init(&keeper);
    ck_assert(!snapshots_apply(keeper.snapshots, "60", 0, false));
    ck_assert(snapshots_apply(keeper.snapshots, "60 2", 0, false));
    snapshots_changed(keeper.snapshots, 1, 100);
    pass(&keeper, 100 * SECOND);
    snapshots_tick(keeper.snapshots);
    ck_assert(!stats_of(&keeper).running);
    snapshots_changed(keeper.snapshots, 1, 100);
    snapshots_tick(keeper.snapshots);
    ck_assert(stats_of(&keeper).running);
    pass(&keeper, SECOND);
    snapshots_changed(keeper.snapshots, 2, 100);
    snapshots_tick(keeper.snapshots); // 60 s since the last one, not the start.
    ck_assert(!stats_of(&keeper).running);
    pass(&keeper, 60 * SECOND);
    snapshots_tick(keeper.snapshots);
    ck_assert(stats_of(&keeper).running);
    keeper_deinit(&keeper);
}

static int64_t no_time(void *context)
{
    (void)context;
    return 0;
}

TEST(it_says_every_few_seconds_how_far_it_is)
{
    struct keeper keeper;
    keeper_init(&keeper);
    int fd = memfd_create("log", MFD_CLOEXEC);
    struct logger log = {.fd = fd, .wall_us = no_time};
    snapshots_destroy(keeper.snapshots);
    keeper.snapshots = snapshots_create(&keeper.world.process->env, &log,
                                        keeper.store, 0, &keeper.owner);
    keeper.lsn = 10; // Which is not durable, so it takes its time.
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    for (int i = 0; i < 120; i++) {
        pass(&keeper, SECOND / 10);
        snapshots_tick(keeper.snapshots);
    }
    ck_assert_uint_eq(stats_of(&keeper).progress, 1);
    ck_assert_uint_eq(stats_of(&keeper).total, 1);
    char text[4096] = {0};
    ck_assert_int_gt(pread(fd, text, sizeof text - 1, 0), 0);
    int lines = 0;
    for (const char *at = text; (at = strstr(at, "snapshot progress")); at++)
        lines++;
    ck_assert_int_eq(lines, 2);
    ck_assert_ptr_nonnull(strstr(text, "reason=asked"));
    close(fd);
    keeper_deinit(&keeper);
}

TEST(a_log_that_has_grown_takes_one)
{
    struct keeper keeper;
    keeper_init(&keeper);
    snapshots_apply(keeper.snapshots, "", 50, false);
    snapshots_changed(keeper.snapshots, 1, 50);
    snapshots_tick(keeper.snapshots);
    ck_assert(!stats_of(&keeper).running);
    snapshots_changed(keeper.snapshots, 1, 1);
    snapshots_tick(keeper.snapshots);
    ck_assert(stats_of(&keeper).running);
    pass(&keeper, SECOND);
    // Now it must also be larger than that snapshot.
    uint64_t size = stats_of(&keeper).last_size;
    ck_assert_uint_gt(size, 51);
    snapshots_changed(keeper.snapshots, 1, size);
    snapshots_tick(keeper.snapshots);
    ck_assert(!stats_of(&keeper).running);
    snapshots_changed(keeper.snapshots, 1, 1);
    snapshots_tick(keeper.snapshots);
    ck_assert(stats_of(&keeper).running);
    keeper_deinit(&keeper);
}

// What can fail: the steps of the job, the rename, the sync of the name.
static const struct {
    enum sim_call_kind kind;
    enum status status;
    const char *error;
} failures[] = {
    {SIM_CALL_CREATE, STATUS_FULL,
     "cannot write 00000000000000000010.snapshot.draft: full"},
    {SIM_CALL_WRITE, STATUS_FULL,
     "cannot write 00000000000000000010.snapshot.draft: full"},
    {SIM_CALL_SYNC, STATUS_IO,
     "cannot write 00000000000000000010.snapshot.draft: input/output error"},
    {SIM_CALL_RENAME, STATUS_IO,
     "cannot rename 00000000000000000010.snapshot.draft: input/output error"},
    {SIM_CALL_SYNC_NAMES, STATUS_IO,
     "cannot sync the name of 00000000000000000010.snapshot: "
     "input/output error"},
};

TEST_FOR(a_failure_is_told_and_tried_again_after_a_minute,
         sizeof failures / sizeof *failures)
{
    struct keeper keeper;
    keeper_init(&keeper);
    snapshots_apply(keeper.snapshots, "1 1", 0, false);
    keeper.lsn = 10;
    set_durable(&keeper, 10);
    snapshots_changed(keeper.snapshots, 10, 1000);
    pass(&keeper, SECOND);
    break_calls(&keeper, failures[_i].kind, 1, failures[_i].status);
    snapshots_tick(keeper.snapshots);
    pass(&keeper, SECOND);
    ck_assert_str_eq(snapshots_error(keeper.snapshots), failures[_i].error);
    ck_assert(stats_of(&keeper).last_failed);
    ck_assert_int_eq(keeper.ended, 1);
    ck_assert(!has(&keeper, 10, true));
    ck_assert_uint_eq(stats_of(&keeper).changes, 10);

    pass(&keeper, 58 * SECOND);
    snapshots_tick(keeper.snapshots);
    ck_assert(!stats_of(&keeper).running);
    pass(&keeper, 2 * SECOND);
    snapshots_tick(keeper.snapshots);
    pass(&keeper, SECOND);
    ck_assert(!stats_of(&keeper).last_failed);
    ck_assert_str_eq(snapshots_error(keeper.snapshots), "");
    ck_assert(has(&keeper, 10, false));
    ck_assert_uint_eq(stats_of(&keeper).finished, 1);
    keeper_deinit(&keeper);
}

TEST(who_asks_need_not_wait_for_the_minute)
{
    struct keeper keeper;
    keeper_init(&keeper);
    break_calls(&keeper, SIM_CALL_WRITE, 1, STATUS_FULL);
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    pass(&keeper, SECOND);
    ck_assert(stats_of(&keeper).last_failed);
    take(&keeper, 1);
    keeper_deinit(&keeper);
}

TEST(what_a_failed_log_has_lost_does_not_come_back)
{
    struct keeper keeper;
    keeper_init(&keeper);
    keeper.lsn = 10;
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    pass(&keeper, SECOND);
    ck_assert(has(&keeper, 10, true));
    snapshots_log_failed(keeper.snapshots);
    pass(&keeper, SECOND);
    ck_assert(!has(&keeper, 10, true));
    ck_assert(!has(&keeper, 10, false));
    ck_assert_int_eq(keeper.ended, 1);
    ck_assert_str_eq(snapshots_error(keeper.snapshots), "the log has failed");
    ck_assert(!snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    snapshots_schedule(keeper.snapshots);
    ck_assert(!stats_of(&keeper).scheduled);
    keeper_deinit(&keeper);
}

TEST(a_log_that_fails_ends_a_job_too)
{
    struct keeper keeper;
    keeper_init(&keeper);
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    snapshots_log_failed(keeper.snapshots);
    pass(&keeper, 10 * SECOND);
    ck_assert(!stats_of(&keeper).running);
    ck_assert(stats_of(&keeper).last_failed);
    ck_assert_ptr_null(sim_disk_name(keeper.world.disk, 0));
    keeper_deinit(&keeper);
}

TEST(a_start_removes_drafts_and_counts_what_was_loaded)
{
    struct keeper keeper;
    keeper_init(&keeper);
    put(&keeper, 5, false);
    put(&keeper, 10, false);
    put(&keeper, 20, false);
    put(&keeper, 30, false); // It was refused.
    put(&keeper, 40, true);
    keeper_power_cycle(&keeper, 20);
    ck_assert(!has(&keeper, 40, true));
    ck_assert(has(&keeper, 5, false)); // The next one sees to that.
    ck_assert(has(&keeper, 30, false));
    ck_assert_uint_eq(snapshots_needed_lsn(keeper.snapshots), 10);
    ck_assert_uint_eq(stats_of(&keeper).last_lsn, 20);
    ck_assert_uint_eq(stats_of(&keeper).last_size, 3);
    keeper.lsn = 35;
    take(&keeper, 1);
    ck_assert_uint_eq(snapshots_needed_lsn(keeper.snapshots), 20);
    ck_assert(!has(&keeper, 5, false));
    ck_assert(!has(&keeper, 10, false));
    ck_assert(!has(&keeper, 30, false));
    keeper_deinit(&keeper);
}

// Two that count, a crash at every call of the disk during the third: what the
// log was told it may forget is always in a snapshot that is there.
TEST(no_crash_leaves_less_than_the_log_was_trimmed_for)
{
    bool crashed = true;
    uint64_t call;
    for (call = 1; crashed; call++) {
        for (int how = SIM_CRASH_BEFORE; how <= SIM_CRASH_AFTER; how++) {
            struct keeper keeper;
            keeper_init(&keeper);
            take(&keeper, 10);
            take(&keeper, 10);
            keeper.lsn = 30;
            set_durable(&keeper, 30);
            keeper.world.disk->knobs.crash = (struct sim_crash){
                .at_call = keeper.world.disk->calls + call,
                .how = (enum sim_crash_how)how,
            };
            snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED);
            pass(&keeper, 10 * SECOND);
            crashed = keeper.world.process->dead;
            uint64_t needed = snapshots_needed_lsn(keeper.snapshots);
            keeper_power_cycle(&keeper, 30);
            int left = 0;
            for (uint64_t lsn = needed; lsn <= 30; lsn += 10)
                left += has(&keeper, lsn, false);
            ck_assert_int_ge(left, 2);
            ck_assert(!has(&keeper, 30, true));
            keeper_deinit(&keeper);
        }
    }
    // Make, write and sync the draft; rename; sync the name; remove one.
    ck_assert_uint_gt(call, 6);
}

TEST(stopping_leaves_no_draft)
{
    struct keeper keeper;
    keeper_init(&keeper);
    keeper.lsn = 10;
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    pass(&keeper, SECOND);
    ck_assert(!snapshots_is_stopped(keeper.snapshots));
    snapshots_stop(keeper.snapshots);
    ck_assert(snapshots_is_stopped(keeper.snapshots));
    ck_assert(!has(&keeper, 10, true));
    ck_assert(!snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    ck_assert_int_eq(keeper.ended, 0);
    keeper_deinit(&keeper);
}

TEST(stopping_waits_for_one_that_is_about_to_count)
{
    struct keeper keeper;
    keeper_init(&keeper);
    keeper.lsn = 10;
    keeper.world.disk->knobs.delay_us = SECOND;
    ck_assert(snapshots_start(keeper.snapshots, SNAPSHOTS_ASKED));
    pass(&keeper, 100 * SECOND);
    set_durable(&keeper, 10);
    pass(&keeper, 1);
    snapshots_stop(keeper.snapshots);
    ck_assert(!snapshots_is_stopped(keeper.snapshots));
    pass(&keeper, 10 * SECOND);
    ck_assert(snapshots_is_stopped(keeper.snapshots));
    ck_assert(has(&keeper, 10, false));
    ck_assert_int_eq(keeper.ended, 0);
    keeper_deinit(&keeper);
}
