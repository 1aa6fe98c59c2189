// posix_disk.h -- the files of a node, for env_posix: one flat set of names,
// of which snapshots may live in a directory of their own.
//
// What must be fast for the node is asynchronous, and done by the threads of
// posix_lanes.h; a node has no others. Completions come back through the loop,
// those of writes that were done at once by posix_disk_settle. The rest is done
// on the caller's thread; what each call means is in env.h.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_POSIX_DISK_H
#define VEGA_COMMON_POSIX_DISK_H

#include <stdbool.h>

#include "common/env/env.h"
#include "common/net/loop.h"

struct posix_disk;

// Opens both directories, as in posix_directory.h: no two disks share one.
// `snapshots` may be NULL or the same as `directory`. Owned by the caller; the
// loop outlives it. NULL with errno set on failure, and *failed the one that
// could not be had.
struct posix_disk *posix_disk_create(struct loop *loop, const char *directory,
                                     const char *snapshots,
                                     const char **failed);

// Does all that was submitted and calls its `done`, also of what those
// callbacks submit. All files must have been closed.
void posix_disk_destroy(struct posix_disk *disk);

// Names are refused with STATUS_INVALID when they hold a '/', or are none.
enum status posix_disk_open(struct posix_disk *disk, const char *name,
                            enum env_open how, struct env_file **file);

// Takes effect behind the operations that were submitted for `file`, which the
// caller must not use any more. Their `done` is still called.
void posix_disk_close(struct env_file *file);

// Borrowed until the close.
int posix_disk_descriptor(const struct env_file *file);

enum status posix_disk_size(struct env_file *file, uint64_t *size);
enum status posix_disk_read(struct env_file *file, uint64_t offset, void *bytes,
                            size_t size, size_t *read);

// io->kind says what it is.
void posix_disk_submit(struct posix_disk *disk, struct env_io *io);

// Completes the writes that were done at once. What their callbacks submit is
// completed by the next call.
void posix_disk_settle(struct posix_disk *disk);
bool posix_disk_is_settled(const struct posix_disk *disk); // Nothing to do.

enum status posix_disk_rename(struct posix_disk *disk, const char *from,
                              const char *to);
enum status posix_disk_remove(struct posix_disk *disk, const char *name);
// At once, on the caller's thread.
enum status posix_disk_write_now(struct env_file *file, uint64_t offset,
                                 struct slice bytes);
enum status posix_disk_sync_now(struct env_file *file);
enum status posix_disk_sync_names_now(struct posix_disk *disk);
uint64_t posix_disk_free(const struct posix_disk *disk);
enum status posix_disk_list(struct posix_disk *disk,
                            void (*each)(void *context, const char *name),
                            void *context);

#endif
