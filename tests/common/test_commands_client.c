// test_commands_client.c -- CLIENT: names, lists, filters, killing, silence.
// SPDX-License-Identifier: MIT
#include <stdio.h>

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
    snprintf(other.session->peer_address, sizeof other.session->peer_address,
             "10.0.0.2:40000");
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
    {"client", "-ERR wrong number of arguments for 'client' command\r\n"},
    {"client bogus", "-ERR unknown subcommand 'bogus'. Try CLIENT HELP.\r\n"},
    {"client tracking on",
     "-ERR unknown subcommand 'tracking'. Try CLIENT HELP.\r\n"},
    {"client id", ":1\r\n"},
    {"client id x",
     "-ERR wrong number of arguments for 'client|id' command\r\n"},
    {"client getname", "$-1\r\n"},
    {"client setname x", "+OK\r\n"},
    {"client setname \"\"", "+OK\r\n"},
    {"client setname \"a\\nb\"",
     "-ERR Client names cannot contain spaces, newlines or special "
     "characters.\r\n"},
    {"client setinfo lib-name x", "+OK\r\n"},
    {"client setinfo LIB-VER 1.2", "+OK\r\n"},
    {"client setinfo lib-name \"a b\"",
     "-ERR lib-name cannot contain spaces, newlines or special "
     "characters.\r\n"},
    {"client setinfo bogus x", "-ERR Unrecognized option 'bogus'\r\n"},
    {"client list type", "-ERR syntax error\r\n"},
    {"client list bogus x", "-ERR syntax error\r\n"},
    {"client list type bogus", "-ERR Unknown client type 'bogus'\r\n"},
    {"client list type pubsub", "$0\r\n\r\n"},
    {"client list id", "-ERR syntax error\r\n"},
    {"client list id x", "-ERR Invalid client ID\r\n"},
    {"client list id 0 77 -3", "$0\r\n\r\n"},
    {"client kill 1.2.3.4:5", "-ERR No such client\r\n"},
    {"client kill 10.0.0.2:40000", "+OK\r\n"},
    {"client kill id 2", ":1\r\n"},
    {"client kill id 77", ":0\r\n"},
    {"client kill id x", "-ERR client-id should be greater than 0\r\n"},
    {"client kill id 0", "-ERR client-id should be greater than 0\r\n"},
    {"client kill id 2 addr", "-ERR syntax error\r\n"},
    {"client kill bogus x", "-ERR syntax error\r\n"},
    {"client kill type bogus", "-ERR Unknown client type 'bogus'\r\n"},
    {"client kill type replica", ":0\r\n"},
    {"client kill type normal", ":1\r\n"},
    {"client kill user nobody", "-ERR No such user 'nobody'\r\n"},
    {"client kill user default", ":1\r\n"},
    {"client kill user default skipme no", ":2\r\n"},
    {"client kill user default skipme bogus", "-ERR syntax error\r\n"},
    {"client kill addr 10.0.0.2:40000 laddr 10.0.0.9:6379", ":1\r\n"},
    {"client kill addr 10.0.0.2:40000 laddr 10.0.0.8:6379", ":0\r\n"},
    {"client kill addr 10.0.0.2:40000 id 1 skipme no", ":0\r\n"},
    {"client kill skipme yes", ":1\r\n"},
    {"client reply on", "+OK\r\n"},
    {"client reply off", ""},
    {"client reply skip", ""},
    {"client reply bogus", "-ERR syntax error\r\n"},
    {"client no-evict on", "+OK\r\n"},
    {"client no-evict bogus", "-ERR syntax error\r\n"},
    {"client no-touch off", "+OK\r\n"},
    {"client unblock 2", ":0\r\n"},
    {"client unblock 77", ":0\r\n"},
    {"client unblock x", "-ERR value is not an integer or out of range\r\n"},
    {"client unblock 2 bogus",
     "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n"},
    {"client unblock 2 error x",
     "-ERR unknown subcommand or wrong number of arguments for 'unblock'. Try "
     "CLIENT HELP.\r\n"},
};

TEST_FOR(a_client_command_answers_as_redis, sizeof cases / sizeof *cases)
{
    setup();
    client_send(&client, cases[_i].request);
    client_send(&client, "\r\n");
    client_expect(&client, cases[_i].reply);
    teardown();
}

TEST(a_name_stays_until_it_is_changed_or_emptied)
{
    setup();
    client_send(&client, "client setname x\r\nclient getname\r\n"
                         "client setname \"\"\r\nclient getname\r\n");
    client_expect(&client, "+OK\r\n$1\r\nx\r\n+OK\r\n$-1\r\n");
    teardown();
}

TEST(a_line_describes_a_connection)
{
    setup();
    client_send(&client, "client setname me\r\nclient no-touch on\r\n"
                         "client setinfo lib-name lib\r\n");
    harness_advance_ms(&harness, 3000);
    client_take(&client);
    client_send(&client, "client info\r\n");
    const char *line = client_take(&client);
    static const char *const parts[] = {
        "\r\nid=1 addr=10.0.0.1:50000 laddr=10.0.0.9:6379 fd=-1 name=me ",
        " age=3 idle=0 flags=T db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=13 ",
        " obl=0 oll=0 omem=0 ",
        " events=r cmd=client|info user=default redir=-1 resp=2 ",
        " lib-name=lib lib-ver=\n\r\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_msg(strstr(line, parts[i]), "no '%s' in %s", parts[i], line);
    teardown();
}

TEST(the_list_has_a_line_for_each_connection_oldest_first)
{
    setup();
    client_send(&other, "debug sleep 10\r\n");
    client_send(&client, "client list\r\n");
    const char *list = client_take(&client);
    const char *second = strstr(list, "\nid=2 addr=10.0.0.2:40000");
    ck_assert_ptr_nonnull(strstr(list, "\r\nid=1 "));
    ck_assert_ptr_nonnull(second);
    ck_assert_ptr_nonnull(strstr(second, " flags=b "));
    ck_assert_ptr_nonnull(strstr(second, " cmd=debug|sleep "));
    teardown();
}

TEST(the_list_is_verbatim_text_in_resp3)
{
    setup();
    client_send(&client, "hello 3\r\n");
    client_take(&client);
    client_send(&client, "client list id 2 77 2\r\n");
    const char *list = client_take(&client);
    const char *first = strstr(list, "\r\ntxt:id=2 ");
    ck_assert_int_eq(list[0], '=');
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(strstr(first + 10, "\nid=2 "));
    teardown();
}

TEST(a_killed_client_is_closed_and_its_replies_are_lost)
{
    setup();
    other.deaf = true;
    client_send(&other, "say a\r\n");
    client_send(&client, "client kill id 2\r\n");
    client_expect(&client, ":1\r\n");
    other.deaf = false;
    ck_assert(client_is_closed(&other));
    client_expect(&other, "");
    teardown();
}

TEST(the_transport_of_a_killed_client_is_told)
{
    setup();
    size_t before = other.changes;
    client_send(&client, "client kill id 2\r\n");
    ck_assert_uint_gt(other.changes, before);
    teardown();
}

TEST(who_kills_itself_still_gets_the_answer)
{
    setup();
    client_send(&client, "client kill id 1 skipme no\r\nping\r\n");
    client_expect(&client, ":1\r\n");
    ck_assert(client_is_closed(&client));
    client_send(&other, "client kill 10.0.0.2:40000\r\n");
    client_expect(&other, "+OK\r\n");
    ck_assert(client_is_closed(&other));
    teardown();
}

TEST(reply_off_silences_all_until_it_is_on_again)
{
    setup();
    client_send(&client, "client reply off\r\nsay a\r\nnosuch\r\nlater b\r\n");
    harness_answer(&harness, 0);
    client_send(&client, "client reply skip\r\nsay c\r\n");
    client_expect(&client, "");
    client_send(&client, "client reply on\r\nsay d\r\n");
    client_expect(&client, "+OK\r\n$1\r\nd\r\n");
    ck_assert_uint_eq(harness.executed, 4);
    teardown();
}

TEST(reply_skip_silences_the_next_reply)
{
    setup();
    client_send(&client, "client reply skip\r\nsay a\r\nsay b\r\n");
    client_expect(&client, "$1\r\nb\r\n");
    client_send(&client, "client reply skip\r\nclient reply skip\r\nsay a\r\n"
                         "say b\r\n");
    client_expect(&client, "$1\r\nb\r\n");
    teardown();
}

TEST(reset_ends_silence)
{
    setup();
    client_send(&client, "client reply off\r\nreset\r\nping\r\n");
    client_expect(&client, "+RESET\r\n+PONG\r\n");
    teardown();
}

TEST(unblock_ends_what_another_waits_for_and_lets_it_go_on)
{
    setup();
    client_send(&other, "wait 1 0\r\nsay a\r\n");
    client_send(&client, "client unblock 2\r\n");
    client_expect(&client, ":1\r\n");
    client_expect(&other, ":0\r\n$1\r\na\r\n");
    teardown();
}

TEST(unblock_may_answer_with_an_error)
{
    setup();
    client_send(&other, "wait 1 1000\r\n");
    client_send(&client, "client unblock 2 error\r\n");
    client_expect(&client, ":1\r\n");
    client_expect(&other, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
    harness_advance_ms(&harness, 2000);
    client_expect(&other, "");
    teardown();
}

TEST(help_is_made_of_the_rows)
{
    setup();
    client_send(&client, "config help\r\n");
    client_expect(
        &client,
        "*9\r\n+CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands "
        "are:\r\n"
        "+GET pattern [pattern ...]\r\n"
        "+    Returns the settings whose names match.\r\n"
        "+SET parameter value [parameter value ...]\r\n"
        "+    Changes settings, all of them or none.\r\n"
        "+RESETSTAT\r\n+    Starts counting anew.\r\n"
        "+HELP\r\n+    Lists the subcommands.\r\n");
    teardown();
}
