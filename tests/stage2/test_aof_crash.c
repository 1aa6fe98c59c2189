// test_aof_crash.c -- a power cut, or the end of the process, at every call of
// the disk that a life of the log makes; then what is on the disk is read.
// SPDX-License-Identifier: MIT
#include "common/base/random.h"
#include "tests/stage2/aof_world.h"
#include "tests/test.h"

static const int64_t SECOND_US = 1000000;

// A life with turns, trims, rotations, a record larger than a segment, and
// pauses long enough for marks. Ends when the process does.
static void live(struct aof_world *world, uint64_t seed, int steps)
{
    struct random random;
    random_init(&random, seed);
    for (int i = 0; i < steps && !world->process->dead; i++) {
        uint64_t dice = random_below(&random, 40);
        uint64_t size = 1 + random_below(&random, dice < 8 ? 30000 : 2000);
        if (dice == 39)
            size = 70000;
        enum aof_room room = aof_world_wait(world, (uint32_t)size);
        if (room == AOF_FULL)
            aof_world_run(world, SECOND_US);
        if (room != AOF_READY)
            continue;
        aof_world_append(world, (uint32_t)size);
        if (dice == 1)
            aof_rotate(world->aof);
        if (dice == 2 || dice == 3) {
            world->trimmed = aof_durable(world->aof);
            aof_trim(world->aof, world->trimmed);
        }
        if (dice == 4)
            aof_sync(world->aof);
        if (dice == 5)
            aof_world_run(world, 3 * SECOND_US);
        else if (dice >= 25)
            aof_world_run(world, (int64_t)random_below(&random, 3000));
    }
    if (!world->process->dead)
        aof_world_stop(world);
}

// What recovery would find. Of a log that was trimmed as a whole the snapshot
// is left.
static uint64_t end_of(const struct aof_world *world)
{
    struct aof_found found = aof_world_read(world, world->disk);
    return found.end > world->trimmed ? found.end : world->trimmed;
}

// One life that ends at that call. False when it ended before.
static bool crash_at(uint64_t call, enum aof_policy policy,
                     enum sim_crash_how how, bool kill)
{
    struct aof_world *world = aof_world_create(call * 3 + how);
    world->options.policy = policy;
    world->disk->knobs.crash =
        (struct sim_crash){.at_call = call, .how = how, .kill = kill};
    aof_world_start(world, 1);
    live(world, 11, 150);
    bool crashed = world->process->dead;
    uint64_t durable = aof_durable(world->aof);
    uint64_t written = aof_written(world->aof);
    ck_assert_int_eq(world->failed, 0); // Nobody is there to be told.
    aof_world_end(world);
    if (!kill)
        sim_power_cut(world->disk);
    uint64_t end = end_of(world);
    ck_assert_uint_ge(end, kill ? written : durable);

    // Another one goes on there, and its end loses none of both.
    world->disk->knobs.crash = (struct sim_crash){0};
    aof_world_start(world, end + 1);
    live(world, 12, 12);
    uint64_t last = aof_durable(world->aof);
    ck_assert_uint_eq(last, aof_end(world->aof));
    aof_world_end(world);
    sim_power_cut(world->disk);
    ck_assert_uint_eq(end_of(world), last);
    aof_world_destroy(world);
    return crashed;
}

static const struct {
    enum aof_policy policy;
    enum sim_crash_how how;
    bool kill;
} crashes[] = {
    {AOF_ALWAYS, SIM_CRASH_BEFORE, false},
    {AOF_ALWAYS, SIM_CRASH_TORN, false},
    {AOF_ALWAYS, SIM_CRASH_AFTER, false},
    {AOF_EVERYSEC, SIM_CRASH_TORN, false},
    {AOF_NO, SIM_CRASH_TORN, false},
    {AOF_EVERYSEC, SIM_CRASH_TORN, true},
    {AOF_NO, SIM_CRASH_AFTER, true},
};

TEST_FOR(no_crash_takes_what_was_reported, 7)
{
    uint64_t call = 1;
    while (
        crash_at(call, crashes[_i].policy, crashes[_i].how, crashes[_i].kill)) {
        call += test_stride(7);
        ck_assert_uint_lt(call, 2000);
    }
    ck_assert_uint_gt(call, 100);
}

// Every call of the disk may fail, syncs take their time, and now and then the
// disk is full; then the power is cut. Several lives, one after another.
TEST_FOR(no_fault_takes_what_was_reported, 100)
{
    if ((unsigned)_i % test_stride(4) != 0)
        return;
    struct aof_world *world = aof_world_create((uint64_t)_i + 1);
    struct sim_disk_knobs *knobs = &world->disk->knobs;
    uint64_t end = 0;
    for (int life = 0; life < 5; life++) {
        world->options.policy = (enum aof_policy)sim_between(&world->sim, 0, 2);
        for (int kind = 0; kind < SIM_CALL_KINDS; kind++)
            knobs->failures_per_million[kind] =
                sim_chance(&world->sim, 300000) ? 20000 : 0;
        knobs->capacity = sim_chance(&world->sim, 300000) ? 500000 : 0;
        knobs->slow_per_million = 20000;
        knobs->crash = (struct sim_crash){
            .at_call = world->disk->calls + sim_between(&world->sim, 1, 400),
            .how = SIM_CRASH_TORN,
        };
        aof_world_start(world, end + 1);
        live(world, (uint64_t)(_i * 5 + life), 60);
        uint64_t durable = aof_durable(world->aof);
        aof_world_end(world);
        sim_power_cut(world->disk);
        end = end_of(world);
        ck_assert_uint_ge(end, durable);
        world->durable = end;
    }
    aof_world_destroy(world);
}

// A mark says what is synced, so it may never be ahead of that: whatever the
// power cut takes, all below each mark is there. (aof_world_read holds the one
// against the other.)
TEST(marks_are_true_wherever_the_power_is_cut)
{
    struct aof_world *world = aof_world_create(5);
    world->options.policy = AOF_EVERYSEC;
    aof_world_start(world, 1);
    struct random random;
    random_init(&random, 9);
    uint64_t marked = 0;
    for (int i = 0; i < 200; i++) {
        aof_world_put(world, 1 + (uint32_t)random_below(&random, 4000));
        aof_world_run(world, (int64_t)random_below(&random, 100000));
        struct sim_disk *cut = sim_disk_clone(world->disk);
        sim_power_cut(cut);
        struct aof_found found = aof_world_read(world, cut);
        ck_assert_uint_ge(found.end, aof_durable(world->aof));
        if (found.marked > marked)
            marked = found.marked;
        sim_disk_destroy(cut);
    }
    ck_assert_uint_gt(marked, 100);
    aof_world_destroy(world);
}
