// bench_worker.h -- one thread of a load: its connections, and what it counts.
//
// In a closed loop a connection sends a full pipeline, waits for all of its
// replies, and sends the next; a latency begins when the request was sent. In
// an open loop requests fall due at a fixed rate whether or not the server
// keeps up; a latency begins when the request fell due, so that the time it
// spent waiting for its turn is not forgotten ("coordinated omission").
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_BENCH_WORKER_H
#define VEGA_COMMON_BENCH_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "common/base/histogram.h"
#include "common/client/bench_load.h"

enum { BENCH_ERROR_SIZE = 128 };

// What all workers of one phase share.
struct bench_phase {
    const struct load *load;
    const struct vega_options *server;
    uint32_t pipeline;
    double rate;      // Over all workers; 0: closed loop.
    int64_t start_ns; // Set before the threads begin.
    int64_t end_ns;   // When no more is sent; INT64_MAX: when ops are done.
    bool sequential;  // Write each key once, in order, instead of at random.
    uint32_t connections; // Over all workers.
    atomic_bool stop;     // Send no more.
};

struct connection;

struct bench_worker {
    struct bench_phase *phase; // Borrowed.
    pthread_t thread;
    struct connection *connections;
    uint32_t connection_count, alive;
    int epoll, timer;
    struct random random;
    uint64_t ops_left; // Requests to send.
    uint64_t next_key; // Of a sequential phase.
    uint64_t awaited;  // Replies, over all connections.

    struct histogram latencies; // In ns, errors included.
    atomic_ullong replies;      // May be read while the thread runs.
    atomic_ullong errors;
    uint64_t misses;
    int64_t finished_ns; // When the last reply came.
    char first_error[BENCH_ERROR_SIZE];
};

// What a worker gets of the whole.
struct bench_share {
    uint32_t first_connection, connections;
    uint64_t ops, first_key, seed;
};

// Connects. False when that failed; `why` says how.
bool bench_worker_init(struct bench_worker *worker, struct bench_phase *phase,
                       struct bench_share share, char why[BENCH_ERROR_SIZE]);
void bench_worker_deinit(struct bench_worker *worker);

// Sends, receives and counts until its share is done.
void bench_worker_run(struct bench_worker *worker);

int64_t bench_now_ns(void);

#endif
