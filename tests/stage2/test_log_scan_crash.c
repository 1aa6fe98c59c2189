// test_log_scan_crash.c -- what a crash leaves of a log never looks like
// damage, and what rots never looks like a crash: logs that the real writer
// wrote, on the simulated disk.
// SPDX-License-Identifier: MIT
#include "common/base/random.h"
#include "stage2-persistence/log_scan.h"
#include "tests/stage2/aof_world.h"
#include "tests/test.h"

enum { STEPS_MAX = 100000 };

// A life with turns, trims, pauses and a record larger than a segment. Ends
// when the process does.
static void live(struct aof_world *world, uint64_t seed, int steps)
{
    struct random random;
    random_init(&random, seed);
    for (int i = 0; i < steps && !world->process->dead; i++) {
        uint64_t dice = random_below(&random, 20);
        uint32_t size = 1 + (uint32_t)random_below(&random, 6000);
        if (dice == 19)
            size = 70000;
        if (aof_world_wait(world, size) != AOF_READY)
            continue;
        aof_world_append(world, size);
        if (dice == 1) {
            world->trimmed = aof_durable(world->aof);
            aof_trim(world->aof, world->trimmed);
        }
        if (dice >= 10)
            aof_world_run(world, (int64_t)random_below(&random, 3000));
        if (dice == 2)
            aof_world_run(world, 3000000);
    }
}

struct end {
    enum log_scan_verdict verdict;
    uint64_t last_lsn;
    uint64_t records;
};

// As a server would, behind a snapshot of what was trimmed.
static struct end scan(struct aof_world *world)
{
    world->disk->knobs.crash = (struct sim_crash){0};
    struct sim_process *process =
        sim_process_start(&world->sim, world->disk, "scan");
    struct log_scan *scan =
        log_scan_create(&process->env, world->trimmed, world->trimmed);
    struct record record;
    uint64_t due = world->trimmed + 1;
    enum log_scan_step step = LOG_SCAN_MORE;
    for (int i = 0; i < STEPS_MAX && step != LOG_SCAN_END; i++) {
        step = log_scan_next(scan, &record, NULL);
        if (step != LOG_SCAN_RECORD)
            continue;
        ck_assert_uint_eq(record.lsn, due++);
        ck_assert_int_eq(record.kind == RECORD_COMMAND,
                         world->sizes[record.lsn] != 0);
        if (record.argc == 1)
            ck_assert_uint_eq(record_argument(&record.body).size,
                              world->sizes[record.lsn]);
    }
    ck_assert_int_eq(step, LOG_SCAN_END);
    const struct log_scan_result *result = log_scan_result(scan);
    struct end end = {result->verdict, result->last_lsn, result->records};
    log_scan_destroy(scan);
    sim_process_free(process);
    return end;
}

static bool crash_at(uint64_t call, enum aof_policy policy, bool kill)
{
    struct aof_world *world = aof_world_create(call);
    world->options.policy = policy;
    world->disk->knobs.crash = (struct sim_crash){
        .at_call = call, .how = SIM_CRASH_TORN, .kill = kill};
    aof_world_start(world, 1);
    live(world, 21, 60);
    if (!world->process->dead)
        aof_world_stop(world);
    bool crashed = world->process->dead; // Perhaps while it stopped.
    uint64_t safe = kill ? aof_written(world->aof) : aof_durable(world->aof);
    uint64_t end = aof_end(world->aof);
    aof_world_end(world);
    if (!kill)
        sim_power_cut(world->disk);
    struct end found = scan(world);
    ck_assert_msg(found.verdict == LOG_SCAN_CLEAN ||
                      found.verdict == LOG_SCAN_TORN,
                  "call %llu: %d", (unsigned long long)call, found.verdict);
    ck_assert_uint_ge(found.last_lsn, safe);
    ck_assert_uint_le(found.last_lsn, end);
    // Files were used before; nobody takes their former life for a tear.
    if (!crashed)
        ck_assert_int_eq(found.verdict, LOG_SCAN_CLEAN);
    aof_world_destroy(world);
    return crashed;
}

static const struct {
    enum aof_policy policy;
    bool kill;
} crashes[] = {{AOF_ALWAYS, false},
               {AOF_EVERYSEC, false},
               {AOF_NO, false},
               {AOF_NO, true}};

TEST_FOR(no_crash_looks_like_damage, 4)
{
    uint64_t call = 1;
    while (crash_at(call, crashes[_i].policy, crashes[_i].kill)) {
        call += test_stride(7);
        ck_assert_uint_lt(call, 2000);
    }
    ck_assert_uint_gt(call, 50);
}

TEST(no_rot_looks_like_a_crash)
{
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    struct random random;
    random_init(&random, 3);
    for (int i = 0; i < 40; i++)
        aof_world_put(world, 1 + (uint32_t)random_below(&random, 6000));
    aof_world_stop(world);
    uint64_t last = aof_end(world->aof);
    aof_world_end(world);
    ck_assert_int_eq(scan(world).verdict, LOG_SCAN_CLEAN);
    struct sim_disk *sound = world->disk;
    int damaged = 0;
    for (int i = 0; i < 300; i++) {
        world->disk = sim_disk_clone(sound);
        ck_assert(sim_disk_rot(world->disk, NULL, NULL));
        struct end found = scan(world);
        damaged += found.verdict == LOG_SCAN_DAMAGED;
        // The last one is a mark, of which nobody was told.
        if (found.verdict != LOG_SCAN_DAMAGED)
            ck_assert_uint_ge(found.last_lsn, last - 1);
        sim_disk_destroy(world->disk);
    }
    world->disk = sound;
    ck_assert_int_gt(damaged, 50);
    aof_world_destroy(world);
}

// Every call that reads may fail: then nothing is taken for a log's end.
TEST_FOR(a_call_that_fails_is_no_end_of_a_log, 3)
{
    static const enum sim_call_kind kinds[] = {SIM_CALL_OPEN, SIM_CALL_READ,
                                               SIM_CALL_LIST};
    struct aof_world *world = aof_world_running(AOF_ALWAYS);
    for (int i = 0; i < 60; i++)
        aof_world_put(world, 5000);
    aof_world_stop(world);
    aof_world_end(world);
    struct end whole = scan(world);
    ck_assert_int_eq(whole.verdict, LOG_SCAN_CLEAN);

    struct sim_failure *fail = &world->disk->knobs.fail[kinds[_i]];
    uint64_t skip = 0;
    for (;; skip++) {
        ck_assert_uint_lt(skip, 1000);
        *fail =
            (struct sim_failure){.skip = skip, .times = 1, .status = STATUS_IO};
        struct end found = scan(world);
        if (fail->times != 0)
            break;
        ck_assert_int_eq(found.verdict, LOG_SCAN_IO);
    }
    ck_assert_uint_gt(skip, 0);
    *fail = (struct sim_failure){0};
    ck_assert_uint_eq(scan(world).records, whole.records);
    aof_world_destroy(world);
}
