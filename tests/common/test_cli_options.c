// test_cli_options.c -- the command line of vega-client.
// SPDX-License-Identifier: MIT
#include "common/client/cli_options.h"

#include <stdlib.h>

#include "tests/test.h"

#define PARSE(options, ...)                                                    \
    parse((options), (const char *[]){"vega-client", __VA_ARGS__, NULL})

// getopt wants to write to its argv, but does not when '+' leads the letters.
static enum cli_parsed parse(struct cli_options *options,
                             const char *const *argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return cli_options_parse(options, argc, (char **)argv);
}

TEST(options_end_where_the_command_begins)
{
    struct cli_options options;
    ck_assert_int_eq(PARSE(&options, "-h", "example", "-p", "7000", "-a", "pw",
                           "--user", "me", "-3", "-r", "5", "-i", "0.25", "-x",
                           "--no-raw", "--timeout", "2", "set", "-h", "v"),
                     CLI_PARSED);
    ck_assert_str_eq(options.server.host, "example");
    ck_assert_int_eq(options.server.port, 7000);
    ck_assert_str_eq(options.server.password, "pw");
    ck_assert_str_eq(options.server.user, "me");
    ck_assert_int_eq(options.server.protocol, 3);
    ck_assert_int_eq(options.server.command_timeout_ms, 2000);
    ck_assert_int_eq(options.repeat, 5);
    ck_assert_int_eq(options.interval_ms, 250);
    ck_assert(options.takes_last_input);
    ck_assert_int_eq(options.format, CLI_FORMAT_LABELLED);
    ck_assert_int_eq(options.first, 18);
}

TEST(a_host_and_a_port_may_come_first)
{
    struct cli_options options;
    ck_assert_int_eq(PARSE(&options, "localhost", "7000", "get", "k"),
                     CLI_PARSED);
    ck_assert_str_eq(options.server.host, "localhost");
    ck_assert_int_eq(options.server.port, 7000);
    ck_assert_int_eq(options.first, 3);
    ck_assert_int_eq(PARSE(&options, "10.0.0.1", "7000", "-3"), CLI_PARSED);
    ck_assert_str_eq(options.server.host, "10.0.0.1");
    ck_assert_int_eq(options.server.protocol, 3);
    ck_assert_int_eq(options.first, 4);
    ck_assert_int_eq(PARSE(&options, "::1", "7000"), CLI_PARSED);
    ck_assert_str_eq(options.server.host, "::1");
}

TEST(a_command_with_a_number_is_no_host)
{
    struct cli_options options;
    ck_assert_int_eq(PARSE(&options, "echo", "7000"), CLI_PARSED);
    ck_assert_ptr_null(options.server.host);
    ck_assert_int_eq(options.first, 1);
    ck_assert_int_eq(PARSE(&options, "my.command", "word"), CLI_PARSED);
    ck_assert_ptr_null(options.server.host);
}

TEST(json_asks_for_resp3)
{
    struct cli_options options;
    ck_assert_int_eq(PARSE(&options, "--json", "ping"), CLI_PARSED);
    ck_assert_int_eq(options.format, CLI_FORMAT_JSON);
    ck_assert_int_eq(options.server.protocol, 3);
}

TEST(the_password_may_come_from_the_environment)
{
    struct cli_options options;
    setenv("REDISCLI_AUTH", "other", 1);
    ck_assert_int_eq(PARSE(&options, "ping"), CLI_PARSED);
    ck_assert_str_eq(options.server.password, "other");
    setenv("VEGA_PASSWORD", "mine", 1);
    ck_assert_int_eq(PARSE(&options, "ping"), CLI_PARSED);
    ck_assert_str_eq(options.server.password, "mine");
    ck_assert_int_eq(PARSE(&options, "-a", "given", "ping"), CLI_PARSED);
    ck_assert_str_eq(options.server.password, "given");
    unsetenv("VEGA_PASSWORD");
    unsetenv("REDISCLI_AUTH");
}

static const char *const wrong[][3] = {
    {"-p", "0"},     {"-p", "65536"}, {"-p", "x"},          {"-p"},
    {"-r", "0"},     {"-i", "-1"},    {"-i", "soon"},       {"-Z"},
    {"--nosuch"},    {"--user"},      {"--timeout", "nan"}, {"-p", ""},
    {"-i", "1e300"},
};

TEST_FOR(wrong_options_are_refused, (int)(sizeof wrong / sizeof *wrong))
{
    struct cli_options options;
    ck_assert_int_eq(PARSE(&options, wrong[_i][0], wrong[_i][1]),
                     CLI_PARSED_WRONG);
}

TEST(help_and_version_are_asked_for)
{
    struct cli_options options;
    ck_assert_int_eq(PARSE(&options, "--help"), CLI_PARSED_HELP);
    ck_assert_int_eq(PARSE(&options, "--version"), CLI_PARSED_VERSION);
}

TEST(a_file_may_list_the_servers)
{
    struct cli_options options;
    ck_assert_int_eq(PARSE(&options, "-c", "c.yaml", "ping"), CLI_PARSED);
    ck_assert_str_eq(options.cluster_file, "c.yaml");
    ck_assert_int_eq(PARSE(&options, "--cluster", "d.yaml"), CLI_PARSED);
    ck_assert_str_eq(options.cluster_file, "d.yaml");
    ck_assert_int_eq(PARSE(&options, "ping"), CLI_PARSED);
    ck_assert_ptr_null(options.cluster_file);
    ck_assert_int_eq(PARSE(&options, "-c"), CLI_PARSED_WRONG);
}
