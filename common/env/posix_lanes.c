// posix_lanes.c -- the threads that write and sync the files of a node.
//
// Invariants
// (I1) An operation is touched by one thread at a time; the mutex hands it
//      over.
// (I2) `finished` is empty, or the eventfd is readable or about to be, or the
//      node thread is about to take the list.
// (I3) All in `written` was submitted before all that the lane of writes was
//      given: it is completed first.
// (I4) What stands in the lane of syncs was submitted behind writes that are
//      done. While there are others before it, it stands behind them.
// SPDX-License-Identifier: MIT
#include "common/env/posix_lanes.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum lane_name { LANE_WRITES, LANE_SYNCS, LANE_PATIENT, LANES };

// First in, first out. Zeroed: empty.
struct io_queue {
    struct env_io *first, *last;
};

struct lane {
    struct posix_lanes *lanes;
    size_t given; // To be done here; `done` not yet called. The node thread's.
    pthread_t thread;
    pthread_cond_t work; // `submitted` or `stopping` changed.
    // Guarded by the mutex.
    struct io_queue submitted;
    bool busy; // With one that is in no queue.
};

struct posix_lanes {
    void (*perform)(void *context, struct env_io *io);
    void *context;
    struct loop *loop;
    struct loop_source wakeup; // The eventfd.
    struct io_queue written;   // Done here; `done` not yet called.

    struct lane each[LANES];
    pthread_mutex_t mutex; // Guards what they say, and all below.
    struct io_queue finished;
    bool stopping;
};

static void io_queue_push(struct io_queue *queue, struct env_io *io)
{
    io->next = NULL;
    if (queue->last)
        queue->last->next = io;
    else
        queue->first = io;
    queue->last = io;
}

static struct env_io *io_queue_pop(struct io_queue *queue)
{
    struct env_io *io = queue->first;
    if (io) {
        queue->first = io->next;
        if (!queue->first)
            queue->last = NULL;
    }
    return io;
}

// Where an operation is done.
static struct lane *lane_of(struct posix_lanes *lanes, const struct env_io *io)
{
    if (io->patient)
        return &lanes->each[LANE_PATIENT];
    return &lanes->each[io->kind == ENV_IO_WRITE ? LANE_WRITES : LANE_SYNCS];
}

// ---- The threads

// Under the mutex.
static void lane_push(struct lane *lane, struct env_io *io)
{
    io_queue_push(&lane->submitted, io);
    pthread_cond_signal(&lane->work);
}

// Under the mutex, which it gives back meanwhile.
static void lane_do(struct lane *lane, struct env_io *io)
{
    struct posix_lanes *lanes = lane->lanes;
    lane->busy = true;
    pthread_mutex_unlock(&lanes->mutex);
    lanes->perform(lanes->context, io);
    pthread_mutex_lock(&lanes->mutex);
    lane->busy = false;
    bool was_empty = !lanes->finished.first;
    io_queue_push(&lanes->finished, io);
    if (!was_empty)
        return;
    // Whoever is woken needs the mutex next. Upholds (I2).
    pthread_mutex_unlock(&lanes->mutex);
    check(eventfd_write(lanes->wakeup.fd, 1) == 0);
    pthread_mutex_lock(&lanes->mutex);
}

static void *lane_run(void *context)
{
    struct lane *lane = context;
    struct posix_lanes *lanes = lane->lanes;
    pthread_mutex_lock(&lanes->mutex);
    for (;;) {
        struct env_io *io = io_queue_pop(&lane->submitted);
        if (!io && lanes->stopping)
            break;
        if (!io)
            pthread_cond_wait(&lane->work, &lanes->mutex);
        else if (lane_of(lanes, io) == lane)
            lane_do(lane, io);
        else // Its turn has come: upholds (I4).
            lane_push(lane_of(lanes, io), io);
    }
    pthread_mutex_unlock(&lanes->mutex);
    return NULL;
}

// It takes no signals: they are the node thread's.
static void lane_start(struct lane *lane, struct posix_lanes *lanes)
{
    lane->lanes = lanes;
    check(pthread_cond_init(&lane->work, NULL) == 0);
    sigset_t all, before;
    sigfillset(&all);
    check(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    check(pthread_create(&lane->thread, NULL, lane_run, lane) == 0);
    check(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

// They are `stopping`.
static void lane_stop(struct lane *lane)
{
    pthread_mutex_lock(&lane->lanes->mutex);
    pthread_cond_signal(&lane->work);
    pthread_mutex_unlock(&lane->lanes->mutex);
    check(pthread_join(lane->thread, NULL) == 0);
    pthread_cond_destroy(&lane->work);
}

// ---- The node's thread

void posix_lanes_settle(struct posix_lanes *lanes)
{
    struct io_queue written = lanes->written;
    lanes->written = (struct io_queue){0};
    struct env_io *io;
    while ((io = io_queue_pop(&written)))
        io->done(io, io->status);
}

bool posix_lanes_are_settled(const struct posix_lanes *lanes)
{
    return !lanes->written.first;
}

// Waits for the eventfd, then completes what has finished.
static void posix_lanes_complete(struct posix_lanes *lanes)
{
    posix_lanes_settle(lanes); // Upholds (I3).
    eventfd_t value;
    if (eventfd_read(lanes->wakeup.fd, &value) != 0) {
        check(errno == EINTR);
        return;
    }
    pthread_mutex_lock(&lanes->mutex);
    struct io_queue finished = lanes->finished;
    lanes->finished = (struct io_queue){0};
    pthread_mutex_unlock(&lanes->mutex);

    struct env_io *io;
    while ((io = io_queue_pop(&finished))) {
        lane_of(lanes, io)->given--;
        io->done(io, io->status);
    }
}

static void posix_lanes_woken(struct loop_source *source, unsigned events)
{
    (void)events;
    posix_lanes_complete(container_of(source, struct posix_lanes, wakeup));
}

struct posix_lanes *posix_lanes_create(struct loop *loop,
                                       void (*perform)(void *context,
                                                       struct env_io *io),
                                       void *context)
{
    struct posix_lanes *lanes = xcalloc(1, sizeof *lanes);
    lanes->perform = perform;
    lanes->context = context;
    lanes->loop = loop;
    lanes->wakeup.fd = eventfd(0, EFD_CLOEXEC);
    check(lanes->wakeup.fd >= 0);
    lanes->wakeup.ready = posix_lanes_woken;
    loop_add(loop, &lanes->wakeup, LOOP_READ);
    check(pthread_mutex_init(&lanes->mutex, NULL) == 0);
    for (size_t i = 0; i < LANES; i++)
        lane_start(&lanes->each[i], lanes);
    return lanes;
}

static bool posix_lanes_have_work(const struct posix_lanes *lanes)
{
    size_t given = 0;
    for (size_t i = 0; i < LANES; i++)
        given += lanes->each[i].given;
    return given > 0;
}

void posix_lanes_destroy(struct posix_lanes *lanes)
{
    while (!posix_lanes_are_settled(lanes) || posix_lanes_have_work(lanes)) {
        if (posix_lanes_are_settled(lanes))
            posix_lanes_complete(lanes);
        else
            posix_lanes_settle(lanes);
    }
    pthread_mutex_lock(&lanes->mutex);
    lanes->stopping = true;
    pthread_mutex_unlock(&lanes->mutex);
    for (size_t i = 0; i < LANES; i++)
        lane_stop(&lanes->each[i]);
    pthread_mutex_destroy(&lanes->mutex);
    loop_remove(lanes->loop, &lanes->wakeup);
    close(lanes->wakeup.fd);
    free(lanes);
}

void posix_lanes_submit(struct posix_lanes *lanes, struct env_io *io)
{
    struct lane *lane = lane_of(lanes, io);
    struct lane *writes = &lanes->each[LANE_WRITES];
    check(io->done);
    if (io->kind == ENV_IO_WRITE && !lane->given &&
        io->bytes.size <= POSIX_LANES_INLINE_MAX) {
        lanes->perform(lanes->context, io);
        io_queue_push(&lanes->written, io);
        return;
    }
    lane->given++;
    pthread_mutex_lock(&lanes->mutex);
    bool writing = writes->busy || writes->submitted.first;
    if (lane == &lanes->each[LANE_SYNCS] && writing) // Upholds (I4).
        lane = writes;
    lane_push(lane, io);
    pthread_mutex_unlock(&lanes->mutex);
}
