// test_cli_stage.c -- which words are the client's own.
// SPDX-License-Identifier: MIT
#include "common/client/cli_stage.h"

#include "tests/test.h"

static const struct cli_tool tools[] = {
    {"cluster status", "", "", NULL},
    {"explain", "KEY", "", NULL},
    {0},
};

// The name of the tool, or "" for a command of the server.
static const char *found(const char *line, size_t *first)
{
    struct words words = {0};
    ck_assert(words_split(&words, slice_of(line)));
    const struct cli_tool *tool = cli_tool_find(tools, &words, first);
    words_deinit(&words);
    return tool ? tool->name : "";
}

TEST(a_tool_is_found_by_all_words_of_its_name)
{
    size_t first;
    ck_assert_str_eq(found("cluster status --json", &first), "cluster status");
    ck_assert_uint_eq(first, 2);
    ck_assert_str_eq(found("CLUSTER Status", &first), "cluster status");
    ck_assert_uint_eq(first, 2);
    ck_assert_str_eq(found("explain key", &first), "explain");
    ck_assert_uint_eq(first, 1);
}

TEST(all_other_words_are_commands_of_the_server)
{
    size_t first;
    ck_assert_str_eq(found("cluster", &first), "");
    ck_assert_str_eq(found("cluster info", &first), "");
    ck_assert_str_eq(found("cluster statu", &first), "");
    ck_assert_str_eq(found("cluster statuses", &first), "");
    ck_assert_str_eq(found("get explain", &first), "");
    ck_assert_str_eq(found("", &first), "");
    ck_assert_ptr_null(cli_tool_find(NULL, &(struct words){0}, &first));
}
