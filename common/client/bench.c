// bench.c -- the phases of a load, and its progress.
//
// The calling thread only watches: it waits for Ctrl-C with a timeout, which
// makes a signal handler, and anything static, unnecessary.
// SPDX-License-Identifier: MIT
#include "common/client/bench.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/client/bench_report.h"
#include "common/client/bench_worker.h"

enum { PRELOAD_PIPELINE = 64, WATCH_MS = 20, PROGRESS_MS = 1000 };

struct bench {
    const struct bench_options *options;
    struct bench_phase phase;
    uint64_t ops; // Of the phase; UINT64_MAX: until its time is over.
    struct bench_worker *workers;
    uint32_t count;      // Of the workers.
    atomic_uint running; // Of their threads.
};

static uint64_t part(uint64_t whole, uint64_t index, uint64_t parts)
{
    return whole / parts * index +
           (index < whole % parts ? index : whole % parts);
}

// Worker `i` gets [part(i), part(i + 1)) of everything.
static struct bench_share share_of(const struct bench *bench, uint32_t i)
{
    uint32_t first =
        (uint32_t)part(bench->options->connections, i, bench->count);
    uint32_t end =
        (uint32_t)part(bench->options->connections, i + 1, bench->count);
    uint64_t first_op = part(bench->ops, i, bench->count);
    bool endless = bench->ops == UINT64_MAX;
    return (struct bench_share){
        .first_connection = first,
        .connections = end - first,
        .ops = endless ? UINT64_MAX
                       : part(bench->ops, i + 1, bench->count) - first_op,
        .first_key = first_op,
        .seed = bench->options->seed * 1000 + i,
    };
}

static bool bench_connect(struct bench *bench)
{
    char why[BENCH_ERROR_SIZE];
    for (uint32_t i = 0; i < bench->count; i++) {
        if (bench_worker_init(&bench->workers[i], &bench->phase,
                              share_of(bench, i), why))
            continue;
        fprintf(stderr, "vega-client bench: %s\n", why);
        return false;
    }
    return true;
}

static void bench_disconnect(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->count; i++)
        if (bench->workers[i].phase)
            bench_worker_deinit(&bench->workers[i]);
}

static void bench_progress(const struct bench *bench, uint64_t *before,
                           double interval)
{
    uint64_t replies = 0, errors = 0;
    for (uint32_t i = 0; i < bench->count; i++) {
        struct bench_worker *worker = &bench->workers[i];
        replies += atomic_load_explicit(&worker->replies, memory_order_relaxed);
        errors += atomic_load_explicit(&worker->errors, memory_order_relaxed);
    }
    double elapsed = (double)(bench_now_ns() - bench->phase.start_ns) / 1e9;
    fprintf(stderr,
            "%6.1f s  %12" PRIu64 " requests  %10.0f/s  %" PRIu64 " errors\n",
            elapsed, replies, (double)(replies - *before) / interval, errors);
    *before = replies;
}

struct bench_thread {
    struct bench *bench;
    struct bench_worker *worker;
};

static void *bench_thread_run(void *context)
{
    struct bench_thread *thread = context;
    bench_worker_run(thread->worker);
    atomic_fetch_sub(&thread->bench->running, 1);
    return NULL;
}

// Until all threads are done. SIGINT is blocked here, so that it waits for
// sigtimedwait instead of ending the process.
static void bench_watch(struct bench *bench, const sigset_t *interrupt)
{
    const struct timespec wait = {0, WATCH_MS * 1000000L};
    int64_t last_ns = bench->phase.start_ns;
    uint64_t before = 0;
    while (atomic_load(&bench->running)) {
        if (sigtimedwait(interrupt, NULL, &wait) == SIGINT)
            atomic_store(&bench->phase.stop, true);
        int64_t now_ns = bench_now_ns();
        if (bench->options->progress &&
            now_ns - last_ns >= PROGRESS_MS * 1000000LL) {
            bench_progress(bench, &before, (double)(now_ns - last_ns) / 1e9);
            last_ns = now_ns;
        }
    }
}

static void bench_run_threads(struct bench *bench)
{
    struct bench_thread *threads = xcalloc(bench->count, sizeof *threads);
    sigset_t interrupt, before;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupt, &before);
    atomic_store(&bench->running, bench->count);
    for (uint32_t i = 0; i < bench->count; i++) {
        threads[i] = (struct bench_thread){bench, &bench->workers[i]};
        check(pthread_create(&bench->workers[i].thread, NULL, bench_thread_run,
                             &threads[i]) == 0);
    }
    bench_watch(bench, &interrupt);
    for (uint32_t i = 0; i < bench->count; i++)
        pthread_join(bench->workers[i].thread, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    free(threads);
}

static void bench_sum_up(const struct bench *bench, struct bench_result *result,
                         char first_error[BENCH_ERROR_SIZE])
{
    int64_t finished_ns = bench->phase.start_ns;
    first_error[0] = '\0';
    for (uint32_t i = 0; i < bench->count; i++) {
        struct bench_worker *worker = &bench->workers[i];
        histogram_merge(&result->latencies, &worker->latencies);
        result->errors += atomic_load(&worker->errors);
        result->misses += worker->misses;
        if (worker->finished_ns > finished_ns)
            finished_ns = worker->finished_ns;
        if (!first_error[0])
            memcpy(first_error, worker->first_error, BENCH_ERROR_SIZE);
    }
    result->first_error = first_error;
    result->seconds = (double)(finished_ns - bench->phase.start_ns) / 1e9;
}

// One phase from connecting to its figures. False: no connection.
static bool bench_run_phase(struct bench *bench, struct bench_result *result,
                            char first_error[BENCH_ERROR_SIZE], double seconds)
{
    histogram_deinit(&result->latencies);
    *result = (struct bench_result){0};
    bench->workers = xcalloc(bench->count, sizeof *bench->workers);
    bench->phase.server = &bench->options->server;
    bench->phase.connections = bench->options->connections;
    bool connected = bench_connect(bench);
    if (connected) {
        bench->phase.start_ns = bench_now_ns();
        bench->phase.end_ns =
            seconds > 0 ? bench->phase.start_ns + (int64_t)(seconds * 1e9)
                        : INT64_MAX;
        bench_run_threads(bench);
        bench_sum_up(bench, result, first_error);
    }
    bench_disconnect(bench);
    free(bench->workers);
    return connected;
}

static bool bench_preload(const struct bench_options *options,
                          const struct load *load, struct bench_result *result,
                          char first_error[BENCH_ERROR_SIZE])
{
    struct bench bench = {
        .options = options,
        .phase = {.load = load,
                  .pipeline = PRELOAD_PIPELINE,
                  .sequential = true},
        .ops = options->keys,
        .count = options->threads,
    };
    return bench_run_phase(&bench, result, first_error, 0);
}

static bool bench_measure(const struct bench_options *options,
                          const struct load *load, struct bench_result *result,
                          char first_error[BENCH_ERROR_SIZE])
{
    struct bench bench = {
        .options = options,
        .phase = {.load = load,
                  .pipeline = options->pipeline,
                  .rate = options->rate},
        .ops = options->seconds > 0 ? UINT64_MAX : options->ops,
        .count = options->threads,
    };
    return bench_run_phase(&bench, result, first_error, options->seconds);
}

enum cli_exit bench_run(const struct bench_options *options)
{
    struct load load;
    struct bench_result result = {0};
    char first_error[BENCH_ERROR_SIZE];
    struct buffer text = {0};
    load_init(&load, options);
    bool connected = true;
    uint64_t preload_errors = 0;
    if (options->preload) {
        connected = bench_preload(options, &load, &result, first_error);
        preload_errors = result.errors;
    }
    // A preload that failed is the result; else the load is.
    if (connected && !preload_errors)
        connected = bench_measure(options, &load, &result, first_error);
    if (connected) {
        bench_report_format(&text, options, &result);
        fwrite(text.data, 1, text.size, stdout);
        fflush(stdout);
    }
    enum cli_exit end = result.errors ? CLI_ERROR : CLI_DONE;
    load_deinit(&load);
    buffer_deinit(&text);
    histogram_deinit(&result.latencies);
    return connected ? end : CLI_FAILURE;
}

enum cli_exit bench_main(const struct vega_options *server, int argc,
                         char **argv)
{
    struct bench_options options;
    bench_options_init(&options, server);
    switch (bench_options_parse(&options, argc, (const char *const *)argv)) {
    case CLI_PARSED_HELP:
        bench_print_usage(stdout);
        return CLI_DONE;
    case CLI_PARSED:
        return bench_run(&options);
    default:
        fputs("See vega-client bench --help.\n", stderr);
        return CLI_FAILURE;
    }
}
