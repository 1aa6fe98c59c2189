// sim_disk_crash.c -- which part of what was not synced survives.
//
// A generator that tosses a coin for each write seldom loses all of twenty or
// keeps all but the last, and these are what programs get wrong. So the sort of
// loss is drawn first, and then its details.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/memory.h"
#include "common/sim/sim_disk_private.h"
#include "common/sim/sim_process.h"

enum sim_loss_sort {
    SIM_LOSS_ALL,
    SIM_LOSS_NONE,
    SIM_LOSS_TAIL, // What came first survives: most disks, most of the time.
    SIM_LOSS_ANY,
    SIM_LOSS_SORTS,
};

// Decides for `count` things, one after another.
struct sim_loss {
    struct sim *sim;
    enum sim_loss_sort sort;
    size_t left; // SIM_LOSS_TAIL: so many more survive.
};

static size_t sim_list_count(const struct list_link *list)
{
    size_t count = 0;
    list_for_each (link, list) {
        count++;
    }
    return count;
}

static struct sim_loss sim_loss_draw(struct sim *sim, size_t count)
{
    enum sim_loss_sort sort = sim_between(sim, 0, SIM_LOSS_SORTS - 1);
    return (struct sim_loss){
        .sim = sim, .sort = sort, .left = sim_between(sim, 0, count)};
}

static bool sim_loss_spares(struct sim_loss *loss)
{
    switch (loss->sort) {
    case SIM_LOSS_ALL:
        return false;
    case SIM_LOSS_NONE:
        return true;
    case SIM_LOSS_TAIL:
        return loss->left && loss->left--;
    default:
        return sim_between(loss->sim, 0, 1);
    }
}

// ---- Content

// Returns how many bytes that are.
static size_t sim_write_apply(struct sim_inode *inode,
                              const struct sim_write *write, size_t from,
                              size_t to)
{
    sim_content_put(&inode->durable, write->offset + from,
                    (struct slice){write->bytes + from, to - from});
    return to - from;
}

// Each sector of the file survives or doesn't. Returns how many bytes did.
static size_t sim_write_apply_sectors(struct sim *sim, struct sim_inode *inode,
                                      const struct sim_write *write)
{
    size_t from = 0, done = 0;
    while (from < write->size) {
        size_t to = from + SIM_SECTOR - (write->offset + from) % SIM_SECTOR;
        if (to > write->size)
            to = write->size;
        if (sim_between(sim, 0, 1))
            done += sim_write_apply(inode, write, from, to);
        from = to;
    }
    return done;
}

// Upholds (F2). Returns how many bytes are there.
static size_t sim_write_tear(struct sim *sim, struct sim_inode *inode,
                             const struct sim_write *write)
{
    size_t at = sim_between(sim, 0, write->size);
    switch (sim_between(sim, 0, 3)) {
    case 0:
        return sim_write_apply(inode, write, 0, at);
    case 1:
        return sim_write_apply(inode, write, at, write->size);
    case 2:
        return sim_write_apply_sectors(sim, inode, write);
    default:
        return sim_write_apply(inode, write, 0, write->size);
    }
}

// In the words of sim_call.c, so that the two can be told to be one.
static void sim_write_note(struct sim *sim, const struct sim_inode *inode,
                           const struct sim_write *write, size_t there)
{
    const char *fate = !there ? "lost" : there < write->size ? "torn" : "kept";
    sim_note_of(sim, "disk", "%s: write %s %" PRIu64 "+%zu #%08x", fate,
                inode->name ? inode->name : "(removed)", write->offset,
                write->size, (unsigned)XXH3_64bits(write->bytes, write->size));
}

// Upholds (F3). `before` is the size that was durable, `wanted` the one that
// the writes would have given. What the surviving ones have given is there now.
static void sim_size_settle(struct sim *sim, struct sim_inode *inode,
                            uint64_t before, uint64_t wanted)
{
    switch (sim_between(sim, 0, 3)) {
    case 0:
        sim_content_resize(&inode->durable, before);
        break;
    case 1:
        sim_content_resize(&inode->durable, wanted);
        break;
    case 2:
        sim_content_resize(&inode->durable, sim_between(sim, before, wanted));
        break;
    default:
        break;
    }
}

void sim_inode_settle(struct sim *sim, struct sim_inode *inode,
                      uint64_t ordinal)
{
    if (list_is_empty(&inode->unsynced))
        return;
    uint64_t before = inode->durable.size, wanted = before;
    struct sim_loss loss = sim_loss_draw(sim, sim_list_count(&inode->unsynced));
    list_for_each_safe (link, &inode->unsynced) {
        struct sim_write *write = sim_write_of(link);
        if (write->ordinal > ordinal)
            break;
        if (write->offset + write->size > wanted)
            wanted = write->offset + write->size;
        bool whole = loss.sort == SIM_LOSS_NONE ||
                     (loss.sort == SIM_LOSS_TAIL && loss.left > 1);
        size_t there = 0;
        if (sim_loss_spares(&loss))
            there = whole ? sim_write_apply(inode, write, 0, write->size)
                          : sim_write_tear(sim, inode, write);
        sim_write_note(sim, inode, write, there);
        list_remove(link);
        free(write);
    }
    if (loss.sort != SIM_LOSS_NONE)
        sim_size_settle(sim, inode, before, wanted);
}

// ---- Names

// Two changes of the same file are joined by the name that it had in between,
// or by others between them.
static bool sim_renames_meet(const struct sim_rename *a,
                             const struct sim_rename *b)
{
    return sim_name_equal(a->from, b->from) || sim_name_equal(a->from, b->to) ||
           sim_name_equal(a->to, b->from) || sim_name_equal(a->to, b->to);
}

// Upholds (F4): a change survives only with those that it follows. From the
// last to the first, so that theirs are found too.
static void sim_names_spare_earlier(struct sim_disk *disk)
{
    for (struct list_link *at = disk->renames.previous; at != &disk->renames;
         at = at->previous) {
        if (!sim_rename_of(at)->survives)
            continue;
        for (struct list_link *earlier = at->previous;
             earlier != &disk->renames; earlier = earlier->previous) {
            if (sim_renames_meet(sim_rename_of(earlier), sim_rename_of(at)))
                sim_rename_of(earlier)->survives = true;
        }
    }
}

static void sim_rename_note(struct sim *sim, const struct sim_rename *rename)
{
    const char *fate = rename->survives ? "kept" : "lost";
    if (!rename->from)
        sim_note_of(sim, "disk", "%s: create %s", fate, rename->to);
    else if (!rename->to)
        sim_note_of(sim, "disk", "%s: remove %s", fate, rename->from);
    else
        sim_note_of(sim, "disk", "%s: rename %s %s", fate, rename->from,
                    rename->to);
}

static void sim_names_settle(struct sim_disk *disk)
{
    struct sim_loss loss =
        sim_loss_draw(disk->sim, sim_list_count(&disk->renames));
    list_for_each (link, &disk->renames) {
        sim_rename_of(link)->survives = sim_loss_spares(&loss);
    }
    sim_names_spare_earlier(disk);
    list_for_each_safe (link, &disk->renames) {
        sim_rename_note(disk->sim, sim_rename_of(link));
        if (sim_rename_of(link)->survives)
            sim_rename_apply(disk, sim_rename_of(link));
        sim_rename_free(sim_rename_of(link));
    }
}

// ---- The power

// What processes see from now on is what the platter has.
static void sim_inode_reread(struct sim_inode *inode)
{
    buffer_clear(&inode->cached);
    buffer_append_slice(&inode->cached, buffer_slice(&inode->durable));
    free(inode->name);
    inode->name = inode->durable_name ? xstrdup(inode->durable_name) : NULL;
}

// The end of a power cut belongs to the trace, and so to the hash.
static void sim_disk_note_rest(const struct sim_disk *disk)
{
    list_for_each (link, &disk->inodes) {
        const struct sim_inode *inode = sim_inode_of(link);
        struct slice content = buffer_slice(&inode->durable);
        sim_note(disk->sim, "left: %s %zu #%08x", inode->name, content.size,
                 (unsigned)XXH3_64bits(content.data, content.size));
    }
}

void sim_power_cut(struct sim_disk *disk)
{
    sim_note_of(disk->sim, disk->process ? disk->process->name : "--",
                "power cut");
    if (disk->process)
        sim_process_kill(disk->process);
    list_for_each (link, &disk->inodes) {
        sim_inode_settle(disk->sim, sim_inode_of(link), UINT64_MAX);
    }
    sim_names_settle(disk);
    list_for_each (link, &disk->inodes) {
        sim_inode_reread(sim_inode_of(link));
    }
    sim_disk_collect(disk);
    sim_disk_note_rest(disk);
}
