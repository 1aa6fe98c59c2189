// sim_job.c -- a job: all bytes at once, written over virtual time.
//
// What the real world has a forked child for, the simulated one gets by taking
// the bytes in the moment of the start. Then the file is made, written in
// pieces, and synced, each step an event and a call of the disk as any other:
// with its duration and its faults, and a point to crash at.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_job.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/sim/sim_call.h"

enum { SIM_JOB_PIECE_MAX = 64 * 1024 };

struct sim_job {
    struct list_link link; // In process->jobs.
    struct sim_process *process;
    struct env_job *job;
    struct env_output output;
    struct buffer bytes;     // The whole file.
    uint64_t progress;       // That the job told last.
    size_t written;          // Of the bytes.
    struct sim_inode *inode; // NULL until it was made.
    enum sim_call_kind step; // What comes next,
    struct env_timer next;   // and when.
    enum status status;      // What `done` will be told.
};

static enum status sim_job_put(struct env_output *output, struct slice bytes)
{
    struct sim_job *sim_job = container_of(output, struct sim_job, output);
    buffer_append_slice(&sim_job->bytes, bytes);
    return STATUS_OK;
}

static void sim_job_progress(struct env_output *output, uint64_t done)
{
    container_of(output, struct sim_job, output)->progress = done;
}

static void sim_job_forget(struct sim_job *sim_job)
{
    struct sim_disk *disk = sim_job->process->disk;
    sim_stop(sim_job->process->sim, &sim_job->next);
    list_remove(&sim_job->link);
    if (sim_job->inode) {
        sim_job->inode->opens--;
        sim_disk_collect(disk);
    }
    buffer_deinit(&sim_job->bytes);
    free(sim_job);
}

static void sim_job_end(struct sim_job *sim_job)
{
    struct env_job *job = sim_job->job;
    enum status status = sim_job->status;
    job->size = sim_job->written;
    sim_note_of(sim_job->process->sim, sim_job->process->name, "job %s  %s",
                job->name, status_name(status));
    sim_job_forget(sim_job);
    job->done(job, status);
}

static void sim_job_expect(struct sim_job *sim_job, enum sim_call_kind step)
{
    sim_job->step = step;
    sim_start(sim_job->process->sim, &sim_job->next,
              sim_call_duration_us(sim_job->process->disk, step));
}

static struct sim_call sim_job_call(struct sim_job *sim_job)
{
    struct sim_disk *disk = sim_job->process->disk;
    struct sim_call call = {
        .kind = sim_job->step,
        .inode = sim_job->inode,
        .offset = sim_job->written,
        .ordinal = disk->ordinals,
    };
    if (call.kind == SIM_CALL_WRITE) {
        size_t left = sim_job->bytes.size - sim_job->written;
        size_t size = sim_between(disk->sim, 1, SIM_JOB_PIECE_MAX);
        call.bytes = (struct slice){sim_job->bytes.data + sim_job->written,
                                    size < left ? size : left};
    } else if (call.kind == SIM_CALL_CREATE) {
        call.name = sim_job->job->name;
    } else if (call.kind == SIM_CALL_REMOVE) {
        call.name = sim_job->inode->name;
        call.inode = NULL;
    }
    return call;
}

// After a step that went well.
static void sim_job_advance(struct sim_job *sim_job,
                            const struct sim_call *call)
{
    if (call->kind == SIM_CALL_CREATE) {
        sim_job->inode = call->inode;
        sim_job->inode->opens++;
    } else if (call->kind == SIM_CALL_WRITE) {
        sim_job->written += call->bytes.size;
        double share = (double)sim_job->written / (double)sim_job->bytes.size;
        sim_job->job->progress = (uint64_t)((double)sim_job->progress * share);
    } else {
        sim_job_end(sim_job);
        return;
    }
    sim_job_expect(sim_job, sim_job->written < sim_job->bytes.size
                                ? SIM_CALL_WRITE
                                : SIM_CALL_SYNC);
}

// A file that was made, and still has a name, goes.
static void sim_job_fail(struct sim_job *sim_job, enum status status)
{
    if (sim_job->status == STATUS_OK)
        sim_job->status = status;
    bool removable = sim_job->inode && sim_job->inode->name;
    if (removable && sim_job->step != SIM_CALL_REMOVE)
        sim_job_expect(sim_job, SIM_CALL_REMOVE);
    else
        sim_job_end(sim_job);
}

static void sim_job_step(struct env_timer *next)
{
    struct sim_job *sim_job = container_of(next, struct sim_job, next);
    struct sim_process *process = sim_job->process;
    if (sim_process_defers(process, next))
        return;
    if (sim_job->status != STATUS_OK && !sim_job->inode) {
        sim_job_end(sim_job);
        return;
    }
    struct sim_call call = sim_job_call(sim_job);
    enum status status = sim_call(process, &call);
    if (process->dead)
        return;
    if (status == STATUS_OK)
        sim_job_advance(sim_job, &call);
    else
        sim_job_fail(sim_job, status);
}

void sim_job_start(struct sim_process *process, struct env_job *job)
{
    check(job->name && job->write && job->done);
    struct sim_job *sim_job = xcalloc(1, sizeof *sim_job);
    sim_job->process = process;
    sim_job->job = job;
    sim_job->output.put = sim_job_put;
    sim_job->output.progress = sim_job_progress;
    sim_job->next.fire = sim_job_step;
    list_push_back(&process->jobs, &sim_job->link);

    job->progress = 0;
    sim_job->status = job->write(job, &sim_job->output);
    if (sim_job->status == STATUS_OK && !sim_name_ok(job->name))
        sim_job->status = STATUS_INVALID;
    sim_note_of(process->sim, process->name, "job %s starts: %zu bytes  %s",
                job->name, sim_job->bytes.size, status_name(sim_job->status));
    sim_job_expect(sim_job, SIM_CALL_CREATE);
}

void sim_job_stop(struct sim_process *process, struct env_job *job)
{
    list_for_each (link, &process->jobs) {
        struct sim_job *sim_job = container_of(link, struct sim_job, link);
        if (sim_job->job != job)
            continue;
        const char *made = sim_job->inode ? sim_job->inode->name : NULL;
        struct sim_call removal = {
            .kind = SIM_CALL_REMOVE,
            .name = made ? job->name : NULL,
        };
        sim_note_of(process->sim, process->name, "job %s is stopped",
                    job->name);
        sim_job_forget(sim_job);
        if (removal.name)
            sim_call(process, &removal);
        return;
    }
}

void sim_jobs_drop(struct sim_process *process)
{
    list_for_each_safe (link, &process->jobs) {
        sim_job_forget(container_of(link, struct sim_job, link));
    }
}
