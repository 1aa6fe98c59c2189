// child.h -- runs what must end a process in a process of its own.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_CHILD_H
#define VEGA_TESTS_CHILD_H

#include <stddef.h>

// Runs `body` in a forked child and returns its wait status, as of waitpid(2).
// A body that returns makes the child exit with 0. What it wrote to standard
// error is stored in `said`, cut to `size` and terminated.
int child_run(void (*body)(void), char *said, size_t size);

#endif
