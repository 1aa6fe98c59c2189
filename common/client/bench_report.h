// bench_report.h -- what a load came to.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_BENCH_REPORT_H
#define VEGA_COMMON_BENCH_REPORT_H

#include "common/base/buffer.h"
#include "common/base/histogram.h"
#include "common/client/bench_options.h"

struct bench_result {
    struct histogram latencies; // In ns.
    double seconds;
    uint64_t errors;
    uint64_t misses;         // Gets that found nothing.
    const char *first_error; // "" without one.
};

// Appends the report, for people or (options->json) as one JSON object.
void bench_report_format(struct buffer *out,
                         const struct bench_options *options,
                         const struct bench_result *result);

#endif
