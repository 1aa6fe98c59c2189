// sim_files.c -- the files of a simulated process, and its queue of operations.
//
// Asynchronous operations wait in lanes, and the first of each is under way:
// that is the thread which the real world has for it (posix_lanes.h). What it
// does, it does in the moment of its end. A sync covers what was written when
// it began.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_files.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/sim/sim_call.h"

struct env_file {
    struct list_link link;
    struct sim_process *process;
    struct sim_inode *inode; // NULL once the process is dead.
    size_t pending;          // Operations that name it.
    bool writable;
    bool closed;
};

static struct sim_process *sim_files_process(struct env *env)
{
    return container_of(env, struct sim_process, env);
}

static enum status sim_files_call(struct env *env, struct sim_call call)
{
    return sim_call(sim_files_process(env), &call);
}

enum status sim_files_open(struct env *env, const char *name, enum env_open how,
                           struct env_file **file)
{
    struct sim_process *process = sim_files_process(env);
    if (!sim_name_ok(name))
        return STATUS_INVALID;
    struct sim_call call = {
        .kind = how == ENV_OPEN_CREATE ? SIM_CALL_CREATE : SIM_CALL_OPEN,
        .name = name,
    };
    enum status status = sim_call(process, &call);
    if (status != STATUS_OK)
        return status;
    struct env_file *opened = xcalloc(1, sizeof *opened);
    opened->process = process;
    opened->inode = call.inode;
    opened->inode->opens++;
    opened->writable = how != ENV_OPEN_READ;
    list_push_back(&process->files, &opened->link);
    *file = opened;
    return STATUS_OK;
}

static void env_file_free(struct env_file *file)
{
    list_remove(&file->link);
    if (file->inode) {
        file->inode->opens--;
        sim_disk_collect(file->process->disk);
    }
    free(file);
}

void sim_files_close(struct env *env, struct env_file *file)
{
    (void)env;
    check(!file->closed);
    file->closed = true;
    if (!file->pending)
        env_file_free(file);
}

enum status sim_files_size(struct env *env, struct env_file *file,
                           uint64_t *size)
{
    if (sim_files_process(env)->dead)
        return STATUS_CLOSED;
    *size = file->inode->cached.size;
    return STATUS_OK;
}

enum status sim_files_read(struct env *env, struct env_file *file,
                           uint64_t offset, void *bytes, size_t size,
                           size_t *read)
{
    check(!file->closed);
    enum status status = sim_files_call(
        env, (struct sim_call){.kind = SIM_CALL_READ, .inode = file->inode});
    if (status != STATUS_OK)
        return status;
    const struct buffer *content = &file->inode->cached;
    size_t left = offset < content->size ? content->size - offset : 0;
    *read = size < left ? size : left;
    if (*read)
        memcpy(bytes, content->data + offset, *read);
    return STATUS_OK;
}

enum status sim_files_rename(struct env *env, const char *from, const char *to)
{
    if (!sim_name_ok(from) || !sim_name_ok(to))
        return STATUS_INVALID;
    return sim_files_call(
        env,
        (struct sim_call){.kind = SIM_CALL_RENAME, .name = from, .to = to});
}

enum status sim_files_remove(struct env *env, const char *name)
{
    if (!sim_name_ok(name))
        return STATUS_INVALID;
    return sim_files_call(
        env, (struct sim_call){.kind = SIM_CALL_REMOVE, .name = name});
}

// What opening it for reading only forbids.
static bool env_file_refuses(const struct env_file *file,
                             const struct sim_call *call)
{
    return call->kind == SIM_CALL_WRITE && !file->writable;
}

enum status sim_files_write_now(struct env *env, struct env_file *file,
                                uint64_t offset, struct slice bytes)
{
    check(!file->closed);
    struct sim_call call = {.kind = SIM_CALL_WRITE,
                            .inode = file->inode,
                            .offset = offset,
                            .bytes = bytes};
    if (env_file_refuses(file, &call))
        return STATUS_IO;
    return sim_files_call(env, call);
}

enum status sim_files_sync_now(struct env *env, struct env_file *file)
{
    check(!file->closed);
    return sim_files_call(env, (struct sim_call){.kind = SIM_CALL_SYNC,
                                                 .inode = file->inode,
                                                 .ordinal = UINT64_MAX});
}

enum status sim_files_sync_names_now(struct env *env)
{
    return sim_files_call(env, (struct sim_call){.kind = SIM_CALL_SYNC_NAMES,
                                                 .directories = SIM_DIRECTORIES,
                                                 .ordinal = UINT64_MAX});
}

// The names, in an order that nobody should rely on. Owned by the caller.
static char **sim_files_shuffled(struct sim_disk *disk, size_t *count)
{
    *count = 0;
    while (sim_disk_name(disk, *count))
        ++*count;
    char **names = xcalloc(*count + 1, sizeof *names);
    for (size_t i = 0; i < *count; i++) {
        size_t other = sim_between(disk->sim, 0, i);
        names[i] = names[other];
        names[other] = xstrdup(sim_disk_name(disk, i));
    }
    return names;
}

enum status sim_files_list(struct env *env,
                           void (*each)(void *context, const char *name),
                           void *context)
{
    enum status status =
        sim_files_call(env, (struct sim_call){.kind = SIM_CALL_LIST});
    if (status != STATUS_OK)
        return status;
    size_t count;
    char **names = sim_files_shuffled(sim_files_process(env)->disk, &count);
    for (size_t i = 0; i < count; i++) {
        each(context, names[i]);
        free(names[i]);
    }
    free(names);
    return STATUS_OK;
}

uint64_t sim_files_free_space(struct env *env)
{
    const struct sim_disk *disk = sim_files_process(env)->disk;
    uint64_t capacity = disk->knobs.capacity, used = sim_disk_used(disk);
    if (!capacity)
        return UINT64_MAX;
    return capacity > used ? capacity - used : 0;
}

// ---- Operations

static struct sim_call sim_io_call(const struct sim_lane *lane,
                                   const struct env_io *io)
{
    static const enum sim_call_kind kinds[] = {
        [ENV_IO_WRITE] = SIM_CALL_WRITE,
        [ENV_IO_SYNC] = SIM_CALL_SYNC,
        [ENV_IO_SYNC_NAMES] = SIM_CALL_SYNC_NAMES,
    };
    struct sim_call call = {
        .kind = kinds[io->kind],
        .ordinal = lane->ordinal,
    };
    if (io->kind == ENV_IO_SYNC_NAMES)
        call.directories = 1u << io->directory;
    else
        call.inode = io->file->inode;
    if (io->kind == ENV_IO_WRITE) {
        call.offset = io->offset;
        call.bytes = io->bytes;
    }
    return call;
}

static struct env_io *sim_io_pop(struct sim_lane *lane)
{
    struct env_io *io = lane->first;
    lane->first = io->next;
    if (!lane->first)
        lane->last = NULL;
    return io;
}

static void sim_io_push(struct sim_lane *lane, struct env_io *io)
{
    io->next = NULL;
    if (lane->last)
        lane->last->next = io;
    else
        lane->first = io;
    lane->last = io;
}

// Where an operation is done.
static struct sim_lane *sim_lane_of(struct sim_process *process,
                                    const struct env_io *io)
{
    if (io->patient)
        return &process->lanes[SIM_LANE_PATIENT];
    return &process->lanes[io->kind == ENV_IO_WRITE ? SIM_LANE_WRITES
                                                    : SIM_LANE_SYNCS];
}

static void sim_io_start(struct sim_lane *lane)
{
    if (!lane->first || lane->end.position)
        return;
    struct sim_process *process = lane->process;
    lane->ordinal = process->disk->ordinals;
    enum sim_call_kind kind = sim_io_call(lane, lane->first).kind;
    sim_start(process->sim, &lane->end,
              sim_call_duration_us(process->disk, kind));
}

static void sim_io_begin(struct sim_lane *lane)
{
    while (lane->first && sim_lane_of(lane->process, lane->first) != lane) {
        struct env_io *io = sim_io_pop(lane); // The writes before it are done.
        struct sim_lane *own = sim_lane_of(lane->process, io);
        sim_io_push(own, io);
        sim_io_start(own);
    }
    sim_io_start(lane);
}

static void sim_io_release(struct env_io *io)
{
    struct env_file *file = io->kind == ENV_IO_SYNC_NAMES ? NULL : io->file;
    if (file && --file->pending == 0 && file->closed)
        env_file_free(file);
}

static enum status sim_io_do(struct sim_lane *lane, const struct env_io *io)
{
    if (io->kind == ENV_IO_WRITE && !io->file->writable)
        return STATUS_IO;
    struct sim_call call = sim_io_call(lane, io);
    return sim_call(lane->process, &call);
}

void sim_io_ended(struct env_timer *end)
{
    struct sim_lane *lane = container_of(end, struct sim_lane, end);
    if (sim_process_defers(lane->process, end))
        return;
    struct env_io *io = sim_io_pop(lane);
    // Should the process die of this one, those behind it were not begun.
    struct env_io *first = lane->first, *last = lane->last;
    lane->first = lane->last = NULL;
    io->status = sim_io_do(lane, io);
    if (lane->process->dead)
        return;
    lane->first = first;
    lane->last = last;
    sim_io_release(io);
    sim_io_begin(lane);
    io->done(io, io->status);
}

static void sim_io_submit(struct env *env, struct env_io *io,
                          enum env_io_kind kind)
{
    struct sim_process *process = sim_files_process(env);
    if (process->dead)
        return;
    check(process->disk && io->done);
    io->kind = kind;
    if (kind != ENV_IO_SYNC_NAMES) {
        check(!io->file->closed);
        io->file->pending++;
    }
    struct sim_lane *lane = sim_lane_of(process, io);
    struct sim_lane *writes = &process->lanes[SIM_LANE_WRITES];
    if (lane == &process->lanes[SIM_LANE_SYNCS] && writes->first)
        lane = writes;
    sim_io_push(lane, io);
    sim_io_begin(lane);
}

void sim_files_write(struct env *env, struct env_io *io)
{
    sim_io_submit(env, io, ENV_IO_WRITE);
}

void sim_files_sync(struct env *env, struct env_io *io)
{
    sim_io_submit(env, io, ENV_IO_SYNC);
}

void sim_files_sync_names(struct env *env, struct env_io *io)
{
    sim_io_submit(env, io, ENV_IO_SYNC_NAMES);
}

// ---- The end

// Upholds (F6) of sim_disk.c.
static void sim_io_finish_some(struct sim_lane *lane)
{
    struct sim_process *process = lane->process;
    size_t count = 0;
    for (const struct env_io *io = lane->first; io; io = io->next)
        count++;
    size_t whole = sim_between(process->sim, 0, count);
    for (const struct env_io *io = lane->first; io; io = io->next) {
        if (io->kind == ENV_IO_WRITE && !io->file->writable)
            continue;
        struct sim_call call = sim_io_call(lane, io);
        sim_call_finish(process, &call, whole > 0);
        if (whole-- == 0)
            return;
        lane->ordinal = process->disk->ordinals;
    }
}

void sim_files_drop(struct sim_process *process)
{
    for (size_t i = 0; i < SIM_LANES; i++) {
        struct sim_lane *lane = &process->lanes[i];
        sim_io_finish_some(lane);
        lane->first = lane->last = NULL;
        sim_stop(process->sim, &lane->end);
    }
    list_for_each_safe (link, &process->files) {
        struct env_file *file = container_of(link, struct env_file, link);
        file->inode->opens--;
        file->inode = NULL;
        file->pending = 0;
        if (file->closed)
            env_file_free(file);
    }
    sim_disk_collect(process->disk);
}

void sim_files_free(struct sim_process *process)
{
    list_for_each_safe (link, &process->files) {
        env_file_free(container_of(link, struct env_file, link));
    }
}
