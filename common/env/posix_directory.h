// posix_directory.h -- a directory that belongs to one process at a time.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_POSIX_DIRECTORY_H
#define VEGA_COMMON_POSIX_DIRECTORY_H

#include <stdbool.h>

#include "common/base/status.h"

// Makes the directory when it is missing, opens it and locks it, until the
// descriptor is closed; one that is locked is waited for, a second at most. -1
// with errno set on failure: EWOULDBLOCK when another process holds it, EPERM
// when it belongs to another user, EACCES and EROFS when nothing could be
// written there, ENOTDIR, and what the system says.
int posix_directory_open(const char *path);

// True when `path` leads to the open `directory`.
bool posix_directory_is(int directory, const char *path);

// What a file may be called: one that stays inside its directory.
bool posix_directory_is_name(const char *name);

// Calls `each` for every name but those of directories.
enum status posix_directory_list(int directory,
                                 void (*each)(void *context, const char *name),
                                 void *context);

#endif
