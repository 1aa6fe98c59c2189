// bench.h -- the load generator of vega-client.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_BENCH_H
#define VEGA_COMMON_BENCH_H

#include "common/client/bench_options.h"

// `vega-client [options] bench ...`; argv[0] is "bench".
enum cli_exit bench_main(const struct vega_options *server, int argc,
                         char **argv);

// Preloads if wanted, loads, and prints the report. Ctrl-C ends it early.
enum cli_exit bench_run(const struct bench_options *options);

#endif
