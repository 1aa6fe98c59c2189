// test_commands_pubsub.c -- SUBSCRIBE and its relatives, reply by reply.
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
}

static void setup_resp3(void)
{
    setup();
    client_send(&client, "hello 3\r\n");
    client_take(&client);
}

static void teardown(void)
{
    pubsub_check_invariants(&harness.server.pubsub);
    client_close(&client);
    client_close(&other);
    harness_deinit(&harness);
}

#define CONTEXT(command)                                                       \
    "-ERR Can't execute '" command "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE" \
    " / PING / QUIT / RESET are allowed in this context\r\n"
#define ARITY(command)                                                         \
    "-ERR wrong number of arguments for '" command "' command\r\n"

struct golden {
    const char *request;
    const char *reply;
};

// Held by `client`, with what Redis 7.0.15 answers.
static void expect(const struct golden *rows)
{
    for (; rows->request; rows++) {
        client_send(&client, rows->request);
        client_send(&client, "\r\n");
        client_expect(&client, rows->reply);
        pubsub_check_invariants(&harness.server.pubsub);
    }
}

static const struct golden resp2[] = {
    {"subscribe", ARITY("subscribe")},
    {"psubscribe", ARITY("psubscribe")},
    {"publish a", ARITY("publish")},
    {"publish a m", ":0\r\n"},
    {"unsubscribe", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n"},
    {"punsubscribe", "*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:0\r\n"},
    {"unsubscribe a b", "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n"
                        "*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:0\r\n"},
    {"subscribe a b a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"
                        "*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"
                        "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:2\r\n"},
    {"PSUBSCRIBE p* p*", "*3\r\n$10\r\npsubscribe\r\n$2\r\np*\r\n:3\r\n"
                         "*3\r\n$10\r\npsubscribe\r\n$2\r\np*\r\n:3\r\n"},
    {"unsubscribe nope", "*3\r\n$11\r\nunsubscribe\r\n$4\r\nnope\r\n:3\r\n"},
    {"punsubscribe a", "*3\r\n$12\r\npunsubscribe\r\n$1\r\na\r\n:3\r\n"},
    {"fill 1", CONTEXT("fill")},
    {"FILL", ARITY("fill")},
    {"client info", CONTEXT("client|info")},
    {"publish a m", CONTEXT("publish")},
    {"hello 3", CONTEXT("hello")},
    {"nosuch", "-ERR unknown command 'nosuch', with args beginning with: \r\n"},
    {"ping", "*2\r\n$4\r\npong\r\n$0\r\n\r\n"},
    {"ping hi", "*2\r\n$4\r\npong\r\n$2\r\nhi\r\n"},
    {"ping a b", ARITY("ping")},
    {"unsubscribe a", "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:2\r\n"},
    {"unsubscribe", "*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:1\r\n"},
    {"unsubscribe", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:1\r\n"},
    {"punsubscribe", "*3\r\n$12\r\npunsubscribe\r\n$2\r\np*\r\n:0\r\n"},
    {"ping", "+PONG\r\n"},
    {"say hi", "$2\r\nhi\r\n"},
    {"subscribe a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"},
    {"reset", "+RESET\r\n"},
    {"say hi", "$2\r\nhi\r\n"},
    {NULL, NULL},
};

TEST(resp2_subscribers_get_arrays_and_may_do_little_else)
{
    setup();
    expect(resp2);
    teardown();
}

static const struct golden resp3[] = {
    {"unsubscribe", ">3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n"},
    {"subscribe a b", ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"
                      ">3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"},
    {"psubscribe p* a*", ">3\r\n$10\r\npsubscribe\r\n$2\r\np*\r\n:3\r\n"
                         ">3\r\n$10\r\npsubscribe\r\n$2\r\na*\r\n:4\r\n"},
    {"say hi", "$2\r\nhi\r\n"},
    {"ping", "+PONG\r\n"},
    {"publish a hello",
     ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$5\r\nhello\r\n"
     ">4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$1\r\na\r\n$5\r\nhello\r\n:2\r\n"},
    {"publish px yo",
     ">4\r\n$8\r\npmessage\r\n$2\r\np*\r\n$2\r\npx\r\n$2\r\nyo\r\n:1\r\n"},
    {"unsubscribe", ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:3\r\n"
                    ">3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:2\r\n"},
    {"punsubscribe p* a*", ">3\r\n$12\r\npunsubscribe\r\n$2\r\np*\r\n:1\r\n"
                           ">3\r\n$12\r\npunsubscribe\r\n$2\r\na*\r\n:0\r\n"},
    {"publish a hello", ":0\r\n"},
    {NULL, NULL},
};

static const struct golden sharded[] = {
    {"ssubscribe a {a}b", "*3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n"
                          "*3\r\n$10\r\nssubscribe\r\n$4\r\n{a}b\r\n:2\r\n"},
    {"spublish a x", CONTEXT("spublish")},
    {"subscribe a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"},
    {"unsubscribe", "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n"},
    {"sunsubscribe a", "*3\r\n$12\r\nsunsubscribe\r\n$1\r\na\r\n:1\r\n"},
    {"sunsubscribe", "*3\r\n$12\r\nsunsubscribe\r\n$4\r\n{a}b\r\n:0\r\n"},
    {"sunsubscribe", "*3\r\n$12\r\nsunsubscribe\r\n$-1\r\n:0\r\n"},
    {"say hi", "$2\r\nhi\r\n"},
    {NULL, NULL},
};

TEST(shard_channels_are_counted_by_themselves)
{
    setup();
    expect(sharded);
    teardown();
}

TEST(a_message_to_a_shard_channel_reaches_its_subscribers_only)
{
    setup();
    client_send(&other, "ssubscribe news\r\n");
    client_take(&other);
    client_send(&client, "spublish news a\r\npublish news b\r\n"
                         "pubsub shardchannels\r\npubsub channels\r\n"
                         "pubsub shardnumsub news none\r\n");
    client_expect(&client, ":1\r\n:0\r\n*1\r\n$4\r\nnews\r\n*0\r\n"
                           "*4\r\n$4\r\nnews\r\n:1\r\n$4\r\nnone\r\n:0\r\n");
    client_expect(&other, "*3\r\n$8\r\nsmessage\r\n$4\r\nnews\r\n$1\r\na\r\n");
    client_close(&other);
    client_open(&other, &harness);
    client_send(&other, "subscribe news\r\npsubscribe *\r\n");
    client_send(&client, "spublish news a\r\n");
    client_expect(&client, ":0\r\n");
    teardown();
}

TEST(resp3_subscribers_get_pushes_and_may_do_everything)
{
    setup_resp3();
    expect(resp3);
    teardown();
}

static const struct golden questions[] = {
    {"pubsub", ARITY("pubsub")},
    {"pubsub foo", "-ERR unknown subcommand 'foo'. Try PUBSUB HELP.\r\n"},
    {"pubsub numpat x", ARITY("pubsub|numpat")},
    {"pubsub channels a b",
     "-ERR unknown subcommand or wrong number of arguments for 'channels'. Try "
     "PUBSUB HELP.\r\n"},
    {"pubsub numpat", ":2\r\n"},
    {"pubsub channels", "*2\r\n$4\r\nnews\r\n$5\r\nsport\r\n"},
    {"pubsub channels s*", "*1\r\n$5\r\nsport\r\n"},
    {"pubsub channels S*", "*0\r\n"},
    {"pubsub numsub", "*0\r\n"},
    {"pubsub numsub news none", "*4\r\n$4\r\nnews\r\n:1\r\n$4\r\nnone\r\n:0"
                                "\r\n"},
    {NULL, NULL},
};

TEST(pubsub_tells_who_listens_to_what)
{
    setup();
    client_send(&other, "subscribe news sport\r\npsubscribe n* *\r\n");
    expect(questions);
    client_close(&other);
    client_open(&other, &harness);
    client_send(&client, "pubsub channels\r\npubsub numpat\r\n");
    client_expect(&client, "*0\r\n:0\r\n");
    teardown();
}

TEST(a_message_reaches_each_subscriber_in_its_protocol)
{
    setup_resp3();
    struct client third;
    client_open(&third, &harness);
    client_send(&client, "subscribe news\r\n");
    client_send(&other, "subscribe news\r\npsubscribe n?ws\r\n");
    client_take(&client);
    client_take(&other);
    client_send(&third, "*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n$3\r\na\r\n\r\n");
    client_expect(&third, ":3\r\n");
    client_expect(&client,
                  ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$3\r\na\r\n\r\n");
    client_expect(&other, "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$3\r\na\r\n\r\n"
                          "*4\r\n$8\r\npmessage\r\n$4\r\nn?ws\r\n$4\r\nnews\r\n"
                          "$3\r\na\r\n\r\n");
    client_close(&third);
    teardown();
}

TEST(a_client_that_wants_no_replies_still_gets_pushes)
{
    setup();
    client_send(&client, "client reply off\r\nsubscribe a\r\nping\r\n");
    client_expect(&client, "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    client_send(&other, "publish a hi\r\n");
    client_expect(&client, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n");
    teardown();
}

TEST(client_list_and_info_know_subscribers)
{
    setup();
    client_send(&other, "subscribe a b\r\npsubscribe c\r\n");
    client_send(&client, "client list type pubsub\r\n");
    const char *line = client_take(&client);
    ck_assert_ptr_nonnull(strstr(line, "id=2 "));
    ck_assert_ptr_null(strstr(line, "id=1 "));
    ck_assert_ptr_nonnull(strstr(line, " flags=P "));
    ck_assert_ptr_nonnull(strstr(line, " sub=2 psub=1 "));
    client_send(&client, "client list type normal\r\n");
    ck_assert_ptr_null(strstr(client_take(&client), "id=2 "));
    client_send(&client, "info stats\r\n");
    const char *stats = client_take(&client);
    ck_assert_ptr_nonnull(strstr(stats, "pubsub_channels:2\r\n"));
    ck_assert_ptr_nonnull(strstr(stats, "pubsub_patterns:1\r\n"));
    client_send(&client, "client kill type pubsub\r\n");
    client_expect(&client, ":1\r\n");
    ck_assert(client_is_closed(&other));
    teardown();
}
