// bench_report.c -- the figures, for people and for programs.
// SPDX-License-Identifier: MIT
#include "common/client/bench_report.h"

#include <inttypes.h>

#include "common/client/cli_format.h"

static const struct {
    const char *label, *key;
    double percent;
} percentiles[] = {
    {"p50", "p50", 50},
    {"p95", "p95", 95},
    {"p99", "p99", 99},
    {"p99.9", "p99_9", 99.9},
};

enum { PERCENTILES = sizeof percentiles / sizeof *percentiles };

static double rate_of(const struct bench_result *result)
{
    return result->seconds > 0
               ? (double)result->latencies.count / result->seconds
               : 0;
}

static double percentile_us(const struct bench_result *result, int i)
{
    return (double)histogram_percentile(&result->latencies,
                                        percentiles[i].percent) /
           1000;
}

static double mean_us(const struct bench_result *result)
{
    return histogram_mean(&result->latencies) / 1000;
}

static double max_us(const struct bench_result *result)
{
    return (double)result->latencies.max / 1000;
}

static void format_setting(struct buffer *out,
                           const struct bench_options *options)
{
    buffer_printf(out,
                  "%" PRIu32 " thread%s, %" PRIu32 " connection%s, pipeline "
                  "%" PRIu32 ", %" PRIu32 ":%" PRIu32 " set:get, ",
                  options->threads, options->threads == 1 ? "" : "s",
                  options->connections, options->connections == 1 ? "" : "s",
                  options->pipeline, options->set_weight, options->get_weight);
    buffer_printf(out, "%" PRIu64 " keys of %zu B, values of %zu B, ",
                  options->keys, options->key_size, options->value_size);
    if (options->theta > 0)
        buffer_printf(out, "zipfian %g", options->theta);
    else
        buffer_append_text(out, "uniform");
    if (options->rate > 0)
        buffer_printf(out, ", open loop at %.10g/s", options->rate);
    buffer_append_byte(out, '\n');
}

static void format_text(struct buffer *out, const struct bench_options *options,
                        const struct bench_result *result)
{
    format_setting(out, options);
    buffer_printf(out,
                  "requests    %" PRIu64 " in %.2f s, %" PRIu64
                  " errors, %" PRIu64 " misses\n"
                  "throughput  %.0f requests/s\n"
                  "latency us  mean %.1f",
                  result->latencies.count, result->seconds, result->errors,
                  result->misses, rate_of(result), mean_us(result));
    for (int i = 0; i < PERCENTILES; i++)
        buffer_printf(out, "  %s %.1f", percentiles[i].label,
                      percentile_us(result, i));
    buffer_printf(out, "  max %.1f\n", max_us(result));
    if (result->errors)
        buffer_printf(out, "first error %s\n", result->first_error);
}

static void format_json(struct buffer *out, const struct bench_options *options,
                        const struct bench_result *result)
{
    buffer_printf(out,
                  "{\"protocol\":\"%s\",\"threads\":%" PRIu32
                  ",\"connections\":%" PRIu32 ",\"pipeline\":%" PRIu32
                  ",\"ratio\":\"%" PRIu32 ":%" PRIu32 "\",\"keys\":%" PRIu64
                  ",\"value_size\":%zu,\"theta\":%g,\"rate\":%.17g,",
                  options->memcached ? "memcached" : "resp", options->threads,
                  options->connections, options->pipeline, options->set_weight,
                  options->get_weight, options->keys, options->value_size,
                  options->theta, options->rate);
    buffer_printf(out,
                  "\"ops\":%" PRIu64 ",\"seconds\":%.6f,\"ops_per_second\":"
                  "%.1f,\"errors\":%" PRIu64 ",\"misses\":%" PRIu64
                  ",\"first_error\":",
                  result->latencies.count, result->seconds, rate_of(result),
                  result->errors, result->misses);
    cli_format_json_text(out, slice_of(result->first_error));
    buffer_printf(out, ",\"latency_us\":{\"mean\":%.3f", mean_us(result));
    for (int i = 0; i < PERCENTILES; i++)
        buffer_printf(out, ",\"%s\":%.3f", percentiles[i].key,
                      percentile_us(result, i));
    buffer_printf(out, ",\"max\":%.3f}}\n", max_us(result));
}

void bench_report_format(struct buffer *out,
                         const struct bench_options *options,
                         const struct bench_result *result)
{
    if (options->json)
        format_json(out, options, result);
    else
        format_text(out, options, result);
}
