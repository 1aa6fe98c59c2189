// status.h -- how an operation that can fail for outside reasons ended.
//
// Bugs are check()s and exhausted memory exits; what remains is returned.
// Whoever returns anything but STATUS_OK has not touched its outputs.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_STATUS_H
#define VEGA_COMMON_STATUS_H

enum status {
    STATUS_OK,
    STATUS_INVALID,   // What was given breaks the rules of its format.
    STATUS_NOT_FOUND, // It does not exist.
    STATUS_EXISTS,    // It exists already.
    STATUS_BUSY,      // Somebody else holds it; trying later may help.
    STATUS_FULL,      // No space, or a queue at its maximum.
    STATUS_DENIED,    // The operating system does not permit it.
    STATUS_CLOSED,    // The other side is gone.
    STATUS_IO,        // The device or network failed.
};

// "ok", "invalid", "not found", ...
const char *status_name(enum status status);

// The closest of the above for an errno.
enum status status_of_errno(int error);

#endif
