// sim_world.c -- a simulated world of one disk and one process at a time.
// SPDX-License-Identifier: MIT
#include "tests/common/sim_world.h"

#include <check.h>
#include <string.h>

#include "common/base/list.h"

static void note_line(void *context, const char *line)
{
    struct sim_world *world = context;
    buffer_printf(&world->trace, "%s\n", line);
}

static void start(struct sim_world *world)
{
    world->process = sim_process_start(&world->sim, world->disk, "n1");
    world->env = &world->process->env;
}

void sim_world_init(struct sim_world *world, uint64_t seed)
{
    *world = (struct sim_world){0};
    sim_init(&world->sim, seed);
    world->sim.trace = note_line;
    world->sim.trace_context = world;
    world->disk = sim_disk_create(&world->sim);
    start(world);
}

static void check_invariants(const struct sim_world *world)
{
    sim_check_invariants(&world->sim);
    sim_disk_check_invariants(world->disk);
    sim_process_check_invariants(world->process);
}

void sim_world_deinit(struct sim_world *world)
{
    check_invariants(world);
    sim_process_free(world->process);
    sim_disk_destroy(world->disk);
    sim_deinit(&world->sim);
    buffer_deinit(&world->trace);
}

void sim_world_restart(struct sim_world *world)
{
    check_invariants(world);
    sim_process_free(world->process);
    start(world);
    check_invariants(world);
}

void sim_world_power_cycle(struct sim_world *world)
{
    sim_power_cut(world->disk);
    sim_world_restart(world);
}

static void operation_done(struct env_io *io, enum status status)
{
    struct sim_operation *operation =
        container_of(io, struct sim_operation, io);
    operation->done++;
    operation->status = status;
}

struct sim_operation sim_operation_of(struct env_file *file, uint64_t offset,
                                      const char *text)
{
    return (struct sim_operation){.io = {.done = operation_done,
                                         .file = file,
                                         .offset = offset,
                                         .bytes = slice_of(text)}};
}

struct env_file *sim_world_open(struct sim_world *world, const char *name,
                                enum env_open how)
{
    struct env_file *file = NULL;
    ck_assert_int_eq(env_disk_open(world->env, name, how, &file), STATUS_OK);
    ck_assert_ptr_nonnull(file);
    return file;
}

void sim_world_create(struct sim_world *world, const char *name,
                      const char *text, bool synced)
{
    struct env_file *file = sim_world_open(world, name, ENV_OPEN_CREATE);
    ck_assert_int_eq(env_disk_write_now(world->env, file, 0, slice_of(text)),
                     STATUS_OK);
    if (synced) {
        ck_assert_int_eq(env_disk_sync_now(world->env, file), STATUS_OK);
        ck_assert_int_eq(env_disk_sync_names_now(world->env), STATUS_OK);
    }
    env_disk_close(world->env, file);
}

bool sim_world_has(const struct sim_world *world, const char *name,
                   const char *text)
{
    struct slice content;
    return sim_disk_content(world->disk, name, &content) == STATUS_OK &&
           slice_equal(content, slice_of(text));
}

bool sim_trace_has(const struct sim_world *world, const char *text)
{
    return world->trace.data &&
           memmem(world->trace.data, world->trace.size, text, strlen(text));
}
