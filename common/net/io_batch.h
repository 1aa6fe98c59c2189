// io_batch.h -- receives and sends of many sockets in one system call.
//
// Entering the kernel costs as much as a small request takes to execute, and
// on a virtual machine several times that. Calls that are ready together are
// therefore gathered and handed over together, through io_uring; where that
// cannot be had, or only one is there, they are the ordinary system calls.
// None ever waits: a socket that is not ready answers -EAGAIN.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_IO_BATCH_H
#define VEGA_COMMON_IO_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    IO_BATCH_MAX = 32,           // Calls that go together.
    IO_SCRATCH_SIZE = 64 * 1024, // What one receive brings at most.
};

// Embedded by its owner, who keeps it in place until `done`.
struct io_call {
    int fd;
    char *data; // To be sent: borrowed until `done`. Received: likewise lent.
    size_t size;
    // The number of bytes, 0 at the end of a received stream, or -errno. May
    // cancel calls, and add none.
    void (*done)(struct io_call *call, ssize_t result);
};

struct io_batch;

struct io_batch *io_batch_create(void); // Owned by the caller.
void io_batch_destroy(struct io_batch *batch);

// Goes through io_uring from now on; false where the system has none for us.
// By the thread that makes the calls.
bool io_batch_use_uring(struct io_batch *batch);

// Makes the call at io_batch_flush, or at once when that fills the batch; all
// calls that are gathered are done from inside.
void io_batch_receive(struct io_batch *batch, struct io_call *call);
void io_batch_send(struct io_batch *batch, struct io_call *call);
void io_batch_flush(struct io_batch *batch);

// It will not be done any more. Nothing if it is not in the batch.
void io_batch_cancel(struct io_batch *batch, const struct io_call *call);

#endif
