// posix_job_child.c -- the life of a job's forked child.
//
// The child is the node's only thread, copied. What other threads did at that
// moment stands still for ever, so it touches no lock of theirs, and nothing of
// the env. (malloc is safe: the C library and jemalloc prepare theirs for
// fork.)
// SPDX-License-Identifier: MIT
#include "common/env/posix_job_child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "common/base/list.h"
#include "common/base/memory.h"

enum {
    JOB_BUFFER_SIZE = 1024 * 1024,
    // So much is under way to the disk behind the writing, so that the sync at
    // the end is short and the log's syncs find no long queue before them.
    JOB_WINDOW_SIZE = 32 * 1024 * 1024,
    JOB_PROGRESS_US = 100 * 1000,
    JOB_NICE = 10,
};

struct job_output {
    struct env_output output; // First, so that an output is its job_output.
    int file, channel;
    char *bytes; // JOB_BUFFER_SIZE of them.
    size_t size; // Used.
    uint64_t written;
    uint64_t pushed; // Up to here writing to the disk was begun.
    struct posix_job_report report;
    int64_t report_us; // When progress was last told.
};

// ---- Writing

// True unless the disk itself said no. File systems that cannot do this at all
// write when they like, and the sync at the end waits for it.
static bool job_push_range(int file, uint64_t offset, uint64_t size,
                           unsigned flags)
{
    return sync_file_range(file, (off_t)offset, (off_t)size, flags) == 0 ||
           (errno != EIO && errno != ENOSPC && errno != EDQUOT);
}

// Begins writing the window that has just been filled, after the one before it
// has arrived.
static enum status job_output_push(struct job_output *job)
{
    enum {
        WAIT = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
               SYNC_FILE_RANGE_WAIT_AFTER
    };
    uint64_t before =
        job->pushed > JOB_WINDOW_SIZE ? job->pushed - JOB_WINDOW_SIZE : 0;
    if (job->pushed &&
        !job_push_range(job->file, before, job->pushed - before, WAIT))
        return status_of_errno(errno);
    if (!job_push_range(job->file, job->pushed, job->written - job->pushed,
                        SYNC_FILE_RANGE_WRITE))
        return status_of_errno(errno);
    job->pushed = job->written;
    return STATUS_OK;
}

static enum status job_output_write(struct job_output *job, struct slice bytes)
{
    while (bytes.size) {
        ssize_t wrote = write(job->file, bytes.data, bytes.size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return status_of_errno(wrote < 0 ? errno : EIO);
        bytes.data += wrote;
        bytes.size -= (size_t)wrote;
        job->written += (uint64_t)wrote;
        if (job->written - job->pushed >= JOB_WINDOW_SIZE) {
            enum status status = job_output_push(job);
            if (status != STATUS_OK)
                return status;
        }
    }
    return STATUS_OK;
}

static enum status job_output_flush(struct job_output *job)
{
    struct slice bytes = {job->bytes, job->size};
    job->size = 0;
    return job_output_write(job, bytes);
}

static struct job_output *job_output_of(struct env_output *output)
{
    return container_of(output, struct job_output, output);
}

static enum status job_output_put(struct env_output *output, struct slice bytes)
{
    struct job_output *job = job_output_of(output);
    if (bytes.size > JOB_BUFFER_SIZE - job->size) {
        enum status status = job_output_flush(job);
        if (status != STATUS_OK)
            return status;
    }
    if (bytes.size > JOB_BUFFER_SIZE)
        return job_output_write(job, bytes);
    memcpy(job->bytes + job->size, bytes.data, bytes.size);
    job->size += bytes.size;
    return STATUS_OK;
}

// ---- Telling the node

static int64_t job_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// A report that finds the pipe full is dropped: a later one says more.
static void job_output_tell(struct job_output *job)
{
    struct posix_job_report report = job->report;
    ssize_t told = write(job->channel, &report, sizeof report);
    (void)told;
}

// Often called, seldom told: each time wakes the node.
static void job_output_progress(struct env_output *output, uint64_t done)
{
    struct job_output *job = job_output_of(output);
    job->report.progress = done;
    int64_t now_us = job_now_us();
    if (now_us - job->report_us < JOB_PROGRESS_US)
        return;
    job->report_us = now_us;
    job_output_tell(job);
}

// The last report may not be dropped, so it waits for room.
static void job_output_end(struct job_output *job, enum status status)
{
    job->report.status = (uint32_t)status;
    job->report.ended = 1;
    fcntl(job->channel, F_SETFL, 0);
    job_output_tell(job);
}

// ---- A process of its own

// All but standard error and the two. Among them is the one that holds the
// lock of the data directory: were it kept, then a node that was killed could
// not start again before its child is gone, too.
static void job_close_others(int file, int channel)
{
    const int64_t kept[] = {STDERR_FILENO, file, channel};
    // From each one kept to the next; the last goes to the end.
    for (int64_t first = 0, last = 0; last < UINT_MAX; first = last + 2) {
        last = UINT_MAX;
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
            if (kept[i] >= first && kept[i] <= last)
                last = kept[i] - 1;
        }
        if (first <= last)
            close_range((unsigned)first, (unsigned)last, 0);
    }
}

// The node takes its signals through the loop, with most of them blocked. What
// a terminal sends to all of its processes is the node's to answer. A file
// that grows over a limit is an error of write(2) like others.
static void job_take_signals(void)
{
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL); // Fails, harmlessly, for some.
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void job_write_file(struct env_job *job, int file, int channel)
{
    struct job_output output = {
        .output = {.put = job_output_put, .progress = job_output_progress},
        .file = file,
        .channel = channel,
        .bytes = xmalloc(JOB_BUFFER_SIZE),
        .report_us = job_now_us(),
    };
    enum status status = job->write(job, &output.output);
    if (status == STATUS_OK)
        status = job_output_flush(&output);
    if (status == STATUS_OK && fsync(file) != 0)
        status = status_of_errno(errno);
    job_output_end(&output, status);
    free(output.bytes);
}

void posix_job_child_run(struct env_job *job, pid_t parent, int file,
                         int channel)
{
    // No child outlives its node, not even one that died before this call.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    job_take_signals();
    job_close_others(file, channel);
    nice(JOB_NICE);
    job_write_file(job, file, channel);
    _exit(0);
}
