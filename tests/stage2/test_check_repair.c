// test_check_repair.c -- a repair that is broken off at any call of the disk
// leaves the damage or the cut, loses no byte and makes none up.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/check_repair.h"

#include <stdio.h>

#include "common/sim/sim_process.h"
#include "tests/stage2/log_files.h"
#include "tests/test.h"

enum { SEGMENTS = 3, LAST_VALID = 13, CALLS_MAX = 200 };

struct world {
    struct sim sim;
    struct sim_disk *disk;
    char names[SEGMENTS][SEGMENT_NAME_SIZE];
    struct buffer originals[SEGMENTS]; // Owned.
    size_t cut_offset;                 // In the second.
};

// Three segments of ten records; in the second one LSN 14 is damaged.
static void world_init(struct world *world, uint64_t seed)
{
    sim_init(&world->sim, seed);
    world->disk = sim_disk_create(&world->sim);
    for (int i = 0; i < SEGMENTS; i++) {
        uint64_t first = 1 + 10 * (uint64_t)i;
        struct log_file file = log_file_begin(7, first, first - 1);
        for (uint64_t lsn = first; lsn < first + 10; lsn++) {
            size_t at = log_file_add(&file, first - 1, 30);
            if (lsn != LAST_VALID + 1)
                continue;
            file.bytes.data[at + 60] ^= 1;
            world->cut_offset = at;
        }
        log_file_add_zeros(&file, 500);
        segment_format_name(world->names[i], first);
        sim_disk_put(world->disk, file.name, buffer_slice(&file.bytes));
        world->originals[i] = file.bytes;
    }
}

static void world_deinit(struct world *world)
{
    for (int i = 0; i < SEGMENTS; i++)
        buffer_deinit(&world->originals[i]);
    sim_disk_destroy(world->disk);
    sim_deinit(&world->sim);
}

static void count_kept(struct check_keeper *keeper, const char *name,
                       const char *kept)
{
    (void)keeper;
    ck_assert(strstr(kept, name) == kept);
}

// Repairs what there is to repair. True if the process survived that.
static bool repair(struct world *world)
{
    struct sim_process *process =
        sim_process_start(&world->sim, world->disk, "repair");
    struct check_health health;
    enum status status = check_health_read(&health, &process->env, NULL);
    if (status == STATUS_OK && health.log_verdict != LOG_SCAN_CLEAN &&
        health.log_verdict != LOG_SCAN_IO) {
        struct check_keeper keeper = {count_kept};
        const char *file = "";
        status = check_repair(&process->env, &health, &keeper, &file);
    }
    check_health_deinit(&health);
    bool survived = !process->dead;
    if (survived)
        ck_assert_int_eq(status, STATUS_OK);
    sim_process_free(process);
    return survived;
}

// All bytes of that segment are still there, in one file.
static bool is_whole(const struct world *world, int index)
{
    struct slice original = buffer_slice(&world->originals[index]);
    const char *name;
    for (size_t i = 0; (name = sim_disk_name(world->disk, i)); i++) {
        struct slice content;
        ck_assert_int_eq(sim_disk_content(world->disk, name, &content),
                         STATUS_OK);
        if (strstr(name, world->names[index]) == name &&
            slice_equal(content, original))
            return true;
    }
    return false;
}

// The log is the valid prefix, damaged behind it or not.
static enum log_scan_verdict look(struct world *world)
{
    struct sim_process *process =
        sim_process_start(&world->sim, world->disk, "look");
    struct check_health health;
    ck_assert_int_eq(check_health_read(&health, &process->env, NULL),
                     STATUS_OK);
    enum log_scan_verdict verdict = health.log_verdict;
    ck_assert_uint_eq(health.log->last_lsn, LAST_VALID);
    ck_assert_uint_eq(health.log->records, LAST_VALID);
    check_health_deinit(&health);
    sim_process_free(process);
    for (int i = 0; i < SEGMENTS; i++)
        ck_assert(is_whole(world, i));
    return verdict;
}

static void ck_assert_cut(const struct world *world)
{
    struct slice content, cut = {world->originals[1].data, world->cut_offset};
    ck_assert_int_eq(sim_disk_content(world->disk, world->names[1], &content),
                     STATUS_OK);
    ck_assert(slice_equal(content, cut));
    ck_assert(!sim_disk_has(world->disk, world->names[2]));
}

static bool crash_at(uint64_t call, enum sim_crash_how how)
{
    struct world world = {0};
    world_init(&world, call);
    world.disk->knobs.crash = (struct sim_crash){.at_call = call, .how = how};
    bool survived = repair(&world);
    sim_power_cut(world.disk);
    enum log_scan_verdict verdict = look(&world);
    if (survived)
        ck_assert_int_eq(verdict, LOG_SCAN_CLEAN);

    // Done again, later.
    world.disk->knobs.crash = (struct sim_crash){0};
    sim_run_for(&world.sim, 2000000);
    ck_assert(repair(&world));
    sim_power_cut(world.disk);
    ck_assert_int_eq(look(&world), LOG_SCAN_CLEAN);
    ck_assert_cut(&world);
    world_deinit(&world);
    return !survived;
}

TEST_FOR(a_repair_may_be_broken_off_anywhere, 3)
{
    static const enum sim_crash_how hows[] = {SIM_CRASH_BEFORE, SIM_CRASH_TORN,
                                              SIM_CRASH_AFTER};
    uint64_t call = 1;
    while (crash_at(call, hows[_i])) {
        call++;
        ck_assert_uint_lt(call, CALLS_MAX);
    }
    ck_assert_uint_gt(call, 8);
}

TEST_FOR(a_disk_that_fails_keeps_what_it_had, SIM_CALL_KINDS)
{
    for (uint64_t skip = 0; skip < CALLS_MAX; skip++) {
        struct world world = {0};
        world_init(&world, skip);
        world.disk->knobs.fail[_i] = (struct sim_failure){
            .skip = skip, .times = 1, .status = STATUS_FULL};
        struct sim_process *process =
            sim_process_start(&world.sim, world.disk, "repair");
        struct check_health health;
        enum status status = check_health_read(&health, &process->env, NULL);
        if (status == STATUS_OK && health.log_verdict == LOG_SCAN_DAMAGED) {
            struct check_keeper keeper = {count_kept};
            const char *file = "";
            status = check_repair(&process->env, &health, &keeper, &file);
        }
        bool failed = world.disk->knobs.fail[_i].times == 0;
        check_health_deinit(&health);
        sim_process_free(process);
        world.disk->knobs.fail[_i] = (struct sim_failure){0};
        enum log_scan_verdict verdict = look(&world);
        if (!failed)
            ck_assert_int_eq(verdict, LOG_SCAN_CLEAN);
        world_deinit(&world);
        if (!failed)
            break;
    }
}
