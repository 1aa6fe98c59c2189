// posix_disk.c -- the files of a node, and the threads that write them.
//
// An operation is a struct env_io that wanders through two lists: from the node
// thread into `submitted` of a lane, from there through the lane's thread into
// `finished`, and back to the node thread, which an eventfd wakes. Each list is
// first in, first out, and one thread works in a lane, so the operations of a
// lane happen and complete in the order of their submission across all files.
// There are two: one for what is patient, with a thread of its own, so that
// nothing else waits behind a megabyte of zeros and its sync. A close is an
// operation too: it stands behind what it must not overtake, and the node does
// not wait while the system gives back the blocks of a large deleted file.
//
// A small write into the page cache is a matter of 1-4 us, handing it over and
// back one of 10 and more. While the thread of its lane has nothing to do the
// node thread does such a write itself, and puts it into `written` until the
// end of the round, for no completion comes from inside the call. Were it done
// while that thread works, it would overtake.
//
// Invariants
// (I1) An operation is touched by one thread at a time; the mutex hands it
//      over.
// (I2) `finished` is empty, or the eventfd is readable or about to be, or the
//      node thread is about to take the list.
// (I3) All in `written` was submitted before all that the thread of its lane
//      was given: it is completed first.
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
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/env/posix_directory.h"

// Larger writes take their time: they are the thread's.
enum { POSIX_DISK_INLINE_MAX = 64 * 1024 - 1, DISK_LANES = 2 };

struct env_file {
    struct posix_disk *disk;
    int fd;
    struct env_io closing; // What stands for the close in the queue; in the
                           // lane of the file's last operation.
};

// First in, first out. Zeroed: empty.
struct io_queue {
    struct env_io *first, *last;
};

struct disk_lane {
    struct posix_disk *disk;
    size_t given; // To the thread; `done` not yet called. The node thread's.
    pthread_t thread;
    pthread_cond_t work; // `submitted` or `stopping` changed.
    struct io_queue submitted;
};

struct posix_disk {
    int directory;
    int snapshots; // Where snapshots live; may be `directory`.
    struct loop *loop;
    struct loop_source wakeup; // The eventfd.
    struct io_queue written;   // Done here; `done` not yet called.
    size_t open_files;

    struct disk_lane lanes[DISK_LANES]; // The second: what is patient.
    pthread_mutex_t mutex; // Guards their `submitted` and all below.
    struct io_queue finished;
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

// ---- The threads of the lanes

static enum status posix_disk_sync_directory(int directory)
{
    return fsync(directory) == 0 ? STATUS_OK : status_of_errno(errno);
}

static void posix_disk_do(struct posix_disk *disk, struct env_io *io)
{
    if (io->kind == ENV_IO_SYNC_NAMES)
        io->status = posix_disk_sync_directory(
            io->directory == ENV_SNAPSHOTS ? disk->snapshots : disk->directory);
    else if (io == &io->file->closing)
        // What a close might report, a sync has reported.
        close(io->file->fd);
    else if (io->kind == ENV_IO_WRITE)
        io->status = posix_disk_write_now(io->file, io->offset, io->bytes);
    else
        io->status = posix_disk_sync_now(io->file);
}

// Whoever is woken needs the mutex next, so it is given back before.
static void posix_disk_finish(struct posix_disk *disk, struct env_io *io)
{
    pthread_mutex_lock(&disk->mutex);
    bool was_empty = !disk->finished.first;
    io_queue_push(&disk->finished, io);
    pthread_mutex_unlock(&disk->mutex);
    if (was_empty) // Upholds (I2).
        check(eventfd_write(disk->wakeup.fd, 1) == 0);
}

static void *posix_disk_run(void *context)
{
    struct disk_lane *lane = context;
    struct posix_disk *disk = lane->disk;
    pthread_mutex_lock(&disk->mutex);
    for (;;) {
        struct env_io *io = io_queue_pop(&lane->submitted);
        if (!io && disk->stopping)
            break;
        if (!io) {
            pthread_cond_wait(&lane->work, &disk->mutex);
            continue;
        }
        pthread_mutex_unlock(&disk->mutex);
        posix_disk_do(disk, io);
        posix_disk_finish(disk, io);
        pthread_mutex_lock(&disk->mutex);
    }
    pthread_mutex_unlock(&disk->mutex);
    return NULL;
}

// ---- The node's thread

static struct disk_lane *posix_disk_lane_of(struct posix_disk *disk,
                                            const struct env_io *io)
{
    return &disk->lanes[io->patient ? 1 : 0];
}

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
        posix_disk_lane_of(disk, io)->given--;
        io->done(io, io->status);
    }
}

static void posix_disk_woken(struct loop_source *source, unsigned events)
{
    (void)events;
    posix_disk_complete(container_of(source, struct posix_disk, wakeup));
}

// The thread takes no signals: they are the node thread's.
static void disk_lane_start(struct disk_lane *lane, struct posix_disk *disk)
{
    lane->disk = disk;
    check(pthread_cond_init(&lane->work, NULL) == 0);
    sigset_t all, before;
    sigfillset(&all);
    check(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    check(pthread_create(&lane->thread, NULL, posix_disk_run, lane) == 0);
    check(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

// The disk is `stopping`.
static void disk_lane_stop(struct disk_lane *lane)
{
    pthread_mutex_lock(&lane->disk->mutex);
    pthread_cond_signal(&lane->work);
    pthread_mutex_unlock(&lane->disk->mutex);
    check(pthread_join(lane->thread, NULL) == 0);
    pthread_cond_destroy(&lane->work);
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
    for (size_t i = 0; i < DISK_LANES; i++)
        disk_lane_start(&disk->lanes[i], disk);
    return disk;
}

void posix_disk_destroy(struct posix_disk *disk)
{
    while (disk->lanes[0].given || disk->lanes[1].given ||
           !posix_disk_is_settled(disk)) {
        if (posix_disk_is_settled(disk))
            posix_disk_complete(disk);
        else
            posix_disk_settle(disk);
    }
    check(disk->open_files == 0);

    pthread_mutex_lock(&disk->mutex);
    disk->stopping = true;
    pthread_mutex_unlock(&disk->mutex);
    for (size_t i = 0; i < DISK_LANES; i++)
        disk_lane_stop(&disk->lanes[i]);

    pthread_mutex_destroy(&disk->mutex);
    loop_remove(disk->loop, &disk->wakeup);
    close(disk->wakeup.fd);
    if (disk->snapshots != disk->directory)
        close(disk->snapshots);
    close(disk->directory); // And with it the lock.
    free(disk);
}

static bool posix_disk_may_write_here(const struct disk_lane *lane,
                                      const struct env_io *io)
{
    return io->kind == ENV_IO_WRITE && io != &io->file->closing &&
           io->bytes.size <= POSIX_DISK_INLINE_MAX && !lane->given;
}

void posix_disk_submit(struct posix_disk *disk, struct env_io *io)
{
    struct env_file *file = io->file;
    struct disk_lane *lane = posix_disk_lane_of(disk, io);
    check(io->done);
    if (io->kind != ENV_IO_SYNC_NAMES) { // Closed already?
        check(!file->closing.done || io == &file->closing);
        file->closing.patient = io->patient;
    }
    if (posix_disk_may_write_here(lane, io)) {
        posix_disk_do(disk, io);
        io_queue_push(&disk->written, io);
        return;
    }
    lane->given++;
    pthread_mutex_lock(&disk->mutex);
    io_queue_push(&lane->submitted, io);
    pthread_mutex_unlock(&disk->mutex);
    pthread_cond_signal(&lane->work);
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
