// test_commands_monitor.c -- MONITOR: what it shows, and what it does not.
// SPDX-License-Identifier: MIT
#include "tests/common/session_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct client client, other;

static void setup(void)
{
    harness_init(&harness);
    client_open(&client, &harness);
    client_open(&other, &harness);
    harness.world.wall_us = INT64_C(1700000000000042);
    client_send(&client, "monitor\r\n");
    client_expect(&client, "+OK\r\n");
}

static void teardown(void)
{
    client_close(&client);
    client_close(&other);
    harness_deinit(&harness);
}

#define LINE(arguments) "+1700000000.000042 [0 10.0.0.1:50000]" arguments "\r\n"

static const struct {
    const char *request;
    const char *shown;
} cases[] = {
    {"say hi", LINE(" \"say\" \"hi\"")},
    {"SaY \"a b\"", LINE(" \"SaY\" \"a b\"")},
    {"say \"q\\\"\\\\\\n\\r\\t\\a\\b\\x00\\xff~\"",
     LINE(" \"say\" \"q\\\"\\\\\\n\\r\\t\\a\\b\\x00\\xff~\"")},
    {"later x", LINE(" \"later\" \"x\"")},
    {"subscribe x", LINE(" \"subscribe\" \"x\"")},
    {"client setname n", LINE(" \"client\" \"setname\" \"n\"")},
    {"auth pw", LINE(" \"auth\" \"(redacted)\"")},
    {"auth u pw", LINE(" \"auth\" \"(redacted)\" \"(redacted)\"")},
    {"hello 2 auth u pw setname n",
     LINE(" \"hello\" \"2\" \"auth\" \"(redacted)\" \"(redacted)\" "
          "\"setname\" \"n\"")},
    {"hello 2 setname auth AUTH u pw",
     LINE(" \"hello\" \"2\" \"setname\" \"auth\" \"AUTH\" \"(redacted)\" "
          "\"(redacted)\"")},
    {"hello 2 auth u", LINE(" \"hello\" \"2\" \"auth\" \"(redacted)\"")},
    {"quit", LINE(" \"quit\"")},
    // Of the operator, unknown or wrong: not run, or not to be shown.
    {"config get port", ""},
    {"config set requirepass pw", ""},
    {"client list", ""},
    {"monitor", ""},
    {"nosuch x", ""},
    {"say", ""},
};

TEST_FOR(requests_are_shown_as_redis_does, sizeof cases / sizeof *cases)
{
    setup();
    client_send(&other, cases[_i].request);
    client_send(&other, "\r\n");
    client_expect(&client, cases[_i].shown);
    teardown();
}

TEST(what_a_stranger_may_not_do_is_not_shown)
{
    setup();
    struct client stranger;
    harness_set(&harness, "requirepass", "secret");
    client_open(&stranger, &harness);
    client_send(&stranger, "say a\r\nauth secret\r\nsay b\r\n");
    client_expect(&client,
                  LINE(" \"auth\" \"(redacted)\"") LINE(" \"say\" \"b\""));
    client_close(&stranger);
    teardown();
}

TEST(a_monitor_sees_its_own_requests_behind_their_replies)
{
    setup();
    client_send(&client, "ping\r\n");
    client_expect(&client, "+PONG\r\n" LINE(" \"ping\""));
    client_send(&client, "monitor\r\n"); // As in Redis: no answer at all.
    client_expect(&client, "");
    client_send(&client, "clock\r\n");
    client_expect(&client, "-ERR Replica can't interact with the keyspace\r\n");
    client_send(&client, "client info\r\n");
    ck_assert_ptr_nonnull(strstr(client_take(&client), " flags=O "));
    teardown();
}

TEST(reset_ends_monitoring)
{
    setup();
    client_send(&client, "reset\r\n");
    client_expect(&client, "+RESET\r\n");
    client_send(&other, "say a\r\n");
    client_expect(&client, "");
    client_send(&client, "clock\r\n");
    ck_assert_int_eq(client_take(&client)[0], ':');
    teardown();
}

TEST(two_monitors_see_the_same)
{
    setup();
    struct client second;
    client_open(&second, &harness);
    client_send(&second, "monitor\r\n");
    client_take(&second);
    client_send(&other, "say a\r\n");
    client_expect(&client, LINE(" \"say\" \"a\""));
    client_expect(&second, LINE(" \"say\" \"a\""));
    client_close(&second);
    client_send(&other, "say b\r\n");
    client_expect(&client, LINE(" \"say\" \"b\""));
    teardown();
}

TEST(a_slow_monitor_is_dropped)
{
    setup();
    harness.settings.output_limits[OUTPUT_PUBSUB].hard = 16 * 1024;
    client.deaf = true;
    for (int i = 0; i < 1000 && !client_is_closed(&client); i++)
        client_send(&other, "say something\r\n");
    ck_assert(client_is_closed(&client));
    ck_assert_uint_eq(harness.server.stats.output_overflows, 1);
    client_send(&other, "say a\r\n");
    teardown();
}
