// test_bench_report.c -- the figures of a known run, in both forms.
// SPDX-License-Identifier: MIT
#include "common/client/bench_report.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

// 100 requests in 2 s: 99 of 20 ns, whose class is exact, and one of 50 us.
static void expect_in_report(bool json, uint64_t errors, const char *expected)
{
    struct bench_options options;
    struct bench_result *result = calloc(1, sizeof *result);
    ck_assert_ptr_nonnull(result);
    bench_options_init(&options, &(struct vega_options){0});
    options.json = json;
    histogram_init(&result->latencies);
    for (int i = 0; i < 99; i++)
        histogram_add(&result->latencies, 20);
    histogram_add(&result->latencies, 50000);
    result->seconds = 2;
    result->errors = errors;
    result->misses = 5;
    result->first_error = errors ? "ERR \"no\"" : "";

    struct buffer text = {0};
    bench_report_format(&text, &options, result);
    buffer_append_byte(&text, '\0');
    ck_assert_msg(strstr(text.data, expected) != NULL, "no %s in:\n%s",
                  expected, text.data);
    buffer_deinit(&text);
    histogram_deinit(&result->latencies);
    free(result);
}

TEST(people_get_throughput_and_percentiles)
{
    expect_in_report(false, 0, "1 thread, 50 connections, pipeline 1, 1:9");
    expect_in_report(false, 0, "100 in 2.00 s, 0 errors, 5 misses");
    expect_in_report(false, 0, "throughput  50 requests/s");
    expect_in_report(false, 0,
                     "mean 0.5  p50 0.0  p95 0.0  p99 0.0  p99.9 "
                     "50.0  max 50.0\n");
    expect_in_report(false, 1, "first error ERR \"no\"");
}

TEST(programs_get_json)
{
    expect_in_report(true, 0, "\"ops\":100,\"seconds\":2.000000,");
    expect_in_report(true, 0, "\"ops_per_second\":50.0,\"errors\":0,");
    expect_in_report(true, 0,
                     "{\"mean\":0.520,\"p50\":0.020,\"p95\":0.020,"
                     "\"p99\":0.020,\"p99_9\":50.000,"
                     "\"max\":50.000}}\n");
    expect_in_report(true, 2, "\"first_error\":\"ERR \\\"no\\\"\"");
}

TEST(a_run_of_nothing_has_no_rate)
{
    struct bench_options options;
    struct bench_result *result = calloc(1, sizeof *result);
    ck_assert_ptr_nonnull(result);
    bench_options_init(&options, &(struct vega_options){0});
    result->first_error = "";
    struct buffer text = {0};
    bench_report_format(&text, &options, result);
    buffer_append_byte(&text, '\0');
    ck_assert_ptr_nonnull(strstr(text.data, "throughput  0 requests/s"));
    buffer_deinit(&text);
    free(result);
}
