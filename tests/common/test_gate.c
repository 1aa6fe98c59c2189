// test_gate.c -- what leaves the node, and when; and what is said instead.
// SPDX-License-Identifier: MIT
#include "common/server/gate.h"

#include "tests/common/session_harness.h"
#include "tests/test.h"

#define LOST "UNKNOWN outcome: the log failed"
#define UNKNOWN "-" LOST "\r\n"

static struct harness harness;
static struct client client, other;
static struct gate *gate;

static void setup(void)
{
    harness_init(&harness);
    harness.settings.debug_commands = true;
    gate = &harness.server.gate;
    client_open(&client, &harness);
    client_open(&other, &harness);
}

static void teardown(void)
{
    client_close(&client);
    client_close(&other);
    ck_assert(list_is_empty(&gate->waiting));
    harness_deinit(&harness);
}

TEST(an_open_gate_holds_nothing)
{
    setup();
    gate->made = gate->reached = 7;
    client_send(&client, "say a\r\nsay b\r\n");
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n");
    ck_assert(list_is_empty(&gate->waiting));
    ck_assert_uint_eq(client.session->held.replies_unsaid, 0);
    teardown();
}

TEST(a_reply_waits_for_what_was_made_before_it)
{
    setup();
    gate->made = 5;
    client_send(&client, "say a\r\n");
    client_expect(&client, "");
    gate_reach(gate, 4);
    client_expect(&client, "");
    size_t changes = client.changes;
    gate_reach(gate, 5);
    ck_assert_uint_gt(client.changes, changes);
    client_expect(&client, "$1\r\na\r\n");
    teardown();
}

TEST(reaching_less_than_before_closes_nothing)
{
    setup();
    gate->made = 5;
    gate_reach(gate, 5);
    gate_reach(gate, 3);
    client_send(&client, "say a\r\n");
    client_expect(&client, "$1\r\na\r\n");
    teardown();
}

TEST(exactly_what_is_covered_leaves)
{
    setup();
    gate->made = 1;
    client_send(&client, "say a\r\n");
    gate->made = 2;
    client_send(&client, "say b\r\n");
    gate->made = 3;
    client_send(&other, "say c\r\n");
    gate_reach(gate, 1);
    client_expect(&client, "$1\r\na\r\n");
    client_expect(&other, "");
    // What came behind the mark waits for all that was made when it was freed.
    gate_reach(gate, 2);
    client_expect(&client, "");
    gate->made = 4;
    gate_reach(gate, 3);
    client_expect(&client, "$1\r\nb\r\n");
    client_expect(&other, "$1\r\nc\r\n");
    client_send(&client, "say d\r\n");
    client_expect(&client, "");
    gate_reach(gate, 4);
    client_expect(&client, "$1\r\nd\r\n");
    teardown();
}

TEST(sessions_are_released_in_the_order_of_their_positions)
{
    setup();
    gate->made = 1;
    client_send(&other, "say a\r\n");
    gate->made = 2;
    client_send(&client, "say b\r\n");
    size_t changes = client.changes;
    gate_reach(gate, 1);
    ck_assert_uint_eq(client.changes, changes);
    client_expect(&client, "");
    client_expect(&other, "$1\r\na\r\n");
    gate_reach(gate, 9);
    client_expect(&client, "$1\r\nb\r\n");
    teardown();
}

TEST(output_that_was_free_before_the_gate_closed_still_leaves)
{
    setup();
    client.deaf = true;
    client_send(&client, "say abcdef\r\n");
    session_sent(client.session, 4);
    gate->made = 1;
    client_send(&client, "say b\r\n");
    client.deaf = false;
    client_expect(&client, "abcdef\r\n");
    gate_reach(gate, 1);
    client_expect(&client, "$1\r\nb\r\n");
    teardown();
}

TEST(released_output_leaves_in_parts_while_the_rest_waits)
{
    setup();
    gate->made = 1;
    client_send(&client, "say abcdef\r\n");
    gate->made = 2;
    client_send(&client, "say b\r\n");
    gate_reach(gate, 1);
    ck_assert_uint_eq(session_pending_output(client.session).size, 12);
    session_sent(client.session, 4);
    ck_assert_uint_eq(session_pending_output(client.session).size, 8);
    client_expect(&client, "abcdef\r\n");
    gate_reach(gate, 2);
    client_expect(&client, "$1\r\nb\r\n");
    teardown();
}

TEST(pushes_wait_too)
{
    setup();
    client_send(&client, "hello 3\r\nsubscribe a\r\n");
    client_send(&other, "subscribe a\r\n");
    client_take(&client);
    client_take(&other);
    gate->made = 1;
    pubsub_publish(&harness.server.pubsub, SLICE("a"), SLICE("x"));
    client_expect(&client, "");
    client_expect(&other, "");
    gate_reach(gate, 1);
    client_expect(&client, ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n");
    client_expect(&other, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n");
    teardown();
}

TEST(lines_of_monitor_wait_too)
{
    setup();
    client_send(&other, "monitor\r\n");
    client_expect(&other, "+OK\r\n");
    gate->made = 1;
    client_send(&client, "say a\r\n");
    client_expect(&other, "");
    gate_reach(gate, 1);
    ck_assert_ptr_nonnull(strstr(client_take(&other), "\"say\" \"a\""));
    teardown();
}

TEST(a_late_reply_waits_for_what_was_made_until_then)
{
    setup();
    client_send(&client, "later a\r\nsay b\r\ndebug sleep 1\r\n");
    gate->made = 1;
    harness_answer(&harness, 0);
    client_expect(&client, "");
    harness_advance_ms(&harness, 1500);
    client_expect(&client, "");
    gate_reach(gate, 1);
    client_expect(&client, "$1\r\na\r\n$1\r\nb\r\n+OK\r\n");
    teardown();
}

TEST(a_long_pipeline_leaves_whole)
{
    setup();
    gate->made = 1;
    struct buffer input = {0}, expected = {0};
    for (int i = 0; i < 1000; i++) {
        buffer_printf(&input, "say %03d\r\n", i);
        buffer_printf(&expected, "$3\r\n%03d\r\n", i);
    }
    buffer_append_byte(&expected, '\0');
    client_send_bytes(&client, buffer_slice(&input));
    client_expect(&client, "");
    ck_assert_uint_eq(client.session->held.replies, 1000);
    gate_reach(gate, 1);
    client_expect(&client, expected.data);
    buffer_deinit(&input);
    buffer_deinit(&expected);
    teardown();
}

TEST(held_output_counts_for_the_limits)
{
    setup();
    harness.settings.output_buffer_soft = 1000;
    gate->made = 1;
    client_send(&client, "fill 2000\r\nsay a\r\n");
    ck_assert(!session_wants_input(client.session));
    gate_reach(gate, 1);
    ck_assert_ptr_nonnull(strstr(client_take(&client), "$1\r\na\r\n"));
    ck_assert(session_wants_input(client.session));

    harness.settings.output_buffer_soft = 1000 * 1000;
    harness.settings.output_limits[OUTPUT_NORMAL].hard = 100 * 1000;
    gate->made = 2;
    client_send(&client, "fill 60000\r\n");
    ck_assert(!client_is_closed(&client));
    client_send(&client, "fill 60000\r\n");
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(a_client_that_quit_is_closed_when_its_last_reply_is_out)
{
    setup();
    gate->made = 1;
    client_send(&client, "say a\r\nquit\r\n");
    ck_assert(!client_is_closed(&client));
    gate_reach(gate, 1);
    client_expect(&client, "$1\r\na\r\n+OK\r\n");
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(a_client_that_waits_for_the_gate_is_not_idle)
{
    setup();
    harness.settings.timeout_ms = 1000;
    gate->made = 1;
    client_send(&client, "say a\r\n");
    harness_advance_ms(&harness, 5000);
    ck_assert(!client_is_closed(&client));
    ck_assert(client_is_closed(&other));
    gate_reach(gate, 1);
    client_expect(&client, "$1\r\na\r\n");
    teardown();
}

TEST(a_client_that_goes_leaves_the_queue)
{
    setup();
    gate->made = 1;
    client_send(&client, "say a\r\n");
    client_send(&other, "say b\r\n");
    client_close(&client);
    other.session->killed = true;
    ck_assert(client_is_closed(&other));
    ck_assert(list_is_empty(&gate->waiting));
    gate_reach(gate, 1);
    teardown();
}

TEST(breaking_an_open_gate_changes_nothing)
{
    setup();
    client.deaf = true;
    client_send(&client, "say a\r\n");
    gate_break(gate, LOST);
    client.deaf = false;
    client_expect(&client, "$1\r\na\r\n");
    teardown();
}

TEST(every_held_reply_becomes_an_error)
{
    setup();
    gate->made = 3;
    gate_reach(gate, 1);
    client_send(&client, "say a\r\nsay b\r\n");
    client_send(&client, "say c\r\nnonsense\r\n");
    gate_break(gate, LOST);
    ck_assert(gate_is_open(gate));
    ck_assert_uint_eq(gate->made, 1);
    client_expect(&client, UNKNOWN UNKNOWN UNKNOWN UNKNOWN);
    client_send(&client, "say d\r\n");
    client_expect(&client, "$1\r\nd\r\n");
    ck_assert_uint_eq(harness.server.stats.error_replies, 5);
    teardown();
}

TEST(what_was_reached_survives_the_break)
{
    setup();
    gate->made = 1;
    client.deaf = true;
    client_send(&client, "say abcdef\r\n");
    ck_assert_uint_eq(session_pending_output(client.session).size, 0);
    gate->made = 2;
    client_send(&client, "say b\r\n");
    gate_reach(gate, 1);
    ck_assert_uint_eq(session_pending_output(client.session).size, 12);
    session_sent(client.session, 4); // A part of a reply.
    gate_break(gate, LOST);
    client.deaf = false;
    client_expect(&client, "abcdef\r\n" UNKNOWN);
    ck_assert(!client_is_closed(&client));
    teardown();
}

TEST(what_was_made_in_the_round_of_the_break_is_covered)
{
    setup();
    gate->made = 1;
    session_receive(client.session, SLICE("say a\r\nsay b\r\n"));
    gate_break(gate, LOST);
    client_expect(&client, UNKNOWN UNKNOWN);
    teardown();
}

TEST(errors_of_a_first_break_survive_a_second)
{
    setup();
    gate->made = 1;
    client.deaf = true;
    client_send(&client, "say a\r\n");
    gate_break(gate, LOST);
    gate->made = 2;
    client_send(&client, "say b\r\n");
    gate_break(gate, "UNKNOWN again");
    client.deaf = false;
    client_expect(&client, UNKNOWN "-UNKNOWN again\r\n");
    teardown();
}

TEST(muted_replies_get_no_error)
{
    setup();
    gate->made = 1;
    client_send(&client, "client reply skip\r\nsay a\r\nsay b\r\n"
                         "client reply off\r\nsay c\r\n");
    gate_break(gate, LOST);
    client_expect(&client, UNKNOWN);
    teardown();
}

TEST(a_client_in_resp3_gets_an_error_for_each_reply_too)
{
    setup();
    client_send(&client, "hello 3\r\n");
    client_take(&client);
    gate->made = 1;
    client_send(&client, "say a\r\ndebug protocol map\r\n");
    gate_break(gate, LOST);
    client_expect(&client, UNKNOWN UNKNOWN);
    ck_assert(!client_is_closed(&client));
    teardown();
}

// Sends `input` while the gate is closed and breaks it: one error, the end.
static void expect_cut_off(const char *input)
{
    gate->made++;
    client_send(&client, input);
    gate_break(gate, LOST);
    client_send(&other, "say x\r\n");
    client_expect(&client, UNKNOWN);
    ck_assert(client_is_closed(&client));
    client_expect(&other, "$1\r\nx\r\n");
}

TEST(what_mixes_replies_and_pushes_is_cut_off)
{
    static const char *const inputs[] = {
        "say a\r\nsubscribe b\r\n",
        "say a\r\nsubscribe b\r\nunsubscribe b\r\nsay c\r\n",
        "unsubscribe\r\nsay a\r\n",
        "say a\r\nmonitor\r\n",
        "hello 3\r\nsay a\r\n",
    };
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        setup();
        expect_cut_off(inputs[i]);
        teardown();
    }
}

TEST(a_push_among_held_replies_cuts_its_client_off)
{
    setup();
    client_send(&client, "hello 3\r\nsubscribe a\r\n");
    client_take(&client);
    gate->made = 1;
    client_send(&client, "say a\r\n");
    pubsub_publish(&harness.server.pubsub, SLICE("a"), SLICE("x"));
    expect_cut_off("say b\r\n");
    teardown();
}

TEST(pushes_that_went_before_are_forgotten)
{
    setup();
    client_send(&client, "subscribe a\r\nunsubscribe a\r\n");
    client_take(&client);
    gate->made = 1;
    client_send(&client, "say a\r\n");
    gate_break(gate, LOST);
    client_expect(&client, UNKNOWN);
    ck_assert(!client_is_closed(&client));
    teardown();
}

TEST(subscribers_that_were_told_nothing_stay)
{
    setup();
    client_send(&client, "subscribe a\r\n");
    client_take(&client);
    gate->made = 1;
    gate_break(gate, LOST);
    client_expect(&client, "");
    ck_assert(!client_is_closed(&client));
    teardown();
}

TEST(replies_behind_one_that_is_kept_cut_their_client_off)
{
    setup();
    expect_cut_off("say a\r\nlater b\r\nsay c\r\n");
    harness_answer(&harness, 0); // For nobody any more.
    teardown();
}

TEST(a_request_that_only_waits_goes_on)
{
    setup();
    gate->made = 1;
    client_send(&client, "say a\r\ndebug sleep 1\r\n");
    client_send(&other, "say b\r\nlater c\r\n");
    gate_break(gate, LOST);
    client_expect(&client, UNKNOWN);
    client_expect(&other, UNKNOWN);
    harness_advance_ms(&harness, 1500);
    client_expect(&client, "+OK\r\n");
    harness_answer(&harness, 0);
    client_expect(&other, "$1\r\nc\r\n");
    teardown();
}

TEST(replies_that_came_late_are_counted_off)
{
    setup();
    gate->made = 1;
    client_send(&client, "later a\r\nsay b\r\nsay c\r\nlater d\r\nsay e\r\n");
    harness_answer(&harness, 0);
    harness_answer(&harness, 0);
    gate_break(gate, LOST);
    client_expect(&client, UNKNOWN UNKNOWN UNKNOWN UNKNOWN UNKNOWN);
    teardown();
}

TEST(a_client_that_quit_gets_its_errors_and_is_closed)
{
    setup();
    gate->made = 1;
    client_send(&client, "say a\r\nquit\r\n");
    gate_break(gate, LOST);
    client_expect(&client, UNKNOWN UNKNOWN);
    ck_assert(client_is_closed(&client));
    teardown();
}

// Breaks the gate while it executes: its own reply is made after that.
static void break_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_array(&request->reply, 1);
    gate_break(gate, LOST);
    reply_integer(&request->reply, 1);
}

static const struct command break_rows[] = {
    {"break", 1, 0, 0, 0, 0, "Breaks the gate", "", "generic", "vega 1",
     .serve = break_serve},
    {0},
};

static void setup_break(void)
{
    setup();
    client_close(&client);
    client_close(&other);
    // The ids of commands are counted at the start.
    server_deinit(&harness.server);
    command_table_add(harness.server.commands, break_rows);
    server_init(&harness.server);
    client_open(&client, &harness);
    client_open(&other, &harness);
}

TEST(the_reply_of_the_request_that_breaks_the_gate_stays)
{
    setup_break();
    gate->made = 1;
    client_send(&client, "say a\r\nbreak\r\nsay b\r\n");
    client_expect(&client, UNKNOWN "*1\r\n:1\r\n$1\r\nb\r\n");
    teardown();
}

TEST(unless_its_client_is_cut_off)
{
    setup_break();
    gate->made = 1;
    client_send(&client, "unsubscribe\r\nbreak\r\nsay b\r\n");
    client_expect(&client, UNKNOWN);
    ck_assert(client_is_closed(&client));
    teardown();
}
