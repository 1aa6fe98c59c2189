// test_server_info.c -- the sections and fields that clients rely on.
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

static void expect_part(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part), "no '%s' in %s", part, text);
}

TEST(the_default_sections_come_in_the_order_of_redis)
{
    static const char *const headings[] = {
        "# Server\r\n",      "# Clients\r\n", "# Memory\r\n",
        "# Persistence\r\n", "# Stats\r\n",   "# Replication\r\n",
        "# CPU\r\n",         "# Cluster\r\n", "# Keyspace\r\n",
    };
    setup();
    client_send(&client, "info\r\n");
    const char *at = client_take(&client);
    ck_assert_ptr_null(strstr(at, "# Commandstats"));
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++) {
        const char *found = strstr(at, headings[i]);
        ck_assert_msg(found, "no '%s' in %s", headings[i], at);
        at = found;
    }
    teardown();
}

// What redis-cli --stat, redis-py and cluster clients look for.
TEST(the_fields_that_clients_look_for_are_there)
{
    static const char *const fields[] = {
        "\r\nredis_version:7.0.15\r\n",
        "\r\nredis_git_sha1:00000000\r\n",
        "\r\nredis_mode:standalone\r\n",
        "\r\nloading:0\r\n",
        "\r\nrole:master\r\n",
        "\r\nconnected_slaves:0\r\n",
        "\r\nmaster_repl_offset:0\r\n",
        "\r\ncluster_enabled:0\r\n",
        "\r\nconnected_clients:1\r\n",
        "\r\nblocked_clients:0\r\n",
        "\r\nmaxclients:10000\r\n",
        "\r\ntcp_port:6379\r\n",
        "\r\nhz:10\r\n",
    };
    setup();
    client_send(&client, "info\r\n");
    const char *text = client_take(&client);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        expect_part(text, fields[i]);
    teardown();
}

TEST(the_layers_add_to_the_sections)
{
    setup();
    client_send(&client, "say a\r\ninfo keyspace\r\n");
    expect_part(client_take(&client), "# Keyspace\r\ndb0:keys=1\r\n");
    teardown();
}

TEST(the_counters_are_told)
{
    setup();
    client_send(&client, "say a\r\nnosuch\r\n");
    client_take(&client);
    client_send(&client, "info stats\r\n");
    const char *text = client_take(&client);
    expect_part(text, "\r\ntotal_connections_received:1\r\n");
    expect_part(text, "\r\ntotal_commands_processed:2\r\n");
    expect_part(text, "\r\ntotal_error_replies:1\r\n");
    expect_part(text, "\r\nrejected_connections:0\r\n");
    expect_part(text, "\r\ntotal_net_input_bytes:27\r\n");
    teardown();
}

TEST(rates_are_those_of_the_last_second)
{
    setup();
    harness_advance_ms(&harness, 1000);
    for (int i = 0; i < 50; i++)
        client_send(&client, "say a\r\n");
    harness_advance_ms(&harness, 1000);
    client_take(&client);
    client_send(&client, "info stats\r\n");
    const char *text = client_take(&client);
    expect_part(text, "\r\ninstantaneous_ops_per_sec:50\r\n");
    expect_part(text, "\r\ninstantaneous_input_kbps:0.34\r\n");
    harness_advance_ms(&harness, 2000);
    client_send(&client, "info stats\r\n");
    expect_part(client_take(&client), "\r\ninstantaneous_ops_per_sec:0\r\n");
    teardown();
}

TEST(uptime_follows_the_clock)
{
    setup();
    harness_advance_ms(&harness, INT64_C(2) * 86400 * 1000 + 5000);
    client_send(&client, "info server\r\n");
    const char *text = client_take(&client);
    expect_part(text, "\r\nuptime_in_seconds:172805\r\n");
    expect_part(text, "\r\nuptime_in_days:2\r\n");
    teardown();
}

TEST(calls_are_counted_by_command_and_subcommand)
{
    setup();
    client_send(&client, "say a\r\nSAY b\r\nclient id\r\nsay\r\n");
    client_take(&client);
    client_send(&client, "info commandstats\r\n");
    const char *text = client_take(&client);
    expect_part(text, "\r\ncmdstat_say:calls=2,usec=0,usec_per_call=0.00,"
                      "rejected_calls=1,failed_calls=0\r\n");
    expect_part(text, "\r\ncmdstat_client|id:calls=1,usec=0,");
    ck_assert_ptr_null(strstr(text, "cmdstat_later"));
    teardown();
}

TEST(times_are_told_by_command)
{
    setup();
    client_send(&client, "spend 10\r\nspend 30\r\nauth x\r\n");
    client_take(&client);
    client_send(&client, "info commandstats\r\n");
    const char *text = client_take(&client);
    expect_part(text, "\r\ncmdstat_spend:calls=2,usec=40,usec_per_call=20.00,"
                      "rejected_calls=0,failed_calls=0\r\n");
    expect_part(text, "\r\ncmdstat_auth:calls=1,usec=0,usec_per_call=0.00,"
                      "rejected_calls=0,failed_calls=1\r\n");
    client_send(&client, "info latencystats\r\n");
    expect_part(client_take(&client),
                "\r\nlatency_percentiles_usec_spend:p50=10.111,p99=30.000,"
                "p99.9=30.000\r\n");
    teardown();
}

TEST(the_percentiles_are_those_that_are_set)
{
    setup();
    client_send(&client, "spend 10\r\nspend 30\r\n"
                         "config set latency-tracking-info-percentiles "
                         "\"0.0 12.5  100\"\r\n");
    client_take(&client);
    client_send(&client, "info latencystats\r\n");
    expect_part(client_take(&client),
                "\r\nlatency_percentiles_usec_spend:p0=10.111,p12.5=10.111,"
                "p100=30.000\r\n");
    client_send(&client, "config set latency_percentiles \"\"\r\n");
    client_send(&client, "info latencystats\r\n");
    expect_part(client_take(&client),
                "\r\nlatency_percentiles_usec_spend:\r\n");
    teardown();
}

TEST(errors_are_told_by_code)
{
    setup();
    client_send(&client, "nosuch\r\nsay\r\nhello 9\r\n*x\r\n");
    ck_assert(client_is_closed(&client));
    client_close(&client);
    client_open(&client, &harness);
    client_send(&client, "info\r\n");
    const char *text = client_take(&client);
    expect_part(text, "# Errorstats\r\nerrorstat_ERR:count=3\r\n"
                      "errorstat_NOPROTO:count=1\r\n");
    ck_assert_ptr_null(strstr(text, "# Latencystats"));
    teardown();
}

TEST(a_run_has_a_name_of_40_hex_digits)
{
    setup();
    ck_assert_uint_eq(strlen(harness.server.run_id), 40);
    ck_assert_uint_eq(strspn(harness.server.run_id, "0123456789abcdef"), 40);
    teardown();
}
