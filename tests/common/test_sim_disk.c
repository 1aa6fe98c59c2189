// test_sim_disk.c -- content and names: what is cached, what is durable, and
// how much fits.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_disk.h"

#include "tests/common/sim_world.h"
#include "tests/test.h"

static bool is_durable(const struct sim_world *world, const char *name,
                       const char *text)
{
    struct slice content;
    return sim_disk_durable(world->disk, name, &content) == STATUS_OK &&
           slice_equal(content, slice_of(text));
}

static void write_now(struct sim_world *world, struct env_file *file,
                      uint64_t offset, const char *text, enum status expected)
{
    ck_assert_int_eq(
        env_disk_write_now(world->env, file, offset, slice_of(text)), expected);
}

TEST(a_sync_of_the_file_brings_data_and_size_but_not_the_name)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    write_now(&world, file, 0, "hello", STATUS_OK);
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    ck_assert(is_durable(&world, "a", ""));
    ck_assert_int_eq(env_disk_sync_now(world.env, file), STATUS_OK);
    ck_assert(is_durable(&world, "a", "hello"));

    ck_assert_int_eq(env_disk_rename(world.env, "a", "b"), STATUS_OK);
    ck_assert_int_eq(env_disk_sync_now(world.env, file), STATUS_OK);
    ck_assert(is_durable(&world, "a", "hello"));
    ck_assert(!is_durable(&world, "b", "hello"));
    ck_assert(sim_world_has(&world, "b", "hello"));
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    ck_assert(is_durable(&world, "b", "hello"));
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

TEST(a_file_that_was_replaced_or_removed_is_there_until_the_names_are_synced)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "new", "new", true);
    sim_world_create(&world, "old", "old", true);
    sim_world_create(&world, "gone", "gone", true);
    ck_assert_int_eq(env_disk_rename(world.env, "new", "old"), STATUS_OK);
    ck_assert_int_eq(env_disk_remove(world.env, "gone"), STATUS_OK);
    ck_assert(sim_world_has(&world, "old", "new"));
    ck_assert(!sim_disk_has(world.disk, "gone"));
    ck_assert(is_durable(&world, "old", "old"));
    ck_assert(is_durable(&world, "gone", "gone"));
    sim_disk_check_invariants(world.disk);

    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    ck_assert(is_durable(&world, "old", "new"));
    ck_assert(!is_durable(&world, "gone", "gone"));
    ck_assert(!is_durable(&world, "new", "new"));
    sim_world_deinit(&world);
}

TEST(a_rename_to_its_own_name_changes_nothing)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "hello", true);
    ck_assert_int_eq(env_disk_rename(world.env, "a", "a"), STATUS_OK);
    ck_assert(sim_world_has(&world, "a", "hello"));
    sim_world_power_cycle(&world);
    ck_assert(sim_world_has(&world, "a", "hello"));
    sim_world_deinit(&world);
}

TEST(a_name_may_be_used_again_while_its_removal_is_not_durable)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "old", true);
    ck_assert_int_eq(env_disk_remove(world.env, "a"), STATUS_OK);
    sim_world_create(&world, "a", "new", false);
    sim_disk_check_invariants(world.disk);
    ck_assert(sim_world_has(&world, "a", "new"));
    ck_assert(is_durable(&world, "a", "old"));
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    ck_assert(is_durable(&world, "a", ""));
    sim_world_deinit(&world);
}

TEST(a_full_disk_takes_what_fits_and_all_again_when_space_returns)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "big", "123456", true);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    world.disk->knobs.capacity = 10;
    write_now(&world, file, 0, "hello", STATUS_FULL);
    ck_assert(sim_world_has(&world, "a", "hell"));
    ck_assert_uint_eq(sim_disk_used(world.disk), 10);
    write_now(&world, file, 4, "o", STATUS_FULL);
    write_now(&world, file, 20, "far", STATUS_FULL);
    ck_assert(sim_world_has(&world, "a", "hell"));
    // Writing inside a file is not growth.
    write_now(&world, file, 0, "HELL", STATUS_OK);
    write_now(&world, file, 2, "lp!", STATUS_FULL);
    ck_assert(sim_world_has(&world, "a", "HElp"));

    ck_assert_int_eq(env_disk_remove(world.env, "big"), STATUS_OK);
    write_now(&world, file, 4, "ing", STATUS_OK);
    ck_assert(sim_world_has(&world, "a", "HElping"));
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

TEST(a_removed_file_takes_space_while_it_is_open)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "big", "123456", true);
    struct env_file *big = sim_world_open(&world, "big", ENV_OPEN_READ);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    world.disk->knobs.capacity = 6;
    ck_assert_int_eq(env_disk_remove(world.env, "big"), STATUS_OK);
    write_now(&world, file, 0, "x", STATUS_FULL);
    env_disk_close(world.env, big);
    write_now(&world, file, 0, "x", STATUS_OK);
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

// fsync lies once, and then for ever: what it should have covered is read from
// the cache, and gone with it.
TEST(what_a_failed_sync_should_have_covered_is_read_but_never_durable)
{
    int lost = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "a", "old..", true);
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
        write_now(&world, file, 0, "hello", STATUS_OK);
        world.disk->knobs.fail[SIM_CALL_SYNC] =
            (struct sim_failure){.times = 1, .status = STATUS_IO};
        ck_assert_int_eq(env_disk_sync_now(world.env, file), STATUS_IO);
        ck_assert(sim_world_has(&world, "a", "hello"));
        ck_assert_int_eq(env_disk_sync_now(world.env, file), STATUS_OK);
        bool durable = is_durable(&world, "a", "hello");
        lost += !durable;

        // What comes later is covered by a later sync.
        write_now(&world, file, 5, "!", STATUS_OK);
        ck_assert_int_eq(env_disk_sync_now(world.env, file), STATUS_OK);
        ck_assert(sim_world_has(&world, "a", "hello!"));
        env_disk_close(world.env, file);
        sim_world_power_cycle(&world);
        struct slice content;
        ck_assert_int_eq(sim_disk_content(world.disk, "a", &content),
                         STATUS_OK);
        ck_assert_uint_eq(content.size, 6);
        ck_assert_int_eq(content.data[5], '!');
        ck_assert_int_eq(sim_world_has(&world, "a", "hello!"), durable);
        sim_world_deinit(&world);
    }
    ck_assert_int_gt(lost, 10);
    ck_assert_int_lt(lost, 50);
}

TEST(a_failed_sync_harms_nothing_that_was_written_after_it_began)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
        ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
        world.disk->knobs.fail[SIM_CALL_SYNC] =
            (struct sim_failure){.times = 1, .status = STATUS_IO};
        struct sim_operation sync = sim_operation_of(file, 0, "");
        env_disk_sync(world.env, &sync.io);
        write_now(&world, file, 0, "hello", STATUS_OK);
        sim_run_for(&world.sim, 5000000);
        ck_assert_int_eq(sync.status, STATUS_IO);
        ck_assert_int_eq(env_disk_sync_now(world.env, file), STATUS_OK);
        ck_assert(is_durable(&world, "a", "hello"));
        env_disk_close(world.env, file);
        sim_world_deinit(&world);
    }
}

TEST(a_failed_sync_of_the_names_can_be_made_good)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "", false);
    world.disk->knobs.fail[SIM_CALL_SYNC_NAMES] =
        (struct sim_failure){.times = 1, .status = STATUS_IO};
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_IO);
    ck_assert(!is_durable(&world, "a", ""));
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    ck_assert(is_durable(&world, "a", ""));
    sim_world_deinit(&world);
}

TEST(each_directory_has_its_names_synced_by_itself)
{
    static const char *const names[] = {"a.log", "a.snapshot"};
    bool lost = false;
    for (int seed = 0; seed < 20; seed++) {
        struct sim_world world;
        sim_world_init(&world, (uint64_t)seed);
        int synced = seed % 2;
        sim_world_create(&world, names[0], "", false);
        sim_world_create(&world, names[1], "", false);
        struct sim_operation names_of = sim_operation_of(NULL, 0, "");
        names_of.io.directory = synced ? ENV_SNAPSHOTS : ENV_FILES;
        env_disk_sync_names(world.env, &names_of.io);
        sim_run_for(&world.sim, 10 * 1000 * 1000);
        ck_assert_int_eq(names_of.done, 1);
        sim_world_power_cycle(&world);
        ck_assert(sim_disk_has(world.disk, names[synced]));
        lost |= !sim_disk_has(world.disk, names[!synced]);
        sim_world_deinit(&world);
    }
    ck_assert(lost);
}

TEST(the_disk_of_the_snapshots_may_die_alone)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a.snapshot", "", true);
    world.disk->knobs.snapshots_dead = true;
    struct env_file *file;
    ck_assert_int_eq(
        env_disk_open(world.env, "a.snapshot", ENV_OPEN_READ, &file),
        STATUS_IO);
    ck_assert_int_eq(
        env_disk_open(world.env, "b.snapshot.draft", ENV_OPEN_CREATE, &file),
        STATUS_IO);
    ck_assert_int_eq(env_disk_rename(world.env, "a.snapshot", "b.snapshot"),
                     STATUS_IO);
    ck_assert_int_eq(env_disk_remove(world.env, "a.snapshot"), STATUS_IO);
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_IO);
    struct sim_operation names = sim_operation_of(NULL, 0, "");
    env_disk_sync_names(world.env, &names.io);
    sim_run_for(&world.sim, 10 * 1000 * 1000);
    ck_assert_int_eq(names.status, STATUS_OK);
    sim_world_open(&world, "a.log", ENV_OPEN_CREATE);
    sim_world_deinit(&world);
}
