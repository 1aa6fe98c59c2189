// test_commands_scripting.c -- FUNCTION and SCRIPT where there are none: the
// replies of a Redis that never loaded one.
// SPDX-License-Identifier: MIT
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

static void expect_all(const char *const rows[][2], size_t count)
{
    setup();
    for (size_t i = 0; i < count; i++) {
        client_send(&client, rows[i][0]);
        client_expect(&client, rows[i][1]);
    }
    teardown();
}

#define EXPECT_ALL(rows) expect_all(rows, sizeof(rows) / sizeof *(rows))

TEST(what_is_not_there_can_be_flushed)
{
    static const char *const rows[][2] = {
        {"function flush\r\n", "+OK\r\n"},
        {"function flush async\r\n", "+OK\r\n"},
        {"function flush SYNC\r\n", "+OK\r\n"},
        {"script flush\r\n", "+OK\r\n"},
        {"script flush ASYNC\r\n", "+OK\r\n"},
        {"function flush foo\r\n",
         "-ERR FUNCTION FLUSH only supports SYNC|ASYNC option\r\n"},
        {"function FLUSH a b\r\n",
         "-ERR unknown subcommand or wrong number of arguments for 'FLUSH'. "
         "Try FUNCTION HELP.\r\n"},
        {"script flush foo\r\n",
         "-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n"},
        {"script flush sync sync\r\n",
         "-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n"},
    };
    EXPECT_ALL(rows);
}

TEST(lists_of_scripts_are_empty)
{
    static const char *const rows[][2] = {
        {"function list\r\n", "*0\r\n"},
        {"function list withcode libraryname x*\r\n", "*0\r\n"},
        {"function list libraryname\r\n",
         "-ERR library name argument was not given\r\n"},
        {"function list withcode WITHCODE\r\n",
         "-ERR Unknown argument WITHCODE\r\n"},
        {"function list libraryname x libraryname y\r\n",
         "-ERR Unknown argument libraryname\r\n"},
        {"function list foo\r\n", "-ERR Unknown argument foo\r\n"},
        {"function stats\r\n",
         "*4\r\n$14\r\nrunning_script\r\n$-1\r\n$7\r\nengines\r\n*0\r\n"},
        {"script exists a b\r\n", "*2\r\n:0\r\n:0\r\n"},
        {"script exists\r\n",
         "-ERR wrong number of arguments for 'script|exists' command\r\n"},
    };
    EXPECT_ALL(rows);
}

TEST(no_script_runs_or_can_be_deleted)
{
    static const char *const rows[][2] = {
        {"function delete x\r\n", "-ERR Library not found\r\n"},
        {"function kill\r\n",
         "-NOTBUSY No scripts in execution right now.\r\n"},
        {"script kill\r\n", "-NOTBUSY No scripts in execution right now.\r\n"},
    };
    EXPECT_ALL(rows);
}

TEST(what_would_load_or_run_a_script_is_unknown)
{
    static const char *const rows[][2] = {
        {"function load x\r\n",
         "-ERR unknown subcommand 'load'. Try FUNCTION HELP.\r\n"},
        {"script load x\r\n",
         "-ERR unknown subcommand 'load'. Try SCRIPT HELP.\r\n"},
        {"eval x 0\r\n", "-ERR unknown command 'eval', with args beginning "
                         "with: 'x' '0' \r\n"},
    };
    EXPECT_ALL(rows);
}
