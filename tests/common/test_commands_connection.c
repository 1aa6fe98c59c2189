// test_commands_connection.c -- PING, ECHO, QUIT, RESET, HELLO, AUTH, SELECT:
// the replies of Redis 7.0.15.
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

#define HELLO_2                                                                \
    "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"  \
    "$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone"   \
    "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
#define HELLO_3                                                                \
    "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"   \
    "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone"   \
    "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
#define WRONGPASS                                                              \
    "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
#define HELLO_NOAUTH                                                           \
    "-NOAUTH HELLO must be called with the client already authenticated, "     \
    "otherwise the HELLO AUTH <user> <pass> option can be used to "            \
    "authenticate the client and select the RESP protocol version at the "     \
    "same time\r\n"

static const struct {
    const char *request;
    const char *reply;
} cases[] = {
    {"ping", "+PONG\r\n"},
    {"PiNg a", "$1\r\na\r\n"},
    {"ping a b", "-ERR wrong number of arguments for 'ping' command\r\n"},
    {"echo a", "$1\r\na\r\n"},
    {"echo", "-ERR wrong number of arguments for 'echo' command\r\n"},
    {"select 0", "+OK\r\n"},
    {"select 1", "-ERR DB index is out of range\r\n"},
    {"select -1", "-ERR DB index is out of range\r\n"},
    {"select 2147483648", "-ERR value is out of range, value must between "
                          "-2147483648 and 2147483647\r\n"},
    {"select x", "-ERR value is not an integer or out of range\r\n"},
    {"reset", "+RESET\r\n"},
    {"hello", HELLO_2},
    {"hello 2", HELLO_2},
    {"hello 3", HELLO_3},
    {"hello 1", "-NOPROTO unsupported protocol version\r\n"},
    {"hello 4", "-NOPROTO unsupported protocol version\r\n"},
    {"hello x", "-ERR Protocol version is not an integer or out of range\r\n"},
    {"hello 3 auth", "-ERR Syntax error in HELLO option 'auth'\r\n"},
    {"hello 3 auth default", "-ERR Syntax error in HELLO option 'auth'\r\n"},
    {"hello 3 setname", "-ERR Syntax error in HELLO option 'setname'\r\n"},
    {"hello 3 bogus x", "-ERR Syntax error in HELLO option 'bogus'\r\n"},
    {"hello 3 setname \"a b\"",
     "-ERR Client names cannot contain spaces, newlines or special "
     "characters.\r\n"},
    {"hello 3 auth default any setname x", HELLO_3},
    {"hello 3 auth nobody any", WRONGPASS},
    {"auth any", "-ERR AUTH <password> called without any password configured "
                 "for the default user. Are you sure your configuration is "
                 "correct?\r\n"},
    {"auth default any", "+OK\r\n"},
    {"auth nobody any", WRONGPASS},
    {"auth a b c", "-ERR syntax error\r\n"},
    {"auth", "-ERR wrong number of arguments for 'auth' command\r\n"},
};

TEST_FOR(a_connection_command_answers_as_redis, sizeof cases / sizeof *cases)
{
    setup();
    client_send(&client, cases[_i].request);
    client_send(&client, "\r\n");
    client_expect(&client, cases[_i].reply);
    teardown();
}

TEST(hello_changes_the_protocol_from_its_own_reply_on)
{
    setup();
    client_send(&client, "client getname\r\nhello 3\r\nclient getname\r\n"
                         "hello 2\r\nclient getname\r\n");
    client_expect(&client, "$-1\r\n" HELLO_3 "_\r\n" HELLO_2 "$-1\r\n");
    teardown();
}

TEST(hello_that_is_refused_changes_nothing)
{
    setup();
    client_send(&client, "hello 3 setname x auth nobody y\r\n"
                         "hello 3 setname x bogus\r\nclient getname\r\n");
    client_expect(&client, WRONGPASS
                  "-ERR Syntax error in HELLO option 'bogus'\r\n$-1\r\n");
    teardown();
}

TEST(hello_names_the_connection)
{
    setup();
    client_send(&client, "hello 2 setname worker-1\r\nclient getname\r\n");
    client_expect(&client, HELLO_2 "$8\r\nworker-1\r\n");
    teardown();
}

static void setup_password(const char *password)
{
    harness_init(&harness);
    harness_set(&harness, "requirepass", password);
    client_open(&client, &harness);
}

TEST(hello_needs_a_known_client_or_brings_the_password)
{
    setup_password("secret");
    client_send(&client, "hello\r\nhello 3\r\nhello 3 setname x\r\n");
    client_expect(&client, HELLO_NOAUTH HELLO_NOAUTH HELLO_NOAUTH);
    client_send(&client, "hello 3 auth default wrong\r\n");
    client_expect(&client, WRONGPASS);
    client_send(&client, "hello 3 auth default secret\r\nping\r\n");
    client_expect(&client, HELLO_3 "+PONG\r\n");
    teardown();
}

static const char *const guesses[] = {
    "secre",     "secrets",      "Secret",          "\"\"",
    "s",         "secretsecret", "\"secret\\x00\"", "\"secret\\x00secret\"",
    "\"\\x00\"",
};

TEST_FOR(only_the_password_opens, sizeof guesses / sizeof *guesses)
{
    setup_password("secret");
    client_send(&client, "auth ");
    client_send(&client, guesses[_i]);
    client_send(&client, "\r\nping\r\n");
    client_expect(&client, WRONGPASS "-NOAUTH Authentication required.\r\n");
    client_send(&client, "auth secret\r\nping\r\n");
    client_expect(&client, "+OK\r\n+PONG\r\n");
    teardown();
}

TEST(a_wrong_password_does_not_take_back_what_was_granted)
{
    setup_password("secret");
    client_send(&client, "auth default secret\r\nauth wrong\r\nping\r\n");
    client_expect(&client, "+OK\r\n" WRONGPASS "+PONG\r\n");
    teardown();
}

TEST(reset_makes_a_fresh_connection)
{
    setup_password("secret");
    client_send(&client, "hello 3 auth default secret setname x\r\n");
    client_take(&client);
    client_send(&client, "reset\r\nping\r\nauth secret\r\nclient getname\r\n");
    client_expect(&client, "+RESET\r\n-NOAUTH Authentication required.\r\n"
                           "+OK\r\n$-1\r\n");
    teardown();
}

TEST(quit_says_ok_and_closes)
{
    setup();
    client_send(&client, "quit\r\nping\r\n");
    client_expect(&client, "+OK\r\n");
    ck_assert(client_is_closed(&client));
    teardown();
}
