// check_world.c -- a data directory through struct env, to read it and no more.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/check_world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/env/posix_directory.h"

struct env_file {
    int fd;
};

static struct check_world *world_of(struct env *env)
{
    return container_of(env, struct check_world, env);
}

static bool is_snapshot(const char *name)
{
    static const char end[] = ".snapshot";
    size_t size = strlen(name), end_size = sizeof end - 1;
    return size >= end_size && !strcmp(name + size - end_size, end);
}

static enum status world_open(struct env *env, const char *name,
                              enum env_open how, struct env_file **file)
{
    check(how == ENV_OPEN_READ);
    struct check_world *world = world_of(env);
    int directory = is_snapshot(name) ? world->snapshots : world->directory;
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return status_of_errno(errno);
    *file = xmalloc(sizeof **file);
    (*file)->fd = fd;
    return STATUS_OK;
}

static void world_close(struct env *env, struct env_file *file)
{
    (void)env;
    close(file->fd);
    free(file);
}

static enum status world_size(struct env *env, struct env_file *file,
                              uint64_t *size)
{
    (void)env;
    struct stat stat;
    if (fstat(file->fd, &stat) != 0)
        return status_of_errno(errno);
    *size = (uint64_t)stat.st_size;
    return STATUS_OK;
}

static enum status world_read(struct env *env, struct env_file *file,
                              uint64_t offset, void *bytes, size_t size,
                              size_t *read)
{
    (void)env;
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(file->fd, (char *)bytes + done, size - done,
                            (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return status_of_errno(errno);
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *read = done;
    return STATUS_OK;
}

// Of the names in one directory those that belong there.
struct listing {
    bool snapshots, others;
    void (*each)(void *context, const char *name);
    void *context;
};

static void list_one(void *context, const char *name)
{
    const struct listing *listing = context;
    if (is_snapshot(name) ? listing->snapshots : listing->others)
        listing->each(listing->context, name);
}

static enum status world_list(struct env *env,
                              void (*each)(void *context, const char *name),
                              void *context)
{
    const struct check_world *world = world_of(env);
    bool one = world->snapshots == world->directory;
    struct listing listing = {one, true, each, context};
    enum status status =
        posix_directory_list(world->directory, list_one, &listing);
    if (one || status != STATUS_OK)
        return status;
    listing = (struct listing){true, false, each, context};
    return posix_directory_list(world->snapshots, list_one, &listing);
}

static void world_random(struct env *env, void *bytes, size_t size)
{
    (void)env;
    check(getrandom(bytes, size, 0) == (ssize_t)size);
}

static const struct env_ops world_ops = {
    .random = world_random,
    .disk_open = world_open,
    .disk_close = world_close,
    .disk_size = world_size,
    .disk_read = world_read,
    .disk_list = world_list,
};

static int open_directory(const char *path, const char **failed)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        *failed = path;
    return directory;
}

bool check_world_open(struct check_world *world, const char *directory,
                      const char *snapshots, const char **failed)
{
    world->env.ops = &world_ops;
    world->directory = open_directory(directory, failed);
    if (world->directory < 0)
        return false;
    world->snapshots = world->directory;
    if (!snapshots || posix_directory_is(world->directory, snapshots))
        return true;
    world->snapshots = open_directory(snapshots, failed);
    if (world->snapshots >= 0)
        return true;
    int error = errno;
    close(world->directory);
    errno = error;
    return false;
}

void check_world_close(struct check_world *world)
{
    if (world->snapshots != world->directory)
        close(world->snapshots);
    close(world->directory);
}

// Takes the lock for a moment, shared with others who look.
static bool is_held(int directory)
{
    if (flock(directory, LOCK_SH | LOCK_NB) != 0)
        return errno == EWOULDBLOCK;
    flock(directory, LOCK_UN);
    return false;
}

bool check_world_is_in_use(const struct check_world *world)
{
    return is_held(world->directory) || is_held(world->snapshots);
}
