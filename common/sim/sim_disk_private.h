// sim_disk_private.h -- what a simulated disk is made of, for the files that
// make it: sim_disk.c, sim_disk_crash.c and sim_call.c.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_DISK_PRIVATE_H
#define VEGA_COMMON_SIM_DISK_PRIVATE_H

#include <string.h>

#include "common/base/list.h"
#include "common/sim/sim_disk.h"

enum {
    SIM_NAME_MAX = 255,
    SIM_SECTOR = 512,
    SIM_DIRECTORIES = 1 << ENV_FILES | 1 << ENV_SNAPSHOTS,
};

// A file, whatever it is called, if anything.
struct sim_inode {
    struct list_link link;     // In disk->inodes.
    char *name;                // As processes see it; NULL: removed.
    char *durable_name;        // As the directory on the platter has it.
    struct buffer cached;      // Content as processes read it,
    struct buffer durable;     // and as it is on the platter.
    struct list_link unsynced; // struct sim_write, oldest first.
    size_t opens;              // By processes that live.
};

// A write that no sync has covered.
struct sim_write {
    struct list_link link;
    uint64_t ordinal;
    uint64_t offset;
    size_t size;
    char bytes[];
};

// A change of a name that no sync of the directory has covered.
struct sim_rename {
    struct list_link link; // In disk->renames, oldest first.
    uint64_t ordinal;
    struct sim_inode *inode;
    char *from; // NULL: it was made.
    char *to;   // NULL: it was removed.
    bool survives;
};

static inline struct sim_inode *sim_inode_of(struct list_link *link)
{
    return container_of(link, struct sim_inode, link);
}

static inline struct sim_write *sim_write_of(struct list_link *link)
{
    return container_of(link, struct sim_write, link);
}

static inline struct sim_rename *sim_rename_of(struct list_link *link)
{
    return container_of(link, struct sim_rename, link);
}

static inline bool sim_name_equal(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

// The file that processes see under `name`, or NULL; and the one that is there
// on the platter.
struct sim_inode *sim_disk_find(const struct sim_disk *disk, const char *name);
struct sim_inode *sim_disk_find_durable(const struct sim_disk *disk,
                                        const char *name);

// What the calls do when nothing goes wrong. Names are checked by sim_name_ok.
bool sim_name_ok(const char *name);
enum status sim_inode_create(struct sim_disk *disk, const char *name,
                             struct sim_inode **inode);
// STATUS_FULL when the disk is: then as many bytes as fit were written.
enum status sim_inode_write(struct sim_disk *disk, struct sim_inode *inode,
                            uint64_t offset, struct slice bytes);
enum status sim_inode_rename(struct sim_disk *disk, const char *from,
                             const char *to);
enum status sim_inode_remove(struct sim_disk *disk, const char *name);

// They cover what has an ordinal up to `ordinal`.
void sim_inode_sync(struct sim_inode *inode, uint64_t ordinal);
void sim_names_sync(struct sim_disk *disk, unsigned directories,
                    uint64_t ordinal);

// Frees what has neither a name nor anybody who has it open.
void sim_disk_collect(struct sim_disk *disk);

// Lets any part of the unsynced writes up to `ordinal` reach the platter, and
// forgets the rest of them, which processes go on seeing: what a power cut or a
// failed sync does.
void sim_inode_settle(struct sim *sim, struct sim_inode *inode,
                      uint64_t ordinal);

// Pieces for the above.
void sim_content_put(struct buffer *content, uint64_t offset,
                     struct slice bytes);
void sim_content_resize(struct buffer *content, uint64_t size);
void sim_rename_apply(struct sim_disk *disk, const struct sim_rename *rename);
void sim_rename_free(struct sim_rename *rename);

#endif
