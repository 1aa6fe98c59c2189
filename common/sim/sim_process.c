// sim_process.c -- a node's world on virtual time, and the end of it. Its files
// are in sim_files.c, its jobs in sim_job.c, its peers in sim_network.c.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_process.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/sim/sim_files.h"
#include "common/sim/sim_job.h"
#include "common/sim/sim_network.h"

#define SIM_EPOCH_US (INT64_C(1700000000) * 1000000)
#define SIM_ZERO_US_MAX (INT64_C(30) * 24 * 3600 * 1000000)

static struct sim_process *sim_process_of(struct env *env)
{
    return container_of(env, struct sim_process, env);
}

// ---- Time

static int64_t sim_now_us(struct env *env)
{
    const struct sim_process *process = sim_process_of(env);
    return sim_clock_at(&process->clock, process->sim->now_us);
}

static int64_t sim_wall_us(struct env *env)
{
    const struct sim_process *process = sim_process_of(env);
    return SIM_EPOCH_US + process->sim->now_us + process->wall_offset_us;
}

static void sim_random(struct env *env, void *bytes, size_t size)
{
    unsigned char *at = bytes;
    while (size-- > 0)
        *at++ =
            (unsigned char)(random_next(&sim_process_of(env)->random) >> 56);
}

// Lets `wake` stand at the first timer.
static void sim_process_set_wake(struct sim_process *process)
{
    const struct env_timer *first = env_timers_first(&process->timers);
    if (!first || process->paused) {
        sim_stop(process->sim, &process->wake);
        return;
    }
    int64_t now_us = process->sim->now_us;
    int64_t due_us = sim_clock_when(&process->clock, now_us, first->due_us);
    if (!process->wake.position || process->wake.due_us != due_us)
        sim_start(process->sim, &process->wake, due_us - now_us);
}

// One timer an event, so that what it defers runs before the next.
static void sim_process_woken(struct env_timer *wake)
{
    struct sim_process *process = container_of(wake, struct sim_process, wake);
    struct env_timer *first = env_timers_first(&process->timers);
    check(first);
    env_timers_stop(&process->timers, first);
    sim_note_of(process->sim, process->name, "timer");
    first->fire(first);
    sim_process_set_wake(process);
}

static void sim_timer_start(struct env *env, struct env_timer *timer,
                            int64_t after_us)
{
    struct sim_process *process = sim_process_of(env);
    if (process->dead)
        return;
    // At least one: whoever starts a timer of 0 in its own callback would have
    // time stand still.
    if (after_us < 1)
        after_us = 1;
    int64_t now_us = sim_now_us(env);
    if (after_us > INT64_MAX - now_us)
        after_us = INT64_MAX - now_us;
    env_timers_start(&process->timers, timer, now_us + after_us);
    sim_process_set_wake(process);
}

static void sim_timer_stop(struct env *env, struct env_timer *timer)
{
    struct sim_process *process = sim_process_of(env);
    env_timers_stop(&process->timers, timer);
    sim_process_set_wake(process);
}

// ---- Deferred tasks

static void sim_defer(struct env *env, struct env_task *task)
{
    struct sim_process *process = sim_process_of(env);
    if (process->dead || task->queued)
        return;
    task->queued = true;
    task->next = NULL;
    if (process->last_task)
        process->last_task->next = task;
    else
        process->first_task = task;
    process->last_task = task;
}

static struct env_task *sim_process_take_task(struct sim_process *process)
{
    struct env_task *task = process->first_task;
    if (task) {
        process->first_task = task->next;
        if (!task->next)
            process->last_task = NULL;
        task->queued = false;
    }
    return task;
}

static void sim_process_end_round(struct sim_round *round)
{
    struct sim_process *process =
        container_of(round, struct sim_process, round);
    struct env_task *task;
    while (!process->paused && (task = sim_process_take_task(process)))
        task->run(task);
}

// ---- Jobs and peers

static void sim_start_job(struct env *env, struct env_job *job)
{
    struct sim_process *process = sim_process_of(env);
    if (!process->dead)
        sim_job_start(process, job);
}

static void sim_stop_job(struct env *env, struct env_job *job)
{
    struct sim_process *process = sim_process_of(env);
    if (!process->dead)
        sim_job_stop(process, job);
}

static enum status sim_peer_send(struct env *env, uint32_t to,
                                 struct slice body)
{
    struct sim_process *process = sim_process_of(env);
    if (process->dead)
        return STATUS_CLOSED;
    return process->host ? sim_host_send(process->host, to, body)
                         : STATUS_NOT_FOUND;
}

static void sim_peer_listen(struct env *env, struct env_peers *peers)
{
    struct sim_process *process = sim_process_of(env);
    if (!process->dead && process->host)
        sim_host_listen(process->host, peers);
}

static const struct env_ops sim_env_ops = {
    .now_us = sim_now_us,
    .wall_us = sim_wall_us,
    .random = sim_random,
    .timer_start = sim_timer_start,
    .timer_stop = sim_timer_stop,
    .defer = sim_defer,
    .disk_open = sim_files_open,
    .disk_close = sim_files_close,
    .disk_size = sim_files_size,
    .disk_read = sim_files_read,
    .disk_write = sim_files_write,
    .disk_sync = sim_files_sync,
    .disk_sync_names = sim_files_sync_names,
    .disk_rename = sim_files_rename,
    .disk_remove = sim_files_remove,
    .disk_sync_now = sim_files_sync_now,
    .disk_sync_names_now = sim_files_sync_names_now,
    .disk_write_now = sim_files_write_now,
    .disk_free = sim_files_free_space,
    .disk_list = sim_files_list,
    .job_start = sim_start_job,
    .job_stop = sim_stop_job,
    .peer_send = sim_peer_send,
    .peer_listen = sim_peer_listen,
};

// ---- Life

static void sim_process_resumed(struct env_timer *resume)
{
    struct sim_process *process =
        container_of(resume, struct sim_process, resume);
    sim_note_of(process->sim, process->name, "goes on");
    process->paused = false;
    sim_process_set_wake(process);
}

void sim_process_pause(struct sim_process *process, int64_t us)
{
    if (process->dead)
        return;
    sim_note_of(process->sim, process->name, "stands still for %" PRId64 " us",
                us);
    process->paused = true;
    sim_process_set_wake(process);
    sim_start(process->sim, &process->resume, us);
}

bool sim_process_defers(struct sim_process *process, struct env_timer *event)
{
    if (!process->paused)
        return false;
    struct sim *sim = process->sim;
    sim_start(sim, event, process->resume.due_us - sim->now_us);
    return true;
}

struct sim_process *sim_process_start(struct sim *sim, struct sim_disk *disk,
                                      const char *name)
{
    struct sim_process *process = xcalloc(1, sizeof *process);
    process->env.ops = &sim_env_ops;
    process->sim = sim;
    process->disk = disk;
    strncpy(process->name, name, sizeof process->name - 1);
    process->clock.zero_us = (int64_t)sim_between(sim, 0, SIM_ZERO_US_MAX);
    random_init(&process->random, random_next(&sim->random));
    process->wake.fire = sim_process_woken;
    process->resume.fire = sim_process_resumed;
    for (size_t i = 0; i < SIM_LANES; i++) {
        process->lanes[i].process = process;
        process->lanes[i].end.fire = sim_io_ended;
    }
    process->round.end = sim_process_end_round;
    list_init(&process->files);
    list_init(&process->jobs);
    sim_add_round(sim, &process->round);
    if (disk) {
        check(!disk->process);
        disk->process = process;
    }
    sim_note_of(sim, process->name, "starts");
    return process;
}

void sim_process_set_pace(struct sim_process *process, int64_t ppm)
{
    sim_note_of(process->sim, process->name, "clock gains %" PRId64 " ppm",
                ppm);
    sim_clock_set_pace(&process->clock, process->sim->now_us, ppm);
    sim_process_set_wake(process);
}

void sim_process_kill(struct sim_process *process)
{
    if (process->dead)
        return;
    process->dead = true;
    process->paused = false;
    sim_stop(process->sim, &process->resume);
    sim_note_of(process->sim, process->name, "dies");
    env_timers_deinit(&process->timers);
    sim_process_set_wake(process);
    while (sim_process_take_task(process))
        continue;
    sim_jobs_drop(process);
    if (process->host)
        sim_host_leave(process->host);
    if (process->disk) {
        sim_files_drop(process);
        process->disk->process = NULL;
    }
}

void sim_process_free(struct sim_process *process)
{
    sim_process_kill(process);
    sim_files_free(process);
    sim_remove_round(&process->round);
    free(process);
}

void sim_process_check_invariants(const struct sim_process *process)
{
    env_timers_check_invariants(&process->timers);
    const struct env_timer *first = env_timers_first(&process->timers);
    check((first && !process->paused) == (process->wake.position != 0));
    check(process->paused == (process->resume.position != 0));
    if (first && !process->paused)
        check(process->wake.due_us == sim_clock_when(&process->clock,
                                                     process->sim->now_us,
                                                     first->due_us));
    for (size_t i = 0; i < SIM_LANES; i++) {
        const struct sim_lane *lane = &process->lanes[i];
        check(!lane->first == !lane->end.position);
        if (process->dead)
            check(!lane->first);
    }
    if (process->dead) {
        check(!first);
        check(!process->first_task);
        check(list_is_empty(&process->jobs));
    } else if (process->disk) {
        check(process->disk->process == process);
    }
}
