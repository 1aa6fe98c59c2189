// test_commands_introspect.c -- COMMAND COUNT, LIST, GETKEYS, INFO, DOCS: what
// is selected. What is said of each: test_command_info.c, test_command_docs.c.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/common/session_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct client client;

static void setup(void)
{
    harness_init(&harness);
    client_open(&client, &harness);
}

static void teardown(void)
{
    client_close(&client);
    harness_deinit(&harness);
}

static const struct {
    const char *request;
    const char *reply;
} cases[] = {
    {"command count x",
     "-ERR wrong number of arguments for 'command|count' command\r\n"},
    {"command bogus", "-ERR unknown subcommand 'bogus'. Try COMMAND HELP.\r\n"},
    {"command info nosuch", "*1\r\n$-1\r\n"},
    {"command info config|nosuch |", "*2\r\n$-1\r\n$-1\r\n"},
    {"command docs nosuch", "*0\r\n"},
    {"command list x", "-ERR syntax error\r\n"},
    {"command list filterby", "-ERR syntax error\r\n"},
    {"command list filterby bogus x", "-ERR syntax error\r\n"},
    {"command list filterby module x", "*0\r\n"},
    {"command list filterby aclcat nosuch", "*0\r\n"},
    {"command list filterby aclcat hash", "*0\r\n"},
    {"command list filterby aclcat write", "*1\r\n$5\r\nflush\r\n"},
    {"command list filterby pattern C*GET*",
     "*3\r\n$14\r\nclient|getname\r\n$15\r\ncommand|getkeys\r\n$10\r\n"
     "config|get\r\n"},
    {"command getkeys",
     "-ERR wrong number of arguments for 'command|getkeys' command\r\n"},
    {"command getkeys later a", "*1\r\n$1\r\na\r\n"},
    {"command getkeys bogus a", "-ERR Invalid command specified\r\n"},
    {"command getkeys config bogus a", "-ERR Invalid command specified\r\n"},
    {"command getkeys config get a",
     "-ERR The command has no key arguments\r\n"},
    {"command getkeys later a b",
     "-ERR Invalid number of arguments specified for command\r\n"},
};

TEST_FOR(an_introspection_answers_as_redis, sizeof cases / sizeof *cases)
{
    setup();
    client_send(&client, cases[_i].request);
    client_send(&client, "\r\n");
    client_expect(&client, cases[_i].reply);
    teardown();
}

static void expect_header(const char *request, char type)
{
    char header[32];
    snprintf(header, sizeof header, "%c%zu\r\n", type,
             command_count(harness.server.commands));
    client_send(&client, request);
    const char *reply = client_take(&client);
    ck_assert_int_eq(strncmp(reply, header, strlen(header)), 0);
}

TEST(counts_and_descriptions_are_of_the_top_level)
{
    setup();
    expect_header("command count\r\n", ':');
    expect_header("command\r\n", '*');
    expect_header("command info\r\n", '*');
    client_send(&client, "hello 3\r\n");
    client_take(&client);
    expect_header("command docs\r\n", '%');
    teardown();
}

TEST(a_list_without_a_filter_names_subcommands_too)
{
    setup();
    client_send(&client, "command list\r\n");
    const char *reply = client_take(&client);
    ck_assert(strstr(reply, "$7\r\ncommand\r\n"));
    ck_assert(strstr(reply, "$12\r\ncommand|list\r\n"));
    ck_assert_int_gt(atoi(reply + 1),
                     (int)command_count(harness.server.commands));
    teardown();
}

TEST(names_select_commands_and_subcommands_in_any_case)
{
    setup();
    client_send(&client, "command info CLOCK Client|ID nosuch\r\n");
    client_expect(&client,
                  "*3\r\n"
                  "*10\r\n$5\r\nclock\r\n:1\r\n*2\r\n+readonly\r\n+fast\r\n:0"
                  "\r\n:0\r\n:0\r\n*3\r\n+@keyspace\r\n+@read\r\n+@fast\r\n"
                  "*0\r\n*0\r\n*0\r\n"
                  "*10\r\n$9\r\nclient|id\r\n:2\r\n*3\r\n+noscript\r\n+loading"
                  "\r\n+stale\r\n:0\r\n:0\r\n:0\r\n*2\r\n+@slow\r\n"
                  "+@connection\r\n*0\r\n*0\r\n*0\r\n"
                  "$-1\r\n");
    teardown();
}

TEST(documents_come_for_the_names_that_exist)
{
    setup();
    client_send(&client, "command docs nosuch clock\r\n");
    client_expect(&client, "*2\r\n$5\r\nclock\r\n*6\r\n$7\r\nsummary\r\n$16\r\n"
                           "Answers the time\r\n$5\r\nsince\r\n$6\r\nvega 1\r\n"
                           "$5\r\ngroup\r\n$7\r\ngeneric\r\n");
    teardown();
}
