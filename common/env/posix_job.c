// posix_job.c -- the node's side of jobs: start a child, hear of it, bury it.
//
// A pipe leads from the child into the loop. Reports come through it, the last
// one of the job's end; its own end is the child's end, however that came. An
// exit status would not do: tools and libraries that end a process choose their
// own.
//
// The file is made, and kept open, by the node. That refuses a name that exists
// before anything was copied, and a large file of a job that failed loses its
// name at once and its blocks in the disk's thread.
// SPDX-License-Identifier: MIT
#include "common/env/posix_job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/env/posix_job_child.h"

struct posix_jobs {
    struct loop *loop;
    struct env *env;
    struct posix_disk *disk;
    struct list_link running; // struct posix_job
};

struct posix_job {
    struct posix_jobs *jobs;
    struct env_job *job;
    struct list_link link;
    struct env_file *file;      // NULL: there is none.
    pid_t pid;                  // 0: no child; then `refused` runs.
    struct loop_source channel; // From the child.
    struct env_timer refused;   // Tells, later, that it did not start.
    enum status status;         // Of the job; STATUS_IO until it tells.
};

// Takes back all but the file's name.
static void posix_job_free(struct posix_job *running)
{
    struct posix_jobs *jobs = running->jobs;
    if (running->pid) {
        loop_remove(jobs->loop, &running->channel);
        close(running->channel.fd);
    }
    env_timer_stop(jobs->env, &running->refused);
    if (running->file)
        posix_disk_close(running->file);
    list_remove(&running->link);
    free(running);
}

static void posix_job_end(struct posix_job *running, enum status status)
{
    struct env_job *job = running->job;
    if (running->file && status == STATUS_OK)
        status = posix_disk_size(running->file, &job->size);
    if (running->file && status != STATUS_OK)
        posix_disk_remove(running->jobs->disk, job->name);
    posix_job_free(running);
    job->done(job, status);
}

static void posix_job_refused(struct env_timer *timer)
{
    struct posix_job *running = container_of(timer, struct posix_job, refused);
    posix_job_end(running, running->status);
}

// Exactly this child: others are other jobs, or none of our business.
static void posix_job_reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) != pid)
        check(errno == EINTR);
}

static void posix_job_heard(struct loop_source *source, unsigned events)
{
    (void)events;
    struct posix_job *running = container_of(source, struct posix_job, channel);
    struct posix_job_report report;
    ssize_t got;
    while ((got = read(source->fd, &report, sizeof report)) ==
           (ssize_t)sizeof report) {
        running->job->progress = report.progress;
        if (report.ended)
            running->status = (enum status)report.status;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    posix_job_reap(running->pid);
    posix_job_end(running, running->status);
}

// The child, with the two descriptors that it needs, or why there is none.
static enum status posix_job_fork(struct posix_job *running, int file)
{
    int channel[2];
    if (pipe2(channel, O_CLOEXEC | O_NONBLOCK) != 0)
        return status_of_errno(errno);
    // Whoever started this process may have ignored the signal, and then no
    // child can be waited for.
    signal(SIGCHLD, SIG_DFL);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        posix_job_child_run(running->job, parent, file, channel[1]);
    int error = errno;
    close(channel[1]);
    if (pid < 0) {
        close(channel[0]);
        return status_of_errno(error);
    }
    running->pid = pid;
    running->channel.fd = channel[0];
    running->channel.ready = posix_job_heard;
    loop_add(running->jobs->loop, &running->channel, LOOP_READ);
    return STATUS_OK;
}

void posix_jobs_start(struct posix_jobs *jobs, struct env_job *job)
{
    check(job->write && job->done);
    job->progress = job->size = 0;
    struct posix_job *running = xcalloc(1, sizeof *running);
    running->jobs = jobs;
    running->job = job;
    running->refused.fire = posix_job_refused;
    list_push_back(&jobs->running, &running->link);
    running->status =
        posix_disk_open(jobs->disk, job->name, ENV_OPEN_CREATE, &running->file);
    if (running->status == STATUS_OK)
        running->status =
            posix_job_fork(running, posix_disk_descriptor(running->file));
    if (running->status != STATUS_OK)
        env_timer_start(jobs->env, &running->refused, 0);
    else
        running->status = STATUS_IO;
}

static void posix_job_stop(struct posix_job *running)
{
    if (running->pid) {
        kill(running->pid, SIGKILL);
        posix_job_reap(running->pid);
    }
    if (running->file)
        posix_disk_remove(running->jobs->disk, running->job->name);
    posix_job_free(running);
}

void posix_jobs_stop(struct posix_jobs *jobs, struct env_job *job)
{
    list_for_each_safe (link, &jobs->running) {
        struct posix_job *running = container_of(link, struct posix_job, link);
        if (running->job == job)
            posix_job_stop(running);
    }
}

struct posix_jobs *posix_jobs_create(struct loop *loop, struct env *env,
                                     struct posix_disk *disk)
{
    struct posix_jobs *jobs = xcalloc(1, sizeof *jobs);
    *jobs = (struct posix_jobs){.loop = loop, .env = env, .disk = disk};
    list_init(&jobs->running);
    return jobs;
}

void posix_jobs_destroy(struct posix_jobs *jobs)
{
    list_for_each_safe (link, &jobs->running)
        posix_job_stop(container_of(link, struct posix_job, link));
    free(jobs);
}
