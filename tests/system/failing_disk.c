// failing_disk.c -- calls of the disk that fail while a file says so: for
// LD_PRELOAD, by test_durability_faults.py.
//
// FAILING_DISK names the file; it holds the call that is to fail, "fdatasync"
// or "pwrite", and how: the number of the error.
// SPDX-License-Identifier: MIT
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static bool fails(const char *call)
{
    const char *path = getenv("FAILING_DISK");
    FILE *file = path ? fopen(path, "re") : NULL;
    char name[32] = "";
    int error = 0, fields = 0;
    if (file) {
        fields = fscanf(file, "%31s %d", name, &error);
        fclose(file);
    }
    if (fields != 2 || strcmp(name, call) != 0)
        return false;
    errno = error;
    return true;
}

int fdatasync(int fd)
{
    int (*next)(int);
    *(void **)&next = dlsym(RTLD_NEXT, "fdatasync");
    return fails("fdatasync") ? -1 : next(fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    ssize_t (*next)(int, const void *, size_t, off_t);
    *(void **)&next = dlsym(RTLD_NEXT, "pwrite");
    return fails("pwrite") ? -1 : next(fd, bytes, size, offset);
}
