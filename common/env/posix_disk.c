// posix_disk.c -- the files of a node: names, contents, and what the operations
// do that its lanes carry out.
//
// A close is an operation too: it stands behind what it must not overtake, and
// the node does not wait while the system gives back the blocks of a large
// deleted file.
// SPDX-License-Identifier: MIT
#include "common/env/posix_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/env/posix_directory.h"
#include "common/env/posix_lanes.h"

struct env_file {
    struct posix_disk *disk;
    int fd;
    struct env_io closing; // In the lane of the file's last operation.
};

struct posix_disk {
    int directory;
    int snapshots; // Where snapshots live; may be `directory`.
    struct posix_lanes *lanes;
    size_t open_files;
};

static enum status posix_disk_sync_directory(int directory)
{
    return fsync(directory) == 0 ? STATUS_OK : status_of_errno(errno);
}

static enum status posix_disk_do(struct posix_disk *disk,
                                 const struct env_io *io)
{
    switch (io->kind) {
    case ENV_IO_WRITE:
        return posix_disk_write_now(io->file, io->offset, io->bytes);
    case ENV_IO_SYNC:
        return posix_disk_sync_now(io->file);
    case ENV_IO_SYNC_NAMES:
        return posix_disk_sync_directory(
            io->directory == ENV_SNAPSHOTS ? disk->snapshots : disk->directory);
    case ENV_IO_CLOSE: // What it might report, a sync has reported.
        close(io->file->fd);
        return STATUS_OK;
    }
    check(false);
    return STATUS_INVALID;
}

// For the lanes.
static void posix_disk_perform(void *context, struct env_io *io)
{
    io->status = posix_disk_do(context, io);
}

static void posix_disk_free_file(struct env_io *io, enum status status)
{
    (void)status;
    io->file->disk->open_files--;
    free(io->file);
}

void posix_disk_settle(struct posix_disk *disk)
{
    posix_lanes_settle(disk->lanes);
}

bool posix_disk_is_settled(const struct posix_disk *disk)
{
    return posix_lanes_are_settled(disk->lanes);
}

// False with errno set.
static bool posix_disk_open_directories(struct posix_disk *disk,
                                        const char *directory,
                                        const char *snapshots,
                                        const char **failed)
{
    *failed = directory;
    disk->directory = posix_directory_open(directory);
    if (disk->directory < 0)
        return false;
    disk->snapshots = disk->directory;
    if (!snapshots || posix_directory_is(disk->directory, snapshots))
        return true;

    *failed = snapshots;
    disk->snapshots = posix_directory_open(snapshots);
    if (disk->snapshots >= 0)
        return true;
    int error = errno;
    close(disk->directory);
    errno = error;
    return false;
}

struct posix_disk *posix_disk_create(struct loop *loop, const char *directory,
                                     const char *snapshots, const char **failed)
{
    struct posix_disk *disk = xcalloc(1, sizeof *disk);
    if (!posix_disk_open_directories(disk, directory, snapshots, failed)) {
        int error = errno;
        free(disk);
        errno = error;
        return NULL;
    }
    disk->lanes = posix_lanes_create(loop, posix_disk_perform, disk);
    return disk;
}

void posix_disk_destroy(struct posix_disk *disk)
{
    posix_lanes_destroy(disk->lanes);
    check(disk->open_files == 0);
    if (disk->snapshots != disk->directory)
        close(disk->snapshots);
    close(disk->directory); // And with it the lock.
    free(disk);
}

void posix_disk_submit(struct posix_disk *disk, struct env_io *io)
{
    struct env_file *file = io->file;
    if (io->kind != ENV_IO_SYNC_NAMES) { // Closed already?
        check(!file->closing.done || io == &file->closing);
        file->closing.patient = io->patient;
    }
    posix_lanes_submit(disk->lanes, io);
}

static int posix_disk_directory_of(const struct posix_disk *disk,
                                   const char *name)
{
    return env_directory_of(name) == ENV_SNAPSHOTS ? disk->snapshots
                                                   : disk->directory;
}

enum status posix_disk_open(struct posix_disk *disk, const char *name,
                            enum env_open how, struct env_file **file)
{
    static const int flags[] = {
        [ENV_OPEN_READ] = O_RDONLY,
        [ENV_OPEN_WRITE] = O_RDWR,
        [ENV_OPEN_CREATE] = O_RDWR | O_CREAT | O_EXCL,
    };
    if (!posix_directory_is_name(name))
        return STATUS_INVALID;
    int fd = openat(posix_disk_directory_of(disk, name), name,
                    flags[how] | O_CLOEXEC, 0600);
    if (fd < 0)
        return status_of_errno(errno);

    struct env_file *opened = xcalloc(1, sizeof *opened);
    opened->disk = disk;
    opened->fd = fd;
    disk->open_files++;
    *file = opened;
    return STATUS_OK;
}

void posix_disk_close(struct env_file *file)
{
    check(!file->closing.done); // Closed already.
    file->closing.kind = ENV_IO_CLOSE;
    file->closing.file = file;
    file->closing.done = posix_disk_free_file;
    posix_disk_submit(file->disk, &file->closing);
}

int posix_disk_descriptor(const struct env_file *file)
{
    return file->fd;
}

enum status posix_disk_size(struct env_file *file, uint64_t *size)
{
    struct stat stat;
    if (fstat(file->fd, &stat) != 0)
        return status_of_errno(errno);
    *size = (uint64_t)stat.st_size;
    return STATUS_OK;
}

enum status posix_disk_read(struct env_file *file, uint64_t offset, void *bytes,
                            size_t size, size_t *read)
{
    size_t total = 0;
    while (total < size) {
        ssize_t got = pread(file->fd, (char *)bytes + total, size - total,
                            (off_t)(offset + total));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return status_of_errno(errno);
        if (got == 0)
            break;
        total += (size_t)got;
    }
    *read = total;
    return STATUS_OK;
}

// A file that loses its name keeps its blocks while it is open. Giving back
// those of a large one takes tens of milliseconds: the patient thread's. NULL
// when there is no such file.
static struct env_file *posix_disk_hold(struct posix_disk *disk,
                                        const char *name)
{
    struct env_file *held = NULL;
    posix_disk_open(disk, name, ENV_OPEN_READ, &held);
    return held;
}

static void posix_disk_let_go(struct env_file *held)
{
    if (!held)
        return;
    held->closing.patient = true;
    posix_disk_close(held);
}

enum status posix_disk_rename(struct posix_disk *disk, const char *from,
                              const char *to)
{
    if (!posix_directory_is_name(from) || !posix_directory_is_name(to))
        return STATUS_INVALID;
    struct env_file *held = posix_disk_hold(disk, to);
    enum status status = STATUS_OK;
    if (renameat(posix_disk_directory_of(disk, from), from,
                 posix_disk_directory_of(disk, to), to) != 0)
        status = status_of_errno(errno);
    posix_disk_let_go(held);
    return status;
}

enum status posix_disk_remove(struct posix_disk *disk, const char *name)
{
    if (!posix_directory_is_name(name))
        return STATUS_INVALID;
    struct env_file *held = posix_disk_hold(disk, name);
    enum status status = STATUS_OK;
    if (unlinkat(posix_disk_directory_of(disk, name), name, 0) != 0)
        status = status_of_errno(errno);
    posix_disk_let_go(held);
    return status;
}

enum status posix_disk_write_now(struct env_file *file, uint64_t offset,
                                 struct slice bytes)
{
    while (bytes.size) {
        ssize_t wrote = pwrite(file->fd, bytes.data, bytes.size, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return status_of_errno(wrote < 0 ? errno : EIO);
        bytes.data += wrote;
        bytes.size -= (size_t)wrote;
        offset += (uint64_t)wrote;
    }
    return STATUS_OK;
}

enum status posix_disk_sync_now(struct env_file *file)
{
    return fdatasync(file->fd) == 0 ? STATUS_OK : status_of_errno(errno);
}

enum status posix_disk_sync_names_now(struct posix_disk *disk)
{
    enum status status = posix_disk_sync_directory(disk->directory);
    if (status == STATUS_OK && disk->snapshots != disk->directory)
        status = posix_disk_sync_directory(disk->snapshots);
    return status;
}

uint64_t posix_disk_free(const struct posix_disk *disk)
{
    struct statvfs stat;
    if (fstatvfs(disk->directory, &stat) != 0)
        return UINT64_MAX;
    return (uint64_t)stat.f_bavail * stat.f_frsize;
}

// A listing of one of the two directories. A name that would be looked for in
// the other is left out: nobody could open it.
struct posix_listing {
    const struct posix_disk *disk;
    int directory;
    void (*each)(void *context, const char *name);
    void *context;
};

static void posix_disk_list_one(void *context, const char *name)
{
    struct posix_listing *listing = context;
    if (posix_disk_directory_of(listing->disk, name) == listing->directory)
        listing->each(listing->context, name);
}

enum status posix_disk_list(struct posix_disk *disk,
                            void (*each)(void *context, const char *name),
                            void *context)
{
    struct posix_listing listing = {disk, disk->directory, each, context};
    enum status status =
        posix_directory_list(disk->directory, posix_disk_list_one, &listing);
    if (status != STATUS_OK || disk->snapshots == disk->directory)
        return status;
    listing.directory = disk->snapshots;
    return posix_directory_list(disk->snapshots, posix_disk_list_one, &listing);
}
