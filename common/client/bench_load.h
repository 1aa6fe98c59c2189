// bench_load.h -- the requests of a load, as bytes that are nearly ready.
//
// A request is a template into which the digits of a key are written: no
// allocation, no formatting. Keys are "key:000000012345": a prefix and a number
// of fixed width, so that all requests of a kind have one size.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_BENCH_LOAD_H
#define VEGA_COMMON_BENCH_LOAD_H

#include "common/base/buffer.h"
#include "common/base/random.h"
#include "common/client/bench_options.h"
#include "common/client/reply_parser.h"
#include "common/client/zipfian.h"

struct load_template {
    struct buffer bytes;
    size_t digits_at; // Where the number of the key stands.
};

// Shared by all threads, which only read it.
struct load {
    struct load_template set, get;
    size_t digits; // Width of the number.
    uint64_t keys;
    bool is_zipfian;
    struct zipfian zipfian;
    uint64_t set_weight, weights;
    enum reply_result (*skip)(struct reply_skipper *skipper,
                              struct slice *input);
};

void load_init(struct load *load, const struct bench_options *options);
void load_deinit(struct load *load);

// Bytes that a request takes at most.
size_t load_request_size_max(const struct load *load);

// Writes a request of either kind at `at`; returns its size.
size_t load_write_set(const struct load *load, char *at, uint64_t key);
size_t load_write_get(const struct load *load, char *at, uint64_t key);

// Writes one as the ratio and the distribution of keys want it.
size_t load_write_random(const struct load *load, char *at,
                         struct random *random);

// reply_skip for memcached's text protocol (its doc/protocol.txt).
enum reply_result memcached_skip(struct reply_skipper *skipper,
                                 struct slice *input);

#endif
