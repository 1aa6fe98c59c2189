// test_playground_process.c -- processes, ports and logs.
// SPDX-License-Identifier: MIT
#include "common/client/playground_process.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

static char directory[32];
static char *path;

static void setup(void)
{
    strcpy(directory, "/tmp/vega-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    path = playground_text("%s/log", directory);
}

static void teardown(void)
{
    unlink(path);
    rmdir(directory);
    free(path);
}

static void write_log(const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void expect_tail(off_t from, size_t lines, const char *expected)
{
    struct buffer tail = {0};
    playground_append_tail(path, from, lines, &tail);
    ck_assert_msg(slice_equal(buffer_slice(&tail), slice_of(expected)),
                  "%zu lines from %d: %.*s", lines, (int)from,
                  SLICE_PRINT(buffer_slice(&tail)));
    buffer_deinit(&tail);
}

// ---- Logs

static const struct {
    const char *text;
    off_t from;
    size_t lines;
    const char *tail;
} tails[] = {
    {"a\nb\nc\n", 0, 1, "c\n"},
    {"a\nb\nc\n", 0, 2, "b\nc\n"},
    {"a\nb\nc\n", 0, 3, "a\nb\nc\n"},
    {"a\nb\nc\n", 0, 9, "a\nb\nc\n"},
    {"a\nb", 0, 1, "b\n"},
    {"a\n\n\n", 0, 2, "\n\n"},
    {"a\nb\nc\n", 2, 9, "b\nc\n"},
    {"a\n", 2, 9, ""},
    {"a\n", 7, 9, ""},
    {"", 0, 1, ""},
};

TEST_FOR(the_tail_of_a_log_is_whole_lines, (int)(sizeof tails / sizeof *tails))
{
    setup();
    write_log(tails[_i].text);
    expect_tail(tails[_i].from, tails[_i].lines, tails[_i].tail);
    teardown();
}

TEST(a_log_that_is_not_there_is_empty)
{
    setup();
    expect_tail(0, 5, "");
    ck_assert_int_eq(playground_file_size(path), 0);
    write_log("abc");
    ck_assert_int_eq(playground_file_size(path), 3);
    teardown();
}

// ---- Processes

static int run(const char *const *argv)
{
    int status;
    pid_t pid = playground_process_start(directory, path, argv);
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

TEST(a_process_is_where_it_is_told_and_writes_to_its_log)
{
    setup();
    write_log("before\n");
    char *expected = playground_text("before\n%s\nerror\n", directory);
    int code = run((const char *const[]){
        "/bin/sh", "-c", "pwd; cat; echo error >&2; exit 7", NULL});
    ck_assert_int_eq(code, 7);
    expect_tail(0, 9, expected);
    free(expected);
    teardown();
}

TEST(a_process_hears_signals_that_its_parent_does_not)
{
    setup();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    pid_t pid = playground_process_start(
        directory, path, (const char *const[]){"/bin/sleep", "60", NULL});
    int status;
    kill(pid, SIGTERM);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    teardown();
}

TEST(a_program_that_is_not_there_is_named_in_the_log)
{
    setup();
    ck_assert_int_eq(run((const char *const[]){"/nowhere/at-all", NULL}), 127);
    expect_tail(0, 9, "/nowhere/at-all: No such file or directory\n");
    teardown();
}

// ---- Ports

TEST(free_ports_differ_and_can_be_had)
{
    uint16_t next = 0, before = 0;
    for (int i = 0; i < 20; i++) {
        uint16_t port = playground_free_port(&next);
        ck_assert_uint_ge(port, 20000);
        ck_assert_uint_lt(port, 32000);
        ck_assert_uint_ne(port, before);
        before = port;
    }
}

TEST(a_port_that_is_taken_is_passed_over)
{
    uint16_t next = 0, port = playground_free_port(&next);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    uint16_t again = (uint16_t)(port - 20000);
    ck_assert_uint_ne(playground_free_port(&again), port);
    close(fd);
}
