// sim_disk_access.c -- a disk as harnesses and checkers see it: from outside,
// without faults, and with both of its images.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/sim/sim_disk_private.h"

// ---- Looking

static bool sim_disk_is_taken(const struct sim_disk *disk, const char *name,
                              size_t index)
{
    size_t smaller = 0;
    list_for_each (link, &disk->inodes) {
        const char *other = sim_inode_of(link)->name;
        smaller += other && strcmp(other, name) < 0;
    }
    return smaller == index;
}

const char *sim_disk_name(const struct sim_disk *disk, size_t index)
{
    list_for_each (link, &disk->inodes) {
        const char *name = sim_inode_of(link)->name;
        if (name && sim_disk_is_taken(disk, name, index))
            return name;
    }
    return NULL;
}

bool sim_disk_has(const struct sim_disk *disk, const char *name)
{
    return sim_disk_find(disk, name);
}

enum status sim_disk_content(const struct sim_disk *disk, const char *name,
                             struct slice *content)
{
    const struct sim_inode *inode = sim_disk_find(disk, name);
    if (!inode)
        return STATUS_NOT_FOUND;
    *content = buffer_slice(&inode->cached);
    return STATUS_OK;
}

enum status sim_disk_durable(const struct sim_disk *disk, const char *name,
                             struct slice *content)
{
    const struct sim_inode *inode = sim_disk_find_durable(disk, name);
    if (!inode)
        return STATUS_NOT_FOUND;
    *content = buffer_slice(&inode->durable);
    return STATUS_OK;
}

// ---- Changing

void sim_disk_drop(struct sim_disk *disk, const char *name)
{
    check(sim_name_ok(name));
    sim_inode_remove(disk, name);
    sim_names_sync(disk, SIM_DIRECTORIES, disk->ordinals);
}

void sim_disk_put(struct sim_disk *disk, const char *name, struct slice content)
{
    sim_disk_drop(disk, name);
    struct sim_inode *inode;
    check(sim_inode_create(disk, name, &inode) == STATUS_OK);
    sim_content_put(&inode->cached, 0, content);
    sim_content_put(&inode->durable, 0, content);
    sim_names_sync(disk, SIM_DIRECTORIES, disk->ordinals);
}

static void sim_inode_flip(struct sim_inode *inode, uint64_t offset,
                           unsigned char mask)
{
    check(offset < inode->cached.size);
    inode->cached.data[offset] ^= (char)mask;
    if (offset < inode->durable.size)
        inode->durable.data[offset] ^= (char)mask;
}

void sim_disk_flip(struct sim_disk *disk, const char *name, uint64_t offset,
                   unsigned char mask)
{
    struct sim_inode *inode = sim_disk_find(disk, name);
    check(inode);
    sim_inode_flip(inode, offset, mask);
    sim_note(disk->sim, "flip %s %llu ^ 0x%02x", name,
             (unsigned long long)offset, mask);
}

bool sim_disk_rot(struct sim_disk *disk, const char **name, uint64_t *offset)
{
    uint64_t total = 0;
    list_for_each (link, &disk->inodes) {
        if (sim_inode_of(link)->name)
            total += sim_inode_of(link)->cached.size;
    }
    if (!total)
        return false;
    uint64_t at = sim_between(disk->sim, 0, total - 1);
    unsigned char mask = (unsigned char)(1u << sim_between(disk->sim, 0, 7));
    list_for_each (link, &disk->inodes) {
        const struct sim_inode *inode = sim_inode_of(link);
        if (inode->name && at < inode->cached.size) {
            sim_disk_flip(disk, inode->name, at, mask);
            if (name)
                *name = inode->name;
            if (offset)
                *offset = at;
            return true;
        }
        at -= inode->name ? inode->cached.size : 0;
    }
    return false;
}

// ---- Copying

static char *sim_name_copy(const char *name)
{
    return name ? xstrdup(name) : NULL;
}

static struct sim_inode *sim_inode_clone(const struct sim_inode *inode)
{
    struct sim_inode *copy = xcalloc(1, sizeof *copy);
    copy->name = sim_name_copy(inode->name);
    copy->durable_name = sim_name_copy(inode->durable_name);
    buffer_append_slice(&copy->cached, buffer_slice(&inode->cached));
    buffer_append_slice(&copy->durable, buffer_slice(&inode->durable));
    list_init(&copy->unsynced);
    list_for_each (link, &inode->unsynced) {
        const struct sim_write *write = sim_write_of(link);
        struct sim_write *same = xmalloc(sizeof *same + write->size);
        memcpy(same, write, sizeof *write + write->size);
        list_push_back(&copy->unsynced, &same->link);
    }
    return copy;
}

// `from` and `to` are the lists of two disks: the one at the same place.
static struct sim_inode *sim_inode_twin(const struct sim_inode *inode,
                                        const struct list_link *from,
                                        const struct list_link *to)
{
    struct list_link *at = from->next, *twin = to->next;
    for (; sim_inode_of(at) != inode; at = at->next)
        twin = twin->next;
    return sim_inode_of(twin);
}

struct sim_disk *sim_disk_clone(const struct sim_disk *disk)
{
    struct sim_disk *copy = sim_disk_create(disk->sim);
    copy->knobs = disk->knobs;
    copy->calls = disk->calls;
    copy->ordinals = disk->ordinals;
    list_for_each (link, &disk->inodes) {
        list_push_back(&copy->inodes,
                       &sim_inode_clone(sim_inode_of(link))->link);
    }
    list_for_each (link, &disk->renames) {
        const struct sim_rename *rename = sim_rename_of(link);
        struct sim_rename *same = xcalloc(1, sizeof *same);
        same->ordinal = rename->ordinal;
        same->inode =
            sim_inode_twin(rename->inode, &disk->inodes, &copy->inodes);
        same->from = sim_name_copy(rename->from);
        same->to = sim_name_copy(rename->to);
        list_push_back(&copy->renames, &same->link);
    }
    sim_disk_collect(copy); // What only the process of the other holds open.
    return copy;
}

// ---- Checking

static void sim_inode_check(const struct sim_disk *disk,
                            const struct sim_inode *inode)
{
    check(inode->durable.size <= inode->cached.size);
    if (inode->name)
        check(sim_disk_find(disk, inode->name) == inode); // Not another one.
    if (inode->durable_name)
        check(sim_disk_find_durable(disk, inode->durable_name) == inode);
    if (!disk->process)
        check(inode->opens == 0);
    uint64_t ordinal = 0;
    list_for_each (link, &inode->unsynced) {
        const struct sim_write *write = sim_write_of(link);
        check(write->ordinal > ordinal);
        ordinal = write->ordinal;
        check(write->offset + write->size <= inode->cached.size);
    }
    check(ordinal <= disk->ordinals);
}

void sim_disk_check_invariants(const struct sim_disk *disk)
{
    list_for_each (link, &disk->inodes) {
        sim_inode_check(disk, sim_inode_of(link));
    }
    uint64_t ordinal = 0;
    list_for_each (link, &disk->renames) {
        check(sim_rename_of(link)->ordinal > ordinal);
        ordinal = sim_rename_of(link)->ordinal;
    }
    check(ordinal <= disk->ordinals);
}
