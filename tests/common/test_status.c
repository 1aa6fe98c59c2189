// test_status.c -- every status has a name, every errno a status.
// SPDX-License-Identifier: MIT
#include "common/base/status.h"

#include <errno.h>
#include <string.h>

#include "tests/test.h"

TEST(every_status_has_a_name_of_its_own)
{
    for (int a = STATUS_OK; a <= STATUS_IO; a++) {
        ck_assert_str_ne(status_name((enum status)a), "unknown");
        for (int b = STATUS_OK; b < a; b++)
            ck_assert_str_ne(status_name((enum status)a),
                             status_name((enum status)b));
    }
    ck_assert_str_eq(status_name((enum status)(STATUS_IO + 1)), "unknown");
}

static const struct {
    int error;
    enum status status;
} errors[] = {
    {0, STATUS_OK},
    {EINVAL, STATUS_INVALID},
    {ENAMETOOLONG, STATUS_INVALID},
    {ENOENT, STATUS_NOT_FOUND},
    {ENOTDIR, STATUS_NOT_FOUND},
    {EEXIST, STATUS_EXISTS},
    {EAGAIN, STATUS_BUSY},
    {EADDRINUSE, STATUS_BUSY},
    {ENOSPC, STATUS_FULL},
    {EDQUOT, STATUS_FULL},
    {EACCES, STATUS_DENIED},
    {EPERM, STATUS_DENIED},
    {EROFS, STATUS_DENIED},
    {EPIPE, STATUS_CLOSED},
    {ECONNRESET, STATUS_CLOSED},
    {ECONNREFUSED, STATUS_CLOSED},
    {EIO, STATUS_IO},
    {-1, STATUS_IO}, // What nobody knows is at least not a success.
};

TEST_FOR(an_errno_amounts_to_a_status, sizeof errors / sizeof *errors)
{
    ck_assert_int_eq(status_of_errno(errors[_i].error), errors[_i].status);
}
