// test_session_limits.c -- clients that don't take what they are sent.
// SPDX-License-Identifier: MIT
#include "tests/common/session_harness.h"
#include "tests/test.h"

enum { SECOND_MS = 1000 };

static struct harness harness;
static struct client client;

static void setup(const char *limits)
{
    harness_init(&harness);
    harness_set(&harness, "output_buffer_limits", limits);
    harness.settings.output_buffer_soft = 1000 * 1000;
    client_open(&client, &harness);
}

static void teardown(void)
{
    client_close(&client);
    harness_deinit(&harness);
}

TEST(who_is_above_the_soft_limit_for_too_long_is_closed)
{
    setup("normal 0 10KB 2s");
    client.deaf = true;
    client_send(&client, "fill 20000\r\n");
    harness_advance_ms(&harness, 2 * SECOND_MS);
    ck_assert(!client_is_closed(&client));
    harness_advance_ms(&harness, SECOND_MS);
    ck_assert(client_is_closed(&client));
    ck_assert_uint_eq(harness.server.stats.output_overflows, 1);
    teardown();
}

TEST(who_comes_below_it_in_time_begins_anew)
{
    setup("normal 0 10KB 2s");
    for (int i = 0; i < 3; i++) {
        client.deaf = true;
        client_send(&client, "fill 20000\r\n");
        harness_advance_ms(&harness, 2 * SECOND_MS);
        client.deaf = false;
        client_settle(&client);
    }
    ck_assert(!client_is_closed(&client));
    client.deaf = true;
    client_send(&client, "fill 9000\r\n");
    harness_advance_ms(&harness, 10 * SECOND_MS);
    ck_assert(!client_is_closed(&client));
    teardown();
}

TEST(a_soft_limit_that_was_lifted_closes_nobody)
{
    setup("normal 0 10KB 2s");
    client.deaf = true;
    client_send(&client, "fill 20000\r\n");
    harness_set(&harness, "output_buffer_limits", "normal 0 0 0");
    harness_advance_ms(&harness, 10 * SECOND_MS);
    ck_assert(!client_is_closed(&client));
    teardown();
}

TEST(without_a_hard_limit_a_long_reply_is_whole)
{
    setup("normal 0 0 0");
    client_send(&client, "fill 3000000\r\n");
    ck_assert_uint_gt(strlen(client_take(&client)), 3000000);
    ck_assert(!client_is_closed(&client));
    teardown();
}

TEST(subscribers_have_limits_of_their_own)
{
    setup("normal 10KB 1KB 1s pubsub 0 50KB 2s");
    client_send(&client, "subscribe a\r\n");
    client_take(&client);
    client.deaf = true;
    static char message[20000];
    memset(message, 'm', sizeof message);
    harness.settings.output_limits[OUTPUT_NORMAL].hard = 1000 * 1000;
    for (int i = 0; i < 3; i++) {
        pubsub_publish(&harness.server.pubsub, SLICE("a"),
                       (struct slice){message, sizeof message});
        client_settle(&client);
        harness_advance_ms(&harness, 2 * SECOND_MS);
        ck_assert(!client_is_closed(&client));
    }
    harness_advance_ms(&harness, SECOND_MS);
    ck_assert(client_is_closed(&client));
    teardown();
}
