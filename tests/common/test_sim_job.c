// test_sim_job.c -- jobs: a snapshot of the instant, written over virtual time,
// which can fail, be stopped, and be crashed at.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_job.h"

#include <string.h>

#include "common/base/list.h"
#include "tests/common/sim_world.h"
#include "tests/test.h"

enum { SECOND_US = 1000000, SIZE = 300000, STEPS_MAX = 1000 };

// Writes the byte that `value` is, `size` times.
struct copy {
    struct env_job job;
    size_t size;
    char value;
    enum status gives_up; // After half of it.
    int done;
    enum status status;
};

static enum status copy_write(struct env_job *job, struct env_output *output)
{
    const struct copy *copy = container_of(job, struct copy, job);
    char bytes[1000];
    memset(bytes, copy->value, sizeof bytes);
    for (size_t at = 0; at < copy->size; at += sizeof bytes) {
        if (copy->gives_up && at >= copy->size / 2)
            return copy->gives_up;
        enum status status =
            output->put(output, (struct slice){bytes, sizeof bytes});
        if (status != STATUS_OK)
            return status;
        output->progress(output, (at + sizeof bytes) / 10);
    }
    return STATUS_OK;
}

static void copy_done(struct env_job *job, enum status status)
{
    struct copy *copy = container_of(job, struct copy, job);
    copy->done++;
    copy->status = status;
}

static struct copy copy_of(const char *name)
{
    return (struct copy){
        .job = {.name = name, .write = copy_write, .done = copy_done},
        .size = SIZE,
        .value = 'x'};
}

static void expect_whole(const struct sim_world *world, const char *name)
{
    struct slice content;
    ck_assert_int_eq(sim_disk_content(world->disk, name, &content), STATUS_OK);
    ck_assert_uint_eq(content.size, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        ck_assert_int_eq(content.data[i], 'x');
}

TEST(a_job_writes_what_was_there_at_its_start_over_time_and_syncs_it)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct copy copy = copy_of("copy");
    env_job_start(world.env, &copy.job);
    copy.value = 'y';
    ck_assert_int_eq(copy.done, 0);
    ck_assert(!sim_disk_has(world.disk, "copy"));

    uint64_t last = 0;
    int moves = 0;
    for (int i = 0; i < STEPS_MAX && !copy.done; i++) {
        ck_assert(sim_step(&world.sim));
        ck_assert_uint_ge(copy.job.progress, last);
        moves += copy.job.progress > last;
        last = copy.job.progress;
    }
    ck_assert_int_eq(copy.done, 1);
    ck_assert_int_eq(copy.status, STATUS_OK);
    ck_assert_uint_eq(copy.job.size, SIZE);
    ck_assert_uint_eq(copy.job.progress, SIZE / 10);
    ck_assert_int_gt(moves, 3);
    ck_assert_int_gt(world.sim.now_us, 0);

    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    sim_world_power_cycle(&world);
    expect_whole(&world, "copy");
    sim_world_deinit(&world);
}

TEST(an_empty_job_makes_an_empty_file)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct copy copy = copy_of("copy");
    copy.size = 0;
    env_job_start(world.env, &copy.job);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(copy.done, 1);
    ck_assert_int_eq(copy.status, STATUS_OK);
    ck_assert(sim_world_has(&world, "copy", ""));
    sim_world_deinit(&world);
}

TEST(a_job_that_cannot_be_started_is_done_later)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "taken", "mine", true);
    struct copy taken = copy_of("taken"), bad = copy_of("a/b");
    env_job_start(world.env, &taken.job);
    env_job_start(world.env, &bad.job);
    ck_assert_int_eq(taken.done + bad.done, 0);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(taken.done + bad.done, 2);
    ck_assert_int_eq(taken.status, STATUS_EXISTS);
    ck_assert_int_eq(bad.status, STATUS_INVALID);
    ck_assert(sim_world_has(&world, "taken", "mine"));
    sim_world_deinit(&world);
}

static void expect_failure(struct sim_world *world, struct copy *copy,
                           enum status status)
{
    env_job_start(world->env, &copy->job);
    sim_run_for(&world->sim, SECOND_US);
    ck_assert_int_eq(copy->done, 1);
    ck_assert_int_eq(copy->status, status);
    ck_assert(!sim_disk_has(world->disk, "copy"));
    ck_assert_uint_eq(sim_disk_used(world->disk), 0);
}

TEST(a_job_that_fails_leaves_no_file)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct sim_disk_knobs *knobs = &world.disk->knobs;
    struct copy copy = copy_of("copy");
    copy.gives_up = STATUS_DENIED;
    expect_failure(&world, &copy, STATUS_DENIED);

    copy = copy_of("copy");
    knobs->capacity = SIZE - 1;
    expect_failure(&world, &copy, STATUS_FULL);
    knobs->capacity = 0;

    copy = copy_of("copy");
    knobs->fail[SIM_CALL_WRITE] = (struct sim_failure){1, 1, STATUS_IO};
    expect_failure(&world, &copy, STATUS_IO);

    copy = copy_of("copy");
    knobs->fail[SIM_CALL_SYNC] = (struct sim_failure){0, 1, STATUS_IO};
    expect_failure(&world, &copy, STATUS_IO);

    copy = copy_of("copy");
    env_job_start(world.env, &copy.job);
    sim_run_for(&world.sim, SECOND_US);
    expect_whole(&world, "copy");
    sim_world_deinit(&world);
}

TEST(a_file_that_cannot_be_removed_stays_and_the_first_failure_is_told)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct sim_disk_knobs *knobs = &world.disk->knobs;
    knobs->fail[SIM_CALL_WRITE] = (struct sim_failure){1, 1, STATUS_FULL};
    knobs->fail[SIM_CALL_REMOVE] = (struct sim_failure){0, 1, STATUS_IO};
    struct copy copy = copy_of("copy");
    env_job_start(world.env, &copy.job);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(copy.done, 1);
    ck_assert_int_eq(copy.status, STATUS_FULL);
    ck_assert(sim_disk_has(world.disk, "copy"));
    sim_world_deinit(&world);
}

TEST(a_stopped_job_is_not_done_and_leaves_no_file)
{
    for (int steps = 0; steps < 5; steps++) {
        struct sim_world world;
        sim_world_init(&world, 1);
        struct copy copy = copy_of("copy"), other = copy_of("other");
        env_job_start(world.env, &copy.job);
        for (int i = 0; i < steps; i++)
            sim_step(&world.sim);
        ck_assert_int_eq(sim_disk_has(world.disk, "copy"), steps > 0);
        env_job_stop(world.env, &other.job); // Harmless: it never started.
        env_job_stop(world.env, &copy.job);
        ck_assert(!sim_disk_has(world.disk, "copy"));
        sim_run_for(&world.sim, SECOND_US);
        ck_assert_int_eq(copy.done, 0);
        ck_assert(!sim_disk_has(world.disk, "copy"));
        sim_world_deinit(&world);
    }
}

// Returns false when the job was over before that call.
static bool crash_at(uint64_t call, enum sim_crash_how how)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    world.disk->knobs.crash = (struct sim_crash){.at_call = call, .how = how};
    struct copy copy = copy_of("copy");
    env_job_start(world.env, &copy.job);
    sim_run_for(&world.sim, SECOND_US);
    bool crashed = world.process->dead;
    ck_assert_int_eq(copy.done, !crashed);
    ck_assert_uint_eq(world.disk->calls, crashed ? call : call - 1);
    env_job_start(world.env, &copy.job);
    env_job_stop(world.env, &copy.job);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(copy.done, !crashed);
    sim_world_deinit(&world);
    return crashed;
}

TEST(a_process_can_crash_at_every_call_of_its_job)
{
    for (int how = SIM_CRASH_BEFORE; how <= SIM_CRASH_AFTER; how++) {
        uint64_t call = 1;
        while (call < STEPS_MAX && crash_at(call, (enum sim_crash_how)how))
            call++;
        ck_assert_uint_gt(call, 5);
        ck_assert_uint_lt(call, STEPS_MAX);
    }
}

TEST(the_job_of_a_killed_process_goes_no_further)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct copy copy = copy_of("copy");
    env_job_start(world.env, &copy.job);
    for (int i = 0; i < 4; i++)
        sim_step(&world.sim);
    sim_process_kill(world.process);
    struct slice content;
    ck_assert_int_eq(sim_disk_content(world.disk, "copy", &content), STATUS_OK);
    size_t size = content.size;
    ck_assert_uint_gt(size, 0);
    ck_assert_uint_lt(size, SIZE);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(sim_disk_content(world.disk, "copy", &content), STATUS_OK);
    ck_assert_uint_eq(content.size, size);
    ck_assert_int_eq(copy.done, 0);
    sim_world_deinit(&world);
}
