// check.c -- what happens when an assertion fails.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
    abort();
}
