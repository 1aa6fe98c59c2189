// test_commands_server.c -- INFO, TIME, WAIT, DEBUG SLEEP, SHUTDOWN.
// SPDX-License-Identifier: MIT
#include "tests/common/session_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct client client, other;

static void setup(void)
{
    harness_init(&harness);
    harness.settings.debug_commands = true;
    client_open(&client, &harness);
    client_open(&other, &harness);
}

static void teardown(void)
{
    client_close(&client);
    client_close(&other);
    harness_deinit(&harness);
}

static const struct {
    const char *request;
    const char *reply;
} cases[] = {
    {"time", "*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n"},
    {"time x", "-ERR wrong number of arguments for 'time' command\r\n"},
    {"wait 0 1000", ":0\r\n"},
    {"wait -1 0", ":0\r\n"},
    {"wait x 0", "-ERR value is not an integer or out of range\r\n"},
    {"wait 1 x", "-ERR timeout is not an integer or out of range\r\n"},
    {"wait 1 -1", "-ERR timeout is negative\r\n"},
    {"wait 1 9223372036854775807", "-ERR timeout is out of range\r\n"},
    {"wait 1 99999999999999999999",
     "-ERR timeout is not an integer or out of range\r\n"},
    {"debug", "-ERR wrong number of arguments for 'debug' command\r\n"},
    {"debug sleep 0", "+OK\r\n"},
    {"debug sleep -1", "+OK\r\n"},
    {"debug sleep inf", "-ERR timeout is out of range\r\n"},
    {"debug sleep 1e300", "-ERR timeout is out of range\r\n"},
    {"debug sleep x", "-ERR value is not a valid float\r\n"},
    {"debug sleep nan", "-ERR value is not a valid float\r\n"},
    {"info nosuch", "$0\r\n\r\n"},
    {"info cluster", "$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n"},
    {"info keyspace", "$24\r\n# Keyspace\r\ndb0:keys=0\r\n\r\n"},
    {"shutdown bogus", "-ERR syntax error\r\n"},
    {"shutdown save nosave", "-ERR syntax error\r\n"},
    {"shutdown abort now", "-ERR syntax error\r\n"},
    {"shutdown abort", "-ERR No shutdown in progress.\r\n"},
};

TEST_FOR(a_server_command_answers_as_redis, sizeof cases / sizeof *cases)
{
    setup();
    client_send(&client, cases[_i].request);
    client_send(&client, "\r\n");
    client_expect(&client, cases[_i].reply);
    teardown();
}

TEST(time_is_the_wall_clock_in_microseconds)
{
    setup();
    harness.world.wall_us = INT64_C(1234567890123456);
    client_send(&client, "time\r\n");
    client_expect(&client, "*2\r\n$10\r\n1234567890\r\n$6\r\n123456\r\n");
    teardown();
}

TEST(wait_for_replicas_ends_with_its_time)
{
    setup();
    client_send(&client, "wait 2 250\r\n");
    harness_advance_ms(&harness, 249);
    client_expect(&client, "");
    harness_advance_ms(&harness, 1);
    client_expect(&client, ":0\r\n");
    teardown();
}

TEST(wait_without_time_does_not_end)
{
    setup();
    client_send(&client, "wait 1 0\r\n");
    harness_advance_ms(&harness, INT64_C(86400) * 1000);
    client_expect(&client, "");
    ck_assert_uint_eq(harness.server.parked_count, 1);
    teardown();
}

TEST(a_sleep_of_less_than_a_millisecond_is_still_one)
{
    setup();
    client_send(&client, "debug sleep 0.0001\r\n");
    client_expect(&client, "");
    harness_advance_ms(&harness, 1);
    client_expect(&client, "+OK\r\n");
    teardown();
}

#define NOT_ALLOWED                                                            \
    "-ERR DEBUG command not allowed. If the enable-debug-command option is "   \
    "set to \"local\", you can run it from a local connection, otherwise you " \
    "need to set this option in the configuration file, and then restart the " \
    "server.\r\n"

TEST(debug_is_refused_unless_it_is_configured)
{
    setup();
    harness.settings.debug_commands = false;
    client_send(&client, "debug sleep 0\r\ndebug help\r\n");
    client_expect(&client, NOT_ALLOWED NOT_ALLOWED);
    teardown();
}

TEST(info_is_verbatim_text_in_resp3)
{
    setup();
    client_send(&client, "hello 3\r\n");
    client_take(&client);
    client_send(&client, "info cluster\r\n");
    client_expect(&client, "=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n");
    teardown();
}

TEST(shutdown_stops_the_server_and_closes_without_a_reply)
{
    setup();
    client_send(&other, "later a\r\n");
    client_send(&client, "shutdown nosave now\r\nsay b\r\n");
    ck_assert(harness.server.stopping);
    client_expect(&client, "");
    ck_assert(client_is_closed(&client));
    ck_assert(!client_is_closed(&other));
    harness_answer(&harness, 0);
    client_expect(&other, "$1\r\na\r\n");
    ck_assert(client_is_closed(&other));
    teardown();
}
