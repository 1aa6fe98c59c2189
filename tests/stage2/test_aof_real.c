// test_aof_real.c -- the log in the real world, with files and a thread.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/env/env_posix.h"
#include "stage2-persistence/aof.h"
#include "tests/test.h"

struct world {
    char directory[32];
    struct loop *loop;
    struct env *env;
    struct aof *aof;
    struct aof_owner owner;
};

static void ignore(struct aof_owner *owner)
{
    (void)owner;
}

static void world_start(struct world *world, uint64_t next_lsn)
{
    world->loop = loop_create();
    world->env = env_posix_create(
        world->loop,
        &(struct env_posix_options){.directory = world->directory});
    ck_assert_ptr_nonnull(world->env);
    world->owner = (struct aof_owner){ignore, ignore, ignore};
    struct aof_options options = {.segment_size = 4 << 20};
    struct aof_start start = {.next_lsn = next_lsn, .durable = next_lsn - 1};
    world->aof = aof_create(world->env, NULL, &options, &start, &world->owner);
}

static void world_end(struct world *world)
{
    aof_destroy(world->aof);
    env_posix_destroy(world->env);
    loop_destroy(world->loop);
}

static void world_append(struct world *world, size_t size)
{
    char *bytes = calloc(1, size);
    struct slice argument = {bytes, size};
    size_t needed = record_size(&argument, 1);
    for (int i = 0; i < 10000; i++) {
        if (aof_reserve(world->aof, needed) != AOF_WAIT)
            break;
        loop_run_once(world->loop, -1);
    }
    ck_assert_int_eq(aof_reserve(world->aof, needed), AOF_READY);
    struct record record = {.kind = RECORD_COMMAND, .now_ms = 1};
    aof_append(world->aof, &record, &argument, 1);
    free(bytes);
}

static void world_stop(struct world *world)
{
    aof_stop(world->aof);
    for (int i = 0; i < 10000 && !aof_is_stopped(world->aof); i++)
        loop_run_once(world->loop, -1);
    ck_assert(aof_is_stopped(world->aof));
}

static struct world world_create(void)
{
    struct world world = {.directory = "/tmp/vega-aof-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(world.directory));
    return world;
}

static void remove_file(void *context, const char *name)
{
    check(env_disk_remove(context, name) == STATUS_OK);
}

static void world_destroy(struct world *world)
{
    world->loop = loop_create();
    world->env = env_posix_create(
        world->loop,
        &(struct env_posix_options){.directory = world->directory});
    ck_assert_ptr_nonnull(world->env);
    env_disk_list(world->env, remove_file, world->env);
    env_posix_destroy(world->env);
    loop_destroy(world->loop);
    ck_assert_int_eq(rmdir(world->directory), 0);
}

TEST(a_log_of_several_segments_and_two_lives)
{
    struct world world = world_create();
    world_start(&world, 1);
    for (int i = 0; i < 100; i++)
        world_append(&world, 100000);
    world_stop(&world);
    ck_assert_uint_eq(aof_durable(world.aof), 101);
    struct aof_stats stats;
    aof_stats(world.aof, &stats);
    ck_assert_uint_eq(stats.segments, 3);
    world_end(&world);
    world_start(&world, 102);
    world_append(&world, 10);
    aof_trim(world.aof, 101);
    world_stop(&world);
    aof_stats(world.aof, &stats);
    ck_assert_uint_eq(stats.oldest_lsn, 102);
    ck_assert_uint_le(stats.disk_size, 16 << 20);
    world_end(&world);
    world_destroy(&world);
}

// What is under way is completed by the end of the world, after the log's.
TEST(a_log_may_end_in_the_midst_of_its_work)
{
    struct world world = world_create();
    world_start(&world, 1);
    world_end(&world);
    world_start(&world, 1);
    world_append(&world, 3000000);
    world_append(&world, 3000000);
    loop_run_once(world.loop, 0);
    world_end(&world);
    world_destroy(&world);
}
