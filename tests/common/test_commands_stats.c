// test_commands_stats.c -- STATS and HEALTH, read back.
// SPDX-License-Identifier: MIT
#include <jansson.h>

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

// The document of STATS. Owned by the caller.
static json_t *take_stats(void)
{
    client_take(&client);
    client_send(&client, "stats\r\n");
    const char *text = strchr(client_take(&client), '{');
    ck_assert_ptr_nonnull(text);
    json_error_t error;
    json_t *json = json_loads(text, JSON_DISABLE_EOF_CHECK, &error);
    ck_assert_msg(json, "%s in %s", error.text, text);
    return json;
}

static json_t *find(json_t *json, const char *group, const char *command,
                    const char *part)
{
    json = json_object_get(json, group);
    json = command ? json_object_get(json, command) : json;
    json = part ? json_object_get(json, part) : json;
    ck_assert_msg(json, "no %s %s %s", group, command, part);
    return json;
}

static double number(json_t *json, const char *name)
{
    json_t *value = json_object_get(json, name);
    ck_assert_msg(json_is_number(value), "no number %s", name);
    return json_number_value(value);
}

TEST(a_command_has_its_counts_and_times)
{
    setup();
    client_send(&client, "spend 10\r\nspend 30\r\nspend\r\nsay a\r\n");
    harness_advance_ms(&harness, 10000);
    json_t *json = take_stats();
    json_t *spend = find(json, "commands", "spend", NULL);
    ck_assert_double_eq(number(spend, "calls"), 2);
    ck_assert_double_eq(number(spend, "rejected"), 1);
    ck_assert_double_eq(number(spend, "failed"), 0);
    static const char *const spans[] = {"since_start", "recent"};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        json_t *times = find(json, "commands", "spend", spans[i]);
        ck_assert_double_eq_tol(number(times, "seconds"), 10, 0.001);
        ck_assert_double_eq(number(times, "count"), 2);
        ck_assert_double_eq(number(times, "ops_per_second"), 0.2);
        ck_assert_double_eq(number(times, "mean_us"), 20);
        ck_assert_double_eq_tol(number(times, "p50_us"), 10, 0.2);
        ck_assert_double_eq(number(times, "p95_us"), 30);
        ck_assert_double_eq(number(times, "p99_us"), 30);
        ck_assert_double_eq(number(times, "p99.9_us"), 30);
        ck_assert_double_eq(number(times, "max_us"), 30);
    }
    ck_assert_ptr_null(
        json_object_get(json_object_get(json, "commands"), "fill"));
    json_decref(json);
    teardown();
}

TEST(reads_and_writes_are_summed_and_nothing_else)
{
    setup();
    client_send(&client, "fill 1\r\nflush\r\nsay a\r\nspend 10\r\n");
    json_t *json = take_stats();
    json_t *recent = find(json, "reads_and_writes", "recent", NULL);
    json_t *all = find(json, "reads_and_writes", "since_start", NULL);
    ck_assert_double_eq(number(recent, "count"), 2);
    ck_assert_double_eq(number(all, "count"), 2);
    json_decref(json);
    teardown();
}

TEST(the_spans_part_after_two_minutes)
{
    setup();
    client_send(&client, "spend 10\r\n");
    harness_advance_ms(&harness, 180 * 1000);
    client_send(&client, "spend 30\r\n");
    json_t *json = take_stats();
    json_t *recent = find(json, "commands", "spend", "recent");
    ck_assert_double_eq(number(recent, "count"), 1);
    ck_assert_double_ge(number(recent, "seconds"), 60);
    ck_assert_double_le(number(recent, "seconds"), 121);
    json_t *all = find(json, "commands", "spend", "since_start");
    ck_assert_double_eq(number(all, "count"), 2);
    ck_assert_double_eq_tol(number(all, "seconds"), 180, 0.01);
    json_decref(json);
    teardown();
}

TEST(the_server_is_described)
{
    setup();
    client_send(&client, "say a\r\n");
    harness_advance_ms(&harness, 5000);
    json_t *json = take_stats();
    ck_assert_str_eq(json_string_value(find(json, "address", NULL, NULL)),
                     "127.0.0.1:6379");
    ck_assert_str_eq(json_string_value(find(json, "version", NULL, NULL)),
                     VEGA_VERSION);
    ck_assert_double_eq(number(json, "uptime_seconds"), 5);
    json_t *network = find(json, "network", NULL, NULL);
    ck_assert_double_eq(number(network, "connections"), 1);
    ck_assert_double_eq(number(network, "connections_received"), 1);
    ck_assert_double_eq(number(network, "requests"), 2);
    ck_assert_double_eq(number(network, "input_bytes"), 14);
    ck_assert_double_eq(number(network, "output_bytes"), 7);
    json_decref(json);
    teardown();
}

TEST(an_address_of_ipv6_has_brackets)
{
    setup();
    harness_set(&harness, "bind", "[\"::1\", 127.0.0.1]");
    json_t *json = take_stats();
    ck_assert_str_eq(json_string_value(find(json, "address", NULL, NULL)),
                     "[::1]:6379");
    json_decref(json);
    harness_set(&harness, "port", "0");
    harness_set(&harness, "unix_socket", "/run/vega.sock");
    json = take_stats();
    ck_assert_str_eq(json_string_value(find(json, "address", NULL, NULL)),
                     "/run/vega.sock");
    json_decref(json);
    teardown();
}

TEST(the_layers_add_their_members)
{
    setup();
    client_send(&client, "say a\r\n");
    json_t *json = take_stats();
    ck_assert_double_eq(number(find(json, "storage", NULL, NULL), "keys"), 1);
    json_decref(json);
    teardown();
}

TEST(errors_are_told_by_code_and_by_command)
{
    setup();
    client_send(&client, "nosuch\r\nsay\r\nauth x\r\nhello 9\r\n");
    json_t *json = take_stats();
    json_t *errors = find(json, "errors", NULL, NULL);
    ck_assert_double_eq(number(errors, "ERR"), 3);
    ck_assert_double_eq(number(errors, "NOPROTO"), 1);
    ck_assert_double_eq(number(find(json, "commands", "auth", NULL), "failed"),
                        1);
    ck_assert_double_eq(number(find(json, "commands", "say", NULL), "rejected"),
                        1);
    ck_assert_double_eq(number(find(json, "commands", "say", NULL), "calls"),
                        0);
    json_decref(json);
    teardown();
}

TEST(a_reset_begins_anew)
{
    setup();
    client_send(&client, "say a\r\nnosuch\r\n");
    harness_advance_ms(&harness, 5000);
    client_take(&client);
    client_send(&client, "stats reset\r\n");
    client_expect(&client, "+OK\r\n");
    json_t *json = take_stats();
    ck_assert_ptr_null(
        json_object_get(json_object_get(json, "commands"), "say"));
    ck_assert_uint_eq(json_object_size(find(json, "errors", NULL, NULL)), 0);
    ck_assert_double_eq(
        number(find(json, "commands", "stats", "since_start"), "seconds"), 0);
    json_decref(json);
    client_send(&client, "stats other\r\n");
    client_expect(&client, "-ERR syntax error\r\n");
    client_send(&client, "stats reset now\r\n");
    client_expect(&client, "-ERR syntax error\r\n");
    teardown();
}

TEST(health_is_a_word_and_a_reason)
{
    setup();
    client_send(&client, "health\r\n");
    client_expect(&client, "+ok: it takes requests\r\n");
    harness.server.stopping = true;
    client_send(&client, "health\r\n");
    client_expect(&client, "+stopping: it finishes what it has accepted\r\n");
    teardown();
}
