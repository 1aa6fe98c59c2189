// bench_options.h -- what a load looks like, and its command line.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_BENCH_OPTIONS_H
#define VEGA_COMMON_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/client/cli_options.h"
#include "common/client/vega.h"

enum {
    BENCH_KEY_SIZE_MAX = 250, // memcached's limit.
    BENCH_VALUE_SIZE_MAX = 64 * 1024 * 1024,
    BENCH_PIPELINE_MAX = 100 * 1000,
    BENCH_THREADS_MAX = 256,
    BENCH_CONNECTIONS_MAX = 60 * 1000,
};

struct bench_options {
    struct vega_options server;
    bool memcached; // Speak its text protocol instead of RESP.
    uint32_t threads;
    uint32_t connections; // Over all threads.
    uint32_t pipeline;    // Requests under way on a connection.
    uint64_t ops;
    double seconds;      // Instead of ops; 0: ops count.
    uint32_t set_weight; // set_weight : get_weight
    uint32_t get_weight;
    uint64_t keys;
    double theta; // Of a zipfian distribution; 0: uniform.
    size_t value_size;
    size_t key_size; // The prefix and as many digits as are left.
    const char *prefix;
    double rate;  // Requests a second over all; 0: closed loop.
    bool preload; // First write every key once, unmeasured.
    bool json;
    bool progress;
    uint64_t seed;
};

void bench_options_init(struct bench_options *options,
                        const struct vega_options *server);

// As cli_options_parse; argv[0] is "bench".
enum cli_parsed bench_options_parse(struct bench_options *options, int argc,
                                    const char *const *argv);

// Says on standard error what does not fit together.
bool bench_options_check(const struct bench_options *options);

void bench_print_usage(FILE *out);

#endif
