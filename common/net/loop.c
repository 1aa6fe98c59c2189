// loop.c -- the event loop of the real world: epoll, level-triggered.
//
// A round is: sleep, call the sources that are ready, make the calls that they
// gathered, fire the timers that are due, run the hooks. Timers come after
// sources on purpose: a node that was suspended for a while first takes the
// messages that waited for it, and only then finds out whether it has really
// heard nothing for too long.
// SPDX-License-Identifier: MIT
#include "common/net/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/net/io_batch.h"

// What one round takes at most; the rest is ready again in the next.
enum { LOOP_EVENTS_MAX = 256 };

enum { LOOP_FINE_US = 2000 }; // Shorter sleeps are as long as they should be.

struct loop {
    int epoll_fd;
    bool stopping;
    struct io_batch *batch;
    struct loop_clock *clock; // Borrowed; NULL: no timers.
    struct list_link hooks;

    // The round under way: the sources of events[next..count) are still to be
    // called. One that is removed meanwhile is replaced by NULL.
    int next, count;
    struct epoll_event events[LOOP_EVENTS_MAX];
};

struct loop *loop_create(void)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    check(loop->epoll_fd >= 0);
    loop->batch = io_batch_create();
    list_init(&loop->hooks);
    return loop;
}

void loop_destroy(struct loop *loop)
{
    close(loop->epoll_fd);
    io_batch_destroy(loop->batch);
    free(loop);
}

struct io_batch *loop_batch(struct loop *loop)
{
    return loop->batch;
}

static void loop_control(struct loop *loop, int operation,
                         struct loop_source *source)
{
    struct epoll_event event = {.data.ptr = source};
    if (source->wanted & LOOP_READ)
        event.events |= EPOLLIN;
    if (source->wanted & LOOP_WRITE)
        event.events |= EPOLLOUT;
    if (source->wanted & LOOP_HANGUP)
        event.events |= EPOLLRDHUP;
    check(epoll_ctl(loop->epoll_fd, operation, source->fd, &event) == 0);
}

void loop_add(struct loop *loop, struct loop_source *source, unsigned wanted)
{
    check(source->ready);
    source->wanted = wanted;
    loop_control(loop, EPOLL_CTL_ADD, source);
}

void loop_want(struct loop *loop, struct loop_source *source, unsigned wanted)
{
    if (source->wanted == wanted)
        return;
    source->wanted = wanted;
    loop_control(loop, EPOLL_CTL_MOD, source);
}

void loop_remove(struct loop *loop, struct loop_source *source)
{
    loop_control(loop, EPOLL_CTL_DEL, source);
    for (int i = loop->next; i < loop->count; i++) {
        if (loop->events[i].data.ptr == source)
            loop->events[i].data.ptr = NULL;
    }
}

void loop_set_clock(struct loop *loop, struct loop_clock *clock)
{
    loop->clock = clock;
}

void loop_add_hook(struct loop *loop, struct loop_hook *hook)
{
    list_push_back(&loop->hooks, &hook->link);
}

// How long the loop may sleep; <0: no limit.
static int64_t loop_sleep_us(const struct loop *loop, int wait_ms)
{
    int64_t due_us = loop->clock ? loop->clock->next_due_us(loop->clock) : -1;
    int64_t wait_us = (int64_t)wait_ms * 1000;
    if (due_us < 0 || (wait_us >= 0 && wait_us < due_us))
        return wait_us;
    return due_us;
}

// epoll_wait(2) counts milliseconds, rounded up here: rounding down would spin
// through the last one before each timer. For timers that are finer than that,
// ppoll(2) waits for the epoll descriptor itself.
static int loop_wait(struct loop *loop, int64_t sleep_us)
{
    int64_t sleep_ms =
        sleep_us < 0 ? -1 : sleep_us / 1000 + (sleep_us % 1000 != 0);
    if (sleep_us > 0 && sleep_us < LOOP_FINE_US) {
        struct pollfd epoll = {.fd = loop->epoll_fd, .events = POLLIN};
        struct timespec sleep = {.tv_nsec = sleep_us * 1000};
        (void)ppoll(&epoll, 1, &sleep, NULL); // What it says, epoll says next.
        sleep_ms = 0;
    }
    return epoll_wait(loop->epoll_fd, loop->events, LOOP_EVENTS_MAX,
                      sleep_ms > INT_MAX ? INT_MAX : (int)sleep_ms);
}

static void loop_dispatch(struct loop_source *source, uint32_t events)
{
    unsigned ready = 0;
    if (events & EPOLLIN)
        ready |= LOOP_READ;
    if (events & EPOLLOUT)
        ready |= LOOP_WRITE;
    if (events & EPOLLRDHUP)
        ready |= LOOP_HANGUP;
    // After an error or a full close neither reading nor writing blocks, and
    // whoever waits for them learns the reason by trying.
    if (events & (EPOLLERR | EPOLLHUP))
        ready |= LOOP_HANGUP | (source->wanted & (LOOP_READ | LOOP_WRITE));

    // A callback earlier in the round may have ceased to want what is ready.
    ready &= source->wanted | LOOP_HANGUP;
    if (ready)
        source->ready(source, ready);
}

void loop_run_once(struct loop *loop, int wait_ms)
{
    int count = loop_wait(loop, loop_sleep_us(loop, wait_ms));
    // A signal ends the sleep early; that makes a round without sources.
    check(count >= 0 || errno == EINTR);

    loop->count = count < 0 ? 0 : count;
    loop->next = 0;
    while (loop->next < loop->count) {
        struct epoll_event *event = &loop->events[loop->next++];
        if (event->data.ptr)
            loop_dispatch(event->data.ptr, event->events);
    }
    io_batch_flush(loop->batch);
    if (loop->clock)
        loop->clock->fire(loop->clock);
    list_for_each_safe (link, &loop->hooks) {
        struct loop_hook *hook = container_of(link, struct loop_hook, link);
        hook->run(hook);
    }
}

void loop_run(struct loop *loop)
{
    while (!loop->stopping)
        loop_run_once(loop, -1);
    loop->stopping = false;
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
}
