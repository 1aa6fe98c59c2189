// test_sim_call.c -- the fate of calls: failures on request and by chance, and
// crashes at each of them.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_call.h"

#include <string.h>

#include "tests/common/sim_world.h"
#include "tests/test.h"

enum { SECOND_US = 1000000, CALLS = 8 };

static void fail_calls(struct sim_world *world, enum sim_call_kind kind,
                       uint64_t skip, uint64_t times, enum status status)
{
    world->disk->knobs.fail[kind] = (struct sim_failure){skip, times, status};
}

static enum status write_now(struct sim_world *world, struct env_file *file,
                             const char *text)
{
    return env_disk_write_now(world->env, file, 0, slice_of(text));
}

TEST(the_nth_call_of_a_kind_fails_as_told)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    fail_calls(&world, SIM_CALL_WRITE, 2, 2, STATUS_FULL);
    ck_assert_int_eq(write_now(&world, file, "1"), STATUS_OK);
    ck_assert_int_eq(env_disk_sync_now(world.env, file), STATUS_OK);
    ck_assert_int_eq(write_now(&world, file, "2"), STATUS_OK);
    ck_assert_int_eq(write_now(&world, file, "3"), STATUS_FULL);
    ck_assert_int_eq(write_now(&world, file, "4"), STATUS_FULL);
    ck_assert(sim_world_has(&world, "a", "2"));
    ck_assert_int_eq(write_now(&world, file, "5"), STATUS_OK);
    ck_assert(sim_world_has(&world, "a", "5"));
    ck_assert(sim_trace_has(&world, "write a 0+1 #"));
    ck_assert(sim_trace_has(&world, "full\n"));
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

static void ignore_name(void *context, const char *name)
{
    (void)context, (void)name;
}

static enum status call_of(struct sim_world *world, struct env_file *file,
                           enum sim_call_kind kind)
{
    struct env *env = world->env;
    struct env_file *other = NULL;
    char byte;
    size_t read;
    enum status status = STATUS_INVALID;
    switch (kind) {
    case SIM_CALL_OPEN:
        status = env_disk_open(env, "a", ENV_OPEN_READ, &other);
        break;
    case SIM_CALL_READ:
        return env_disk_read(env, file, 0, &byte, 1, &read);
    case SIM_CALL_LIST:
        return env_disk_list(env, ignore_name, NULL);
    case SIM_CALL_CREATE:
        status = env_disk_open(env, "b", ENV_OPEN_CREATE, &other);
        break;
    case SIM_CALL_WRITE:
        return env_disk_write_now(env, file, 0, SLICE("hello"));
    case SIM_CALL_SYNC:
        return env_disk_sync_now(env, file);
    case SIM_CALL_SYNC_NAMES:
        return env_disk_sync_names_now(env);
    case SIM_CALL_RENAME:
        return env_disk_rename(env, "a", "c");
    case SIM_CALL_REMOVE:
        return env_disk_remove(env, "c");
    case SIM_CALL_KINDS:
        break;
    }
    if (other)
        env_disk_close(env, other);
    return status;
}

TEST_FOR(every_call_can_fail_and_then_has_not_happened, SIM_CALL_KINDS)
{
    enum sim_call_kind kind = (enum sim_call_kind)_i;
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "", true);
    sim_world_create(&world, "c", "", true);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
    fail_calls(&world, kind, 0, 1, STATUS_DENIED);
    ck_assert_int_eq(call_of(&world, file, kind), STATUS_DENIED);
    ck_assert_ptr_null(sim_disk_name(world.disk, 2));
    ck_assert(sim_disk_has(world.disk, "a"));
    ck_assert(sim_disk_has(world.disk, "c"));
    uint64_t calls = world.disk->calls;
    ck_assert_int_eq(call_of(&world, file, kind), STATUS_OK);
    // Only what changes the disk is counted.
    ck_assert_uint_eq(world.disk->calls - calls, kind >= SIM_CALL_CREATE);
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

TEST(a_failed_write_may_have_been_done_in_part_from_its_front)
{
    unsigned seen = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
        fail_calls(&world, SIM_CALL_WRITE, 0, 1, STATUS_IO);
        struct sim_operation write = sim_operation_of(file, 0, "hello");
        env_disk_write(world.env, &write.io);
        sim_run_for(&world.sim, SECOND_US);
        ck_assert_int_eq(write.status, STATUS_IO);
        struct slice content;
        sim_disk_content(world.disk, "a", &content);
        ck_assert_uint_lt(content.size, 5);
        ck_assert(slice_equal(content, (struct slice){"hello", content.size}));
        seen |= 1u << content.size;
        env_disk_close(world.env, file);
        sim_world_deinit(&world);
    }
    ck_assert_uint_eq(seen, 0x1f);
}

TEST(calls_fail_as_often_as_told)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    world.disk->knobs.failures_per_million[SIM_CALL_READ] = 300000;
    int failures = 0;
    for (int i = 0; i < 1000; i++)
        failures += call_of(&world, file, SIM_CALL_READ) == STATUS_IO;
    ck_assert_int_gt(failures, 240);
    ck_assert_int_lt(failures, 360);
    ck_assert(sim_trace_has(&world, "read a  input/output error"));
    ck_assert_int_eq(call_of(&world, file, SIM_CALL_SYNC), STATUS_OK);
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

// ---- Crashes

// A short life of eight calls. Returns how many of them it believes in.
static int live(struct sim_world *world)
{
    struct env *env = world->env;
    struct env_file *file = NULL;
    int done = 0;
    done += env_disk_open(env, "draft", ENV_OPEN_CREATE, &file) == STATUS_OK;
    if (!file)
        return done;
    done += write_now(world, file, "first") == STATUS_OK;
    struct sim_operation write = sim_operation_of(file, 5, " second");
    struct sim_operation sync = sim_operation_of(file, 0, "");
    env_disk_write(env, &write.io);
    env_disk_sync(env, &sync.io);
    sim_run_for(&world->sim, SECOND_US);
    done += write.done + sync.done;
    done += env_disk_rename(env, "draft", "final") == STATUS_OK;
    done += env_disk_sync_names_now(env) == STATUS_OK;
    done += env_disk_remove(env, "old") == STATUS_OK;
    done += env_disk_sync_names_now(env) == STATUS_OK;
    env_disk_close(env, file);
    return done;
}

static void expect_remains(const struct sim_world *world, int done)
{
    struct slice content;
    if (done >= 6) {
        ck_assert(sim_world_has(world, "final", "first second"));
    } else if (done >= 4 &&
               sim_disk_content(world->disk, "final", &content) == STATUS_OK) {
        ck_assert(slice_equal(content, SLICE("first second")));
    }
    if (done < 6)
        ck_assert(sim_world_has(world, "old", "old"));
    if (done >= 8)
        ck_assert(!sim_disk_has(world->disk, "old"));
}

TEST_FOR(a_crash_at_any_call_ends_the_life_there, CALLS * 3 * 2)
{
    struct sim_crash crash = {.at_call = (uint64_t)_i % CALLS + 1,
                              .how = (enum sim_crash_how)(_i / CALLS % 3),
                              .kill = _i / CALLS / 3};
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_disk_put(world.disk, "old", SLICE("old"));
        world.disk->knobs.crash = crash;
        int done = live(&world);
        ck_assert_int_eq(done, (int)crash.at_call - 1);
        ck_assert(world.process->dead);
        ck_assert_uint_eq(world.disk->calls, crash.at_call);
        ck_assert_ptr_null(world.disk->process);
        ck_assert_int_eq(sim_trace_has(&world, "power cut"), !crash.kill);
        sim_world_restart(&world);
        expect_remains(&world, done);
        sim_world_deinit(&world);
    }
}

TEST(without_a_crash_the_life_is_whole)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_disk_put(world.disk, "old", SLICE("old"));
    ck_assert_int_eq(live(&world), CALLS);
    ck_assert_uint_eq(world.disk->calls, CALLS);
    ck_assert(!world.process->dead);
    expect_remains(&world, CALLS);
    sim_world_deinit(&world);
}

// A kill at the second call, a write of five bytes: how many of them are there.
static size_t written_at(uint64_t seed, enum sim_crash_how how)
{
    struct sim_world world;
    sim_world_init(&world, seed);
    world.disk->knobs.crash =
        (struct sim_crash){.at_call = 2, .how = how, .kill = true};
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    ck_assert_int_eq(write_now(&world, file, "hello"), STATUS_CLOSED);
    struct slice content;
    ck_assert_int_eq(sim_disk_content(world.disk, "a", &content), STATUS_OK);
    size_t size = content.size;
    sim_world_deinit(&world);
    return size;
}

TEST(a_crash_is_before_within_or_after_the_call)
{
    unsigned seen = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        ck_assert_uint_eq(written_at(seed, SIM_CRASH_BEFORE), 0);
        ck_assert_uint_eq(written_at(seed, SIM_CRASH_AFTER), 5);
        seen |= 1u << written_at(seed, SIM_CRASH_TORN);
    }
    ck_assert_uint_eq(seen, 0x1f);
}

// One thread does what waits, in order: nothing overtakes the call that was the
// last one.
TEST(what_waits_behind_the_last_call_is_not_done)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        world.disk->knobs.crash =
            (struct sim_crash){.at_call = 2, .kill = true};
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
        struct sim_operation writes[3];
        for (uint64_t i = 0; i < 3; i++) {
            writes[i] = sim_operation_of(file, i, "x");
            env_disk_write(world.env, &writes[i].io);
        }
        sim_run_for(&world.sim, SECOND_US);
        ck_assert(world.process->dead);
        ck_assert_int_eq(writes[0].done + writes[1].done + writes[2].done, 0);
        ck_assert(sim_world_has(&world, "a", ""));
        sim_world_deinit(&world);
    }
}
