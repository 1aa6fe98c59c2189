// sim_disk.c -- a directory of files as a kernel and a platter see them, and
// what may happen to the platter.
//
// A file has a cached content, which processes read and write, and a durable
// one, which is on the platter, with the writes in between in a list. A sync of
// the file makes them durable, data and size, but not its name: the directory
// is another thing of the same kind, a list of changes between the names that
// processes see and those on the platter, and it has a sync of its own.
//
// What a power cut may do
// (F1) Of the writes to a file that no sync has covered any subset survives.
// (F2) One that survives may be torn: up to some byte it is there, or from some
//      byte on, or by sectors of 512 bytes; elsewhere the old bytes stay.
// (F3) The size of a file changes independently of that. Bytes that belong to
//      the new size only, and that no surviving write has filled, are zero;
//      those beyond a size that did not survive are gone with it.
// (F4) Making, renaming and removing a file may each be lost. A rename is
//      atomic: the file has the old name or the new one. Changes that concern
//      the same file or name keep their order, as in any journal; others don't.
// (F5) What a sync covered stays, byte for byte; so do the bytes next to an
//      unsynced write, in the same sector too.
//
// What goes wrong besides, when the knobs say so
// (F6) The end of a process loses nothing that was written. Operations that
//      wait may still be carried out: of those that are patient, and of the
//      others, first ones first, the last one in part.
// (F7) A write fails, and a part of it, from its front, may have been done. A
//      disk has a capacity: what grows a file beyond it is STATUS_FULL, after
//      the part that fits. Writing inside a file is not growth.
// (F8) A sync fails. What it should have covered is then in the state that a
//      power cut leaves, only that processes go on reading it from the cache:
//      the kernel takes the pages for clean, and no later sync, which succeeds,
//      brings them to the platter. (Rebello et al., "Can Applications Recover
//      from fsync Failures?", 2020.) After a failed sync of the directory a
//      later one still may bring the names there.
// (F9) Reads fail, and bits rot, in what was synced too.
// (F10) The directory of the snapshots is on a disk of its own, which dies: all
//      that is asked of it fails. Its names have a sync of their own, always.
//
// Not modelled: old blocks of other files in the bytes of (F3), syncs that lie,
// and the damage of neighbours that (F5) excludes. Disks that do such things
// exist; no checksum of the log's own helps a node whose acknowledged records
// are simply gone.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_disk.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/sim/sim_disk_private.h"

// ---- Contents

void sim_content_resize(struct buffer *content, uint64_t size)
{
    if (size > content->size) {
        size_t more = (size_t)size - content->size;
        buffer_reserve(content, more);
        memset(content->data + content->size, 0, more);
    }
    content->size = (size_t)size;
}

void sim_content_put(struct buffer *content, uint64_t offset,
                     struct slice bytes)
{
    if (!bytes.size)
        return;
    if (offset + bytes.size > content->size)
        sim_content_resize(content, offset + bytes.size);
    memcpy(content->data + offset, bytes.data, bytes.size);
}

// ---- Files

bool sim_name_ok(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0 && strlen(name) <= SIM_NAME_MAX;
}

struct sim_inode *sim_disk_find(const struct sim_disk *disk, const char *name)
{
    list_for_each (link, &disk->inodes) {
        if (sim_name_equal(sim_inode_of(link)->name, name))
            return sim_inode_of(link);
    }
    return NULL;
}

struct sim_inode *sim_disk_find_durable(const struct sim_disk *disk,
                                        const char *name)
{
    list_for_each (link, &disk->inodes) {
        if (sim_name_equal(sim_inode_of(link)->durable_name, name))
            return sim_inode_of(link);
    }
    return NULL;
}

static struct sim_inode *sim_inode_add(struct sim_disk *disk)
{
    struct sim_inode *inode = xcalloc(1, sizeof *inode);
    list_init(&inode->unsynced);
    list_push_back(&disk->inodes, &inode->link);
    return inode;
}

static void sim_inode_free(struct sim_inode *inode)
{
    list_for_each_safe (link, &inode->unsynced) {
        free(sim_write_of(link));
    }
    list_remove(&inode->link);
    free(inode->name);
    free(inode->durable_name);
    buffer_deinit(&inode->cached);
    buffer_deinit(&inode->durable);
    free(inode);
}

static bool sim_inode_is_needed(const struct sim_disk *disk,
                                const struct sim_inode *inode)
{
    if (inode->name || inode->durable_name || inode->opens)
        return true;
    list_for_each (link, &disk->renames) {
        if (sim_rename_of(link)->inode == inode)
            return true;
    }
    return false;
}

void sim_disk_collect(struct sim_disk *disk)
{
    list_for_each_safe (link, &disk->inodes) {
        if (!sim_inode_is_needed(disk, sim_inode_of(link)))
            sim_inode_free(sim_inode_of(link));
    }
}

uint64_t sim_disk_used(const struct sim_disk *disk)
{
    uint64_t used = 0;
    list_for_each (link, &disk->inodes) {
        const struct sim_inode *inode = sim_inode_of(link);
        if (inode->name || inode->opens)
            used += inode->cached.size;
    }
    return used;
}

// Upholds (F7).
static size_t sim_disk_fitting(const struct sim_disk *disk,
                               const struct sim_inode *inode, uint64_t offset,
                               size_t size)
{
    uint64_t capacity = disk->knobs.capacity, present = inode->cached.size;
    if (!capacity || offset + size <= present)
        return size;
    uint64_t used = sim_disk_used(disk);
    uint64_t end = present + (used < capacity ? capacity - used : 0);
    if (end >= offset + size)
        return size;
    return end > offset ? (size_t)(end - offset) : 0;
}

static void sim_inode_note_write(struct sim_disk *disk, struct sim_inode *inode,
                                 uint64_t offset, struct slice bytes)
{
    struct sim_write *write = xmalloc(sizeof *write + bytes.size);
    write->ordinal = ++disk->ordinals;
    write->offset = offset;
    write->size = bytes.size;
    memcpy(write->bytes, bytes.data, bytes.size);
    list_push_back(&inode->unsynced, &write->link);
}

enum status sim_inode_write(struct sim_disk *disk, struct sim_inode *inode,
                            uint64_t offset, struct slice bytes)
{
    check(bytes.size <= SIZE_MAX / 2 && offset <= SIZE_MAX / 2);
    size_t size = sim_disk_fitting(disk, inode, offset, bytes.size);
    struct slice written = {bytes.data, size};
    if (size) {
        sim_content_put(&inode->cached, offset, written);
        sim_inode_note_write(disk, inode, offset, written);
    }
    return size < bytes.size ? STATUS_FULL : STATUS_OK;
}

void sim_inode_sync(struct sim_inode *inode, uint64_t ordinal)
{
    list_for_each_safe (link, &inode->unsynced) {
        struct sim_write *write = sim_write_of(link);
        if (write->ordinal > ordinal)
            return;
        sim_content_put(&inode->durable, write->offset,
                        (struct slice){write->bytes, write->size});
        list_remove(link);
        free(write);
    }
}

// ---- Names

// Takes `to`. It does so for whoever had that name before, too.
static void sim_disk_note_rename(struct sim_disk *disk, struct sim_inode *inode,
                                 const char *to)
{
    struct sim_rename *rename = xcalloc(1, sizeof *rename);
    rename->ordinal = ++disk->ordinals;
    rename->inode = inode;
    rename->from = inode->name;
    rename->to = to ? xstrdup(to) : NULL;
    list_push_back(&disk->renames, &rename->link);
    inode->name = to ? xstrdup(to) : NULL;
}

void sim_rename_free(struct sim_rename *rename)
{
    list_remove(&rename->link);
    free(rename->from);
    free(rename->to);
    free(rename);
}

void sim_rename_apply(struct sim_disk *disk, const struct sim_rename *rename)
{
    struct sim_inode *replaced = sim_disk_find_durable(disk, rename->to);
    if (replaced) {
        free(replaced->durable_name);
        replaced->durable_name = NULL;
    }
    free(rename->inode->durable_name);
    rename->inode->durable_name = rename->to ? xstrdup(rename->to) : NULL;
}

void sim_names_sync(struct sim_disk *disk, unsigned directories,
                    uint64_t ordinal)
{
    list_for_each_safe (link, &disk->renames) {
        struct sim_rename *rename = sim_rename_of(link);
        const char *name = rename->to ? rename->to : rename->from;
        if (rename->ordinal > ordinal)
            break;
        if (!(directories & 1u << env_directory_of(name)))
            continue;
        sim_rename_apply(disk, rename);
        sim_rename_free(rename);
    }
    sim_disk_collect(disk);
}

enum status sim_inode_create(struct sim_disk *disk, const char *name,
                             struct sim_inode **inode)
{
    if (sim_disk_find(disk, name))
        return STATUS_EXISTS;
    *inode = sim_inode_add(disk);
    sim_disk_note_rename(disk, *inode, name);
    return STATUS_OK;
}

enum status sim_inode_rename(struct sim_disk *disk, const char *from,
                             const char *to)
{
    struct sim_inode *inode = sim_disk_find(disk, from);
    if (!inode)
        return STATUS_NOT_FOUND;
    struct sim_inode *replaced = sim_disk_find(disk, to);
    if (replaced == inode)
        return STATUS_OK;
    if (replaced) {
        free(replaced->name);
        replaced->name = NULL;
    }
    sim_disk_note_rename(disk, inode, to);
    sim_disk_collect(disk);
    return STATUS_OK;
}

enum status sim_inode_remove(struct sim_disk *disk, const char *name)
{
    struct sim_inode *inode = sim_disk_find(disk, name);
    if (!inode)
        return STATUS_NOT_FOUND;
    sim_disk_note_rename(disk, inode, NULL);
    return STATUS_OK;
}

// ---- The disk

struct sim_disk *sim_disk_create(struct sim *sim)
{
    struct sim_disk *disk = xcalloc(1, sizeof *disk);
    disk->sim = sim;
    disk->knobs.slow_per_million = 1000;
    list_init(&disk->inodes);
    list_init(&disk->renames);
    return disk;
}

void sim_disk_destroy(struct sim_disk *disk)
{
    check(!disk->process);
    list_for_each_safe (link, &disk->renames) {
        sim_rename_free(sim_rename_of(link));
    }
    list_for_each_safe (link, &disk->inodes) {
        sim_inode_free(sim_inode_of(link));
    }
    free(disk);
}
