// peer_secret.c -- reads the cluster's secret.
// SPDX-License-Identifier: MIT
#include "common/net/peer_secret.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Room for one byte more than may be, so that more is noticed.
static bool peer_secret_read(const char *path, struct buffer *secret,
                             const char **why)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *why = "the file cannot be read";
    if (fd < 0)
        return false;
    bool taken = fstat(fd, &stat) == 0;
    if (taken && stat.st_mode & (S_IROTH | S_IWOTH)) {
        *why = "the file may be read or written by everybody";
        taken = false;
    }
    buffer_reserve(secret, PEER_SECRET_SIZE_MAX + 2);
    while (taken && secret->size <= PEER_SECRET_SIZE_MAX + 1) {
        ssize_t got = read(fd, secret->data + secret->size,
                           PEER_SECRET_SIZE_MAX + 2 - secret->size);
        taken = got >= 0;
        if (got <= 0)
            break;
        secret->size += (size_t)got;
    }
    close(fd);
    return taken;
}

bool peer_secret_load(const char *path, const char *text, struct buffer *secret,
                      const char **why)
{
    buffer_clear(secret);
    *why = NULL;
    if (path && text)
        *why = "it is given twice, by a file and by the environment";
    else if (text)
        buffer_append_text(secret, text);
    else if (!path || !peer_secret_read(path, secret, why))
        goto out;
    else
        *why = NULL;
    while (secret->size && strchr(" \t\r\n", secret->data[secret->size - 1]))
        secret->size--;
    if (!*why && secret->size < PEER_SECRET_SIZE_MIN)
        *why = "it has less than 16 bytes";
    if (!*why && secret->size > PEER_SECRET_SIZE_MAX)
        *why = "it has more than 1024 bytes";
out:
    if (*why)
        buffer_clear(secret);
    return !*why;
}
