// test_posix_job.c -- jobs as real processes: what they see, write and report,
// and that nothing is left of those that fail, crash or are stopped.
// SPDX-License-Identifier: MIT
#include "common/env/posix_job.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/list.h"
#include "common/env/env_posix.h"
#include "tests/test.h"

// A job and what became of it.
struct report {
    struct env_job job;
    enum status (*write)(struct report *report, struct env_output *output);
    enum status status;
    int done;
    char text[64]; // Of the node; the job may write it out.
};

struct world {
    char path[64];
    struct loop *loop;
    struct env *env;
    struct report report;
};

static enum status report_write(struct env_job *job, struct env_output *output)
{
    struct report *report = container_of(job, struct report, job);
    return report->write(report, output);
}

static void report_done(struct env_job *job, enum status status)
{
    struct report *report = container_of(job, struct report, job);
    report->status = status;
    report->done++;
}

static void world_init(struct world *world,
                       enum status (*write)(struct report *report,
                                            struct env_output *output))
{
    *world = (struct world){0};
    snprintf(world->path, sizeof world->path, "/tmp/vega-test-job-%d",
             (int)getpid());
    world->loop = loop_create();
    world->env = env_posix_create(
        world->loop, &(struct env_posix_options){.directory = world->path});
    ck_assert_ptr_nonnull(world->env);
    world->report = (struct report){
        .job = {.name = "1.draft", .write = report_write, .done = report_done},
        .write = write,
        .text = "before",
    };
}

static int remove_one(const char *path, const struct stat *stat, int kind,
                      struct FTW *place)
{
    (void)stat, (void)kind, (void)place;
    return remove(path);
}

static void world_deinit(struct world *world)
{
    env_posix_destroy(world->env);
    loop_destroy(world->loop);
    // No child is left, of whatever job.
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
    nftw(world->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void world_start(struct world *world)
{
    env_job_start(world->env, &world->report.job);
    ck_assert_int_eq(world->report.done, 0);
}

static void world_finish(struct world *world)
{
    for (int rounds = 0; !world->report.done && rounds < 1000; rounds++)
        loop_run_once(world->loop, 1000);
    ck_assert_int_eq(world->report.done, 1);
    loop_run_once(world->loop, 0);
    ck_assert_int_eq(world->report.done, 1);
}

static enum status world_run(struct world *world)
{
    world_start(world);
    world_finish(world);
    return world->report.status;
}

static bool world_has_file(const struct world *world)
{
    char path[128];
    snprintf(path, sizeof path, "%s/1.draft", world->path);
    return access(path, F_OK) == 0;
}

static uint64_t world_read(struct world *world, char *bytes, size_t size)
{
    struct env_file *file;
    size_t read;
    ck_assert_int_eq(env_disk_open(world->env, "1.draft", ENV_OPEN_READ, &file),
                     STATUS_OK);
    ck_assert_int_eq(env_disk_read(world->env, file, 0, bytes, size, &read),
                     STATUS_OK);
    env_disk_close(world->env, file);
    return read;
}

static enum status write_text(struct report *report, struct env_output *output)
{
    return output->put(output, slice_of(report->text));
}

TEST(a_job_makes_a_file_and_says_how_large)
{
    struct world world;
    world_init(&world, write_text);
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    ck_assert_uint_eq(world.report.job.size, 6);
    char bytes[16];
    ck_assert_uint_eq(world_read(&world, bytes, sizeof bytes), 6);
    ck_assert_mem_eq(bytes, "before", 6);
    world_deinit(&world);
}

// Pieces of all sizes around those of the buffer, 3.5 MB and more together.
static const size_t piece_sizes[] = {1,       0,       1000000, 48575,
                                     1048576, 1048577, 1048575, 7};
enum { PIECES = sizeof piece_sizes / sizeof *piece_sizes };

static enum status write_pieces(struct report *report,
                                struct env_output *output)
{
    (void)report;
    char *bytes = malloc(1048577);
    for (int i = 0; i < PIECES; i++) {
        memset(bytes, 'a' + i, piece_sizes[i]);
        if (output->put(output, (struct slice){bytes, piece_sizes[i]}) !=
            STATUS_OK)
            return STATUS_IO;
    }
    free(bytes);
    return STATUS_OK;
}

TEST(pieces_of_any_size_stand_in_the_file_in_order)
{
    struct world world;
    world_init(&world, write_pieces);
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    enum { ROOM = 5 * 1024 * 1024 };
    char *bytes = malloc(ROOM);
    size_t size = world_read(&world, bytes, ROOM), at = 0;
    for (int i = 0; i < PIECES; i++) {
        for (size_t end = at + piece_sizes[i]; at < end; at++)
            ck_assert(at < size && bytes[at] == 'a' + i);
    }
    ck_assert_uint_eq(at, size);
    ck_assert_uint_eq(at, world.report.job.size);
    free(bytes);
    world_deinit(&world);
}

enum { MUCH = 80 * 1024 * 1024 };

// More than two windows of what is pushed to the disk on the way.
static enum status write_much(struct report *report, struct env_output *output)
{
    (void)report;
    static const char bytes[64 * 1024];
    for (size_t size = 0; size < MUCH; size += sizeof bytes) {
        if (output->put(output, (struct slice){bytes, sizeof bytes}) !=
            STATUS_OK)
            return STATUS_IO;
    }
    return STATUS_OK;
}

TEST(a_large_file_is_whole)
{
    struct world world;
    world_init(&world, write_much);
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    ck_assert_uint_eq(world.report.job.size, MUCH);
    world_deinit(&world);
}

static void wait_for_end(int channel)
{
    char byte;
    while (read(channel, &byte, 1) > 0)
        ;
}

// The test holds the other end of a FIFO: the job waits for its close.
static enum status write_when_told(struct report *report,
                                   struct env_output *output)
{
    char path[128];
    snprintf(path, sizeof path, "/tmp/vega-test-job-%d/wait", (int)getppid());
    int fifo = open(path, O_RDONLY);
    wait_for_end(fifo);
    return write_text(report, output);
}

static void make_fifo(const struct world *world, char path[128])
{
    snprintf(path, 128, "%s/wait", world->path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
}

TEST(a_job_does_not_see_what_the_node_changes_meanwhile)
{
    struct world world;
    world_init(&world, write_when_told);
    char path[128];
    make_fifo(&world, path);
    world_start(&world);
    strcpy(world.report.text, "after it");
    int fifo = open(path, O_WRONLY); // Waits until the job has got there.
    ck_assert_int_ge(fifo, 0);
    loop_run_once(world.loop, 0);
    ck_assert_int_eq(world.report.done, 0);
    close(fifo);
    world_finish(&world);
    ck_assert_int_eq(world.report.status, STATUS_OK);
    char bytes[16];
    ck_assert_uint_eq(world_read(&world, bytes, sizeof bytes), 6);
    ck_assert_mem_eq(bytes, "before", 6);
    world_deinit(&world);
}

static enum status write_with_progress(struct report *report,
                                       struct env_output *output)
{
    for (uint64_t i = 1; i <= 1000; i++)
        output->progress(output, i);
    return write_text(report, output);
}

TEST(progress_is_shown)
{
    struct world world;
    world_init(&world, write_with_progress);
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    ck_assert_uint_eq(world.report.job.progress, 1000);
    world_deinit(&world);
}

static enum status write_some_and_give_up(struct report *report,
                                          struct env_output *output)
{
    write_much(report, output);
    return STATUS_FULL;
}

TEST(a_job_that_gives_up_leaves_its_status_and_no_file)
{
    struct world world;
    world_init(&world, write_some_and_give_up);
    ck_assert_int_eq(world_run(&world), STATUS_FULL);
    ck_assert(!world_has_file(&world));
    world_deinit(&world);
}

// The status of the put that failed is the job's to hand on.
static enum status write_until_it_fails(struct report *report,
                                        struct env_output *output)
{
    (void)report;
    static const char bytes[64 * 1024];
    enum status status = STATUS_OK;
    for (int i = 0; status == STATUS_OK && i < 1000; i++)
        status = output->put(output, (struct slice){bytes, sizeof bytes});
    return status;
}

TEST(a_file_beyond_the_limit_of_sizes_is_an_error)
{
    struct world world;
    world_init(&world, write_until_it_fails);
    struct rlimit before, limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 3000000, .rlim_max = before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(world_run(&world), STATUS_IO);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert(!world_has_file(&world));
    world_deinit(&world);
}

TEST(what_does_not_fit_at_the_very_end_is_an_error_too)
{
    struct world world;
    world_init(&world, write_text);
    struct rlimit before, limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(world_run(&world), STATUS_IO);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert(!world_has_file(&world));
    world_deinit(&world);
}

// The blocks of a removed file come back behind its close, which the disk's
// thread does in its turn.
static void world_wait_for_disk(struct world *world)
{
    env_posix_destroy(world->env); // Not without finishing that.
    world->env = env_posix_create(
        world->loop, &(struct env_posix_options){.directory = world->path});
    ck_assert_ptr_nonnull(world->env);
}

TEST(a_full_disk_is_status_full)
{
    // A disk of two megabytes, seen by this process alone, for who may do so.
    char path[64];
    snprintf(path, sizeof path, "/tmp/vega-test-job-%d", (int)getpid());
    if (unshare(CLONE_NEWNS) != 0)
        return;
    ck_assert_int_eq(mkdir(path, 0700), 0);
    if (mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("vega", path, "tmpfs", 0, "size=2m,mode=0700") != 0) {
        rmdir(path);
        return;
    }
    struct world world;
    world_init(&world, write_until_it_fails);
    ck_assert_int_eq(world_run(&world), STATUS_FULL);
    ck_assert(!world_has_file(&world));

    world_wait_for_disk(&world);
    world.report.done = 0; // There is room again.
    world.report.write = write_text;
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    world_deinit(&world);
    umount(path);
    rmdir(path);
}

static enum status write_and_crash(struct report *report,
                                   struct env_output *output)
{
    prctl(PR_SET_DUMPABLE, 0); // No core file.
    write_text(report, output);
    abort();
}

TEST(a_job_that_crashes_failed)
{
    struct world world;
    world_init(&world, write_and_crash);
    ck_assert_int_eq(world_run(&world), STATUS_IO);
    ck_assert(!world_has_file(&world));

    world.report.done = 0;
    world.report.write = write_text;
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    world_deinit(&world);
}

TEST(a_name_that_exists_is_refused_later_and_left_alone)
{
    struct world world;
    world_init(&world, write_text);
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    world.report.done = 0;
    strcpy(world.report.text, "more");
    ck_assert_int_eq(world_run(&world), STATUS_EXISTS);
    char bytes[16];
    ck_assert_uint_eq(world_read(&world, bytes, sizeof bytes), 6);

    world.report.done = 0; // And one that is stopped before it hears of that.
    world_start(&world);
    env_job_stop(world.env, &world.report.job);
    loop_run_once(world.loop, 0);
    ck_assert_int_eq(world.report.done, 0);
    ck_assert(world_has_file(&world));
    world_deinit(&world);
}

TEST(a_job_that_cannot_be_started_fails_later_and_leaves_no_file)
{
    struct world world;
    world_init(&world, write_text);
    int next = open("/dev/null", O_RDONLY);
    close(next);
    struct rlimit before, limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    // For the file and half a pipe.
    limit = (struct rlimit){.rlim_cur = (rlim_t)next + 2,
                            .rlim_max = before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    world_start(&world);
    ck_assert(world_has_file(&world));
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    world_finish(&world);
    ck_assert_int_eq(world.report.status, STATUS_IO);
    ck_assert(!world_has_file(&world));
    world_deinit(&world);
}

_Noreturn static void wait_for_ever(void)
{
    for (;;)
        pause();
}

static enum status write_for_ever(struct report *report,
                                  struct env_output *output)
{
    (void)report;
    output->progress(output, 1);
    wait_for_ever();
}

TEST(a_stopped_job_is_gone_with_its_file_and_never_done)
{
    struct world world;
    world_init(&world, write_for_ever);
    env_job_stop(world.env, &world.report.job); // Harmless.
    world_start(&world);
    ck_assert(world_has_file(&world));
    env_job_stop(world.env, &world.report.job);
    ck_assert(!world_has_file(&world));
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    loop_run_once(world.loop, 0);
    ck_assert_int_eq(world.report.done, 0);

    world.report.write = write_text; // The name is free again.
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    world_deinit(&world);
}

TEST(destroying_the_world_stops_its_jobs)
{
    struct world world;
    world_init(&world, write_for_ever);
    world_start(&world);
    env_posix_destroy(world.env);
    ck_assert(!world_has_file(&world));
    ck_assert_int_eq(world.report.done, 0);
    world.env = env_posix_create(
        world.loop, &(struct env_posix_options){.directory = world.path});
    ck_assert_ptr_nonnull(world.env);
    world_deinit(&world);
}

TEST(two_jobs_run_side_by_side_and_other_children_are_left_alone)
{
    struct world world;
    world_init(&world, write_for_ever);
    struct report other = world.report;
    other.job.name = "2.draft";
    other.write = write_text;
    pid_t stranger = fork();
    if (stranger == 0)
        _exit(7);
    world_start(&world);
    env_job_start(world.env, &other.job);
    for (int rounds = 0; !other.done && rounds < 1000; rounds++)
        loop_run_once(world.loop, 1000);
    ck_assert_int_eq(other.done, 1);
    ck_assert_int_eq(other.status, STATUS_OK);
    ck_assert_int_eq(world.report.done, 0);
    env_job_stop(world.env, &world.report.job);
    int how;
    ck_assert_int_eq(waitpid(stranger, &how, 0), stranger);
    ck_assert_int_eq(WEXITSTATUS(how), 7);
    world_deinit(&world);
}

// Says which descriptors and signals it has.
static enum status write_what_it_has(struct report *report,
                                     struct env_output *output)
{
    (void)report;
    char text[64];
    int open_files = 0;
    for (int fd = 0; fd < 1000; fd++)
        open_files += fcntl(fd, F_GETFD) >= 0;
    sigset_t blocked;
    struct sigaction term;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    sigaction(SIGTERM, NULL, &term);
    snprintf(text, sizeof text, "%d %d %d", open_files,
             sigismember(&blocked, SIGTERM), term.sa_handler == SIG_DFL);
    return output->put(output, slice_of(text));
}

TEST(a_job_keeps_three_descriptors_and_no_signal_of_the_node)
{
    struct world world;
    world_init(&world, write_what_it_has);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGTERM, SIG_IGN);
    int spare = open("/dev/null", O_RDONLY);
    ck_assert_int_eq(world_run(&world), STATUS_OK);
    close(spare);
    char bytes[64] = "";
    world_read(&world, bytes, sizeof bytes - 1);
    ck_assert_str_eq(bytes, "3 0 1");
    world_deinit(&world);
}

// ---- A node that dies

static enum status write_pid_and_wait(struct report *report,
                                      struct env_output *output)
{
    (void)output;
    pid_t pid = getpid();
    // A descriptor of the node's is closed here; a FIFO can be opened anew.
    char path[128];
    snprintf(path, sizeof path, "%s/wait", report->text);
    int fifo = open(path, O_WRONLY);
    if (write(fifo, &pid, sizeof pid) != sizeof pid)
        return STATUS_IO;
    wait_for_ever(); // With the FIFO open: its end is this process' end.
}

static void be_a_node(const struct world *world)
{
    struct report report = world->report;
    struct loop *loop = loop_create();
    struct env *env = env_posix_create(
        loop, &(struct env_posix_options){.directory = world->path});
    if (!env)
        _exit(1);
    env_job_start(env, &report.job);
    for (;;)
        loop_run_once(loop, -1);
}

TEST(a_killed_node_takes_its_job_along_and_leaves_no_lock)
{
    struct world world;
    world_init(&world, write_pid_and_wait);
    env_posix_destroy(world.env);
    char path[128];
    make_fifo(&world, path);
    snprintf(world.report.text, sizeof world.report.text, "%s", world.path);

    pid_t node = fork();
    if (node == 0)
        be_a_node(&world);
    int fifo = open(path, O_RDONLY); // Waits for the job.
    pid_t job;
    ck_assert_int_eq(read(fifo, &job, sizeof job), sizeof job);
    ck_assert_int_eq(kill(job, SIGSTOP), 0); // It may not even go by itself.
    ck_assert_int_eq(kill(node, SIGKILL), 0);
    ck_assert_int_eq(waitpid(node, NULL, 0), node);
    wait_for_end(fifo);
    close(fifo);

    world.env = env_posix_create(
        world.loop, &(struct env_posix_options){.directory = world.path});
    ck_assert_ptr_nonnull(world.env);
    world_deinit(&world);
}
