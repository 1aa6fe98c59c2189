// posix_directory.c -- a directory that belongs to one process at a time.
// SPDX-License-Identifier: MIT
#include "common/env/posix_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"

enum { LOCK_WAIT_MS = 10, LOCK_WAIT_MS_MAX = 1000 };

// A new directory is not there after a power cut until the one above it is on
// disk, and all its files go with it. Where the one above may not be read, the
// directory was made by somebody with more rights, and not now.
static bool posix_directory_sync_above(int directory)
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

// Refuses what would only fail later. Another user's directory is refused even
// where root may write: its owner could not read what is put there.
static bool posix_directory_is_ours(int directory)
{
    struct stat stat;
    if (fstat(directory, &stat) != 0)
        return false;
    if (stat.st_uid != geteuid()) {
        errno = EPERM;
        return false;
    }
    return faccessat(directory, ".", R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

// The lock is that of a process and of the children that it forked. Of one that
// was killed a child may live on for a moment (posix_job_child_run).
static bool posix_directory_lock(int directory)
{
    int waited_ms = 0;
    while (flock(directory, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || waited_ms >= LOCK_WAIT_MS_MAX)
            return false;
        usleep(LOCK_WAIT_MS * 1000);
        waited_ms += LOCK_WAIT_MS;
    }
    return true;
}

int posix_directory_open(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return -1;
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -1;
    if (posix_directory_is_ours(directory) && posix_directory_lock(directory) &&
        posix_directory_sync_above(directory))
        return directory;
    int error = errno;
    close(directory);
    errno = error;
    return -1;
}

bool posix_directory_is(int directory, const char *path)
{
    struct stat one, other;
    return fstat(directory, &one) == 0 && stat(path, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool posix_directory_is_name(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

enum status posix_directory_list(int directory,
                                 void (*each)(void *context, const char *name),
                                 void *context)
{
    // Opened anew, for closedir() closes it and reading moves its position.
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return status_of_errno(errno);
    DIR *names = fdopendir(fd);
    check(names);

    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(names))) {
        if (entry->d_type != DT_DIR && posix_directory_is_name(entry->d_name))
            each(context, entry->d_name);
        errno = 0;
    }
    enum status status = status_of_errno(errno);
    closedir(names);
    return status;
}
