// bench_worker.c -- epoll over the connections of one thread.
// SPDX-License-Identifier: MIT
#include "common/client/bench_worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum {
    EVENTS_MAX = 64,
    INPUT_SIZE = REPLY_LINE_MAX + 16 * 1024, // A line of a reply must fit.
    WAIT_MS = 50,                            // To look whether to stop.
    DRAIN_MS = 5000, // For the replies that are due when sending stops.
};

static const int64_t NS_PER_SECOND = 1000 * 1000 * 1000;

struct connection {
    struct vega *v; // Owned; NULL when it was lost.
    int fd;         // Of v.
    bool wants_write;
    char *out; // Requests not sent yet: [sent, out_size). Holds a pipeline.
    size_t sent, out_size;
    char *in; // The beginning of a reply.
    size_t in_size;
    struct reply_skipper skipper;
    int64_t *begun_ns; // A ring: when each awaited request began.
    uint32_t first, awaited;
    int64_t due_ns; // Open loop: of its next request.
};

int64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static bool worker_is_done(const struct bench_worker *worker)
{
    return worker->ops_left == 0 && worker->awaited == 0;
}

static void worker_add_errors(struct bench_worker *worker, uint64_t count,
                              struct slice text)
{
    if (!worker->first_error[0])
        snprintf(worker->first_error, sizeof worker->first_error, "%.*s",
                 SLICE_PRINT(text));
    atomic_fetch_add_explicit(&worker->errors, count, memory_order_relaxed);
}

// What it still owed can't come any more.
static void connection_lose(struct bench_worker *worker,
                            struct connection *connection, const char *why)
{
    worker_add_errors(worker, connection->awaited ? connection->awaited : 1,
                      slice_of(why));
    worker->awaited -= connection->awaited;
    connection->awaited = 0;
    vega_close(connection->v); // Leaves the epoll set, too.
    connection->v = NULL;
    if (--worker->alive == 0)
        worker->ops_left = 0;
}

static void connection_want(const struct bench_worker *worker,
                            struct connection *connection, bool write)
{
    if (connection->wants_write == write)
        return;
    connection->wants_write = write;
    struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0),
                                .data.ptr = connection};
    check(epoll_ctl(worker->epoll, EPOLL_CTL_MOD, connection->fd, &event) == 0);
}

static void connection_send(struct bench_worker *worker,
                            struct connection *connection)
{
    while (connection->sent < connection->out_size) {
        ssize_t size =
            send(connection->fd, connection->out + connection->sent,
                 connection->out_size - connection->sent, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN)
            break;
        if (size < 0) {
            connection_lose(worker, connection, strerror(errno));
            return;
        }
        connection->sent += (size_t)size;
    }
    bool is_empty = connection->sent == connection->out_size;
    if (is_empty)
        connection->sent = connection->out_size = 0;
    connection_want(worker, connection, !is_empty);
}

static void connection_add(struct bench_worker *worker,
                           struct connection *connection, int64_t begun_ns)
{
    struct bench_phase *phase = worker->phase;
    char *at = connection->out + connection->out_size;
    connection->out_size +=
        phase->sequential ? load_write_set(phase->load, at, worker->next_key++)
                          : load_write_random(phase->load, at, &worker->random);
    uint32_t last = connection->first + connection->awaited++;
    if (last >= phase->pipeline)
        last -= phase->pipeline;
    connection->begun_ns[last] = begun_ns;
    worker->ops_left--;
    worker->awaited++;
}

// Closed loop: a pipeline when the one before is answered.
static void connection_fill(struct bench_worker *worker,
                            struct connection *connection)
{
    if (!connection->v || connection->awaited || !worker->ops_left)
        return;
    int64_t now_ns = bench_now_ns();
    for (uint32_t i = 0; i < worker->phase->pipeline && worker->ops_left; i++)
        connection_add(worker, connection, now_ns);
    connection_send(worker, connection);
}

// Open loop: what has fallen due, as far as there is room under way. All that
// is unsent is also awaited, so the buffer has room when it begins at 0.
static void connection_fill_due(struct bench_worker *worker,
                                struct connection *connection, int64_t now_ns,
                                int64_t step_ns)
{
    bool added = false;
    if (!connection->v)
        return;
    if (connection->sent) {
        memmove(connection->out, connection->out + connection->sent,
                connection->out_size - connection->sent);
        connection->out_size -= connection->sent;
        connection->sent = 0;
    }
    while (worker->ops_left && connection->due_ns <= now_ns &&
           connection->awaited < worker->phase->pipeline) {
        connection_add(worker, connection, connection->due_ns);
        connection->due_ns += step_ns;
        added = true;
    }
    if (added)
        connection_send(worker, connection);
}

// Counts the reply that `skipper` describes. `text` begins where it began.
static inline void connection_count(struct bench_worker *worker,
                                    struct connection *connection,
                                    int64_t now_ns, struct slice text)
{
    int64_t begun_ns = connection->begun_ns[connection->first];
    histogram_add(&worker->latencies, (uint64_t)(now_ns - begun_ns));
    if (++connection->first == worker->phase->pipeline)
        connection->first = 0;
    connection->awaited--;
    worker->awaited--;
    worker->misses += connection->skipper.is_null;
    if (connection->skipper.is_error) {
        text.data += *text.data == '-';
        text.size = strcspn(text.data, "\r\n");
        worker_add_errors(worker, 1, text);
    }
}

static void connection_receive(struct bench_worker *worker,
                               struct connection *connection)
{
    // One byte stays free for a terminator, so that an error is a string.
    ssize_t size = recv(connection->fd, connection->in + connection->in_size,
                        INPUT_SIZE - 1 - connection->in_size, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        connection_lose(worker, connection,
                        size ? strerror(errno)
                             : "the server closed the connection");
        return;
    }
    int64_t now_ns = bench_now_ns();
    worker->finished_ns = now_ns;
    struct slice rest = {connection->in, connection->in_size + (size_t)size};
    connection->in[rest.size] = '\0';
    enum reply_result result = REPLY_COMPLETE;
    uint64_t before = worker->awaited;
    while (connection->awaited && result == REPLY_COMPLETE) {
        struct slice start = rest;
        result = worker->phase->load->skip(&connection->skipper, &rest);
        if (result == REPLY_COMPLETE)
            connection_count(worker, connection, now_ns, start);
    }
    atomic_fetch_add_explicit(&worker->replies, before - worker->awaited,
                              memory_order_relaxed);
    memmove(connection->in, rest.data, rest.size);
    connection->in_size = rest.size;
    if (result == REPLY_INVALID || (!connection->awaited && rest.size))
        connection_lose(worker, connection, "not a reply");
}

static bool connection_init(struct bench_worker *worker,
                            struct connection *connection, uint32_t index,
                            char why[BENCH_ERROR_SIZE])
{
    const struct bench_phase *phase = worker->phase;
    connection->v = vega_connect(phase->server);
    if (vega_status(connection->v) != VEGA_OK) {
        snprintf(why, BENCH_ERROR_SIZE, "%s", vega_error(connection->v));
        return false;
    }
    connection->fd = vega_socket(connection->v);
    connection->out =
        xmalloc(phase->pipeline * load_request_size_max(phase->load));
    connection->in = xmalloc(INPUT_SIZE);
    connection->begun_ns =
        xcalloc(phase->pipeline, sizeof *connection->begun_ns);
    if (phase->rate > 0)
        connection->due_ns = (int64_t)(index / phase->rate * NS_PER_SECOND);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    check(epoll_ctl(worker->epoll, EPOLL_CTL_ADD, connection->fd, &event) == 0);
    return true;
}

bool bench_worker_init(struct bench_worker *worker, struct bench_phase *phase,
                       struct bench_share share, char why[BENCH_ERROR_SIZE])
{
    *worker = (struct bench_worker){
        .phase = phase,
        .connections = xcalloc(share.connections, sizeof(struct connection)),
        .connection_count = share.connections,
        .alive = share.connections,
        .epoll = epoll_create1(EPOLL_CLOEXEC),
        .timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
        .ops_left = share.ops,
        .next_key = share.first_key,
    };
    random_init(&worker->random, share.seed);
    histogram_init(&worker->latencies);
    check(worker->epoll >= 0 && worker->timer >= 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    check(epoll_ctl(worker->epoll, EPOLL_CTL_ADD, worker->timer, &event) == 0);
    for (uint32_t i = 0; i < share.connections; i++)
        if (!connection_init(worker, &worker->connections[i],
                             share.first_connection + i, why))
            return false;
    return true;
}

void bench_worker_deinit(struct bench_worker *worker)
{
    for (uint32_t i = 0; i < worker->connection_count; i++) {
        struct connection *connection = &worker->connections[i];
        vega_close(connection->v);
        free(connection->out);
        free(connection->in);
        free(connection->begun_ns);
    }
    free(worker->connections);
    histogram_deinit(&worker->latencies);
    close(worker->epoll);
    close(worker->timer);
}

// Sends what is due everywhere, and sets the timer for what is due next. A
// connection without room is woken by its replies.
static void worker_fill_due(struct bench_worker *worker)
{
    const struct bench_phase *phase = worker->phase;
    int64_t step_ns =
        (int64_t)(phase->connections / phase->rate * NS_PER_SECOND);
    int64_t now_ns = bench_now_ns(), next_ns = INT64_MAX;
    for (uint32_t i = 0; i < worker->connection_count; i++) {
        struct connection *connection = &worker->connections[i];
        connection_fill_due(worker, connection, now_ns, step_ns);
        if (connection->v && connection->awaited < phase->pipeline &&
            connection->due_ns < next_ns)
            next_ns = connection->due_ns;
    }
    if (!worker->ops_left || next_ns == INT64_MAX)
        return;
    struct itimerspec at = {
        .it_value = {next_ns / NS_PER_SECOND, next_ns % NS_PER_SECOND}};
    check(timerfd_settime(worker->timer, TFD_TIMER_ABSTIME, &at, NULL) == 0);
}

static void worker_handle(struct bench_worker *worker,
                          const struct epoll_event *event)
{
    struct connection *connection = event->data.ptr;
    if (!connection) { // The timer: worker_fill_due looks after it.
        uint64_t expirations;
        ssize_t size = read(worker->timer, &expirations, sizeof expirations);
        check(size > 0 || errno == EAGAIN);
        return;
    }
    if (event->events & EPOLLOUT)
        connection_send(worker, connection);
    if (connection->v && event->events & ~(uint32_t)EPOLLOUT)
        connection_receive(worker, connection);
    if (worker->phase->rate == 0)
        connection_fill(worker, connection);
}

static void worker_begin(struct bench_worker *worker)
{
    for (uint32_t i = 0; i < worker->connection_count; i++) {
        if (worker->phase->rate == 0)
            connection_fill(worker, &worker->connections[i]);
        else
            worker->connections[i].due_ns += worker->phase->start_ns;
    }
}

// When sending is over, replies have DRAIN_MS to come.
static bool worker_gives_up(struct bench_worker *worker, int64_t *drain_ns)
{
    struct bench_phase *phase = worker->phase;
    int64_t now_ns = bench_now_ns();
    if (now_ns >= phase->end_ns ||
        atomic_load_explicit(&phase->stop, memory_order_relaxed))
        worker->ops_left = 0;
    if (worker->ops_left)
        return false;
    if (!*drain_ns)
        *drain_ns = now_ns + DRAIN_MS * (NS_PER_SECOND / 1000);
    if (now_ns < *drain_ns)
        return false;
    worker_add_errors(worker, worker->awaited, SLICE("no reply in time"));
    return true;
}

void bench_worker_run(struct bench_worker *worker)
{
    struct epoll_event events[EVENTS_MAX];
    int64_t drain_ns = 0;
    worker_begin(worker);
    while (!worker_is_done(worker) && !worker_gives_up(worker, &drain_ns)) {
        if (worker->phase->rate > 0)
            worker_fill_due(worker);
        int count = epoll_wait(worker->epoll, events, EVENTS_MAX, WAIT_MS);
        for (int i = 0; i < count; i++)
            worker_handle(worker, &events[i]);
    }
}
