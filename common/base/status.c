// status.c -- names of outcomes, and what an errno amounts to.
// SPDX-License-Identifier: MIT
#include "common/base/status.h"

#include <errno.h>

const char *status_name(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "ok";
    case STATUS_INVALID:
        return "invalid";
    case STATUS_NOT_FOUND:
        return "not found";
    case STATUS_EXISTS:
        return "exists";
    case STATUS_BUSY:
        return "busy";
    case STATUS_FULL:
        return "full";
    case STATUS_DENIED:
        return "denied";
    case STATUS_CLOSED:
        return "closed";
    case STATUS_IO:
        return "input/output error";
    }
    return "unknown";
}

enum status status_of_errno(int error)
{
    switch (error) {
    case 0:
        return STATUS_OK;
    case EINVAL:
    case ENAMETOOLONG:
        return STATUS_INVALID;
    case ENOENT:
    case ENOTDIR:
        return STATUS_NOT_FOUND;
    case EEXIST:
        return STATUS_EXISTS;
    case EAGAIN:
    case EBUSY:
    case EADDRINUSE:
        return STATUS_BUSY;
    case ENOSPC:
    case EDQUOT:
        return STATUS_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case EPIPE:
    case ECONNRESET:
    case ECONNREFUSED:
        return STATUS_CLOSED;
    default:
        return STATUS_IO;
    }
}
