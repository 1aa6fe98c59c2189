// io_batch.c -- receives and sends of many sockets in one system call.
//
// The ring is used for nothing but its submission: every call says
// MSG_DONTWAIT, so the kernel has done all of them when io_uring_enter(2)
// returns, and their results lie in the completion queue. Readiness stays
// epoll's business.
// SPDX-License-Identifier: MIT
#include "common/net/io_batch.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum io_kind { IO_RECEIVE, IO_SEND };

struct io_batch {
    bool has_ring;
    struct io_uring ring;
    // calls[next..count) are still to be told; while calls gather, next is 0.
    // One that is cancelled is replaced by NULL.
    unsigned next, count;
    struct io_call *calls[IO_BATCH_MAX];
    enum io_kind kinds[IO_BATCH_MAX];
    ssize_t results[IO_BATCH_MAX];
    char scratch[IO_BATCH_MAX][IO_SCRATCH_SIZE];
};

struct io_batch *io_batch_create(void)
{
    return xcalloc(1, sizeof(struct io_batch));
}

void io_batch_destroy(struct io_batch *batch)
{
    if (batch->has_ring)
        io_uring_queue_exit(&batch->ring);
    free(batch);
}

bool io_batch_use_uring(struct io_batch *batch)
{
    check(!batch->has_ring);
    unsigned flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                     IORING_SETUP_SUBMIT_ALL;
    if (io_uring_queue_init(IO_BATCH_MAX, &batch->ring, flags) != 0)
        return false;
    // Spares the kernel a look-up a call; it works without as well.
    io_uring_register_ring_fd(&batch->ring);
    batch->has_ring = true;
    return true;
}

static void io_batch_call(struct io_batch *batch, unsigned i)
{
    const struct io_call *call = batch->calls[i];
    ssize_t result = batch->kinds[i] == IO_SEND
                         ? send(call->fd, call->data, call->size,
                                MSG_NOSIGNAL | MSG_DONTWAIT)
                         : recv(call->fd, call->data, call->size, MSG_DONTWAIT);
    batch->results[i] = result < 0 ? -errno : result;
}

static void io_batch_prepare(struct io_batch *batch, unsigned i)
{
    const struct io_call *call = batch->calls[i];
    struct io_uring_sqe *sqe = io_uring_get_sqe(&batch->ring);
    check(sqe);
    if (batch->kinds[i] == IO_SEND)
        io_uring_prep_send(sqe, call->fd, call->data, call->size,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    else
        io_uring_prep_recv(sqe, call->fd, call->data, call->size, MSG_DONTWAIT);
    io_uring_sqe_set_data64(sqe, i);
}

// Hands `count` prepared calls over until all of their results are there.
static void io_batch_enter(struct io_batch *batch, unsigned count)
{
    while (count) {
        int result = io_uring_submit_and_wait(&batch->ring, count);
        check(result >= 0 || result == -EINTR || result == -EAGAIN ||
              result == -EBUSY);
        struct io_uring_cqe *cqe;
        unsigned head, seen = 0;
        io_uring_for_each_cqe(&batch->ring, head, cqe)
        {
            batch->results[io_uring_cqe_get_data64(cqe)] = cqe->res;
            seen++;
        }
        io_uring_cq_advance(&batch->ring, seen);
        count -= seen;
    }
}

static void io_batch_make_calls(struct io_batch *batch)
{
    bool together = batch->has_ring && batch->count > 1;
    unsigned prepared = 0;
    for (unsigned i = 0; i < batch->count; i++) {
        if (!batch->calls[i])
            continue;
        if (together)
            io_batch_prepare(batch, i);
        else
            io_batch_call(batch, i);
        prepared += together;
    }
    io_batch_enter(batch, prepared);
}

void io_batch_flush(struct io_batch *batch)
{
    check(batch->next == 0); // Not from inside `done`.
    io_batch_make_calls(batch);
    while (batch->next < batch->count) {
        unsigned i = batch->next++;
        if (batch->calls[i])
            batch->calls[i]->done(batch->calls[i], batch->results[i]);
    }
    batch->next = batch->count = 0;
}

static void io_batch_add(struct io_batch *batch, struct io_call *call,
                         enum io_kind kind)
{
    check(batch->next == 0); // Nor this.
    batch->calls[batch->count] = call;
    batch->kinds[batch->count] = kind;
    if (++batch->count == IO_BATCH_MAX)
        io_batch_flush(batch);
}

void io_batch_receive(struct io_batch *batch, struct io_call *call)
{
    call->data = batch->scratch[batch->count];
    call->size = IO_SCRATCH_SIZE;
    io_batch_add(batch, call, IO_RECEIVE);
}

void io_batch_send(struct io_batch *batch, struct io_call *call)
{
    io_batch_add(batch, call, IO_SEND);
}

void io_batch_cancel(struct io_batch *batch, const struct io_call *call)
{
    for (unsigned i = batch->next; i < batch->count; i++) {
        if (batch->calls[i] == call)
            batch->calls[i] = NULL;
    }
}
