// test_session_push.c -- where pushes stand among the replies, and how many a
// client may leave unread.
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
    client_send(&client, "hello 3\r\n");
    client_take(&client);
}

static void teardown(void)
{
    client_close(&client);
    client_close(&other);
    harness_deinit(&harness);
}

#define PUSH ">1\r\n+x\r\n"

static void push(void)
{
    session_push(client.session, SLICE(PUSH));
}

TEST(a_push_leaves_at_once_when_nothing_waits)
{
    setup();
    size_t changes = client.changes;
    push();
    ck_assert_uint_gt(client.changes, changes);
    client_expect(&client, PUSH);
    teardown();
}

TEST(a_push_comes_behind_replies_that_wait)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\n");
    push();
    client_send(&client, "say c\r\nlater d\r\n");
    push();
    client_expect(&client, "");
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n" PUSH "$1\r\nc\r\n");
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\nd\r\n" PUSH);
    ck_assert_uint_eq(client.session->waiting_bytes, 0);
    teardown();
}

TEST(a_push_passes_a_parked_request)
{
    setup();
    client_send(&client, "later a\r\ndebug sleep 1\r\n");
    push();
    client_expect(&client, "");
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\na\r\n" PUSH);
    push();
    client_expect(&client, PUSH);
    harness_advance_ms(&harness, 1500);
    client_expect(&client, "+OK\r\n");
    ck_assert_uint_eq(client.session->waiting_bytes, 0);
    teardown();
}

// Pushes to its own session in the midst of its reply.
static void talk_serve(struct session *session, struct request *request)
{
    session_push(session, SLICE(">1\r\n+before\r\n"));
    reply_array(&request->reply, 2);
    session_push(session, SLICE(">1\r\n+within\r\n"));
    reply_integer(&request->reply, 1);
    session_push(session, SLICE(">1\r\n+again\r\n"));
    reply_integer(&request->reply, 2);
}

static const struct command talk_rows[] = {
    {"talk", 1, 0, 0, 0, 0, "Pushes and replies", "", "generic", "vega 1",
     .serve = talk_serve},
    {0},
};

#define TALK                                                                   \
    ">1\r\n+before\r\n*2\r\n:1\r\n:2\r\n>1\r\n+within\r\n>1\r\n+again\r\n"

static void setup_talk(void)
{
    setup();
    client_close(&client);
    client_close(&other);
    // The ids of commands are counted at the start.
    server_deinit(&harness.server);
    command_table_add(harness.server.commands, talk_rows);
    server_init(&harness.server);
    client_open(&client, &harness);
    client_open(&other, &harness);
}

TEST(a_push_never_stands_inside_a_reply)
{
    setup_talk();
    client_send(&client, "say a\r\ntalk\r\nsay b\r\n");
    client_expect(&client, "$1\r\na\r\n" TALK "$1\r\nb\r\n");
    client_send(&client, "later a\r\ntalk\r\nsay b\r\n");
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\na\r\n" TALK "$1\r\nb\r\n");
    ck_assert_uint_eq(client.session->waiting_bytes, 0);
    teardown();
}

TEST(a_muted_reply_takes_no_push_with_it)
{
    setup_talk();
    client_send(&client, "client reply skip\r\ntalk\r\nsay b\r\n");
    client_expect(&client, ">1\r\n+before\r\n>1\r\n+within\r\n>1\r\n+again\r\n"
                           "$1\r\nb\r\n");
    teardown();
}

static void publish(const char *channel, size_t size)
{
    static char message[64 * 1024];
    memset(message, 'm', sizeof message);
    pubsub_publish(&harness.server.pubsub, slice_of(channel),
                   (struct slice){message, size});
}

TEST(a_slow_subscriber_is_dropped_when_its_pushes_pass_the_limit)
{
    setup();
    harness.settings.output_limits[OUTPUT_PUBSUB].hard = 100 * 1024;
    client_send(&client, "subscribe a\r\n");
    client_take(&client);
    client.deaf = true;
    publish("a", 60 * 1024);
    ck_assert(!client.session->killed);
    publish("a", 60 * 1024);
    ck_assert(client.session->killed);
    size_t held = client.session->output.size;
    publish("a", 60 * 1024); // To one that is as good as gone.
    ck_assert_uint_eq(client.session->output.size, held);
    ck_assert(client_is_closed(&client));
    ck_assert_uint_eq(harness.server.stats.output_overflows, 1);
    ck_assert_uint_eq(harness.server.pubsub.topics[PUBSUB_CHANNEL].count, 0);
    teardown();
}

TEST(a_subscriber_that_reads_gets_more_than_the_limit)
{
    setup();
    harness.settings.output_limits[OUTPUT_PUBSUB].hard = 100 * 1024;
    client_send(&client, "subscribe a\r\n");
    client_take(&client);
    for (int i = 0; i < 10; i++) {
        publish("a", 60 * 1024);
        ck_assert_uint_gt(strlen(client_take(&client)), 60 * 1024);
    }
    ck_assert(!client_is_closed(&client));
    teardown();
}

TEST(output_of_a_reader_that_never_catches_up_stays_small)
{
    setup();
    client_send(&client, "subscribe a\r\n");
    client_take(&client);
    client.deaf = true;
    publish("a", 60 * 1024);
    for (int i = 0; i < 200; i++) {
        publish("a", 60 * 1024);
        session_sent(client.session, 60 * 1024);
    }
    ck_assert(!client.session->killed);
    ck_assert_uint_lt(client.session->output.capacity, 512 * 1024);
    teardown();
}

TEST(pushes_that_wait_behind_a_reply_are_limited_too)
{
    setup();
    harness.settings.output_limits[OUTPUT_PUBSUB].hard = 100 * 1024;
    client_send(&client, "subscribe a\r\nlater b\r\n");
    publish("a", 60 * 1024);
    ck_assert(!client.session->killed);
    publish("a", 60 * 1024);
    ck_assert(client.session->killed);
    teardown();
}

TEST(a_client_that_quit_gets_no_more_pushes)
{
    setup();
    client_send(&client, "subscribe a\r\nlater b\r\nquit\r\n");
    client_take(&client);
    publish("a", 1);
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\nb\r\n+OK\r\n");
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(subscribers_and_monitors_are_never_idle)
{
    setup();
    client_send(&client, "subscribe a\r\n");
    client_send(&other, "monitor\r\n");
    harness.settings.timeout_ms = 1000;
    harness_advance_ms(&harness, 10 * 1000);
    ck_assert(!client_is_closed(&client));
    ck_assert(!client_is_closed(&other));
    teardown();
}
