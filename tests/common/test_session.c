// test_session.c -- a client's bytes in, its replies out: order, portions,
// requests that are answered later, limits, endings.
// SPDX-License-Identifier: MIT
#include "common/server/session.h"

#include <stdio.h>

#include "common/base/memory.h"
#include "common/base/random.h"
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

static void teardown(void)
{
    client_close(&client);
    client_close(&other);
    harness_deinit(&harness);
}

// ---- order

TEST(replies_come_in_the_order_of_the_requests)
{
    setup();
    client_send(&client, "say a\r\nsay b\r\nsay c\r\n");
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    teardown();
}

TEST(a_kept_request_holds_back_the_replies_behind_it)
{
    setup();
    client_send(&client, "say a\r\nlater b\r\nsay c\r\n");
    client_expect(&client, "$1\r\na\r\n");
    client_send(&client, "say d\r\n");
    client_expect(&client, "");
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n");
    teardown();
}

TEST(kept_requests_answered_out_of_order_still_leave_in_order)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\nlater c\r\nlater d\r\nsay e\r\n");
    harness_answer(&harness, 2);
    harness_answer(&harness, 1);
    client_expect(&client, "");
    harness_answer(&harness, 0);
    client_expect(&client,
                  "$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n$1\r\ne\r\n");
    teardown();
}

TEST(an_answer_releases_replies_up_to_the_next_kept_request)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\nlater c\r\nsay d\r\n");
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n");
    client_send(&client, "say e\r\n");
    client_expect(&client, "");
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\nc\r\n$1\r\nd\r\n$1\r\ne\r\n");
    teardown();
}

TEST(requests_behind_a_kept_one_are_executed_meanwhile)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\n");
    ck_assert_uint_eq(harness.executed, 2);
    teardown();
}

TEST(a_layer_may_answer_earlier_requests_while_it_takes_one)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\nflush\r\nsay c\r\n");
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n+OK\r\n$1\r\nc\r\n");
    teardown();
}

TEST(a_layer_may_answer_other_clients_while_it_takes_a_request)
{
    setup();
    client_send(&other, "later a\r\n");
    client_send(&client, "flush\r\n");
    client_expect(&client, "+OK\r\n");
    client_expect(&other, "$1\r\na\r\n");
    teardown();
}

TEST(one_client_waits_for_no_other)
{
    setup();
    client_send(&client, "later a\r\n");
    client_send(&other, "say b\r\n");
    client_expect(&other, "$1\r\nb\r\n");
    client_expect(&client, "");
    teardown();
}

// ---- portions

// RESP, inline, nothing, empty and binary arguments, and errors.
static const char stream[] = "*2\r\n$3\r\nsay\r\n$5\r\nhello\r\n"
                             "say inline\r\n"
                             "\r\n"
                             "*0\r\n"
                             "*2\r\n$3\r\nSAY\r\n$0\r\n\r\n"
                             "say \"a\\r\\nb\"\r\n"
                             "*2\r\n$3\r\nsay\r\n$4\r\n\r\n$1\r\n"
                             "*1\r\n$6\r\nnosuch\r\n"
                             "*1\r\n$3\r\nsay\r\n"
                             "*2\r\n$5\r\nlater\r\n$1\r\nx\r\n"
                             "*1\r\n$5\r\nflush\r\n"
                             "PING\n"
                             "*2\r\n$3\r\nsay\r\n$3\r\nend\r\n";
static const char answers[] =
    "$5\r\nhello\r\n"
    "$6\r\ninline\r\n"
    "$0\r\n\r\n"
    "$4\r\na\r\nb\r\n"
    "$4\r\n\r\n$1\r\n"
    "-ERR unknown command 'nosuch', with args beginning with: \r\n"
    "-ERR wrong number of arguments for 'say' command\r\n"
    "$1\r\nx\r\n"
    "+OK\r\n"
    "+PONG\r\n"
    "$3\r\nend\r\n";

TEST(a_stream_gives_the_same_replies_wherever_it_is_split)
{
    setup();
    size_t size = sizeof stream - 1;
    for (size_t at = 0; at <= size; at++) {
        client_send_bytes(&client, (struct slice){stream, at});
        client_send_bytes(&client, (struct slice){stream + at, size - at});
        client_expect(&client, answers);
    }
    teardown();
}

TEST(a_stream_may_come_byte_by_byte)
{
    setup();
    for (size_t i = 0; i < sizeof stream - 1; i++)
        client_send_bytes(&client, (struct slice){stream + i, 1});
    client_expect(&client, answers);
    teardown();
}

TEST(a_stream_may_come_in_portions_of_any_size)
{
    struct buffer many = {0}, expected = {0};
    for (int i = 0; i < 20; i++) {
        buffer_append_text(&many, stream);
        buffer_append_text(&expected, answers);
    }
    buffer_append_byte(&expected, '\0');
    for (size_t portion = 2; portion < 400; portion += 7) {
        setup();
        for (size_t at = 0; at < many.size; at += portion) {
            size_t rest = many.size - at;
            client_send_bytes(&client,
                              (struct slice){many.data + at,
                                             rest < portion ? rest : portion});
        }
        client_expect(&client, expected.data);
        teardown();
    }
    buffer_deinit(&many);
    buffer_deinit(&expected);
}

TEST(a_large_argument_may_come_in_pieces)
{
    enum { SIZE = 300 * 1000 };
    char *bytes = xmalloc(SIZE);
    memset(bytes, 'y', SIZE);
    setup();
    client_send(&client, "*2\r\n$3\r\nsay\r\n$300000\r\n");
    for (size_t at = 0; at < SIZE; at += 10 * 1000)
        client_send_bytes(&client, (struct slice){bytes + at, 10 * 1000});
    client_expect(&client, "");
    client_send(&client, "\r\nsay b\r\n");
    const char *received = client_take(&client);
    ck_assert_int_eq(strncmp(received, "$300000\r\nyyy", 12), 0);
    ck_assert_str_eq(received + 9 + SIZE, "\r\n$1\r\nb\r\n");
    teardown();
    free(bytes);
}

TEST(a_long_pipeline_is_executed_and_announced_in_batches)
{
    enum { COUNT = 1000 };
    struct buffer many = {0}, expected = {0};
    for (int i = 0; i < COUNT; i++) {
        char text[16];
        int size = snprintf(text, sizeof text, "%d", i);
        buffer_printf(&many, "*2\r\n$3\r\nsay\r\n$%d\r\n%s\r\n", size, text);
        buffer_printf(&expected, "$%d\r\n%s\r\n", size, text);
    }
    buffer_append_byte(&expected, '\0');
    setup();
    client_send_bytes(&client, buffer_slice(&many));
    client_expect(&client, expected.data);
    ck_assert_uint_eq(harness.executed, COUNT);
    ck_assert_uint_eq(harness.prepared, COUNT);
    teardown();
    buffer_deinit(&many);
    buffer_deinit(&expected);
}

TEST(input_is_not_kept_once_it_was_executed)
{
    setup();
    client_send(&client, "say a\r\nsay b");
    ck_assert_uint_eq(client.session->input.size, 5);
    client_send(&client, "\r\n");
    ck_assert_uint_eq(client.session->input.size, 0);
    ck_assert_uint_eq(client.session->input.capacity, 0);
    teardown();
}

// ---- any order of everything

struct script {
    struct random random;
    struct buffer expected[2]; // Of client and other.
    struct buffer input[2];    // Not sent yet.
};

static void script_add_request(struct script *script, int who, int number)
{
    char text[16];
    int size = snprintf(text, sizeof text, "%d", number);
    bool later = random_below(&script->random, 3) == 0;
    buffer_printf(&script->input[who], "*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n",
                  later ? 5 : 3, later ? "later" : "say", size, text);
    buffer_printf(&script->expected[who], "$%d\r\n%s\r\n", size, text);
}

static void script_send_some(struct script *script, struct client *to, int who)
{
    struct buffer *input = &script->input[who];
    size_t size = random_below(&script->random, input->size + 1);
    if (harness.later_count > HARNESS_LATER_MAX / 2)
        return;
    client_send_bytes(to, (struct slice){input->data, size});
    buffer_consume(input, size);
}

static void script_step(struct script *script, int number)
{
    int who = (int)random_below(&script->random, 2);
    struct client *to = who ? &other : &client;
    switch (random_below(&script->random, 4)) {
    case 0:
    case 1:
        if (script->input[who].size < 200)
            script_add_request(script, who, number);
        break;
    case 2:
        script_send_some(script, to, who);
        break;
    case 3:
        if (harness.later_count)
            harness_answer(&harness,
                           random_below(&script->random, harness.later_count));
        client_settle(&client);
        client_settle(&other);
        break;
    }
}

static void script_finish(struct script *script, struct client *to, int who)
{
    while (script->input[who].size) {
        script_send_some(script, to, who);
        while (harness.later_count)
            harness_answer(&harness, 0);
    }
    buffer_append_byte(&script->expected[who], '\0');
    client_expect(to, script->expected[who].data);
    buffer_deinit(&script->input[who]);
    buffer_deinit(&script->expected[who]);
}

TEST_FOR(whatever_is_kept_and_however_it_comes_replies_are_in_order, 50)
{
    struct script script = {0};
    random_init(&script.random, (uint64_t)_i);
    setup();
    for (int number = 0; number < 2000; number++)
        script_step(&script, number);
    script_finish(&script, &client, 0);
    script_finish(&script, &other, 1);
    teardown();
}

// ---- parked requests

static void setup_sleepers(void)
{
    setup();
    harness.settings.debug_commands = true;
}

TEST(a_sleeping_client_executes_nothing_until_its_time_is_up)
{
    setup_sleepers();
    client_send(&client, "say a\r\ndebug sleep 1.5\r\nsay b\r\n");
    client_expect(&client, "$1\r\na\r\n");
    client_send(&client, "say c\r\n");
    harness_advance_ms(&harness, 1499);
    client_expect(&client, "");
    ck_assert_uint_eq(harness.executed, 1);
    ck_assert_uint_eq(harness.server.parked_count, 1);
    harness_advance_ms(&harness, 1);
    client_expect(&client, "+OK\r\n$1\r\nb\r\n$1\r\nc\r\n");
    ck_assert_uint_eq(harness.server.parked_count, 0);
    teardown();
}

TEST(a_sleeping_client_delays_nobody_else)
{
    setup_sleepers();
    client_send(&client, "debug sleep 100\r\n");
    client_send(&other, "say a\r\n");
    client_expect(&other, "$1\r\na\r\n");
    teardown();
}

TEST(a_parked_client_is_not_read_from)
{
    setup_sleepers();
    client_send(&client, "debug sleep 1\r\n");
    ck_assert(!session_wants_input(client.session));
    harness_advance_ms(&harness, 1000);
    client_settle(&client);
    ck_assert(session_wants_input(client.session));
    teardown();
}

TEST(the_transport_is_told_when_a_parked_request_ends)
{
    setup_sleepers();
    client_send(&client, "debug sleep 1\r\n");
    size_t before = client.changes;
    harness_advance_ms(&harness, 1000);
    ck_assert_uint_gt(client.changes, before);
    teardown();
}

TEST(a_request_may_park_behind_one_that_a_layer_keeps)
{
    setup_sleepers();
    client_send(&client, "later a\r\ndebug sleep 1\r\nsay b\r\n");
    harness_advance_ms(&harness, 1000);
    client_expect(&client, "");
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\na\r\n+OK\r\n$1\r\nb\r\n");
    teardown();
}

TEST(one_may_sleep_again_and_again)
{
    setup_sleepers();
    client_send(&client, "debug sleep 1\r\ndebug sleep 1\r\nsay a\r\n");
    harness_advance_ms(&harness, 1000);
    client_expect(&client, "+OK\r\n");
    harness_advance_ms(&harness, 1000);
    client_expect(&client, "+OK\r\n$1\r\na\r\n");
    teardown();
}

TEST(a_client_that_leaves_while_parked_is_forgotten)
{
    setup_sleepers();
    client_send(&client, "debug sleep 1\r\n");
    client_close(&client);
    ck_assert_uint_eq(harness.server.parked_count, 0);
    harness_advance_ms(&harness, 5000);
    teardown();
}

TEST(a_client_that_leaves_is_not_missed_by_those_who_keep_its_requests)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\nlater c\r\nlater d\r\n");
    harness_answer(&harness, 1);
    client_close(&client);
    harness_answer(&harness, 1);
    harness_answer(&harness, 0);
    ck_assert_uint_eq(harness.server.session_count, 1);
    teardown();
}

// ---- limits

static void setup_limits(int64_t soft, int64_t max)
{
    setup();
    harness.settings.output_buffer_soft = soft;
    harness.settings.output_limits[OUTPUT_NORMAL].hard = max;
}

TEST(a_client_that_does_not_read_is_not_read_from_either)
{
    setup_limits(10000, 1000000);
    client.deaf = true;
    for (int i = 0; i < 10; i++)
        client_send(&client, "fill 3000\r\n");
    ck_assert_uint_eq(harness.executed, 4);
    ck_assert(!session_wants_input(client.session));
    client_send(&other, "say a\r\n");
    client_expect(&other, "$1\r\na\r\n");
    teardown();
}

TEST(reading_again_brings_the_replies_to_what_was_sent_meanwhile)
{
    setup_limits(10000, 1000000);
    client.deaf = true;
    client_send(&client, "fill 20000\r\nsay a\r\n");
    client_send(&client, "say b\r\n");
    ck_assert_uint_eq(harness.executed, 1);
    client.deaf = false;
    const char *received = client_take(&client);
    ck_assert_str_eq(received + strlen("$20000\r\n") + 20000,
                     "\r\n$1\r\na\r\n$1\r\nb\r\n");
    ck_assert_uint_eq(harness.executed, 3);
    teardown();
}

TEST(replies_held_back_count_as_output)
{
    setup_limits(10000, 1000000);
    client_send(&client, "later a\r\nfill 20000\r\nsay b\r\n");
    ck_assert_uint_eq(harness.executed, 2);
    ck_assert(!session_wants_input(client.session));
    harness_answer(&harness, 0);
    ck_assert_uint_eq(strlen(client_take(&client)), 7 + 20010 + 7);
    ck_assert_uint_eq(client.session->waiting_bytes, 0);
    teardown();
}

TEST(a_client_of_which_much_is_kept_is_not_read_until_less_is)
{
    setup();
    for (int i = 0; i < 300; i++)
        client_send(&client, "later a\r\n");
    ck_assert_uint_eq(harness.executed, 256);
    ck_assert(!session_wants_input(client.session));
    client_send(&other, "say b\r\n");
    client_expect(&other, "$1\r\nb\r\n");

    while (harness.later_count > 0)
        harness_answer(&harness, 0);
    ck_assert_uint_eq(strlen(client_take(&client)), 256 * 7);
    while (harness.later_count > 0)
        harness_answer(&harness, 0);
    ck_assert_uint_eq(strlen(client_take(&client)), 44 * 7);
    ck_assert_uint_eq(client.session->waiting_count, 0);
    teardown();
}

TEST(a_few_large_requests_that_are_kept_are_much)
{
    enum { SIZE = 600 * 1024 };
    setup();
    struct buffer line = {0};
    buffer_printf(&line, "*2\r\n$5\r\nlater\r\n$%d\r\n", SIZE);
    for (int i = 0; i < SIZE; i++)
        buffer_append_byte(&line, 'x');
    buffer_append_text(&line, "\r\n");
    for (int i = 0; i < 3; i++)
        client_send_bytes(&client, buffer_slice(&line));
    ck_assert_uint_eq(harness.executed, 2);
    harness_answer(&harness, 0);
    client_settle(&client);
    ck_assert_uint_eq(harness.executed, 3);
    harness_answer(&harness, 0);
    harness_answer(&harness, 0);
    client_settle(&client);
    ck_assert_uint_eq(client.session->waiting_arguments, 0);
    buffer_deinit(&line);
    teardown();
}

TEST(a_reply_beyond_the_maximum_closes_the_client)
{
    setup_limits(10000, 100000);
    client_send(&client, "fill 200000\r\nsay a\r\n");
    ck_assert(client_is_closed(&client));
    client_expect(&client, "");
    ck_assert_uint_eq(harness.server.stats.output_overflows, 1);
    teardown();
}

TEST(a_kept_reply_beyond_the_maximum_closes_the_client)
{
    setup_limits(10000, 100000);
    client_send(&client, "later a\r\nfill 200000\r\n");
    ck_assert(client_is_closed(&client));
    ck_assert_uint_eq(harness.server.stats.output_overflows, 1);
    harness_answer(&harness, 0);
    teardown();
}

TEST(replies_released_one_by_one_count_towards_the_maximum)
{
    setup_limits(100000, 100000);
    client_send(&client, "say x\r\nlater a\r\nfill 60000\r\n");
    client.deaf = true;
    client_send(&client, "later b\r\nfill 60000\r\nlater c\r\n");
    harness_answer(&harness, 0);
    ck_assert(!client_is_closed(&client));
    harness_answer(&harness, 0);
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(an_unfinished_request_beyond_the_limit_closes_the_client)
{
    setup();
    harness.settings.input_buffer_max = 1000;
    char bytes[600];
    memset(bytes, 'x', sizeof bytes);
    client_send(&client, "say a\r\n*2\r\n$3\r\nsay\r\n$5000\r\n");
    client_send_bytes(&client, (struct slice){bytes, sizeof bytes});
    ck_assert(!client_is_closed(&client));
    client_send_bytes(&client, (struct slice){bytes, sizeof bytes});
    const char *received = client_take(&client);
    ck_assert_int_eq(strncmp(received, "$1\r\na\r\n-ERR Protocol error", 26),
                     0);
    ck_assert(client_is_closed(&client));
    teardown();
}

// ---- protocol errors and endings

static const struct {
    const char *bytes;
    const char *error;
} broken[] = {
    {"*1\r\n$x\r\n", "invalid bulk length"},
    {"*1\r\n:1\r\n", "expected '$', got ':'"},
    {"*x\r\n", "invalid multibulk length"},
    {"*1048577\r\n", "invalid multibulk length"},
    {"*1\r\n$536870913\r\n", "invalid bulk length"},
    {"*1\r\n$-1\r\n", "invalid bulk length"},
    {"say \"a\r\n", "unbalanced quotes in request"},
};

TEST_FOR(a_protocol_error_is_told_and_the_connection_closed,
         sizeof broken / sizeof *broken)
{
    struct buffer expected = {0};
    buffer_printf(&expected, "$1\r\na\r\n-ERR Protocol error: %s\r\n%c",
                  broken[_i].error, '\0');
    setup();
    client_send(&client, "say a\r\n");
    client_send(&client, broken[_i].bytes);
    client_expect(&client, expected.data);
    ck_assert(client_is_closed(&client));
    ck_assert_uint_eq(harness.executed, 1);
    teardown();
    buffer_deinit(&expected);
}

TEST(what_follows_a_protocol_error_is_ignored)
{
    setup();
    client_send(&client, "say a\r\n*1\r\n$x\r\nsay b\r\n");
    client_expect(&client,
                  "$1\r\na\r\n-ERR Protocol error: invalid bulk length\r\n");
    ck_assert_uint_eq(harness.executed, 1);
    teardown();
}

TEST(a_protocol_error_waits_for_the_replies_before_it)
{
    setup();
    client_send(&client, "later a\r\n*1\r\n$x\r\n");
    client_expect(&client, "");
    ck_assert(!client_is_closed(&client));
    harness_answer(&harness, 0);
    client_expect(&client,
                  "$1\r\na\r\n-ERR Protocol error: invalid bulk length\r\n");
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(the_count_of_held_back_bytes_survives_a_protocol_error)
{
    setup();
    client_send(&client, "later a\r\n*1\r\n$x\r\n");
    ck_assert_uint_lt(client.session->waiting_bytes, 1000);
    client.deaf = true;
    harness_answer(&harness, 0);
    ck_assert_uint_eq(client.session->waiting_bytes, 0);
    teardown();
}

TEST(quit_is_answered_after_all_before_it_and_nothing_after)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\nquit\r\nsay c\r\n");
    ck_assert(!client_is_closed(&client));
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n+OK\r\n");
    ck_assert(client_is_closed(&client));
    ck_assert_uint_eq(harness.executed, 2);
    teardown();
}

TEST(a_client_that_ends_its_input_gets_all_its_replies)
{
    setup();
    client_send(&client, "say a\r\nlater b\r\nsay c\r\nsay unfinis");
    session_end_input(client.session);
    ck_assert(!client_is_closed(&client));
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(a_stopping_server_finishes_what_it_has_read)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\n");
    server_stop(&harness.server);
    ck_assert(client_is_closed(&other));
    ck_assert(!client_is_closed(&client));
    harness_answer(&harness, 0);
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n");
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(idle_clients_are_closed_but_none_that_waits_for_us)
{
    struct client sleeper;
    setup_sleepers();
    client_open(&sleeper, &harness);
    harness.settings.timeout_ms = 10 * 1000;
    client_send(&client, "later a\r\n");
    client_send(&sleeper, "wait 1 0\r\n");
    harness_advance_ms(&harness, 5 * 1000);
    ck_assert(!client_is_closed(&other));
    harness_advance_ms(&harness, 10 * 1000);
    ck_assert(client_is_closed(&other));
    ck_assert(!client_is_closed(&client));
    ck_assert(!client_is_closed(&sleeper));
    client_close(&sleeper);
    teardown();
}

// ---- who may do what

static void setup_password(void)
{
    harness_init(&harness);
    harness_set(&harness, "requirepass", "secret");
    client_open(&client, &harness);
    client_open(&other, &harness);
}

#define NOAUTH "-NOAUTH Authentication required.\r\n"

TEST(a_stranger_may_only_introduce_itself)
{
    setup_password();
    client_send(&client, "say a\r\nping\r\nclient id\r\nnosuch\r\n");
    client_expect(&client, NOAUTH NOAUTH NOAUTH
                  "-ERR unknown command 'nosuch', with args beginning with: "
                  "\r\n");
    client_send(&client, "reset\r\nauth secret\r\nsay a\r\n");
    client_expect(&client, "+RESET\r\n+OK\r\n$1\r\na\r\n");
    ck_assert_uint_eq(harness.executed, 1);
    teardown();
}

TEST(a_stranger_may_send_ten_arguments_and_no_more)
{
    setup_password();
    client_send(&client, "*10\r\n");
    ck_assert(!client_is_closed(&client));
    client_send(&other, "*11\r\n");
    client_expect(&other, "-ERR Protocol error: unauthenticated multibulk "
                          "length\r\n");
    ck_assert(client_is_closed(&other));
    teardown();
}

TEST(a_stranger_may_send_16_kb_and_no_more)
{
    setup_password();
    client_send(&client, "*1\r\n$16384\r\n");
    ck_assert(!client_is_closed(&client));
    client_send(&other, "*1\r\n$16385\r\n");
    client_expect(&other,
                  "-ERR Protocol error: unauthenticated bulk length\r\n");
    ck_assert(client_is_closed(&other));
    teardown();
}

TEST(the_limits_of_strangers_end_with_auth_in_the_same_portion)
{
    setup_password();
    client_send(&client, "auth secret\r\n"
                         "*12\r\n$3\r\nsay\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"
                         "$1\r\nd\r\n$1\r\ne\r\n$1\r\nf\r\n$1\r\ng\r\n$1\r\nh"
                         "\r\n$1\r\ni\r\n$1\r\nj\r\n$1\r\nk\r\n");
    client_expect(&client,
                  "+OK\r\n-ERR wrong number of arguments for 'say' command"
                  "\r\n");
    teardown();
}

// ---- what a session knows

TEST(the_clock_of_execution_never_goes_back)
{
    setup();
    client_send(&client, "clock\r\n");
    client_expect(&client, ":1700000000000\r\n");
    harness.world.wall_us -= 5000000;
    client_send(&client, "clock\r\n");
    client_expect(&client, ":1700000000000\r\n");
    harness.world.wall_us += 6000000;
    client_send(&client, "clock\r\n");
    client_expect(&client, ":1700000001000\r\n");
    teardown();
}

TEST(what_goes_in_and_out_is_counted)
{
    setup();
    client_send(&client, "say a\r\nnosuch\r\nsay\r\n");
    client_take(&client);
    const struct server_stats *stats = &harness.server.stats;
    ck_assert_uint_eq(stats->connections_received, 2);
    ck_assert_uint_eq(stats->net_input_bytes, 7 + 8 + 5);
    ck_assert_uint_eq(stats->net_output_bytes, client.session->output_bytes);
    ck_assert_uint_eq(stats->error_replies, 2);
    ck_assert_uint_eq(stats->commands_processed, 1);
    teardown();
}

TEST(sessions_are_found_by_their_numbers_which_never_repeat)
{
    setup();
    uint64_t first = client.session->id, second = other.session->id;
    ck_assert_uint_lt(first, second);
    ck_assert_ptr_eq(server_session(&harness.server, first), client.session);
    client_close(&client);
    ck_assert_ptr_null(server_session(&harness.server, first));
    client_open(&client, &harness);
    ck_assert_uint_gt(client.session->id, second);
    teardown();
}
