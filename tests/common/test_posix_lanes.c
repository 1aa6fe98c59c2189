// test_posix_lanes.c -- the threads that write and sync: who waits for whom.
//
// What an operation does here is up to the test: it can be held back.
// SPDX-License-Identifier: MIT
#include "common/env/posix_lanes.h"

#include <semaphore.h>
#include <stdatomic.h>

#include "common/base/list.h"
#include "tests/test.h"

enum { OPERATIONS_MAX = 400 };

struct operation {
    struct env_io io;
    sem_t *held_by;        // It ends when this is posted; NULL: at once.
    atomic_int *performed; // Counts what was performed;
    int turn;              // and this was its turn.
    int *completed, place; // The same of `done`.
};

struct world {
    struct loop *loop;
    struct posix_lanes *lanes;
    atomic_int performed;
    int completed;
    sem_t hold;
};

static void operation_perform(void *context, struct env_io *io)
{
    (void)context;
    struct operation *operation = container_of(io, struct operation, io);
    if (operation->held_by)
        sem_wait(operation->held_by);
    operation->turn = ++*operation->performed;
    io->status = STATUS_OK;
}

static void operation_done(struct env_io *io, enum status status)
{
    struct operation *operation = container_of(io, struct operation, io);
    ck_assert_int_eq(status, STATUS_OK);
    operation->place = ++*operation->completed;
}

static void world_init(struct world *world)
{
    *world = (struct world){.loop = loop_create()};
    sem_init(&world->hold, 0, 0);
    world->lanes = posix_lanes_create(world->loop, operation_perform, world);
}

static void world_deinit(struct world *world)
{
    posix_lanes_destroy(world->lanes);
    loop_destroy(world->loop);
    sem_destroy(&world->hold);
}

static void world_submit(struct world *world, struct operation *operation,
                         enum env_io_kind kind)
{
    operation->io.kind = kind;
    operation->io.done = operation_done;
    operation->performed = &world->performed;
    operation->completed = &world->completed;
    posix_lanes_submit(world->lanes, &operation->io);
}

static void world_run_until(struct world *world, int completed)
{
    while (world->completed < completed) {
        posix_lanes_settle(world->lanes);
        if (world->completed < completed)
            loop_run_once(world->loop, -1);
    }
}

static const struct slice large = {NULL, POSIX_LANES_INLINE_MAX + 1};

TEST(writes_small_or_large_do_not_wait_for_a_sync_before_them)
{
    struct world world;
    world_init(&world);
    struct operation sync = {.held_by = &world.hold};
    struct operation small = {0}, big = {.io.bytes = large};
    world_submit(&world, &sync, ENV_IO_SYNC);
    world_submit(&world, &small, ENV_IO_WRITE);
    ck_assert_int_eq(small.turn, 1); // Done here, and not yet completed.
    ck_assert_int_eq(world.completed, 0);
    world_submit(&world, &big, ENV_IO_WRITE);
    world_run_until(&world, 2);
    ck_assert_int_eq(small.place, 1);
    ck_assert_int_eq(big.place, 2);
    sem_post(&world.hold);
    world_run_until(&world, 3);
    ck_assert_int_eq(sync.place, 3);
    world_deinit(&world);
}

TEST(a_sync_and_a_close_wait_for_the_writes_before_them)
{
    struct world world;
    world_init(&world);
    struct operation write = {.io.bytes = large, .held_by = &world.hold};
    struct operation sync = {0}, close = {0}, later = {.io.bytes = large};
    world_submit(&world, &write, ENV_IO_WRITE);
    world_submit(&world, &sync, ENV_IO_SYNC);
    world_submit(&world, &close, ENV_IO_CLOSE);
    world_submit(&world, &later, ENV_IO_WRITE);
    for (int i = 0; i < 20; i++)
        loop_run_once(world.loop, 1);
    ck_assert_int_eq(world.performed, 0);
    sem_post(&world.hold);
    world_run_until(&world, 4);
    ck_assert_int_eq(write.turn, 1);
    ck_assert_int_gt(close.turn, sync.turn);
    world_deinit(&world);
}

TEST(a_sync_that_is_held_holds_the_close_behind_it)
{
    struct world world;
    world_init(&world);
    struct operation sync = {.held_by = &world.hold}, close = {0};
    world_submit(&world, &sync, ENV_IO_SYNC);
    world_submit(&world, &close, ENV_IO_CLOSE);
    for (int i = 0; i < 20; i++)
        loop_run_once(world.loop, 1);
    ck_assert_int_eq(world.performed, 0);
    sem_post(&world.hold);
    world_run_until(&world, 2);
    ck_assert_int_eq(sync.turn, 1);
    world_deinit(&world);
}

TEST(what_is_patient_holds_up_nobody_and_keeps_one_order)
{
    struct world world;
    world_init(&world);
    struct operation zeros = {.io.bytes = large, .held_by = &world.hold};
    struct operation behind = {0}, write = {0}, sync = {0};
    zeros.io.patient = behind.io.patient = true;
    world_submit(&world, &zeros, ENV_IO_WRITE);
    world_submit(&world, &behind, ENV_IO_SYNC);
    world_submit(&world, &write, ENV_IO_WRITE);
    world_submit(&world, &sync, ENV_IO_SYNC);
    world_run_until(&world, 2);
    ck_assert_int_gt(sync.place, write.place);
    sem_post(&world.hold);
    world_run_until(&world, 4);
    ck_assert_int_gt(behind.place, zeros.place);
    world_deinit(&world);
}

// Whoever does the work, and whenever: a sync is performed after all the
// writes that were submitted before it, and writes and syncs in their orders.
TEST(orders_hold_in_a_long_stream_of_all_kinds)
{
    struct world world;
    world_init(&world);
    static struct operation operations[OPERATIONS_MAX];
    for (int i = 0; i < OPERATIONS_MAX; i++) {
        operations[i] = (struct operation){0};
        if (i % 5 == 2)
            operations[i].io.bytes = large;
        world_submit(&world, &operations[i],
                     i % 3 == 1   ? ENV_IO_SYNC
                     : i % 7 == 6 ? ENV_IO_CLOSE
                                  : ENV_IO_WRITE);
        if (i % 4 == 0)
            loop_run_once(world.loop, 0);
    }
    world_run_until(&world, OPERATIONS_MAX);
    int write = 0, sync = 0, write_place = 0, sync_place = 0;
    for (int i = 0; i < OPERATIONS_MAX; i++) {
        const struct operation *operation = &operations[i];
        bool is_write = operation->io.kind == ENV_IO_WRITE;
        ck_assert_int_gt(operation->turn, write);
        ck_assert_int_gt(operation->place, write_place);
        if (!is_write) {
            ck_assert_int_gt(operation->turn, sync);
            ck_assert_int_gt(operation->place, sync_place);
        }
        *(is_write ? &write : &sync) = operation->turn;
        *(is_write ? &write_place : &sync_place) = operation->place;
    }
    world_deinit(&world);
}
