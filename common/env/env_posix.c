// env_posix.c -- the real world put together: clocks, random numbers and
// deferred tasks are here, timers in env_timers.c, files in posix_disk.c, jobs
// in posix_job.c, messages in posix_peers.c.
//
// The end of a round belongs first to the node: its deferred tasks, then the
// completions of writes that were done at once, again and again until nothing
// is left. Only then come the hooks that send what all this allows to leave, to
// peers and clients. A hook that makes new work for the node does not lose it:
// while there is some, the loop does not sleep.
// SPDX-License-Identifier: MIT
#include "common/env/env_posix.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/env/env_timers.h"
#include "common/env/posix_disk.h"
#include "common/env/posix_job.h"
#include "common/env/posix_peers.h"

// How often tasks that queue tasks, or writes, go on in one round: clients and
// timers have their turn too.
enum { ENV_POSIX_PASSES_MAX = 64 };

struct env_posix {
    struct env env; // First, so that an env is its env_posix.
    struct loop *loop;
    struct loop_clock clock;
    struct env_timers timers;
    struct loop_hook round_end;
    struct env_task *first_task, *last_task; // To be run, in this order.
    struct posix_disk *disk; // NULL: none; then there are no jobs either.
    struct posix_jobs *jobs;
    struct posix_peers *peers;
};

static struct env_posix *env_posix_of(struct env *env)
{
    return container_of(env, struct env_posix, env);
}

static int64_t env_posix_clock_us(clockid_t id)
{
    struct timespec time;
    check(clock_gettime(id, &time) == 0);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int64_t env_posix_now_us(struct env *env)
{
    (void)env;
    return env_posix_clock_us(CLOCK_MONOTONIC);
}

static int64_t env_posix_now_ns(struct env *env)
{
    (void)env;
    struct timespec time;
    check(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t env_posix_wall_us(struct env *env)
{
    (void)env;
    return env_posix_clock_us(CLOCK_REALTIME);
}

static void env_posix_random(struct env *env, void *bytes, size_t size)
{
    (void)env;
    char *at = bytes;
    while (size) {
        ssize_t got = getrandom(at, size, 0);
        check(got > 0 || errno == EINTR);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
}

static void env_posix_timer_start(struct env *env, struct env_timer *timer,
                                  int64_t after_us)
{
    int64_t now_us = env_posix_now_us(env);
    if (after_us < 0)
        after_us = 0;
    if (after_us > INT64_MAX - now_us)
        after_us = INT64_MAX - now_us;
    env_timers_start(&env_posix_of(env)->timers, timer, now_us + after_us);
}

static void env_posix_timer_stop(struct env *env, struct env_timer *timer)
{
    env_timers_stop(&env_posix_of(env)->timers, timer);
}

static void env_posix_defer(struct env *env, struct env_task *task)
{
    struct env_posix *posix = env_posix_of(env);
    check(task->run);
    if (task->queued)
        return;
    task->queued = true;
    task->next = NULL;
    if (posix->first_task)
        posix->last_task->next = task;
    else
        posix->first_task = task;
    posix->last_task = task;
}

// Those that wait now; what they queue is for the next pass.
static void env_posix_run_tasks(struct env_posix *posix)
{
    struct env_task *task = posix->first_task;
    posix->first_task = NULL;
    while (task) {
        struct env_task *next = task->next;
        task->queued = false;
        task->run(task);
        task = next;
    }
}

static bool env_posix_is_settled(const struct env_posix *posix)
{
    return !posix->first_task &&
           (!posix->disk || posix_disk_is_settled(posix->disk));
}

static void env_posix_end_round(struct loop_hook *hook)
{
    struct env_posix *posix = container_of(hook, struct env_posix, round_end);
    for (int i = 0; i < ENV_POSIX_PASSES_MAX && !env_posix_is_settled(posix);
         i++) {
        env_posix_run_tasks(posix);
        if (posix->disk)
            posix_disk_settle(posix->disk);
    }
}

static int64_t env_posix_next_due_us(struct loop_clock *clock)
{
    struct env_posix *posix = container_of(clock, struct env_posix, clock);
    if (!env_posix_is_settled(posix) || posix_peers_are_waiting(posix->peers))
        return 0;
    struct env_timer *first = env_timers_first(&posix->timers);
    if (!first)
        return -1;
    int64_t now_us = env_posix_now_us(&posix->env);
    return first->due_us > now_us ? first->due_us - now_us : 0;
}

static void env_posix_fire(struct loop_clock *clock)
{
    struct env_posix *posix = container_of(clock, struct env_posix, clock);
    if (posix->timers.count)
        env_timers_fire(&posix->timers, env_posix_now_us(&posix->env));
}

// Only these begin without a file that proves that there is a disk.
static struct posix_disk *env_posix_disk(struct env *env)
{
    struct posix_disk *disk = env_posix_of(env)->disk;
    check(disk);
    return disk;
}

static enum status env_posix_disk_open(struct env *env, const char *name,
                                       enum env_open how,
                                       struct env_file **file)
{
    return posix_disk_open(env_posix_disk(env), name, how, file);
}

static void env_posix_disk_close(struct env *env, struct env_file *file)
{
    (void)env;
    posix_disk_close(file);
}

static enum status env_posix_disk_size(struct env *env, struct env_file *file,
                                       uint64_t *size)
{
    (void)env;
    return posix_disk_size(file, size);
}

static enum status env_posix_disk_read(struct env *env, struct env_file *file,
                                       uint64_t offset, void *bytes,
                                       size_t size, size_t *read)
{
    (void)env;
    return posix_disk_read(file, offset, bytes, size, read);
}

static void env_posix_disk_write(struct env *env, struct env_io *io)
{
    io->kind = ENV_IO_WRITE;
    posix_disk_submit(env_posix_disk(env), io);
}

static void env_posix_disk_sync(struct env *env, struct env_io *io)
{
    io->kind = ENV_IO_SYNC;
    posix_disk_submit(env_posix_disk(env), io);
}

static enum status env_posix_disk_rename(struct env *env, const char *from,
                                         const char *to)
{
    return posix_disk_rename(env_posix_disk(env), from, to);
}

static enum status env_posix_disk_remove(struct env *env, const char *name)
{
    return posix_disk_remove(env_posix_disk(env), name);
}

static void env_posix_disk_sync_names(struct env *env, struct env_io *io)
{
    io->kind = ENV_IO_SYNC_NAMES;
    posix_disk_submit(env_posix_disk(env), io);
}

static enum status env_posix_disk_write_now(struct env *env,
                                            struct env_file *file,
                                            uint64_t offset, struct slice bytes)
{
    (void)env;
    return posix_disk_write_now(file, offset, bytes);
}

static enum status env_posix_disk_sync_now(struct env *env,
                                           struct env_file *file)
{
    (void)env;
    return posix_disk_sync_now(file);
}

static enum status env_posix_disk_sync_names_now(struct env *env)
{
    return posix_disk_sync_names_now(env_posix_disk(env));
}

static uint64_t env_posix_disk_free(struct env *env)
{
    return posix_disk_free(env_posix_disk(env));
}

static enum status env_posix_disk_list(struct env *env,
                                       void (*each)(void *context,
                                                    const char *name),
                                       void *context)
{
    return posix_disk_list(env_posix_disk(env), each, context);
}

static void env_posix_job_start(struct env *env, struct env_job *job)
{
    check(env_posix_of(env)->jobs);
    posix_jobs_start(env_posix_of(env)->jobs, job);
}

static void env_posix_job_stop(struct env *env, struct env_job *job)
{
    check(env_posix_of(env)->jobs);
    posix_jobs_stop(env_posix_of(env)->jobs, job);
}

static enum status env_posix_peer_send(struct env *env, uint32_t to,
                                       struct slice body)
{
    return posix_peers_send(env_posix_of(env)->peers, to, body);
}

static void env_posix_peer_listen(struct env *env, struct env_peers *peers)
{
    posix_peers_listen(env_posix_of(env)->peers, peers);
}

static enum status env_posix_peer_cut(struct env *env, uint32_t peer, bool cut)
{
    return posix_peers_cut(env_posix_of(env)->peers, peer, cut);
}

static const struct env_ops env_posix_ops = {
    .now_us = env_posix_now_us,
    .now_ns = env_posix_now_ns,
    .wall_us = env_posix_wall_us,
    .random = env_posix_random,
    .timer_start = env_posix_timer_start,
    .timer_stop = env_posix_timer_stop,
    .defer = env_posix_defer,
    .disk_open = env_posix_disk_open,
    .disk_close = env_posix_disk_close,
    .disk_size = env_posix_disk_size,
    .disk_read = env_posix_disk_read,
    .disk_write = env_posix_disk_write,
    .disk_sync = env_posix_disk_sync,
    .disk_rename = env_posix_disk_rename,
    .disk_remove = env_posix_disk_remove,
    .disk_sync_names = env_posix_disk_sync_names,
    .disk_write_now = env_posix_disk_write_now,
    .disk_sync_now = env_posix_disk_sync_now,
    .disk_sync_names_now = env_posix_disk_sync_names_now,
    .disk_free = env_posix_disk_free,
    .disk_list = env_posix_disk_list,
    .job_start = env_posix_job_start,
    .job_stop = env_posix_job_stop,
    .peer_send = env_posix_peer_send,
    .peer_listen = env_posix_peer_listen,
    .peer_cut = env_posix_peer_cut,
};

// False with errno set.
static bool env_posix_open(struct env_posix *posix,
                           const struct env_posix_options *options)
{
    const char *failed = NULL;
    if (options->directory) {
        posix->disk = posix_disk_create(posix->loop, options->directory,
                                        options->snapshot_directory, &failed);
        if (!posix->disk) {
            if (options->failed)
                *options->failed = failed;
            return false;
        }
        posix->jobs = posix_jobs_create(posix->loop, &posix->env, posix->disk);
    }
    posix->peers = posix_peers_create(posix->loop, &posix->env, options);
    return posix->peers;
}

struct env *env_posix_create(struct loop *loop,
                             const struct env_posix_options *options)
{
    struct env_posix *posix = xcalloc(1, sizeof *posix);
    posix->env.ops = &env_posix_ops;
    posix->loop = loop;
    posix->clock.next_due_us = env_posix_next_due_us;
    posix->clock.fire = env_posix_fire;
    posix->round_end.run = env_posix_end_round;
    loop_add_hook(loop, &posix->round_end); // Before those of all others.
    if (!env_posix_open(posix, options)) {
        int error = errno;
        env_posix_destroy(&posix->env);
        errno = error;
        return NULL;
    }
    loop_set_clock(loop, &posix->clock);
    return &posix->env;
}

void env_posix_destroy(struct env *env)
{
    struct env_posix *posix = env_posix_of(env);
    if (posix->jobs)
        posix_jobs_destroy(posix->jobs);
    // Then the disk: its callbacks may still send messages and stop timers.
    if (posix->disk)
        posix_disk_destroy(posix->disk);
    if (posix->peers)
        posix_peers_destroy(posix->peers);
    list_remove(&posix->round_end.link);
    loop_set_clock(posix->loop, NULL);
    env_timers_deinit(&posix->timers);
    free(posix);
}
