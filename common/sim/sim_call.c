// sim_call.c -- the fate of a call: done, failed, or the last one.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_call.h"

#include <inttypes.h>

#include "common/base/check.h"
#include "common/base/hash.h"

enum {
    SIM_WRITE_US_MAX = 100,
    SIM_SYNC_US_MIN = 50,
    SIM_SYNC_US_MAX = 4000,
    SIM_SYNC_SLOW_US_MIN = 100 * 1000,
    SIM_SYNC_SLOW_US_MAX = 3000 * 1000,
};

static bool sim_call_is_counted(const struct sim_call *call)
{
    return call->kind >= SIM_CALL_CREATE;
}

static void sim_call_note(struct sim_process *process,
                          const struct sim_call *call, const char *outcome)
{
    static const char *const names[] = {
        [SIM_CALL_OPEN] = "open",
        [SIM_CALL_READ] = "read",
        [SIM_CALL_LIST] = "list",
        [SIM_CALL_CREATE] = "create",
        [SIM_CALL_WRITE] = "write",
        [SIM_CALL_SYNC] = "sync",
        [SIM_CALL_RENAME] = "rename",
        [SIM_CALL_REMOVE] = "remove",
        [SIM_CALL_SYNC_NAMES] = "sync names",
    };
    const char *name = call->inode ? call->inode->name : call->name;
    if (call->kind == SIM_CALL_SYNC_NAMES &&
        call->directories != SIM_DIRECTORIES)
        name = call->directories & 1u << ENV_SNAPSHOTS ? "of snapshots"
                                                       : "of files";
    if (!name)
        name = call->inode ? "(removed)" : "";
    if (call->kind == SIM_CALL_WRITE)
        sim_note_of(
            process->sim, process->name, "write %s %" PRIu64 "+%zu #%08x  %s",
            name, call->offset, call->bytes.size,
            (unsigned)XXH3_64bits(call->bytes.data, call->bytes.size), outcome);
    else if (call->kind == SIM_CALL_RENAME)
        sim_note_of(process->sim, process->name, "rename %s %s  %s", name,
                    call->to, outcome);
    else
        sim_note_of(process->sim, process->name, "%s%s%s  %s",
                    names[call->kind], *name ? " " : "", name, outcome);
}

static enum status sim_call_open(struct sim_disk *disk, struct sim_call *call)
{
    call->inode = sim_disk_find(disk, call->name);
    return call->inode ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status sim_call_do(struct sim_disk *disk, struct sim_call *call)
{
    switch (call->kind) {
    case SIM_CALL_OPEN:
        return sim_call_open(disk, call);
    case SIM_CALL_CREATE:
        return sim_inode_create(disk, call->name, &call->inode);
    case SIM_CALL_WRITE:
        return sim_inode_write(disk, call->inode, call->offset, call->bytes);
    case SIM_CALL_SYNC:
        sim_inode_sync(call->inode, call->ordinal);
        return STATUS_OK;
    case SIM_CALL_SYNC_NAMES:
        sim_names_sync(disk, call->directories, call->ordinal);
        return STATUS_OK;
    case SIM_CALL_RENAME:
        return sim_inode_rename(disk, call->name, call->to);
    case SIM_CALL_REMOVE:
        return sim_inode_remove(disk, call->name);
    default: // Reading and listing are left to those who know where to.
        return STATUS_OK;
    }
}

// Some of the bytes of a write, from its front; not all of them.
static void sim_call_do_part(struct sim_disk *disk, const struct sim_call *call)
{
    if (!call->bytes.size)
        return;
    struct slice part = {
        call->bytes.data,
        sim_between(disk->sim, 0, call->bytes.size - 1),
    };
    sim_inode_write(disk, call->inode, call->offset, part);
}

// What a call that fails leaves behind: (F7) and (F8) of sim_disk.c.
static void sim_call_fail(struct sim_disk *disk, const struct sim_call *call)
{
    if (call->kind == SIM_CALL_WRITE)
        sim_call_do_part(disk, call);
    else if (call->kind == SIM_CALL_SYNC)
        sim_inode_settle(disk->sim, call->inode, call->ordinal);
}

// On a disk of their own, that may die by itself.
static bool sim_call_is_for_snapshots(const struct sim_call *call)
{
    const char *name = call->inode ? call->inode->name : call->name;
    return name ? env_directory_of(name) == ENV_SNAPSHOTS
                : call->directories & 1u << ENV_SNAPSHOTS;
}

static enum status sim_call_fault(struct sim_disk *disk,
                                  const struct sim_call *call)
{
    if (disk->knobs.snapshots_dead && sim_call_is_for_snapshots(call))
        return STATUS_IO;
    struct sim_failure *failure = &disk->knobs.fail[call->kind];
    if (failure->times) {
        if (failure->skip) {
            failure->skip--;
        } else {
            failure->times--;
            return failure->status;
        }
    }
    uint32_t chance = disk->knobs.failures_per_million[call->kind];
    return sim_chance(disk->sim, chance) ? STATUS_IO : STATUS_OK;
}

static enum status sim_call_crash(struct sim_process *process,
                                  struct sim_call *call)
{
    static const char *const how[] = {
        [SIM_CRASH_BEFORE] = "crash before",
        [SIM_CRASH_TORN] = "crash within",
        [SIM_CRASH_AFTER] = "crash after",
    };
    struct sim_disk *disk = process->disk;
    sim_call_note(process, call, how[disk->knobs.crash.how]);
    if (disk->knobs.crash.how == SIM_CRASH_AFTER)
        sim_call_do(disk, call);
    else if (disk->knobs.crash.how == SIM_CRASH_TORN)
        sim_call_finish(process, call, false);

    if (disk->knobs.crash.kill)
        sim_process_kill(process);
    else
        sim_power_cut(disk);
    return STATUS_CLOSED;
}

void sim_call_finish(struct sim_process *process, const struct sim_call *call,
                     bool whole)
{
    struct sim_call copy = *call;
    if (!whole && call->kind == SIM_CALL_WRITE)
        sim_call_do_part(process->disk, call);
    else if (whole || sim_between(process->sim, 0, 1))
        sim_call_do(process->disk, &copy);
}

enum status sim_call(struct sim_process *process, struct sim_call *call)
{
    if (process->dead)
        return STATUS_CLOSED;
    struct sim_disk *disk = process->disk;
    check(disk);
    if (sim_call_is_counted(call) && ++disk->calls == disk->knobs.crash.at_call)
        return sim_call_crash(process, call);

    enum status status = sim_call_fault(disk, call);
    if (status != STATUS_OK)
        sim_call_fail(disk, call);
    else
        status = sim_call_do(disk, call);
    if (call->kind != SIM_CALL_READ || status != STATUS_OK)
        sim_call_note(process, call, status_name(status));
    return status;
}

int64_t sim_call_duration_us(struct sim_disk *disk, enum sim_call_kind kind)
{
    struct sim *sim = disk->sim;
    uint64_t us;
    if (kind != SIM_CALL_SYNC && kind != SIM_CALL_SYNC_NAMES)
        // The page cache takes small pieces as soon as they come.
        us = sim_between(sim, 0, 1) ? sim_between(sim, 0, SIM_WRITE_US_MAX) : 0;
    else if (sim_chance(sim, disk->knobs.slow_per_million))
        us = sim_between(sim, SIM_SYNC_SLOW_US_MIN, SIM_SYNC_SLOW_US_MAX);
    else
        us = sim_between(sim, SIM_SYNC_US_MIN, SIM_SYNC_US_MAX);
    return (int64_t)us + disk->knobs.delay_us;
}
