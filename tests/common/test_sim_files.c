// test_sim_files.c -- files of a simulated process: what env.h promises holds
// in this world as in the real one.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_files.h"

#include <string.h>

#include "common/base/list.h"
#include "tests/common/sim_world.h"
#include "tests/test.h"

enum { SECOND_US = 1000000 };

static void expect_content(struct sim_world *world, struct env_file *file,
                           const char *expected)
{
    char bytes[64];
    size_t read = 0;
    ck_assert_int_eq(
        env_disk_read(world->env, file, 0, bytes, sizeof bytes, &read),
        STATUS_OK);
    ck_assert_uint_eq(read, strlen(expected));
    ck_assert_mem_eq(bytes, expected, read);
    uint64_t size;
    ck_assert_int_eq(env_disk_size(world->env, file, &size), STATUS_OK);
    ck_assert_uint_eq(size, strlen(expected));
}

TEST(what_was_written_is_read_back_also_by_the_next_process)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "hello", false);
    sim_world_restart(&world);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_READ);
    expect_content(&world, file, "hello");
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

TEST(reading_is_short_only_at_the_end_and_a_hole_is_zeros)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    ck_assert_int_eq(env_disk_write_now(world.env, file, 4, SLICE("EF")),
                     STATUS_OK);
    ck_assert_int_eq(env_disk_write_now(world.env, file, 0, SLICE("ab")),
                     STATUS_OK);
    char bytes[8];
    size_t read;
    ck_assert_int_eq(env_disk_read(world.env, file, 1, bytes, 8, &read),
                     STATUS_OK);
    ck_assert_uint_eq(read, 5);
    ck_assert_mem_eq(bytes, "b\0\0EF", 5);
    ck_assert_int_eq(env_disk_read(world.env, file, 6, bytes, 8, &read),
                     STATUS_OK);
    ck_assert_uint_eq(read, 0);
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

TEST(opening_keeps_to_what_must_and_must_not_exist)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = NULL;
    ck_assert_int_eq(env_disk_open(world.env, "a", ENV_OPEN_READ, &file),
                     STATUS_NOT_FOUND);
    ck_assert_int_eq(env_disk_open(world.env, "a", ENV_OPEN_WRITE, &file),
                     STATUS_NOT_FOUND);
    sim_world_create(&world, "a", "hello", false);
    ck_assert_int_eq(env_disk_open(world.env, "a", ENV_OPEN_CREATE, &file),
                     STATUS_EXISTS);
    ck_assert_int_eq(env_disk_open(world.env, "a/b", ENV_OPEN_CREATE, &file),
                     STATUS_INVALID);
    ck_assert_int_eq(env_disk_rename(world.env, "a", ".."), STATUS_INVALID);
    ck_assert_int_eq(env_disk_remove(world.env, ""), STATUS_INVALID);
    ck_assert_ptr_null(file);
    sim_world_deinit(&world);
}

TEST(what_was_opened_to_read_cannot_be_written)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "hello", false);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_READ);
    ck_assert_int_eq(env_disk_write_now(world.env, file, 0, SLICE("J")),
                     STATUS_IO);
    struct sim_operation write = sim_operation_of(file, 0, "J");
    env_disk_write(world.env, &write.io);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(write.done, 1);
    ck_assert_int_eq(write.status, STATUS_IO);
    expect_content(&world, file, "hello");
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

// Notes the order in which operations are done.
struct ordered {
    struct env_io io;
    int place;
};

static int places;

static void ordered_done(struct env_io *io, enum status status)
{
    ck_assert_int_eq(status, STATUS_OK);
    container_of(io, struct ordered, io)->place = ++places;
}

// Writes keep their order, and so do syncs, which come behind the writes that
// were submitted before them.
static void expect_order(const struct ordered *operations, int count)
{
    int write = 0, sync = 0;
    for (int i = 0; i < count; i++) {
        bool is_write = operations[i].io.kind == ENV_IO_WRITE;
        int place = operations[i].place;
        ck_assert_int_gt(place, write);
        if (!is_write)
            ck_assert_int_gt(place, sync);
        *(is_write ? &write : &sync) = place;
    }
}

TEST(operations_complete_in_order_over_time_and_not_inside_the_call)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *files[2] = {
        sim_world_open(&world, "a", ENV_OPEN_CREATE),
        sim_world_open(&world, "b", ENV_OPEN_CREATE),
    };
    struct ordered operations[30];
    places = 0;
    for (int i = 0; i < 30; i++) {
        operations[i] = (struct ordered){
            .io = {.done = ordered_done,
                   .file = files[i % 2],
                   .bytes = i < 15 ? SLICE("early") : SLICE("later")}};
        if (i % 7 == 3)
            env_disk_sync(world.env, &operations[i].io);
        else if (i % 7 == 5)
            env_disk_sync_names(world.env, &operations[i].io);
        else
            env_disk_write(world.env, &operations[i].io);
        ck_assert_int_eq(places, 0);
    }
    int64_t begun_us = world.sim.now_us;
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_gt(world.sim.now_us, begun_us);
    ck_assert_int_eq(places, 30);
    expect_order(operations, 30);
    expect_content(&world, files[0], "later");
    expect_content(&world, files[1], "later");
    env_disk_close(world.env, files[0]);
    env_disk_close(world.env, files[1]);
    sim_world_deinit(&world);
}

TEST(a_write_does_not_wait_for_the_sync_before_it)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    world.disk->knobs.slow_per_million = 1000000;
    struct sim_operation before = sim_operation_of(file, 0, "one");
    struct sim_operation sync = sim_operation_of(file, 0, "");
    struct sim_operation after = sim_operation_of(file, 3, "two");
    env_disk_write(world.env, &before.io);
    env_disk_sync(world.env, &sync.io);
    env_disk_write(world.env, &after.io);
    sim_run_for(&world.sim, SECOND_US / 20);
    ck_assert_int_eq(before.done, 1);
    ck_assert_int_eq(after.done, 1);
    ck_assert_int_eq(sync.done, 0);
    sim_run_for(&world.sim, 4 * (int64_t)SECOND_US);
    ck_assert_int_eq(sync.done, 1);
    // It covers what was written when it began, and nothing later.
    struct slice durable;
    ck_assert_int_eq(sim_disk_durable(world.disk, "a", &durable),
                     STATUS_NOT_FOUND); // Its name is another matter.
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    ck_assert_int_eq(sim_disk_durable(world.disk, "a", &durable), STATUS_OK);
    ck_assert(slice_equal(durable, SLICE("one")));
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

// Whether of equal streams, one of them patient, the patient one came to its
// middle first.
static bool patient_is_ahead(uint64_t seed)
{
    struct sim_world world;
    sim_world_init(&world, seed);
    struct env_file *files[2] = {
        sim_world_open(&world, "a", ENV_OPEN_CREATE),
        sim_world_open(&world, "b", ENV_OPEN_CREATE),
    };
    struct ordered operations[20];
    places = 0;
    for (int i = 0; i < 20; i++) {
        operations[i] = (struct ordered){.io = {.done = ordered_done,
                                                .file = files[i % 2],
                                                .bytes = SLICE("text"),
                                                .patient = i % 2}};
        env_disk_write(world.env, &operations[i].io);
    }
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(places, 20);
    for (int i = 2; i < 20; i++)
        ck_assert_int_gt(operations[i].place, operations[i - 2].place);
    bool ahead = operations[11].place < operations[10].place;
    env_disk_close(world.env, files[0]);
    env_disk_close(world.env, files[1]);
    sim_world_deinit(&world);
    return ahead;
}

TEST(what_is_patient_overtakes_and_is_overtaken_but_keeps_its_own_order)
{
    int ahead = 0;
    for (uint64_t seed = 0; seed < 100; seed++)
        ahead += patient_is_ahead(seed);
    ck_assert_int_gt(ahead, 0);
    ck_assert_int_lt(ahead, 100);
}

TEST(a_file_may_be_closed_and_removed_with_operations_under_way)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    struct sim_operation write = sim_operation_of(file, 0, "hello");
    struct sim_operation sync = sim_operation_of(file, 0, "");
    env_disk_write(world.env, &write.io);
    env_disk_sync(world.env, &sync.io);
    env_disk_close(world.env, file);
    ck_assert_int_eq(env_disk_remove(world.env, "a"), STATUS_OK);
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(write.done + sync.done, 2);
    ck_assert_int_eq(write.status, STATUS_OK);
    ck_assert_int_eq(sync.status, STATUS_OK);
    ck_assert_uint_eq(sim_disk_used(world.disk), 0);
    ck_assert(list_is_empty(&world.disk->inodes));
    sim_world_deinit(&world);
}

TEST(a_sync_covers_what_was_written_when_it_began)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    ck_assert_int_eq(env_disk_write_now(world.env, file, 0, SLICE("one")),
                     STATUS_OK);
    struct sim_operation sync = sim_operation_of(file, 0, "");
    struct sim_operation names = sim_operation_of(NULL, 0, "");
    env_disk_sync_names(world.env, &names.io);
    // It is under way now: neither the new name nor the bytes are its.
    sim_world_create(&world, "b", "", false);
    sim_run_for(&world.sim, SECOND_US);
    env_disk_sync(world.env, &sync.io);
    ck_assert_int_eq(env_disk_write_now(world.env, file, 3, SLICE("two")),
                     STATUS_OK);
    sim_run_for(&world.sim, SECOND_US);

    struct slice durable;
    ck_assert_int_eq(sim_disk_durable(world.disk, "a", &durable), STATUS_OK);
    ck_assert(slice_equal(durable, SLICE("one")));
    ck_assert_int_eq(sim_disk_durable(world.disk, "b", &durable),
                     STATUS_NOT_FOUND);
    expect_content(&world, file, "onetwo");
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

static void note_name(void *context, const char *name)
{
    strcat(context, name);
}

TEST(names_are_listed_in_an_order_that_changes)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    for (char name[2] = "a"; *name < 'f'; ++*name)
        sim_world_create(&world, name, name, false);
    ck_assert_int_eq(env_disk_rename(world.env, "a", "z"), STATUS_OK);
    ck_assert_int_eq(env_disk_rename(world.env, "b", "c"), STATUS_OK);
    ck_assert_int_eq(env_disk_remove(world.env, "d"), STATUS_OK);
    ck_assert_int_eq(env_disk_remove(world.env, "d"), STATUS_NOT_FOUND);
    ck_assert_int_eq(env_disk_rename(world.env, "d", "e"), STATUS_NOT_FOUND);
    ck_assert(sim_world_has(&world, "c", "b"));

    char first[16] = "", names[16] = "";
    ck_assert_int_eq(env_disk_list(world.env, note_name, first), STATUS_OK);
    ck_assert_uint_eq(strspn(first, "cez"), 3);
    ck_assert_uint_eq(strlen(first), 3);
    int rounds = 0;
    do {
        *names = '\0';
        ck_assert_int_eq(env_disk_list(world.env, note_name, names), STATUS_OK);
        ck_assert_int_lt(++rounds, 100);
    } while (strcmp(first, names) == 0);
    sim_world_deinit(&world);
}

TEST(a_slow_disk_takes_its_time)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    world.disk->knobs.slow_per_million = 1000000;
    struct sim_operation sync = sim_operation_of(file, 0, "");
    env_disk_sync(world.env, &sync.io);
    sim_run_for(&world.sim, SECOND_US / 10 - 1);
    ck_assert_int_eq(sync.done, 0);
    sim_run_for(&world.sim, 3 * SECOND_US);
    ck_assert_int_eq(sync.done, 1);

    world.disk->knobs.slow_per_million = 0;
    world.disk->knobs.delay_us = 5 * SECOND_US;
    struct sim_operation write = sim_operation_of(file, 0, "hello");
    env_disk_write(world.env, &write.io);
    sim_run_for(&world.sim, 5 * SECOND_US);
    ck_assert_int_eq(write.done, 0);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(write.done, 1);
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

TEST(a_disk_tells_how_much_space_is_left)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    ck_assert_uint_eq(env_disk_free(world.env), UINT64_MAX);
    sim_world_create(&world, "a", "12345", true);
    world.disk->knobs.capacity = 100;
    ck_assert_uint_eq(env_disk_free(world.env), 95);
    world.disk->knobs.capacity = 3;
    ck_assert_uint_eq(env_disk_free(world.env), 0);
    sim_world_deinit(&world);
}
