// test_posix_disk.c -- files through struct env, on a real directory: order,
// names, errors, short writes, and what closing and destroying wait for.
// SPDX-License-Identifier: MIT
#include "common/env/posix_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/env/env_posix.h"
#include "tests/test.h"

enum {
    OPERATIONS_MAX = 300,
    POSIX_DISK_TEST_LARGE = 100000, // Certainly not done at once.
};

// A node's world over a fresh directory.
struct world {
    char path[64];
    char data[80];   // path/data: the disk's directory, made by it.
    char apart[112]; // path/snapshots: where snapshots live, if they do; or "".
    struct loop *loop;
    struct env *env;
};

static void world_open(struct world *world)
{
    world->env = env_posix_create(
        world->loop,
        &(struct env_posix_options){.directory = world->data,
                                    .snapshot_directory =
                                        *world->apart ? world->apart : NULL});
    ck_assert_ptr_nonnull(world->env);
}

static struct world world_make(bool apart)
{
    struct world world = {0};
    snprintf(world.path, sizeof world.path, "/tmp/vega-test-disk-%d",
             (int)getpid());
    ck_assert_int_eq(mkdir(world.path, 0700), 0);
    snprintf(world.data, sizeof world.data, "%s/data", world.path);
    if (apart)
        snprintf(world.apart, sizeof world.apart, "%s/snapshots", world.path);
    world.loop = loop_create();
    world_open(&world);
    return world;
}

static struct world world_create(void)
{
    return world_make(false);
}

static int remove_one(const char *path, const struct stat *stat, int kind,
                      struct FTW *place)
{
    (void)stat, (void)kind, (void)place;
    return remove(path);
}

static void world_destroy(struct world *world)
{
    if (world->env)
        env_posix_destroy(world->env);
    loop_destroy(world->loop);
    nftw(world->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

// An operation that remembers when and how it ended.
struct operation {
    struct env_io io;
    int *completed; // Of all; shared.
    int place;      // Which completion this was, from 1; 0: not yet.
};

static void operation_done(struct env_io *io, enum status status)
{
    struct operation *operation = container_of(io, struct operation, io);
    ck_assert_int_eq(operation->place, 0);
    ck_assert_int_eq(status, io->status);
    operation->place = ++*operation->completed;
}

static struct operation operation_of(struct env_file *file, uint64_t offset,
                                     const char *text, int *completed)
{
    return (struct operation){.io = {.done = operation_done,
                                     .file = file,
                                     .offset = offset,
                                     .bytes = slice_of(text)},
                              .completed = completed};
}

static void run_until(struct world *world, const int *completed, int count)
{
    for (int rounds = 0; *completed < count && rounds < 1000; rounds++)
        loop_run_once(world->loop, 1000);
    ck_assert_int_eq(*completed, count);
}

static struct env_file *file_open(struct world *world, const char *name,
                                  enum env_open how)
{
    struct env_file *file = NULL;
    ck_assert_int_eq(env_disk_open(world->env, name, how, &file), STATUS_OK);
    ck_assert_ptr_nonnull(file);
    return file;
}

static void file_write(struct world *world, struct env_file *file,
                       const char *text)
{
    int completed = 0;
    struct operation write = operation_of(file, 0, text, &completed);
    env_disk_write(world->env, &write.io);
    run_until(world, &completed, 1);
    ck_assert_int_eq(write.io.status, STATUS_OK);
}

static void file_create(struct world *world, const char *name, const char *text)
{
    struct env_file *file = file_open(world, name, ENV_OPEN_CREATE);
    file_write(world, file, text);
    env_disk_close(world->env, file);
}

static void expect_contents(struct world *world, struct env_file *file,
                            const char *expected)
{
    char bytes[64];
    size_t read = 0;
    ck_assert_int_eq(
        env_disk_read(world->env, file, 0, bytes, sizeof bytes, &read),
        STATUS_OK);
    ck_assert_uint_eq(read, strlen(expected));
    ck_assert_mem_eq(bytes, expected, read);
    uint64_t size;
    ck_assert_int_eq(env_disk_size(world->env, file, &size), STATUS_OK);
    ck_assert_uint_eq(size, strlen(expected));
}

TEST(what_was_written_is_read_back_also_by_the_next_world)
{
    struct world world = world_create();
    file_create(&world, "a", "hello");
    env_posix_destroy(world.env);
    world_open(&world);

    struct env_file *file = file_open(&world, "a", ENV_OPEN_READ);
    expect_contents(&world, file, "hello");
    env_disk_close(world.env, file);
    world_destroy(&world);
}

TEST(writes_go_where_they_are_told_and_leave_a_hole_of_zeros)
{
    struct world world = world_create();
    struct env_file *file = file_open(&world, "a", ENV_OPEN_CREATE);
    int completed = 0;
    struct operation second = operation_of(file, 4, "EF", &completed);
    struct operation first = operation_of(file, 0, "ab", &completed);
    env_disk_write(world.env, &second.io);
    env_disk_write(world.env, &first.io);
    run_until(&world, &completed, 2);

    char bytes[8];
    size_t read;
    ck_assert_int_eq(env_disk_read(world.env, file, 1, bytes, 8, &read),
                     STATUS_OK);
    ck_assert_uint_eq(read, 5);
    ck_assert_mem_eq(bytes, "b\0\0EF", 5);
    ck_assert_int_eq(env_disk_read(world.env, file, 6, bytes, 8, &read),
                     STATUS_OK);
    ck_assert_uint_eq(read, 0);
    env_disk_close(world.env, file);
    world_destroy(&world);
}

// Writes keep their order, and so do syncs, which come behind the writes that
// were submitted before them. All have succeeded.
static void expect_order(const struct operation *operations, int count)
{
    int write = 0, sync = 0;
    for (int i = 0; i < count; i++) {
        bool is_sync = operations[i].io.kind == ENV_IO_SYNC;
        int place = operations[i].place;
        ck_assert_int_eq(operations[i].io.status, STATUS_OK);
        ck_assert_int_gt(place, write);
        if (is_sync)
            ck_assert_int_gt(place, sync);
        *(is_sync ? &sync : &write) = place;
    }
}

TEST(operations_complete_in_order_across_files_and_not_inside_the_call)
{
    struct world world = world_create();
    struct env_file *files[2] = {file_open(&world, "a", ENV_OPEN_CREATE),
                                 file_open(&world, "b", ENV_OPEN_CREATE)};
    static struct operation operations[OPERATIONS_MAX];
    int completed = 0;
    for (int i = 0; i < OPERATIONS_MAX; i++) {
        // All writes of a file go to the same place: the last one must win.
        const char *text = i / 2 % 2 ? "odd " : "even";
        operations[i] = operation_of(files[i % 2], 0, text, &completed);
        if (i % 50 == 49)
            env_disk_sync(world.env, &operations[i].io);
        else
            env_disk_write(world.env, &operations[i].io);
        ck_assert_int_eq(completed, 0);
    }
    run_until(&world, &completed, OPERATIONS_MAX);
    expect_order(operations, OPERATIONS_MAX);
    // 298 was the last write to "a", 297 to "b" (299 is a sync).
    expect_contents(&world, files[0], "odd ");
    expect_contents(&world, files[1], "even");
    env_disk_close(world.env, files[0]);
    env_disk_close(world.env, files[1]);
    world_destroy(&world);
}

// Small and large writes, syncs and closes of many files in one stream: who
// does the work must not show.
TEST(writes_done_at_once_and_by_the_thread_complete_in_order)
{
    struct world world = world_create();
    static char large[POSIX_DISK_TEST_LARGE];
    memset(large, 'L', sizeof large);
    struct env_file *file = file_open(&world, "a", ENV_OPEN_CREATE);
    static struct operation operations[OPERATIONS_MAX];
    int completed = 0;
    for (int i = 0; i < OPERATIONS_MAX; i++) {
        operations[i] = operation_of(file, 0, "small", &completed);
        if (i % 7 == 3)
            operations[i].io.bytes = (struct slice){large, sizeof large};
        if (i % 11 == 5)
            env_disk_sync(world.env, &operations[i].io);
        else
            env_disk_write(world.env, &operations[i].io);
        if (i % 5 == 0)
            loop_run_once(world.loop, 0);
        if (i % 31 == 0) // Until the thread has nothing to do.
            run_until(&world, &completed, i + 1);
    }
    run_until(&world, &completed, OPERATIONS_MAX);
    expect_order(operations, OPERATIONS_MAX);
    env_disk_close(world.env, file);
    world_destroy(&world);
}

TEST(patient_operations_keep_their_order_and_the_others_theirs)
{
    struct world world = world_create();
    static char large[POSIX_DISK_TEST_LARGE];
    struct env_file *files[2] = {file_open(&world, "a", ENV_OPEN_CREATE),
                                 file_open(&world, "b", ENV_OPEN_CREATE)};
    static struct operation operations[OPERATIONS_MAX];
    int completed = 0;
    for (int i = 0; i < OPERATIONS_MAX; i++) {
        bool patient = i % 3 == 0;
        operations[i] = operation_of(files[patient], 0, "small", &completed);
        operations[i].io.patient = patient;
        if (i % 9 == 0)
            operations[i].io.bytes = (struct slice){large, sizeof large};
        if (i % 5 == 1)
            env_disk_sync(world.env, &operations[i].io);
        else
            env_disk_write(world.env, &operations[i].io);
        if (i % 4 == 0)
            loop_run_once(world.loop, 0);
    }
    env_disk_close(world.env, files[1]);
    run_until(&world, &completed, OPERATIONS_MAX);
    static struct operation lanes[2][OPERATIONS_MAX];
    int counts[2] = {0, 0}, last = 0;
    for (int i = 0; i < OPERATIONS_MAX; i++) {
        bool patient = i % 3 == 0;
        lanes[patient][counts[patient]++] = operations[i];
        if (patient)
            ck_assert_int_gt(operations[i].place, last);
        if (patient)
            last = operations[i].place;
    }
    expect_order(lanes[0], counts[0]);
    expect_order(lanes[1], counts[1]);
    env_disk_close(world.env, files[0]);
    world_destroy(&world);
}

TEST(a_small_write_is_done_at_once_whatever_is_patient)
{
    struct world world = world_create();
    static char large[POSIX_DISK_TEST_LARGE];
    struct env_file *patient = file_open(&world, "a", ENV_OPEN_CREATE);
    struct env_file *other = file_open(&world, "b", ENV_OPEN_CREATE);
    int completed = 0;
    struct operation slow[100];
    for (int i = 0; i < 100; i++) {
        slow[i] = operation_of(patient, 0, "", &completed);
        slow[i].io.bytes = (struct slice){large, sizeof large};
        slow[i].io.patient = true;
        if (i % 2)
            env_disk_sync(world.env, &slow[i].io);
        else
            env_disk_write(world.env, &slow[i].io);
    }
    struct operation small = operation_of(other, 0, "small", &completed);
    env_disk_write(world.env, &small.io);
    loop_run_once(world.loop, 0);
    ck_assert_int_ne(small.place, 0); // Done at once, by the node's thread.
    run_until(&world, &completed, 101);
    env_disk_close(world.env, patient);
    env_disk_close(world.env, other);
    world_destroy(&world);
}

// Writes at the end of a round, and sees what other hooks would send.
struct write_task {
    struct env_task task;
    struct env *env;
    struct operation operation;
};

static void write_run(struct env_task *task)
{
    struct write_task *self = container_of(task, struct write_task, task);
    env_disk_write(self->env, &self->operation.io);
    ck_assert_int_eq(self->operation.place, 0);
}

struct watching_hook {
    struct loop_hook hook;
    const int *completed;
    int saw;
};

static void watching_run(struct loop_hook *hook)
{
    struct watching_hook *self = container_of(hook, struct watching_hook, hook);
    self->saw = *self->completed;
}

TEST(a_small_write_at_the_end_of_a_round_is_done_before_output_leaves)
{
    struct world world = world_create();
    struct env_file *file = file_open(&world, "a", ENV_OPEN_CREATE);
    int completed = 0;
    struct write_task task = {
        .task.run = write_run,
        .env = world.env,
        .operation = operation_of(file, 0, "hello", &completed),
    };
    struct watching_hook hook = {.hook.run = watching_run,
                                 .completed = &completed};
    loop_add_hook(world.loop, &hook.hook);
    env_defer(world.env, &task.task);
    loop_run_once(world.loop, -1);
    ck_assert_int_eq(hook.saw, 1);
    ck_assert_int_eq(task.operation.io.status, STATUS_OK);
    expect_contents(&world, file, "hello");
    list_remove(&hook.hook.link);
    env_disk_close(world.env, file);
    world_destroy(&world);
}

// Submits itself anew until it has been done `again` more times.
struct repeated {
    struct env_io io;
    struct env *env;
    int again;
    int done;
};

static void repeated_done(struct env_io *io, enum status status)
{
    struct repeated *repeated = container_of(io, struct repeated, io);
    ck_assert_int_eq(status, STATUS_OK);
    repeated->done++;
    io->offset++;
    if (repeated->again-- > 0)
        env_disk_write(repeated->env, io);
    else
        env_disk_close(repeated->env, io->file);
}

TEST(a_callback_may_submit_again_and_close_and_destroying_sees_it_through)
{
    struct world world = world_create();
    struct repeated repeated = {
        .io = {.done = repeated_done,
               .file = file_open(&world, "a", ENV_OPEN_CREATE),
               .bytes = SLICE("x")},
        .env = world.env,
        .again = 9};
    env_disk_write(world.env, &repeated.io);
    env_posix_destroy(world.env);
    ck_assert_int_eq(repeated.done, 10);

    world_open(&world);
    struct env_file *file = file_open(&world, "a", ENV_OPEN_READ);
    expect_contents(&world, file, "xxxxxxxxxx");
    env_disk_close(world.env, file);
    world_destroy(&world);
}

TEST(a_file_may_be_closed_with_operations_under_way)
{
    struct world world = world_create();
    struct env_file *file = file_open(&world, "a", ENV_OPEN_CREATE);
    int completed = 0;
    struct operation write = operation_of(file, 0, "hello", &completed);
    struct operation sync = operation_of(file, 0, "", &completed);
    env_disk_write(world.env, &write.io);
    env_disk_sync(world.env, &sync.io);
    env_disk_close(world.env, file);
    ck_assert_int_eq(completed, 0);
    run_until(&world, &completed, 2);
    ck_assert_int_eq(write.io.status, STATUS_OK);
    ck_assert_int_eq(sync.io.status, STATUS_OK);

    file = file_open(&world, "a", ENV_OPEN_READ);
    expect_contents(&world, file, "hello");
    env_disk_close(world.env, file);
    world_destroy(&world);
}

TEST(opening_keeps_to_what_must_and_must_not_exist)
{
    struct world world = world_create();
    struct env_file *file = NULL;
    ck_assert_int_eq(env_disk_open(world.env, "a", ENV_OPEN_READ, &file),
                     STATUS_NOT_FOUND);
    ck_assert_int_eq(env_disk_open(world.env, "a", ENV_OPEN_WRITE, &file),
                     STATUS_NOT_FOUND);
    ck_assert_ptr_null(file);
    file_create(&world, "a", "hello");
    ck_assert_int_eq(env_disk_open(world.env, "a", ENV_OPEN_CREATE, &file),
                     STATUS_EXISTS);
    ck_assert_ptr_null(file);

    file = file_open(&world, "a", ENV_OPEN_WRITE);
    file_write(&world, file, "J");
    expect_contents(&world, file, "Jello");
    env_disk_close(world.env, file);
    world_destroy(&world);
}

TEST(a_failed_write_says_so_and_does_not_stop_the_next)
{
    struct world world = world_create();
    file_create(&world, "a", "hello");
    struct env_file *readable = file_open(&world, "a", ENV_OPEN_READ);
    struct env_file *writable = file_open(&world, "a", ENV_OPEN_WRITE);
    int completed = 0;
    struct operation bad = operation_of(readable, 0, "x", &completed);
    struct operation good = operation_of(writable, 0, "J", &completed);
    env_disk_write(world.env, &bad.io);
    env_disk_write(world.env, &good.io);
    run_until(&world, &completed, 2);
    ck_assert_int_ne(bad.io.status, STATUS_OK);
    ck_assert_int_eq(good.io.status, STATUS_OK);
    expect_contents(&world, readable, "Jello");
    env_disk_close(world.env, readable);
    env_disk_close(world.env, writable);
    world_destroy(&world);
}

TEST(a_full_device_is_status_full)
{
    struct world world = world_create();
    char path[128];
    snprintf(path, sizeof path, "%s/full", world.data);
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    struct env_file *file = file_open(&world, "full", ENV_OPEN_WRITE);
    int completed = 0;
    struct operation write = operation_of(file, 0, "x", &completed);
    env_disk_write(world.env, &write.io);
    run_until(&world, &completed, 1);
    ck_assert_int_eq(write.io.status, STATUS_FULL);
    env_disk_close(world.env, file);
    world_destroy(&world);
}

// A limit on file sizes cuts the first pwrite(2) short and fails the next.
TEST(a_short_write_is_continued_until_it_fails)
{
    struct world world = world_create();
    struct env_file *file = file_open(&world, "a", ENV_OPEN_CREATE);
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 3, .rlim_max = before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);

    int completed = 0;
    struct operation write = operation_of(file, 0, "hello", &completed);
    env_disk_write(world.env, &write.io);
    run_until(&world, &completed, 1);
    ck_assert_int_eq(write.io.status, STATUS_IO);
    expect_contents(&world, file, "hel");

    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    env_disk_close(world.env, file);
    world_destroy(&world);
}

TEST(names_stay_inside_the_directory)
{
    static const char *const bad[] = {"",     ".",   "..", "/etc/passwd",
                                      "../a", "a/b", "a/"};
    struct world world = world_create();
    file_create(&world, "a", "hello");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct env_file *file = NULL;
        ck_assert_int_eq(
            env_disk_open(world.env, bad[i], ENV_OPEN_CREATE, &file),
            STATUS_INVALID);
        ck_assert_int_eq(env_disk_rename(world.env, "a", bad[i]),
                         STATUS_INVALID);
        ck_assert_int_eq(env_disk_rename(world.env, bad[i], "b"),
                         STATUS_INVALID);
        ck_assert_int_eq(env_disk_remove(world.env, bad[i]), STATUS_INVALID);
    }
    char name[400];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    struct env_file *file = NULL;
    ck_assert_int_eq(env_disk_open(world.env, name, ENV_OPEN_CREATE, &file),
                     STATUS_INVALID);
    world_destroy(&world);
}

// The names that a listing gave, sorted into letters: "a", "b", ... only.
static void note_name(void *context, const char *name)
{
    unsigned *seen = context;
    ck_assert_uint_eq(strlen(name), 1);
    unsigned bit = 1u << (*name - 'a');
    ck_assert(!(*seen & bit));
    *seen |= bit;
}

TEST(names_can_be_listed_renamed_and_removed)
{
    struct world world = world_create();
    unsigned seen = 0;
    ck_assert_int_eq(env_disk_list(world.env, note_name, &seen), STATUS_OK);
    ck_assert_uint_eq(seen, 0);

    file_create(&world, "a", "from a");
    file_create(&world, "b", "from b");
    file_create(&world, "c", "from c");
    ck_assert_int_eq(env_disk_rename(world.env, "a", "b"), STATUS_OK);
    ck_assert_int_eq(env_disk_remove(world.env, "c"), STATUS_OK);
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    ck_assert_int_eq(env_disk_rename(world.env, "a", "d"), STATUS_NOT_FOUND);
    ck_assert_int_eq(env_disk_remove(world.env, "c"), STATUS_NOT_FOUND);

    for (int i = 0; i < 2; i++) { // A listing leaves nothing behind.
        seen = 0;
        ck_assert_int_eq(env_disk_list(world.env, note_name, &seen), STATUS_OK);
        ck_assert_uint_eq(seen, 2);
    }
    struct env_file *file = file_open(&world, "b", ENV_OPEN_READ);
    expect_contents(&world, file, "from a");
    env_disk_close(world.env, file);
    world_destroy(&world);
}

static bool exists(const char *directory, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static void count_name(void *context, const char *name)
{
    ck_assert_str_ne(name, "stray");
    ck_assert_str_ne(name, "stray.snapshot");
    ++*(int *)context;
}

// What lies where it does not belong.
static void put_stray(const char *directory, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

TEST(snapshots_may_live_in_a_directory_of_their_own)
{
    struct world world = world_make(true);
    file_create(&world, "1.log", "log");
    file_create(&world, "1.snapshot.draft", "draft");
    file_create(&world, "2.snapshot.draft", "draft");
    file_create(&world, "snapshot", "log too");
    put_stray(world.data, "stray.snapshot");
    put_stray(world.apart, "stray");
    ck_assert(exists(world.apart, "1.snapshot.draft"));
    ck_assert_int_eq(
        env_disk_rename(world.env, "1.snapshot.draft", "1.snapshot"),
        STATUS_OK);
    ck_assert(exists(world.apart, "1.snapshot"));
    ck_assert(exists(world.data, "1.log"));
    ck_assert(exists(world.data, "snapshot"));
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);

    int count = 0;
    ck_assert_int_eq(env_disk_list(world.env, count_name, &count), STATUS_OK);
    ck_assert_int_eq(count, 4);
    struct env_file *file = file_open(&world, "1.snapshot", ENV_OPEN_READ);
    expect_contents(&world, file, "draft");
    env_disk_close(world.env, file);
    ck_assert_int_eq(env_disk_remove(world.env, "2.snapshot.draft"), STATUS_OK);
    ck_assert(!exists(world.apart, "2.snapshot.draft"));
    world_destroy(&world);
}

TEST(the_two_directories_may_be_one_or_one_in_the_other)
{
    struct world world = world_create();
    env_posix_destroy(world.env);
    snprintf(world.apart, sizeof world.apart, "%s/../data/", world.data);
    world_open(&world);
    file_create(&world, "1.snapshot", "here");
    ck_assert(exists(world.data, "1.snapshot"));
    int count = 0;
    ck_assert_int_eq(env_disk_list(world.env, count_name, &count), STATUS_OK);
    ck_assert_int_eq(count, 1);

    env_posix_destroy(world.env);
    snprintf(world.apart, sizeof world.apart, "%s/snapshots", world.data);
    world_open(&world);
    file_create(&world, "2.snapshot", "there");
    count = 0; // The directory itself is no file.
    ck_assert_int_eq(env_disk_list(world.env, count_name, &count), STATUS_OK);
    ck_assert_int_eq(count, 1);
    world_destroy(&world);
}

TEST(a_snapshot_directory_has_one_disk_at_a_time_too)
{
    struct world world = world_make(true);
    struct loop *loop = loop_create();
    char other[128];
    snprintf(other, sizeof other, "%s/other", world.path);
    const char *failed = NULL;
    struct env_posix_options options = {.directory = other,
                                        .snapshot_directory = world.apart,
                                        .failed = &failed};
    errno = 0;
    ck_assert_ptr_null(env_posix_create(loop, &options));
    ck_assert_int_eq(errno, EWOULDBLOCK);
    ck_assert_str_eq(failed, world.apart);
    // And the other one is free again.
    options.snapshot_directory = NULL;
    struct env *env = env_posix_create(loop, &options);
    ck_assert_ptr_nonnull(env);
    env_posix_destroy(env);
    loop_destroy(loop);
    world_destroy(&world);
}

TEST(a_directory_of_another_user_is_refused)
{
    if (geteuid() != 0)
        return; // Nobody else can give it away.
    struct world world = world_create();
    env_posix_destroy(world.env);
    world.env = NULL;
    ck_assert_int_eq(chown(world.data, 12345, 12345), 0);
    const char *failed = NULL;
    ck_assert_ptr_null(env_posix_create(
        world.loop, &(struct env_posix_options){.directory = world.data,
                                                .failed = &failed}));
    ck_assert_int_eq(errno, EPERM);
    ck_assert_str_eq(failed, world.data);
    world_destroy(&world);
}

TEST(a_directory_has_one_disk_at_a_time)
{
    struct world world = world_create();
    struct loop *loop = loop_create();
    struct env_posix_options options = {.directory = world.data};
    errno = 0;
    ck_assert_ptr_null(env_posix_create(loop, &options));
    ck_assert_int_eq(errno, EWOULDBLOCK);

    env_posix_destroy(world.env);
    world.env = NULL;
    struct env *next = env_posix_create(loop, &options);
    ck_assert_ptr_nonnull(next);
    env_posix_destroy(next);
    loop_destroy(loop);
    world_destroy(&world);
}

// A child that is about to die with its parent has the lock for a moment more.
TEST(a_directory_of_a_process_that_ends_is_waited_for)
{
    struct world world = world_create();
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        usleep(200 * 1000);
        _exit(0);
    }
    env_posix_destroy(world.env);
    world_open(&world);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    world_destroy(&world);
}

TEST(a_directory_that_cannot_be_is_an_error)
{
    struct world world = world_create();
    file_create(&world, "a", "hello");
    char path[128];
    struct loop *loop = loop_create();
    struct env_posix_options options = {.directory = path};

    snprintf(path, sizeof path, "%s/missing/data", world.path);
    ck_assert_ptr_null(env_posix_create(loop, &options));
    ck_assert_int_eq(errno, ENOENT);
    snprintf(path, sizeof path, "%s/a", world.data);
    ck_assert_ptr_null(env_posix_create(loop, &options));
    ck_assert_int_eq(errno, ENOTDIR);
    loop_destroy(loop);
    world_destroy(&world);
}

TEST(the_disk_tells_how_much_space_is_left)
{
    struct world world = world_create();
    struct statvfs stat;
    ck_assert_int_eq(statvfs(world.data, &stat), 0);
    uint64_t left = env_disk_free(world.env);
    // Others use it, too.
    ck_assert_uint_gt(left, 0);
    ck_assert_uint_le(left, (uint64_t)stat.f_blocks * stat.f_frsize);
    world_destroy(&world);
}
