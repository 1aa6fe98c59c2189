// test_bench_options.c -- the command line of a load.
// SPDX-License-Identifier: MIT
#include "common/client/bench_options.h"

#include "tests/test.h"

#define PARSE(options, ...)                                                    \
    parse((options), (const char *[]){"bench", __VA_ARGS__, NULL})

static enum cli_parsed parse(struct bench_options *options,
                             const char *const *argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    bench_options_init(options, &(struct vega_options){0});
    return bench_options_parse(options, argc, argv);
}

TEST(each_option_is_read_with_a_space_or_an_equals_sign)
{
    struct bench_options options;
    ck_assert_int_eq(PARSE(&options, "--threads", "2", "--connections=8",
                           "--pipeline", "16", "--ops", "0", "--ratio", "1:3",
                           "--keys", "5000", "--distribution", "zipfian:0.5",
                           "--value-size", "0", "--key-size", "20", "--prefix",
                           "p", "--rate", "1e4", "--preload", "--seed", "9",
                           "--json", "--protocol", "memcached", "--seconds",
                           "0.5", "--progress"),
                     CLI_PARSED);
    ck_assert_uint_eq(options.threads, 2);
    ck_assert_uint_eq(options.connections, 8);
    ck_assert_uint_eq(options.pipeline, 16);
    ck_assert_uint_eq(options.ops, 0);
    ck_assert_uint_eq(options.set_weight, 1);
    ck_assert_uint_eq(options.get_weight, 3);
    ck_assert_uint_eq(options.keys, 5000);
    ck_assert_double_eq_tol(options.theta, 0.5, 1e-12);
    ck_assert_uint_eq(options.value_size, 0);
    ck_assert_uint_eq(options.key_size, 20);
    ck_assert_str_eq(options.prefix, "p");
    ck_assert_double_eq_tol(options.rate, 10000, 1e-6);
    ck_assert(options.preload && options.json && options.progress);
    ck_assert_uint_eq(options.seed, 9);
    ck_assert(options.memcached);
    ck_assert_double_eq_tol(options.seconds, 0.5, 1e-12);
}

TEST(zipfian_alone_is_skewed_as_in_ycsb)
{
    struct bench_options options;
    ck_assert_int_eq(PARSE(&options, "--distribution", "zipfian"), CLI_PARSED);
    ck_assert_double_eq_tol(options.theta, 0.99, 1e-12);
    ck_assert_int_eq(PARSE(&options, "--distribution", "uniform"), CLI_PARSED);
    ck_assert_double_eq_tol(options.theta, 0, 1e-12);
}

static const char *const wrong[][3] = {
    {"--threads", "0"},
    {"--threads", "two"},
    {"--threads"},
    {"--threads="},
    {"--connections", "100000"},
    {"--ops", "-1"},
    {"--ratio", "0:0"},
    {"--ratio", "1"},
    {"--ratio", "1:2x"},
    {"--keys", "0"},
    {"--distribution", "zipfian:1"},
    {"--distribution", "zipfian:0"},
    {"--distribution", "zipf:0.5"},
    {"--distribution", "normal"},
    {"--seconds", "nan"},
    {"--seconds", "0"},
    {"--rate", "-5"},
    {"--protocol", "http"},
    {"--json=yes"},
    {"--nosuch"},
    {"-t"},
    {"50"},
};

TEST_FOR(wrong_values_are_refused, (int)(sizeof wrong / sizeof *wrong))
{
    struct bench_options options;
    ck_assert_int_eq(PARSE(&options, wrong[_i][0], wrong[_i][1]),
                     CLI_PARSED_WRONG);
}

TEST(what_does_not_fit_together_is_refused)
{
    struct bench_options options;
    ck_assert_int_eq(PARSE(&options, "--threads", "4", "--connections", "3"),
                     CLI_PARSED_WRONG);
    ck_assert_int_eq(PARSE(&options, "--key-size", "9", "--keys", "100000"),
                     CLI_PARSED);
    ck_assert_int_eq(PARSE(&options, "--key-size", "9", "--keys", "100001"),
                     CLI_PARSED_WRONG);
}

TEST(help_is_asked_for)
{
    struct bench_options options;
    ck_assert_int_eq(PARSE(&options, "--help"), CLI_PARSED_HELP);
}
