// test_sim_process.c -- a node's world on virtual time: clocks, timers, tasks,
// and that the dead have no effect.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_process.h"

#include <stdio.h>

#include "common/base/list.h"
#include "tests/common/sim_world.h"
#include "tests/test.h"

enum { SECOND_US = 1000000 };

struct bell {
    struct env_timer timer;
    struct env *env;
    int64_t rung_us; // When last.
    int rings;
    int64_t again_us; // Starts itself anew after that; < 0: doesn't.
};

static void bell_ring(struct env_timer *timer)
{
    struct bell *bell = container_of(timer, struct bell, timer);
    bell->rung_us = env_now_us(bell->env);
    bell->rings++;
    if (bell->again_us >= 0)
        env_timer_start(bell->env, timer, bell->again_us);
}

static struct bell bell_of(struct env *env)
{
    return (struct bell){.timer.fire = bell_ring, .env = env, .again_us = -1};
}

TEST(timers_fire_at_their_time_once_and_can_be_moved_and_stopped)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    int64_t start_us = env_now_us(world.env);
    struct bell first = bell_of(world.env), second = bell_of(world.env),
                third = bell_of(world.env);
    env_timer_start(world.env, &first.timer, 500);
    env_timer_start(world.env, &second.timer, 300);
    env_timer_start(world.env, &third.timer, 200);
    env_timer_start(world.env, &first.timer, 100);
    env_timer_stop(world.env, &third.timer);
    sim_process_check_invariants(world.process);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(first.rung_us - start_us, 100);
    ck_assert_int_eq(second.rung_us - start_us, 300);
    ck_assert_int_eq(first.rings + second.rings, 2);
    ck_assert_int_eq(third.rings, 0);
    sim_world_deinit(&world);
}

TEST(time_goes_on_for_a_timer_that_starts_itself_at_once)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct bell bell = bell_of(world.env);
    bell.again_us = 0;
    env_timer_start(world.env, &bell.timer, -5);
    sim_run_for(&world.sim, 100);
    ck_assert_int_eq(bell.rings, 100);
    sim_world_deinit(&world);
}

TEST(the_wall_clock_jumps_when_told_and_the_monotonic_one_never_goes_back)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    int64_t wall_us = env_wall_us(world.env), now_us = env_now_us(world.env);
    sim_run_for(&world.sim, 1000);
    ck_assert_int_eq(env_wall_us(world.env) - wall_us, 1000);
    ck_assert_int_eq(env_now_us(world.env) - now_us, 1000);
    ck_assert_int_eq(env_now_ns(world.env), env_now_us(world.env) * 1000);
    world.process->wall_offset_us -= 5000;
    ck_assert_int_eq(env_wall_us(world.env) - wall_us, -4000);
    ck_assert_int_eq(env_now_us(world.env) - now_us, 1000);
    sim_world_restart(&world);
    ck_assert_int_ne(env_now_us(world.env), now_us + 1000);
    ck_assert_int_eq(env_wall_us(world.env) - wall_us, 1000);
    sim_world_deinit(&world);
}

TEST(random_bytes_differ_by_incarnation_and_repeat_with_the_seed)
{
    char bytes[3][32];
    for (int i = 0; i < 2; i++) {
        struct sim_world world;
        sim_world_init(&world, 5);
        env_random(world.env, bytes[i], 32);
        sim_world_restart(&world);
        env_random(world.env, bytes[2], 32);
        ck_assert_mem_ne(bytes[i], bytes[2], 32);
        sim_world_deinit(&world);
    }
    ck_assert_mem_eq(bytes[0], bytes[1], 32);
}

// Queues itself `again` times, and says in which place it ran.
struct chore {
    struct env_task task;
    struct env *env;
    int again, runs;
    int64_t ran_us;
};

static void chore_run(struct env_task *task)
{
    struct chore *chore = container_of(task, struct chore, task);
    chore->runs++;
    chore->ran_us = env_now_us(chore->env);
    if (chore->again-- > 0)
        env_defer(chore->env, task);
}

TEST(deferred_tasks_run_once_at_the_end_of_the_round)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct chore chore = {.task.run = chore_run, .env = world.env, .again = 2};
    struct chore other = {.task.run = chore_run, .env = world.env};
    int64_t now_us = env_now_us(world.env);
    env_defer(world.env, &chore.task);
    env_defer(world.env, &chore.task);
    env_defer(world.env, &other.task);
    ck_assert_int_eq(chore.runs, 0);
    sim_end_round(&world.sim);
    ck_assert_int_eq(chore.runs, 3);
    ck_assert_int_eq(other.runs, 1);
    ck_assert_int_eq(chore.ran_us, now_us);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(chore.runs, 3);
    sim_world_deinit(&world);
}

static struct chore *deferred_by_bell;

static void bell_defers(struct env_timer *timer)
{
    struct bell *bell = container_of(timer, struct bell, timer);
    bell->rings++;
    env_defer(bell->env, &deferred_by_bell->task);
}

TEST(what_an_event_defers_runs_before_the_next_event)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct chore chore = {.task.run = chore_run, .env = world.env};
    deferred_by_bell = &chore;
    struct bell first = bell_of(world.env), second = bell_of(world.env);
    first.timer.fire = bell_defers;
    second.timer.fire = bell_defers;
    env_timer_start(world.env, &first.timer, 10);
    env_timer_start(world.env, &second.timer, 10);
    sim_step(&world.sim);
    ck_assert_int_eq(first.rings + second.rings, 1);
    ck_assert_int_eq(chore.runs, 1);
    sim_step(&world.sim);
    ck_assert_int_eq(chore.runs, 2);
    sim_world_deinit(&world);
}

TEST(there_are_no_peers)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    ck_assert_int_eq(env_peer_send(world.env, 2, SLICE("hello")),
                     STATUS_NOT_FOUND);
    sim_world_deinit(&world);
}

// ---- Death

static void note_name(void *context, const char *name)
{
    (void)name;
    ++*(int *)context;
}

static void expect_no_disk(struct env *env, struct env_file *file)
{
    char bytes[8];
    uint64_t size = 7;
    size_t read = 7;
    int names = 0;
    struct env_file *other = NULL;
    ck_assert_int_eq(env_disk_open(env, "b", ENV_OPEN_CREATE, &other),
                     STATUS_CLOSED);
    ck_assert_ptr_null(other);
    ck_assert_int_eq(env_disk_size(env, file, &size), STATUS_CLOSED);
    ck_assert_int_eq(env_disk_read(env, file, 0, bytes, 8, &read),
                     STATUS_CLOSED);
    ck_assert_uint_eq(size + read, 14);
    ck_assert_int_eq(env_disk_write_now(env, file, 0, SLICE("x")),
                     STATUS_CLOSED);
    ck_assert_int_eq(env_disk_sync_now(env, file), STATUS_CLOSED);
    ck_assert_int_eq(env_disk_sync_names_now(env), STATUS_CLOSED);
    ck_assert_int_eq(env_disk_rename(env, "a", "b"), STATUS_CLOSED);
    ck_assert_int_eq(env_disk_remove(env, "a"), STATUS_CLOSED);
    ck_assert_int_eq(env_disk_list(env, note_name, &names), STATUS_CLOSED);
    ck_assert_int_eq(names, 0);
}

TEST_FOR(the_calls_of_a_dead_process_have_no_effect, 2)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "hello", true);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
    struct bell bell = bell_of(world.env);
    struct chore chore = {.task.run = chore_run, .env = world.env};
    env_timer_start(world.env, &bell.timer, 10);
    env_defer(world.env, &chore.task);
    if (_i)
        sim_power_cut(world.disk);
    else
        sim_process_kill(world.process);
    ck_assert(world.process->dead);
    sim_process_check_invariants(world.process);

    uint64_t hash = world.sim.hash, calls = world.disk->calls;
    expect_no_disk(world.env, file);
    struct sim_operation write = sim_operation_of(file, 0, "x");
    struct sim_operation names = sim_operation_of(NULL, 0, "");
    env_disk_write(world.env, &write.io);
    env_disk_sync_names(world.env, &names.io);
    env_timer_start(world.env, &bell.timer, 10);
    env_timer_stop(world.env, &bell.timer);
    env_timer_start(world.env, &bell.timer, 10);
    env_defer(world.env, &chore.task);
    env_disk_close(world.env, file);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert_int_eq(bell.rings + chore.runs + write.done + names.done, 0);
    ck_assert_uint_eq(world.sim.hash, hash);
    ck_assert_uint_eq(world.disk->calls, calls);
    ck_assert(sim_world_has(&world, "a", "hello"));
    ck_assert_ptr_null(sim_disk_name(world.disk, 1));
    sim_world_deinit(&world);
}

TEST(files_that_nobody_closes_go_with_the_process)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "hello", true);
    sim_world_open(&world, "a", ENV_OPEN_READ);
    ck_assert_int_eq(env_disk_remove(world.env, "a"), STATUS_OK);
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    ck_assert_uint_eq(sim_disk_used(world.disk), 5);
    sim_world_restart(&world);
    ck_assert_uint_eq(sim_disk_used(world.disk), 0);
    sim_world_deinit(&world);
}

// How many of the bytes of five queued writes a kill let through.
static size_t written_at_kill(uint64_t seed)
{
    struct sim_world world;
    sim_world_init(&world, seed);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    struct sim_operation writes[5];
    for (uint64_t i = 0; i < 5; i++) {
        writes[i] = sim_operation_of(file, i * 4, "abcd");
        env_disk_write(world.env, &writes[i].io);
    }
    sim_process_kill(world.process);
    sim_run_for(&world.sim, SECOND_US);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(writes[i].done, 0);
    struct slice content;
    ck_assert_int_eq(sim_disk_content(world.disk, "a", &content), STATUS_OK);
    struct slice all = SLICE("abcdabcdabcdabcdabcd");
    ck_assert(slice_equal(content, (struct slice){all.data, content.size}));
    size_t size = content.size;
    sim_world_deinit(&world);
    return size;
}

TEST(what_waits_at_a_kill_is_done_up_to_some_point)
{
    unsigned seen = 0;
    for (uint64_t seed = 0; seed < 300; seed++)
        seen |= 1u << written_at_kill(seed);
    // Nothing, all, and everything in between, torn writes too.
    ck_assert_uint_eq(seen, (1u << 21) - 1);
}

TEST(a_sync_that_waits_at_a_kill_may_be_done_and_then_covers_what_it_should)
{
    int durable = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "a", "old", true);
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
        struct sim_operation write = sim_operation_of(file, 0, "new");
        struct sim_operation sync = sim_operation_of(file, 0, "");
        env_disk_write(world.env, &write.io);
        env_disk_sync(world.env, &sync.io);
        sim_process_kill(world.process);
        struct slice content;
        ck_assert_int_eq(sim_disk_durable(world.disk, "a", &content),
                         STATUS_OK);
        if (slice_equal(content, SLICE("new")))
            durable++;
        else
            ck_assert(slice_equal(content, SLICE("old")));
        sim_world_deinit(&world);
    }
    ck_assert_int_gt(durable, 20);
    ck_assert_int_lt(durable, 80);
}

// ---- Determinism

static void node_of_chaos(struct sim_world *world)
{
    struct bell bell = bell_of(world->env);
    bell.again_us = 700;
    env_timer_start(world->env, &bell.timer, 0);
    char name[32];
    snprintf(name, sizeof name, "%lld", (long long)world->sim.now_us);
    struct env_file *file = sim_world_open(world, name, ENV_OPEN_CREATE);
    struct sim_operation operations[40];
    for (uint64_t i = 0; i < 40; i++) {
        operations[i] = sim_operation_of(file, i * 3, "some bytes");
        if (i % 5 == 4)
            env_disk_sync(world->env, &operations[i].io);
        else
            env_disk_write(world->env, &operations[i].io);
    }
    sim_run_for(&world->sim, (int64_t)sim_between(&world->sim, 1, 9000));
    if (sim_between(&world->sim, 0, 1))
        sim_power_cut(world->disk);
    else
        sim_process_kill(world->process);
    env_disk_close(world->env, file);
    sim_world_restart(world);
}

static uint64_t hash_of_chaos(uint64_t seed)
{
    struct sim_world world;
    sim_world_init(&world, seed);
    world.disk->knobs.failures_per_million[SIM_CALL_SYNC] = 200000;
    world.disk->knobs.failures_per_million[SIM_CALL_WRITE] = 100000;
    for (int i = 0; i < 5; i++) {
        node_of_chaos(&world);
        sim_run_for(&world.sim, 1);
    }
    uint64_t hash = world.sim.hash;
    sim_world_deinit(&world);
    return hash;
}

TEST(equal_seeds_give_equal_runs_and_others_do_not)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        ck_assert_uint_eq(hash_of_chaos(seed), hash_of_chaos(seed));
        ck_assert_uint_ne(hash_of_chaos(seed), hash_of_chaos(seed + 1));
    }
}

// ---- Clocks

TEST(a_clock_that_gains_rings_earlier_and_one_that_loses_later)
{
    static const struct {
        int64_t ppm, us;
    } paces[] = {{0, 1000000}, {500000, 666667}, {-500000, 1999999}};
    for (size_t i = 0; i < sizeof paces / sizeof *paces; i++) {
        struct sim_world world;
        sim_world_init(&world, 1);
        struct bell bell = bell_of(world.env);
        int64_t before_us = env_now_us(world.env);
        env_timer_start(world.env, &bell.timer, 1000000);
        sim_process_set_pace(world.process, paces[i].ppm);
        sim_process_check_invariants(world.process);
        sim_run_until(&world.sim, paces[i].us - 1);
        ck_assert_int_eq(bell.rings, 0);
        sim_run_until(&world.sim, paces[i].us);
        ck_assert_int_eq(bell.rings, 1);
        ck_assert_int_eq(env_now_us(world.env) - before_us, 1000000);
        sim_world_deinit(&world);
    }
}

// ---- Pauses

struct chime {
    struct env_task task;
    int runs;
};

static void chime_run(struct env_task *task)
{
    container_of(task, struct chime, task)->runs++;
}

TEST(a_paused_process_does_nothing_and_then_all_that_was_due)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct bell bell = bell_of(world.env);
    struct chime chime = {.task.run = chime_run};
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
    struct sim_operation operation = sim_operation_of(file, 0, "bytes");
    env_timer_start(world.env, &bell.timer, 1000);
    env_disk_write(world.env, &operation.io);
    env_defer(world.env, &chime.task);
    int64_t before_us = env_now_us(world.env);

    sim_process_pause(world.process, SECOND_US);
    sim_process_check_invariants(world.process);
    sim_run_for(&world.sim, SECOND_US - 1);
    ck_assert_int_eq(bell.rings + chime.runs + operation.done, 0);
    sim_run_for(&world.sim, 1);
    ck_assert_int_eq(bell.rings, 1);
    ck_assert_int_eq(chime.runs, 1);
    ck_assert_int_eq(operation.done, 1);
    ck_assert_int_eq(bell.rung_us - before_us, SECOND_US);
    sim_process_check_invariants(world.process);
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

TEST(a_paused_process_can_be_killed)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    struct bell bell = bell_of(world.env);
    env_timer_start(world.env, &bell.timer, 1000);
    sim_process_pause(world.process, SECOND_US);
    sim_process_kill(world.process);
    sim_process_check_invariants(world.process);
    sim_run_for(&world.sim, 2 * SECOND_US);
    ck_assert_int_eq(bell.rings, 0);
    sim_world_deinit(&world);
}
