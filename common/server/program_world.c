// program_world.c -- the world that a program's settings ask for, or why it
// cannot be had.
// SPDX-License-Identifier: MIT
#include "common/server/program_private.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/env/env_posix.h"

// The process that holds the lock of a directory, out of lines like this one:
//
//     3: FLOCK  ADVISORY  WRITE 4242 08:01:131073 0 EOF
//
// 0 when the system does not say.
static long program_lock_holder(const char *path)
{
    struct stat wanted;
    FILE *locks = fopen("/proc/locks", "re");
    if (!locks)
        return 0;
    char line[256], place[64] = "";
    if (stat(path, &wanted) == 0)
        snprintf(place, sizeof place, " %02x:%02x:%ju ", major(wanted.st_dev),
                 minor(wanted.st_dev), (uintmax_t)wanted.st_ino);
    long holder = 0;
    while (*place && !holder && fgets(line, sizeof line, locks)) {
        const char *lock = strstr(line, "WRITE ");
        if (lock && strstr(line, "FLOCK") && strstr(line, place))
            holder = strtol(lock + strlen("WRITE "), NULL, 10);
    }
    fclose(locks);
    return holder;
}

static void program_explain_lock(const char *path, char *text, size_t size)
{
    long holder = program_lock_holder(path);
    char process[48] = "";
    if (holder > 0)
        snprintf(process, sizeof process, " (process %ld)", holder);
    snprintf(text, size, "%s is used by another server%s: stop that one", path,
             process);
}

static void program_explain_owner(const char *path, char *text, size_t size)
{
    struct stat found = {0};
    if (stat(path, &found) != 0 || found.st_uid == geteuid())
        snprintf(text, size, "cannot use %s: %s; change that", path,
                 strerror(EPERM));
    else
        snprintf(text, size,
                 "%s belongs to user %ju, and this server runs as user %ju: "
                 "run it as the owner, change the owner",
                 path, (uintmax_t)found.st_uid, (uintmax_t)geteuid());
}

static bool program_refuse_directory(struct program *program, const char *path,
                                     const char *flag, int error)
{
    char reason[640], text[768];
    if (error == EWOULDBLOCK)
        program_explain_lock(path, reason, sizeof reason);
    else if (error == EPERM)
        program_explain_owner(path, reason, sizeof reason);
    else if (error == ENOENT)
        snprintf(reason, sizeof reason,
                 "cannot make %s: the directory above it does not exist; make "
                 "that one",
                 path);
    else
        snprintf(reason, sizeof reason, "cannot use %s: %s; change that", path,
                 strerror(error));
    snprintf(text, sizeof text, "%s, or choose another directory with %s",
             reason, flag);
    return program_refuse(program, text);
}

// What is no directory is the place where peers reach this node.
static bool program_refuse_peers(struct program *program, const char *address,
                                 int error)
{
    char text[512];
    snprintf(text, sizeof text, "cannot listen for other nodes at %s: %s",
             address ? address : "no address", strerror(error));
    return program_refuse(program, text);
}

bool program_open_world(struct program *program)
{
    const char *failed = NULL;
    struct env_posix_options options = program->world;
    options.failed = &failed;
    options.logger = &program->log;
    if (program->data_dir)
        options.directory = *program->data_dir;
    if (program->snapshot_path && **program->snapshot_path)
        options.snapshot_directory = *program->snapshot_path;
    program->env = env_posix_create(program->loop, &options);
    if (program->env)
        return true;
    int error = errno;
    if (!failed)
        return program_refuse_peers(program, options.peer_listen, error);
    return program_refuse_directory(
        program, failed,
        failed == options.snapshot_directory ? "--snapshot-path" : "--data-dir",
        error);
}
