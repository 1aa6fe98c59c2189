// test_program_world.c -- directories of a program that starts: made, locked,
// or refused in one line that says what to do.
// SPDX-License-Identifier: MIT
#include "common/server/program.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/env/env_posix.h"
#include "tests/common/child.h"
#include "tests/test.h"

// What the child is to start.
static char top[64], data_path[80], snapshot_path[80];
static char *data_dir = data_path, *snapshots = snapshot_path;
static const char *argument;

static void make_top(void)
{
    snprintf(top, sizeof top, "/tmp/vega-test-program-%d", (int)getpid());
    ck_assert_int_eq(mkdir(top, 0700), 0);
    snprintf(data_path, sizeof data_path, "%s/data", top);
    snprintf(snapshot_path, sizeof snapshot_path, "%s/snapshots", top);
    argument = NULL;
}

static int remove_one(const char *path, const struct stat *stat, int kind,
                      struct FTW *place)
{
    (void)stat, (void)kind, (void)place;
    return remove(path);
}

static void remove_top(void)
{
    nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void start_and_end(void)
{
    char name[] = "vega-server";
    char *argv[] = {name, (char *)argument, NULL};
    struct program program = {
        .name = "test", .data_dir = &data_dir, .snapshot_path = &snapshots};
    dup2(STDERR_FILENO, STDOUT_FILENO);
    if (program_start(&program, argument ? 2 : 1, argv))
        program_end(&program);
    fflush(stdout);
    _exit(program.exit_code);
}

// The exit code of a program that starts and ends; `said` is static.
static int start(const char **said)
{
    static char text[64 * 1024];
    int how = child_run(start_and_end, text, sizeof text);
    *said = text;
    ck_assert(WIFEXITED(how));
    return WEXITSTATUS(how);
}

static struct env *hold(struct loop *loop, const char *path)
{
    struct env *env =
        env_posix_create(loop, &(struct env_posix_options){.directory = path});
    ck_assert_ptr_nonnull(env);
    return env;
}

// One line, ending in the flag that helps.
static void expect_refusal(const char *reason, const char *flag)
{
    const char *said;
    ck_assert_int_eq(start(&said), PROGRAM_EXIT_REFUSED);
    ck_assert_msg(strstr(said, reason), "'%s' in: %s", reason, said);
    ck_assert_msg(strstr(said, flag), "'%s' in: %s", flag, said);
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
}

TEST(a_start_makes_both_directories)
{
    make_top();
    const char *said;
    ck_assert_int_eq(start(&said), 0);
    ck_assert_str_eq(said, "");
    ck_assert(exists(data_path) && exists(snapshot_path));
    ck_assert_int_eq(start(&said), 0);
    remove_top();
}

TEST(no_snapshot_path_means_the_directory_of_the_data)
{
    make_top();
    *snapshot_path = '\0';
    const char *said;
    ck_assert_int_eq(start(&said), 0);
    ck_assert(exists(data_path));
    remove_top();
}

TEST(words_that_only_ask_make_nothing)
{
    static const char *const words[] = {"--check-config", "--help", "--version",
                                        "--sample-config"};
    make_top();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        argument = words[i];
        const char *said;
        int exit_code = start(&said);
        ck_assert_msg(exit_code == 0, "%s: %s", argument, said);
        ck_assert_str_ne(said, "");
        ck_assert(!exists(data_path) && !exists(snapshot_path));
    }
    remove_top();
}

TEST(a_directory_in_use_is_refused)
{
    make_top();
    struct loop *loop = loop_create();
    struct env *other = hold(loop, data_path);
    expect_refusal("data is used by another server", "--data-dir");
    ck_assert(!exists(snapshot_path));
    env_posix_destroy(other);

    other = hold(loop, snapshot_path);
    expect_refusal("snapshots is used by another server", "--snapshot-path");
    env_posix_destroy(other);
    loop_destroy(loop);
    const char *said;
    ck_assert_int_eq(start(&said), 0);
    remove_top();
}

TEST(a_path_that_cannot_be_a_directory_is_refused)
{
    make_top();
    int fd = open(data_path, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
    expect_refusal("Not a directory", "--data-dir");

    snprintf(data_path, sizeof data_path, "%s/missing/data", top);
    expect_refusal("the directory above it does not exist", "--data-dir");
    remove_top();
}

TEST(a_directory_of_somebody_else_is_refused)
{
    make_top();
    if (geteuid() == 0) {
        ck_assert_int_eq(mkdir(data_path, 0777), 0);
        ck_assert_int_eq(chown(data_path, 12345, 12345), 0);
        expect_refusal("data belongs to user 12345", "--data-dir");
    } else {
        ck_assert_int_eq(mkdir(data_path, 0500), 0);
        expect_refusal("Permission denied", "--data-dir");
    }
    remove_top();
}
