// posix_disk.c -- the files of one directory, and the thread that writes them.
//
// An operation is a struct env_io that wanders through two lists: from the node
// thread into `submitted`, from there through the disk's thread into
// `finished`, and back to the node thread, which an eventfd wakes. Each list is
// first in, first out, and one thread works, so operations happen and complete
// in the order of their submission across all files. A close is an operation
// too: it stands behind what it must not overtake, and the node does not wait
// while the system gives back the blocks of a large deleted file.
//
// Invariants
// (I1) An operation is touched by one thread at a time; the mutex hands it
// over. (I2) `finished` is empty, or the eventfd is readable, or the node
// thread is
//      about to take the list.
// SPDX-License-Identifier: MIT
#include "common/env/posix_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"

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
    struct loop *loop;
    struct loop_source wakeup; // The eventfd.
    size_t pending;            // Submitted, `done` not yet called.
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

// Waits for the eventfd, then completes what has finished.
static void posix_disk_complete(struct posix_disk *disk)
{
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
        disk->pending--;
        io->done(io, io->status);
    }
}

static void posix_disk_woken(struct loop_source *source, unsigned events)
{
    (void)events;
    posix_disk_complete(container_of(source, struct posix_disk, wakeup));
}

// A new directory is not there after a power cut until the one above it is on
// disk, and all its files go with it. Where the one above may not be read, the
// directory was made by somebody with more rights, and not now.
static bool posix_disk_sync_above(int directory)
{
    int above = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (above < 0)
        return errno == EACCES;
    bool synced = fsync(above) == 0;
    int error = errno;
    close(above);
    errno = error;
    return synced;
}

// Makes, opens and locks the directory. -1 with errno set on failure.
static int posix_disk_open_directory(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return -1;
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -1;
    if (flock(directory, LOCK_EX | LOCK_NB) == 0 &&
        posix_disk_sync_above(directory))
        return directory;
    int error = errno;
    close(directory);
    errno = error;
    return -1;
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

struct posix_disk *posix_disk_create(struct loop *loop, const char *directory)
{
    int fd = posix_disk_open_directory(directory);
    if (fd < 0)
        return NULL;
    struct posix_disk *disk = xcalloc(1, sizeof *disk);
    disk->directory = fd;
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
    while (disk->pending)
        posix_disk_complete(disk);
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
    close(disk->directory); // And with it the lock.
    free(disk);
}

void posix_disk_submit(struct posix_disk *disk, struct env_io *io)
{
    struct env_file *file = io->file;
    check(io->done);
    if (io->kind != ENV_IO_SYNC_NAMES) // Closed already?
        check(!file->closing.done || io == &file->closing);
    disk->pending++;
    pthread_mutex_lock(&disk->mutex);
    io_queue_push(&disk->submitted, io);
    pthread_cond_signal(&disk->work);
    pthread_mutex_unlock(&disk->mutex);
}

static bool posix_disk_is_name(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

enum status posix_disk_open(struct posix_disk *disk, const char *name,
                            enum env_open how, struct env_file **file)
{
    static const int flags[] = {
        [ENV_OPEN_READ] = O_RDONLY,
        [ENV_OPEN_WRITE] = O_RDWR,
        [ENV_OPEN_CREATE] = O_RDWR | O_CREAT | O_EXCL,
    };
    if (!posix_disk_is_name(name))
        return STATUS_INVALID;
    int fd = openat(disk->directory, name, flags[how] | O_CLOEXEC, 0600);
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
    if (!posix_disk_is_name(from) || !posix_disk_is_name(to))
        return STATUS_INVALID;
    if (renameat(disk->directory, from, disk->directory, to) != 0)
        return status_of_errno(errno);
    return STATUS_OK;
}

enum status posix_disk_remove(struct posix_disk *disk, const char *name)
{
    if (!posix_disk_is_name(name))
        return STATUS_INVALID;
    if (unlinkat(disk->directory, name, 0) != 0)
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
    return STATUS_OK;
}

enum status posix_disk_list(struct posix_disk *disk,
                            void (*each)(void *context, const char *name),
                            void *context)
{
    // Opened anew, for closedir() closes it and reading moves its position.
    int fd = openat(disk->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return status_of_errno(errno);
    DIR *names = fdopendir(fd);
    check(names);

    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(names))) {
        if (posix_disk_is_name(entry->d_name))
            each(context, entry->d_name);
        errno = 0;
    }
    enum status status = status_of_errno(errno);
    closedir(names);
    return status;
}
