// test_playground_options.c -- the command line of vega-playground.
// SPDX-License-Identifier: MIT
#include "common/client/playground_options.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/test.h"

enum { WORDS_MAX = 8 };

static enum cli_parsed parse(struct playground_options *options,
                             const char *const *words)
{
    char *argv[WORDS_MAX] = {(char *)"vega-playground"};
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)words[argc - 1];
    return playground_options_parse(options, argc, argv);
}

TEST(what_is_not_said_is_left_open)
{
    struct playground_options options = {7, 7, "x"};
    ck_assert_int_eq(parse(&options, (const char *[]){NULL}), CLI_PARSED);
    ck_assert_int_eq(options.stage, 0);
    ck_assert_uint_eq(options.nodes, 0);
    ck_assert_ptr_null(options.directory);
}

TEST(options_say_what_is_started_and_where)
{
    struct playground_options options;
    ck_assert_int_eq(
        parse(&options, (const char *[]){"--stage", "3", "--nodes=32", "--dir",
                                         "here", NULL}),
        CLI_PARSED);
    ck_assert_int_eq(options.stage, 3);
    ck_assert_uint_eq(options.nodes, 32);
    ck_assert_str_eq(options.directory, "here");
}

TEST(help_and_version_are_asked_for)
{
    struct playground_options options;
    ck_assert_int_eq(parse(&options, (const char *[]){"--help", NULL}),
                     CLI_PARSED_HELP);
    ck_assert_int_eq(parse(&options, (const char *[]){"--version", NULL}),
                     CLI_PARSED_VERSION);
}

static const char *const wrong[][3] = {
    {"--stage", "0"}, {"--stage", "6"},  {"--stage", "x"}, {"--stage"},
    {"--nodes", "0"}, {"--nodes", "33"}, {"--nodes", ""},  {"--node", "x"},
    {"--other"},      {"word"},
};

TEST_FOR(what_is_wrong_is_refused, (int)(sizeof wrong / sizeof *wrong))
{
    struct playground_options options;
    int silent = open("/dev/null", O_WRONLY), stream = dup(STDERR_FILENO);
    dup2(silent, STDERR_FILENO);
    enum cli_parsed parsed = parse(&options, wrong[_i]);
    dup2(stream, STDERR_FILENO);
    close(silent);
    close(stream);
    ck_assert_int_eq(parsed, CLI_PARSED_WRONG);
}
