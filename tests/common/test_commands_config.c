// test_commands_config.c -- CONFIG GET, SET, RESETSTAT.
// SPDX-License-Identifier: MIT
#include <stdio.h>

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

#define FAILED(key, reason)                                                    \
    "-ERR CONFIG SET failed (possibly related to argument '" key               \
    "') - " reason "\r\n"
#define UNKNOWN(key)                                                           \
    "-ERR Unknown option or number of arguments for CONFIG SET - '" key "'\r"  \
    "\n"

static const struct {
    const char *request;
    const char *reply;
} cases[] = {
    {"config get", "-ERR wrong number of arguments for 'config|get' "
                   "command\r\n"},
    {"config get nosuch", "*0\r\n"},
    {"config get port", "*2\r\n$4\r\nport\r\n$4\r\n6379\r\n"},
    {"config get PORT", "*2\r\n$4\r\nport\r\n$4\r\n6379\r\n"},
    {"config get maxclients nosuch port",
     "*4\r\n$10\r\nmaxclients\r\n$5\r\n10000\r\n$4\r\nport\r\n$4\r\n6379\r\n"},
    {"config get por? p?rt port", "*2\r\n$4\r\nport\r\n$4\r\n6379\r\n"},
    {"config set maxclients 5", "+OK\r\n"},
    {"config set maxclients 5 timeout 7", "+OK\r\n"},
    {"config set maxclients",
     "-ERR wrong number of arguments for 'config|set' command\r\n"},
    {"config set maxclients 5 timeout", "-ERR syntax error\r\n"},
    {"config set nosuch 1", UNKNOWN("nosuch")},
    {"config set * 1", UNKNOWN("*")},
    {"config set maxclients 5 nosuch 1", UNKNOWN("nosuch")},
    {"config set timeout bad nosuch 1", UNKNOWN("nosuch")},
    {"config set timeout bad port 1",
     FAILED("port", "can't set immutable config")},
    {"config set port 1", FAILED("port", "can't set immutable config")},
    {"config set maxclients 5 MAXCLIENTS 6",
     FAILED("MAXCLIENTS", "duplicate parameter")},
    {"config set port 6379 maxclients 5", "+OK\r\n"}, // It is that already.
    {"config set port x", FAILED("port", "can't set immutable config")},
    {"config set maxclients x",
     FAILED("maxclients", "argument couldn't be parsed into an integer")},
    {"config set maxclients 0",
     FAILED("maxclients", "argument must be between 1 and 1000000 inclusive")},
    {"config set timeout -1",
     FAILED("timeout", "argument must be between 0 and 31536000 inclusive")},
    {"config set proto-max-bulk-len x",
     FAILED("proto-max-bulk-len", "argument must be a memory value")},
    {"config set proto-max-bulk-len 1",
     FAILED("proto-max-bulk-len",
            "argument must be between 1048576 and 1073741824 inclusive")},
    {"config set latency-tracking x",
     FAILED("latency-tracking", "argument must be 'yes' or 'no'")},
    {"config set loglevel x",
     FAILED("loglevel", "argument(s) must be one of the following: debug, "
                        "verbose, notice, warning")},
    {"config set notify-keyspace-events foo",
     FAILED("notify-keyspace-events",
            "Invalid event class character. Use 'Ag$lshzxetdnKEm'.")},
    {"config set client-output-buffer-limit \"normal 0 0\"",
     FAILED("client-output-buffer-limit",
            "Wrong number of arguments in buffer limit configuration.")},
    {"config set client-output-buffer-limit \"wrong 0 0 0\"",
     FAILED("client-output-buffer-limit",
            "Invalid client class specified in buffer limit configuration.")},
    {"config set client-output-buffer-limit \"normal 0 0 x\"",
     FAILED("client-output-buffer-limit",
            "Error in hard, soft or soft_seconds setting in buffer limit "
            "configuration.")},
    {"config get client-output-buffer-limit",
     "*2\r\n$26\r\nclient-output-buffer-limit\r\n$76\r\nnormal 1073741824 0 "
     "0 slave 268435456 67108864 60 pubsub 33554432 8388608 60\r\n"},
    {"config get databases", "*2\r\n$9\r\ndatabases\r\n$1\r\n1\r\n"},
    {"config set databases 2",
     FAILED("databases", "can't set immutable config")},
    // Under VegaDB's own name in its own words.
    {"config set clients_max 0",
     FAILED("clients_max", "must be an integer from 1 to 1000000, not '0'")},
    {"config resetstat", "+OK\r\n"},
    {"config resetstat x",
     "-ERR wrong number of arguments for 'config|resetstat' command\r\n"},
    {"config bogus", "-ERR unknown subcommand 'bogus'. Try CONFIG HELP.\r\n"},
};

TEST_FOR(a_config_command_answers_as_redis, sizeof cases / sizeof *cases)
{
    setup();
    client_send(&client, cases[_i].request);
    client_send(&client, "\r\n");
    client_expect(&client, cases[_i].reply);
    teardown();
}

TEST(percentiles_are_from_0_to_100)
{
    static const char *const refused[] = {"100.1", "-1", "50 x", "nan", "5,6"};
    setup();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char line[128];
        snprintf(line, sizeof line,
                 "config set latency-tracking-info-percentiles \"%s\"\r\n",
                 refused[i]);
        client_send(&client, line);
        const char *reply = client_take(&client);
        ck_assert_msg(strstr(reply, "-ERR CONFIG SET failed (possibly related "
                                    "to argument 'latency-tracking-info-"
                                    "percentiles') - Invalid latency-tracking-"
                                    "info-percentiles parameters\r\n"),
                      "%s", reply);
    }
    teardown();
}

TEST(log_levels_go_by_the_words_of_redis)
{
    static const char *const words[][3] = {
        {"debug", "debug", "debug"},
        {"verbose", "notice", "info"},
        {"notice", "notice", "info"},
        {"warning", "warning", "warn"},
    };
    setup();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[128];
        snprintf(text, sizeof text, "config set loglevel %s\r\n", words[i][0]);
        client_send(&client, text);
        client_expect(&client, "+OK\r\n");
        client_send(&client, "config get loglevel log_level\r\n");
        snprintf(text, sizeof text,
                 "*4\r\n$8\r\nloglevel\r\n$%zu\r\n%s\r\n$9\r\nlog_level\r\n"
                 "$%zu\r\n%s\r\n",
                 strlen(words[i][1]), words[i][1], strlen(words[i][2]),
                 words[i][2]);
        client_expect(&client, text);
    }
    teardown();
}

TEST(settings_are_a_map_in_resp3)
{
    setup();
    client_send(&client, "hello 3\r\n");
    client_take(&client);
    client_send(&client, "config get port\r\n");
    client_expect(&client, "%1\r\n$4\r\nport\r\n$4\r\n6379\r\n");
    teardown();
}

TEST(what_was_set_is_in_force_and_shown)
{
    setup();
    client_send(&client, "config set maxclients 42 timeout 7\r\n");
    client_expect(&client, "+OK\r\n");
    ck_assert_int_eq(harness.settings.clients_max, 42);
    ck_assert_int_eq(harness.settings.timeout_ms, 7000);
    client_send(&client, "config get maxclients\r\n");
    client_expect(&client, "*2\r\n$10\r\nmaxclients\r\n$2\r\n42\r\n");
    teardown();
}

static const char *const bad_ends[] = {
    "timeout 7 maxclients nonsense",
    "timeout 7 maxclients 0",
    "timeout 7 port 1",
    "timeout 7 nosuch 1",
    "timeout 7 timeout 8",
};

TEST_FOR(one_refusal_refuses_all, sizeof bad_ends / sizeof *bad_ends)
{
    setup();
    client_send(&client, "config set timeout 5 maxclients 50\r\n");
    client_expect(&client, "+OK\r\n");
    client_send(&client, "config set ");
    client_send(&client, bad_ends[_i]);
    client_send(&client, "\r\n");
    ck_assert_int_eq(client_take(&client)[0], '-');
    ck_assert_int_eq(harness.settings.timeout_ms, 5000);
    ck_assert_int_eq(harness.settings.clients_max, 50);
    teardown();
}

TEST(a_refused_password_change_leaves_the_old_one)
{
    setup();
    client_send(&client, "config set requirepass old\r\n"
                         "config set requirepass new maxclients 0\r\n");
    client_take(&client);
    ck_assert_str_eq(harness.settings.requirepass, "old");
    teardown();
}

TEST(resetstat_starts_counting_anew)
{
    setup();
    client_send(&client, "say a\r\nnosuch\r\n");
    harness_advance_ms(&harness, 500);
    client_send(&client, "config resetstat\r\nsay b\r\n");
    const struct server_stats *stats = &harness.server.stats;
    ck_assert_uint_eq(stats->commands_processed, 1);
    ck_assert_uint_eq(stats->error_replies, 0);
    ck_assert_uint_eq(stats->connections_received, 0);
    ck_assert_int_eq(stats->since_ms, harness.server.now_ms);
    const struct command *say =
        command_find(harness.server.commands, SLICE("say"));
    ck_assert_uint_eq(harness.server.calls[say->id], 1);
    teardown();
}
