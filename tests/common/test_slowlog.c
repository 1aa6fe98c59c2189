// test_slowlog.c -- which requests are kept, and what of them.
// SPDX-License-Identifier: MIT
#include "common/server/slowlog.h"

#include "tests/common/session_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct client client;

static void setup(const char *slower_than_us)
{
    harness_init(&harness);
    harness_set(&harness, "slowlog_log_slower_than", slower_than_us);
    client_open(&client, &harness);
}

static void teardown(void)
{
    client_close(&client);
    harness_deinit(&harness);
}

static const struct slowlog_entry *newest(void)
{
    const struct list_link *link = list_first(&harness.server.slowlog.entries);
    ck_assert_ptr_nonnull(link);
    return container_of(link, struct slowlog_entry, link);
}

static void expect_newest(const char *arguments)
{
    struct slice is = buffer_slice(&newest()->arguments);
    ck_assert_msg(slice_equal(is, slice_of(arguments)), "%.*s",
                  SLICE_PRINT(is));
}

TEST(what_takes_the_threshold_or_more_is_kept)
{
    setup("1000");
    client_send(&client, "spend 999\r\nspend 1000\r\nspend 500\r\n");
    ck_assert_uint_eq(harness.server.slowlog.count, 1);
    const struct slowlog_entry *entry = newest();
    ck_assert_uint_eq(entry->id, 0);
    ck_assert_int_eq(entry->duration_us, 1000);
    ck_assert_int_eq(entry->time_s, 1700000000);
    ck_assert_str_eq(entry->address, "10.0.0.1:50000");
    ck_assert_str_eq(entry->name, "");
    ck_assert_uint_eq(entry->argument_count, 2);
    expect_newest("$5\r\nspend\r\n$4\r\n1000\r\n");
    teardown();
}

TEST(a_threshold_of_zero_keeps_all_and_minus_one_none)
{
    setup("0");
    client_send(&client, "say a\r\nnosuch\r\nsay\r\nsay b\r\n");
    ck_assert_uint_eq(harness.server.slowlog.count, 2);
    harness_set(&harness, "slowlog_log_slower_than", "-1");
    client_send(&client, "spend 100000000\r\n");
    ck_assert_uint_eq(harness.server.slowlog.count, 2);
    teardown();
}

TEST(the_oldest_go_beyond_the_limit)
{
    setup("0");
    harness_set(&harness, "slowlog_max_len", "3");
    client_send(&client, "say 0\r\nsay 1\r\nsay 2\r\nsay 3\r\nsay 4\r\n");
    ck_assert_uint_eq(harness.server.slowlog.count, 3);
    ck_assert_uint_eq(newest()->id, 4);
    harness_set(&harness, "slowlog_max_len", "0");
    client_send(&client, "say 5\r\n");
    ck_assert_uint_eq(harness.server.slowlog.count, 0);
    ck_assert(list_is_empty(&harness.server.slowlog.entries));
    teardown();
}

TEST(ids_go_on_after_a_reset)
{
    setup("0");
    client_send(&client, "say 0\r\n");
    slowlog_clear(&harness.server.slowlog);
    ck_assert_uint_eq(harness.server.slowlog.count, 0);
    client_send(&client, "say 1\r\n");
    ck_assert_uint_eq(newest()->id, 1);
    teardown();
}

TEST(many_and_long_arguments_are_cut)
{
    setup("0");
    struct buffer line = {0};
    buffer_append_text(&line, "spend 1");
    for (int i = 0; i < 30; i++)
        buffer_append_text(&line, " a");
    client_send_bytes(&client, (struct slice){line.data, line.size});
    client_send(&client, "\r\n");
    ck_assert_uint_eq(newest()->argument_count, 32);
    ck_assert_ptr_null(
        memmem(newest()->arguments.data, newest()->arguments.size, "more", 4));
    buffer_append_text(&line, " b\r\n");
    client_send_bytes(&client, buffer_slice(&line));
    ck_assert_uint_eq(newest()->argument_count, 32);
    const char last[] = "$1\r\na\r\n$22\r\n... (2 more arguments)\r\n";
    size_t size = newest()->arguments.size;
    ck_assert_mem_eq(newest()->arguments.data + size - (sizeof last - 1), last,
                     sizeof last - 1);
    buffer_clear(&line);
    buffer_append_text(&line, "say ");
    for (int i = 0; i < 129; i++)
        buffer_append_byte(&line, 'x');
    buffer_append_text(&line, "\r\n");
    client_send_bytes(&client, buffer_slice(&line));
    const char more[] = "x... (1 more bytes)\r\n";
    size = newest()->arguments.size;
    ck_assert_mem_eq(newest()->arguments.data + size - (sizeof more - 1), more,
                     sizeof more - 1);
    buffer_deinit(&line);
    teardown();
}

TEST(secrets_are_not_kept)
{
    setup("0");
    client_send(&client, "auth secret\r\n");
    expect_newest("$4\r\nauth\r\n$10\r\n(redacted)\r\n");
    client_send(&client, "hello 3 auth default secret setname me\r\n");
    expect_newest("$5\r\nhello\r\n$1\r\n3\r\n$4\r\nauth\r\n$10\r\n(redacted)"
                  "\r\n$10\r\n(redacted)\r\n$7\r\nsetname\r\n$2\r\nme\r\n");
    client_send(&client, "config set timeout 5 RequirePass secret\r\n");
    expect_newest("$6\r\nconfig\r\n$3\r\nset\r\n$7\r\ntimeout\r\n$1\r\n5\r\n"
                  "$11\r\nRequirePass\r\n$10\r\n(redacted)\r\n");
    teardown();
}

TEST(an_entry_outlives_its_client)
{
    setup("0");
    client_send(&client, "client setname bob\r\nsay a\r\n");
    client_close(&client);
    client_open(&client, &harness);
    ck_assert_str_eq(newest()->name, "bob");
    teardown();
}
