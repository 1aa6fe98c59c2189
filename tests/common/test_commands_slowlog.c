// test_commands_slowlog.c -- SLOWLOG, reply by reply.
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

#define ENTRY(id, us, size)                                                    \
    "*6\r\n:" id "\r\n:1700000000\r\n:" us "\r\n*2\r\n$5\r\nspend\r\n$" size   \
    "\r\n" us "\r\n$14\r\n10.0.0.1:50000\r\n$0\r\n\r\n"

TEST(entries_come_newest_first)
{
    setup();
    client_send(&client, "slowlog get\r\n");
    client_expect(&client, "*0\r\n");
    client_send(&client, "spend 10000\r\nspend 20000\r\nspend 9999\r\n");
    client_expect(&client, "+OK\r\n+OK\r\n+OK\r\n");
    client_send(&client, "slowlog len\r\n");
    client_expect(&client, ":2\r\n");
    client_send(&client, "slowlog get\r\n");
    client_expect(&client,
                  "*2\r\n" ENTRY("1", "20000", "5") ENTRY("0", "10000", "5"));
    client_send(&client, "slowlog get 1\r\n");
    client_expect(&client, "*1\r\n" ENTRY("1", "20000", "5"));
    client_send(&client, "slowlog get 0\r\n");
    client_expect(&client, "*0\r\n");
    teardown();
}

TEST(ten_are_shown_unless_more_are_asked_for)
{
    setup();
    for (int i = 0; i < 12; i++)
        client_send(&client, "spend 10000\r\n");
    client_take(&client);
    client_send(&client, "slowlog get\r\n");
    ck_assert_ptr_nonnull(strstr(client_take(&client), "*10\r\n*6\r\n:11\r\n"));
    client_send(&client, "slowlog get -1\r\n");
    ck_assert_ptr_nonnull(strstr(client_take(&client), "*12\r\n*6\r\n:11\r\n"));
    client_send(&client, "slowlog reset\r\nslowlog len\r\n");
    client_expect(&client, "+OK\r\n:0\r\n");
    teardown();
}

TEST(errors_are_those_of_redis)
{
    static const char *const rows[][2] = {
        {"slowlog get abc\r\n",
         "-ERR count should be greater than or equal to -1\r\n"},
        {"slowlog get -2\r\n",
         "-ERR count should be greater than or equal to -1\r\n"},
        {"slowlog get 1 2\r\n",
         "-ERR unknown subcommand or wrong number of arguments for 'get'. Try "
         "SLOWLOG HELP.\r\n"},
        {"slowlog foo\r\n",
         "-ERR unknown subcommand 'foo'. Try SLOWLOG HELP.\r\n"},
        {"slowlog len x\r\n",
         "-ERR wrong number of arguments for 'slowlog|len' command\r\n"},
        {"slowlog\r\n",
         "-ERR wrong number of arguments for 'slowlog' command\r\n"},
        {"config set slowlog-log-slower-than -2\r\n", NULL},
        {"config set slowlog-max-len -1\r\n", NULL},
    };
    setup();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        client_send(&client, rows[i][0]);
        if (rows[i][1])
            client_expect(&client, rows[i][1]);
        else
            ck_assert_int_eq(client_take(&client)[0], '-');
    }
    teardown();
}

TEST(settings_have_the_names_and_defaults_of_redis)
{
    setup();
    client_send(&client, "config get slowlog-*\r\n");
    const char *text = client_take(&client);
    ck_assert_ptr_nonnull(
        strstr(text, "$23\r\nslowlog-log-slower-than\r\n$5\r\n10000\r\n"));
    ck_assert_ptr_nonnull(
        strstr(text, "$15\r\nslowlog-max-len\r\n$3\r\n128\r\n"));
    teardown();
}

TEST(help_lists_the_subcommands)
{
    setup();
    client_send(&client, "slowlog help\r\n");
    const char *text = client_take(&client);
    ck_assert_ptr_nonnull(strstr(text, "+SLOWLOG <subcommand> [<arg>"));
    ck_assert_ptr_nonnull(strstr(text, "+GET [count]\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "+RESET\r\n"));
    teardown();
}
