// posix_disk.c -- the files of a node, and the thread that writes them.
//
// An operation is a struct env_io that wanders through two lists: from the node
// thread into `submitted`, from there through the disk's thread into
// `finished`, and back to the node thread, which an eventfd wakes. Each list is
// first in, first out, and one thread works, so operations happen and complete
// in the order of their submission across all files. A close is an operation
// too: it stands behind what it must not overtake, and the node does not wait
// while the system gives back the blocks of a large deleted file.
//
// A small write into the page cache is a matter of 1-4 us, handing it over and
// back one of 10 and more. While the thread has nothing to do the node thread
// does such a write itself, and puts it into `written` until the end of the
// round, for no completion comes from inside the call. Were it done while the
// thread works, it would overtake.
//
// Invariants
// (I1) An operation is touched by one thread at a time; the mutex hands it
//      over.
// (I2) `finished` is empty, or the eventfd is readable, or the node thread is
//      about to take the list.
// (I3) All in `written` was submitted before all that the thread was given: it
//      is completed first.
// SPDX-License-Identifier: MIT
#include "common/env/posix_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/env/posix_directory.h"

// Larger writes take their time: they are the thread's.
enum { POSIX_DISK_INLINE_MAX = 64 * 1024 - 1 };

struct env_file {
    struct posix_disk *disk;
    int fd;
    struct env_io closing; // What stands for the close in the queue.
};

// First in, first out. Zeroed: empty.
struct io_queue {
    struct env_io *first, *last;
};

struct posix_disk {
    int directory;
    int snapshots; // Where snapshots live; may be `directory`.
    struct loop *loop;
    struct loop_source wakeup; // The eventfd.
    struct io_queue written;   // Done here; `done` not yet called.
    size_t given;              // To the thread; `done` not yet called.
    size_t open_files;

    pthread_t thread;
    pthread_mutex_t mutex; // Guards all below.
    pthread_cond_t work;   // `submitted` or `stopping` changed.
    struct io_queue submitted, finished;
    bool stopping;
};

static void io_queue_push(struct io_queue *queue, struct env_io *io)
{
    io->next = NULL;
    if (queue->last)
        queue->last->next = io;
    else
        queue->first = io;
    queue->last = io;
}

static struct env_io *io_queue_pop(struct io_queue *queue)
{
    struct env_io *io = queue->first;
    if (io) {
        queue->first = io->next;
        if (!queue->first)
            queue->last = NULL;
    }
    return io;
}

// ---- The disk's thread

static void posix_disk_do(struct posix_disk *disk, struct env_io *io)
{
    if (io->kind == ENV_IO_SYNC_NAMES)
        io->status = posix_disk_sync_names_now(disk);
    else if (io == &io->file->closing)
        // What a close might report, a sync has reported.
        close(io->file->fd);
    else if (io->kind == ENV_IO_WRITE)
        io->status = posix_disk_write_now(io->file, io->offset, io->bytes);
    else
        io->status = posix_disk_sync_now(io->file);
}

static void *posix_disk_run(void *context)
{
    struct posix_disk *disk = context;
    pthread_mutex_lock(&disk->mutex);
    for (;;) {
        struct env_io *io = io_queue_pop(&disk->submitted);
        if (!io && disk->stopping)
            break;
        if (!io) {
            pthread_cond_wait(&disk->work, &disk->mutex);
            continue;
        }
        pthread_mutex_unlock(&disk->mutex);
        posix_disk_do(disk, io);
        pthread_mutex_lock(&disk->mutex);

        bool was_empty = !disk->finished.first;
        io_queue_push(&disk->finished, io);
        if (was_empty) // Upholds (I2).
            check(eventfd_write(disk->wakeup.fd, 1) == 0);
    }
    pthread_mutex_unlock(&disk->mutex);
    return NULL;
}

// ---- The node's thread

static void posix_disk_free_file(struct env_io *io, enum status status)
{
    (void)status;
    io->file->disk->open_files--;
    free(io->file);
}

void posix_disk_settle(struct posix_disk *disk)
{
    struct io_queue written = disk->written;
    disk->written = (struct io_queue){0};
    struct env_io *io;
    while ((io = io_queue_pop(&written)))
        io->done(io, io->status);
}

bool posix_disk_is_settled(const struct posix_disk *disk)
{
    return !disk->written.first;
}

// Waits for the eventfd, then completes what has finished.
static void posix_disk_complete(struct posix_disk *disk)
{
    posix_disk_settle(disk); // Upholds (I3).
    eventfd_t value;
    if (eventfd_read(disk->wakeup.fd, &value) != 0) {
        check(errno == EINTR);
        return;
    }
    pthread_mutex_lock(&disk->mutex);
    struct io_queue finished = disk->finished;
    disk->finished = (struct io_queue){0};
    pthread_mutex_unlock(&disk->mutex);

    struct env_io *io;
    while ((io = io_queue_pop(&finished))) {
        disk->given--;
        io->done(io, io->status);
    }
}

static void posix_disk_woken(struct loop_source *source, unsigned events)
{
    (void)events;
    posix_disk_complete(container_of(source, struct posix_disk, wakeup));
}

// The thread takes no signals: they are the node thread's.
static void posix_disk_start_thread(struct posix_disk *disk)
{
    sigset_t all, before;
    sigfillset(&all);
    check(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    check(pthread_create(&disk->thread, NULL, posix_disk_run, disk) == 0);
    check(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
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
    disk->loop = loop;
    disk->wakeup.fd = eventfd(0, EFD_CLOEXEC);
    check(disk->wakeup.fd >= 0);
    disk->wakeup.ready = posix_disk_woken;
    loop_add(loop, &disk->wakeup, LOOP_READ);

    check(pthread_mutex_init(&disk->mutex, NULL) == 0);
    check(pthread_cond_init(&disk->work, NULL) == 0);
    posix_disk_start_thread(disk);
    return disk;
}

void posix_disk_destroy(struct posix_disk *disk)
{
    while (disk->given || !posix_disk_is_settled(disk)) {
        if (posix_disk_is_settled(disk))
            posix_disk_complete(disk);
        else
            posix_disk_settle(disk);
    }
    check(disk->open_files == 0);

    pthread_mutex_lock(&disk->mutex);
    disk->stopping = true;
    pthread_cond_signal(&disk->work);
    pthread_mutex_unlock(&disk->mutex);
    check(pthread_join(disk->thread, NULL) == 0);

    pthread_cond_destroy(&disk->work);
    pthread_mutex_destroy(&disk->mutex);
    loop_remove(disk->loop, &disk->wakeup);
    close(disk->wakeup.fd);
    if (disk->snapshots != disk->directory)
        close(disk->snapshots);
    close(disk->directory); // And with it the lock.
    free(disk);
}

static bool posix_disk_may_write_here(const struct posix_disk *disk,
                                      const struct env_io *io)
{
    return io->kind == ENV_IO_WRITE && io != &io->file->closing &&
           io->bytes.size <= POSIX_DISK_INLINE_MAX && !disk->given;
}

void posix_disk_submit(struct posix_disk *disk, struct env_io *io)
{
    struct env_file *file = io->file;
    check(io->done);
    if (io->kind != ENV_IO_SYNC_NAMES) // Closed already?
        check(!file->closing.done || io == &file->closing);
    if (posix_disk_may_write_here(disk, io)) {
        posix_disk_do(disk, io);
        io_queue_push(&disk->written, io);
        return;
    }
    disk->given++;
    pthread_mutex_lock(&disk->mutex);
    io_queue_push(&disk->submitted, io);
    pthread_cond_signal(&disk->work);
    pthread_mutex_unlock(&disk->mutex);
}

static bool posix_disk_ends_in(const char *name, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);
    return size >= end_size && !strcmp(name + size - end_size, end);
}

static int posix_disk_directory_of(const struct posix_disk *disk,
                                   const char *name)
{
    return posix_disk_ends_in(name, ".snapshot") ||
                   posix_disk_ends_in(name, ".snapshot.draft")
               ? disk->snapshots
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

enum status posix_disk_rename(struct posix_disk *disk, const char *from,
                              const char *to)
{
    if (!posix_directory_is_name(from) || !posix_directory_is_name(to))
        return STATUS_INVALID;
    if (renameat(posix_disk_directory_of(disk, from), from,
                 posix_disk_directory_of(disk, to), to) != 0)
        return status_of_errno(errno);
    return STATUS_OK;
}

enum status posix_disk_remove(struct posix_disk *disk, const char *name)
{
    if (!posix_directory_is_name(name))
        return STATUS_INVALID;
    if (unlinkat(posix_disk_directory_of(disk, name), name, 0) != 0)
        return status_of_errno(errno);
    return STATUS_OK;
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
    if (fsync(disk->directory) != 0)
        return status_of_errno(errno);
    if (disk->snapshots != disk->directory && fsync(disk->snapshots) != 0)
        return status_of_errno(errno);
    return STATUS_OK;
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
