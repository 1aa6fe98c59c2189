// child.c -- fork, collect standard error, wait.
// SPDX-License-Identifier: MIT
#include "tests/common/child.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

int child_run(void (*body)(void), char *said, size_t size)
{
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        dup2(pipes[1], STDERR_FILENO);
        body();
        _exit(0);
    }
    close(pipes[1]);

    size_t used = 0;
    ssize_t got;
    while ((got = read(pipes[0], said + used, size - 1 - used)) > 0)
        used += (size_t)got;
    said[used] = '\0';
    close(pipes[0]);

    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}
