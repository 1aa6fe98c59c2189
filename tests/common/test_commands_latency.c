// test_commands_latency.c -- LATENCY, reply by reply.
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

TEST(a_histogram_is_cumulative_over_doubling_bounds)
{
    setup();
    client_send(&client, "spend 1\r\nspend 1\r\nspend 3\r\nspend 1000\r\n");
    client_take(&client);
    client_send(&client, "latency histogram spend\r\n");
    client_expect(&client, "*2\r\n$5\r\nspend\r\n*4\r\n$5\r\ncalls\r\n:4\r\n"
                           "$14\r\nhistogram_usec\r\n"
                           "*6\r\n:1\r\n:2\r\n:4\r\n:3\r\n:1048\r\n:4\r\n");
    client_send(&client, "hello 3\r\n");
    client_take(&client);
    client_send(&client, "latency histogram SPEND\r\n");
    client_expect(&client, "%1\r\n$5\r\nspend\r\n%2\r\n$5\r\ncalls\r\n:4\r\n"
                           "$14\r\nhistogram_usec\r\n"
                           "%3\r\n:1\r\n:2\r\n:4\r\n:3\r\n:1048\r\n:4\r\n");
    teardown();
}

TEST(all_that_were_called_are_shown_when_none_is_named)
{
    setup();
    client_send(&client, "spend 1\r\nclient id\r\nsay\r\n");
    client_take(&client);
    client_send(&client, "latency histogram\r\n");
    const char *text = client_take(&client);
    ck_assert_ptr_nonnull(strstr(text, "*4\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "$9\r\nclient|id\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "$5\r\nspend\r\n"));
    ck_assert_ptr_null(strstr(text, "say"));
    teardown();
}

TEST(a_container_stands_for_its_subcommands)
{
    setup();
    client_send(&client, "client id\r\nclient getname\r\n");
    client_take(&client);
    client_send(&client, "latency histogram client nosuch\r\n");
    const char *text = client_take(&client);
    ck_assert_ptr_nonnull(strstr(text, "client|id"));
    ck_assert_ptr_nonnull(strstr(text, "client|getname"));
    client_send(&client, "latency histogram client|id\r\n");
    text = client_take(&client);
    ck_assert_ptr_nonnull(strstr(text, "client|id"));
    ck_assert_ptr_null(strstr(text, "client|getname"));
    client_send(&client, "latency histogram nosuch\r\n");
    client_expect(&client, "*0\r\n");
    teardown();
}

TEST(resetstat_empties_the_histograms)
{
    setup();
    client_send(&client, "spend 1\r\nconfig resetstat\r\n");
    client_take(&client);
    client_send(&client, "latency histogram spend\r\n");
    client_expect(&client, "*0\r\n");
    teardown();
}

TEST(of_events_nothing_is_known_at_first)
{
    static const char *const rows[][2] = {
        {"latency latest\r\n", "*0\r\n"},
        {"latency history command\r\n", "*0\r\n"},
        {"latency history foo\r\n", "*0\r\n"},
        {"latency reset\r\n", ":0\r\n"},
        {"latency reset a b\r\n", ":0\r\n"},
        {"latency graph command\r\n",
         "-ERR No samples available for event 'command'\r\n"},
        {"latency graph foo\r\n",
         "-ERR No samples available for event 'foo'\r\n"},
        {"latency history\r\n",
         "-ERR wrong number of arguments for 'latency|history' command\r\n"},
        {"latency\r\n",
         "-ERR wrong number of arguments for 'latency' command\r\n"},
    };
    setup();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        client_send(&client, rows[i][0]);
        client_expect(&client, rows[i][1]);
    }
    client_send(&client, "latency doctor\r\n");
    ck_assert_ptr_nonnull(strstr(client_take(&client), "Nothing is watched"));
    client_send(&client, "latency help\r\n");
    ck_assert_ptr_nonnull(strstr(client_take(&client), "+HISTOGRAM ["));
    teardown();
}

// From 1700000000 s on.
static void spend_some(void)
{
    setup();
    harness_set(&harness, "latency_monitor_threshold", "300");
    client_send(&client, "spend 299999\r\nspend 500000\r\n");
    harness_advance_ms(&harness, 1000);
    client_send(&client, "spend 900000\r\nrush 300000\r\n");
    client_take(&client);
}

TEST(commands_that_reach_the_threshold_are_samples)
{
    spend_some();
    client_send(&client, "latency history command\r\n");
    client_expect(&client, "*2\r\n*2\r\n:1700000000\r\n:500\r\n"
                           "*2\r\n:1700000001\r\n:900\r\n");
    client_send(&client, "latency latest\r\n");
    client_expect(&client, "*2\r\n"
                           "*4\r\n$7\r\ncommand\r\n:1700000001\r\n:900\r\n"
                           ":900\r\n"
                           "*4\r\n$12\r\nfast-command\r\n:1700000001\r\n"
                           ":300\r\n:300\r\n");
    client_send(&client, "latency doctor\r\n");
    ck_assert_ptr_nonnull(
        strstr(client_take(&client),
               "command: 2 samples, 700 ms on average, 900 ms at most."));
    teardown();
}

TEST(a_graph_has_a_column_for_each_sample)
{
    spend_some();
    client_send(&client, "latency graph COMMAND\r\n");
    client_expect(&client, "$69\r\nCOMMAND - high 900 ms, low 500 ms (all time "
                           "high 900 ms)\n"
                           " #\n #\n #\n##\n\r\n");
    teardown();
}

TEST(a_reset_forgets_the_samples_of_events)
{
    spend_some();
    client_send(&client, "latency reset nosuch fast-command\r\n");
    client_expect(&client, ":1\r\n");
    client_send(&client, "latency reset\r\n");
    client_expect(&client, ":1\r\n");
    client_send(&client, "latency latest\r\n");
    client_expect(&client, "*0\r\n");
    teardown();
}
