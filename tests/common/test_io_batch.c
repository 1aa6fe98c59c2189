// test_io_batch.c -- many socket calls together: the same whether they go
// through io_uring or one by one.
// SPDX-License-Identifier: MIT
#include "common/net/io_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/list.h"
#include "tests/test.h"

enum { ENDS_MAX = 2 * IO_BATCH_MAX };

struct batch_test;

// One socket with its far end, and what its call brought.
struct end {
    struct io_call call;
    struct batch_test *test;
    int far;
    int done;
    ssize_t result;
    char first; // Of the bytes received.
};

struct batch_test {
    struct io_batch *batch;
    struct end ends[ENDS_MAX];
    int told;           // Calls done so far.
    struct end *victim; // Cancelled by the first one that is done.
};

static void end_done(struct io_call *call, ssize_t result)
{
    struct end *end = container_of(call, struct end, call);
    end->done++;
    end->result = result;
    if (result > 0)
        end->first = call->data[0];
    if (end->test->told++ == 0 && end->test->victim)
        io_batch_cancel(end->test->batch, &end->test->victim->call);
}

// Memcheck cannot see what the kernel writes through a ring.
static bool has_uring(void)
{
    struct io_batch *batch = io_batch_create();
    bool has = !getenv("VALGRIND") && io_batch_use_uring(batch);
    io_batch_destroy(batch);
    return has;
}

static struct batch_test *test_create(bool uring)
{
    struct batch_test *test = calloc(1, sizeof *test);
    test->batch = io_batch_create();
    if (uring)
        ck_assert(io_batch_use_uring(test->batch));
    for (int i = 0; i < ENDS_MAX; i++) {
        struct end *end = &test->ends[i];
        int fds[2];
        ck_assert_int_eq(
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        end->call = (struct io_call){.fd = fds[0], .done = end_done};
        end->test = test;
        end->far = fds[1];
    }
    return test;
}

static void test_destroy(struct batch_test *test)
{
    io_batch_destroy(test->batch);
    for (int i = 0; i < ENDS_MAX; i++) {
        close(test->ends[i].call.fd);
        close(test->ends[i].far);
    }
    free(test);
}

// Each test runs both ways, where both are to be had.
static void both_ways(void (*run)(struct batch_test *test))
{
    for (int uring = 0; uring < (has_uring() ? 2 : 1); uring++) {
        struct batch_test *test = test_create(uring);
        run(test);
        test_destroy(test);
    }
}

static void far_write(struct end *end, char byte)
{
    ck_assert_int_eq(write(end->far, &byte, 1), 1);
}

static void each_gets_its_own(struct batch_test *test)
{
    for (int i = 0; i < ENDS_MAX; i++) {
        far_write(&test->ends[i], (char)i);
        io_batch_receive(test->batch, &test->ends[i].call);
    }
    io_batch_flush(test->batch);
    for (int i = 0; i < ENDS_MAX; i++) {
        ck_assert_int_eq(test->ends[i].done, 1);
        ck_assert_int_eq(test->ends[i].result, 1);
        ck_assert_int_eq(test->ends[i].first, i);
    }
}

TEST(more_receives_than_fit_each_bring_their_own_bytes)
{
    both_ways(each_gets_its_own);
}

static void results_are_those_of_recv(struct batch_test *test)
{
    struct end *silent = &test->ends[0], *ended = &test->ends[1];
    struct end *gone = &test->ends[2], *heard = &test->ends[3];
    shutdown(ended->far, SHUT_WR);
    int fd = gone->call.fd;
    gone->call.fd = -1;
    far_write(heard, 'h');
    for (int i = 0; i < 4; i++)
        io_batch_receive(test->batch, &test->ends[i].call);
    ck_assert_int_eq(test->told, 0); // Nothing before the flush.
    io_batch_flush(test->batch);
    gone->call.fd = fd;
    ck_assert_int_eq(silent->result, -EAGAIN);
    ck_assert_int_eq(ended->result, 0);
    ck_assert_int_eq(gone->result, -EBADF);
    ck_assert_int_eq(heard->result, 1);
    ck_assert_int_eq(test->told, 4);
}

TEST(silence_the_end_and_errors_are_told_apart)
{
    both_ways(results_are_those_of_recv);
}

static void sends_take_what_fits(struct batch_test *test)
{
    size_t size = 4 * 1024 * 1024;
    char *bytes = calloc(1, size);
    for (int i = 0; i < 3; i++) {
        test->ends[i].call.data = bytes;
        test->ends[i].call.size = size;
    }
    test->ends[1].call.size = 2;
    close(test->ends[2].far);
    for (int i = 0; i < 3; i++)
        io_batch_send(test->batch, &test->ends[i].call);
    io_batch_flush(test->batch);
    ck_assert_int_gt(test->ends[0].result, 0);
    ck_assert_int_lt(test->ends[0].result, (ssize_t)size);
    ck_assert_int_eq(test->ends[1].result, 2);
    ck_assert_int_eq(test->ends[2].result, -EPIPE); // And no signal.

    test->ends[0].call.data = bytes;
    io_batch_send(test->batch, &test->ends[0].call);
    io_batch_flush(test->batch);
    ck_assert_int_eq(test->ends[0].result, -EAGAIN);
    test->ends[2].far = dup(test->ends[1].far);
    free(bytes);
}

TEST(sends_take_what_fits_and_say_how_much)
{
    both_ways(sends_take_what_fits);
}

static void cancelled_ones_are_not_done(struct batch_test *test)
{
    for (int i = 0; i < 4; i++) {
        far_write(&test->ends[i], 'x');
        io_batch_receive(test->batch, &test->ends[i].call);
    }
    io_batch_cancel(test->batch, &test->ends[1].call);
    test->victim = &test->ends[3]; // This one by ends[0], when it is done.
    io_batch_cancel(test->batch, &test->ends[9].call); // Is not in it.
    io_batch_flush(test->batch);
    ck_assert_int_eq(test->ends[0].done, 1);
    ck_assert_int_eq(test->ends[1].done, 0);
    ck_assert_int_eq(test->ends[2].done, 1);
    ck_assert_int_eq(test->ends[3].done, 0);
    // What was cancelled before it was made has taken nothing.
    char byte;
    ck_assert_int_eq(read(test->ends[1].call.fd, &byte, 1), 1);
}

TEST(a_cancelled_call_is_not_done_before_or_after_it_was_made)
{
    both_ways(cancelled_ones_are_not_done);
}

static void batches_follow_each_other(struct batch_test *test)
{
    for (int round = 0; round < 1000; round++) {
        int count = 1 + round % 5;
        test->told = 0;
        for (int i = 0; i < count; i++) {
            far_write(&test->ends[i], (char)round);
            io_batch_receive(test->batch, &test->ends[i].call);
        }
        io_batch_flush(test->batch);
        ck_assert_int_eq(test->told, count);
        for (int i = 0; i < count; i++)
            ck_assert_int_eq(test->ends[i].first, (char)round);
    }
}

TEST(one_batch_follows_the_other)
{
    both_ways(batches_follow_each_other);
}
