// test_laps.c -- who is timed alone and who with others.
// SPDX-License-Identifier: MIT
#include "common/server/laps.h"

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

// Its counts are given back at once: the rest is what the tests look at.
static struct histogram times_of(const char *name)
{
    struct histogram times;
    const struct command *command =
        command_find_full(harness.server.commands, slice_of(name));
    ck_assert_ptr_nonnull(command);
    command_stats_read(&harness.server.command_stats, command->id,
                       COMMAND_SINCE_START, &times);
    struct histogram summary = times;
    histogram_deinit(&times);
    return summary;
}

static void expect_times(const char *name, uint64_t count, uint64_t min_us,
                         uint64_t max_us, uint64_t sum_us)
{
    struct histogram times = times_of(name);
    ck_assert_uint_eq(times.count, count);
    ck_assert_uint_eq(times.min, min_us * 1000);
    ck_assert_uint_eq(times.max, max_us * 1000);
    ck_assert_uint_eq(times.sum, sum_us * 1000);
}

// A pipelined request; inline ones are executed one by one.
static void append_request(struct buffer *batch, const char *name,
                           const char *us)
{
    buffer_printf(batch, "*2\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n", strlen(name),
                  name, strlen(us), us);
}

static void send_batch(struct buffer *batch)
{
    client_send_bytes(&client, buffer_slice(batch));
    buffer_deinit(batch);
}

TEST(a_request_takes_what_it_takes)
{
    setup();
    client_send(&client, "spend 100\r\n");
    client_send(&client, "rush 7\r\n");
    expect_times("spend", 1, 100, 100, 100);
    expect_times("rush", 1, 7, 7, 7);
    teardown();
}

TEST(time_between_requests_is_nobodys)
{
    setup();
    client_send(&client, "spend 1\r\n");
    harness_advance_ms(&harness, 5000);
    client_send(&client, "spend 1\r\n");
    expect_times("spend", 2, 1, 1, 2);
    teardown();
}

TEST(what_is_not_quick_has_laps_of_its_own)
{
    setup();
    struct buffer batch = {0};
    append_request(&batch, "spend", "10");
    append_request(&batch, "spend", "20");
    append_request(&batch, "rush", "2");
    append_request(&batch, "spend", "30");
    send_batch(&batch);
    expect_times("spend", 3, 10, 30, 60);
    expect_times("rush", 1, 2, 2, 2);
    teardown();
}

TEST(quick_ones_share_the_time_of_a_lap)
{
    setup();
    struct buffer batch = {0};
    append_request(&batch, "rush", "1");
    append_request(&batch, "rush", "5");
    append_request(&batch, "spend", "100");
    append_request(&batch, "rush", "9");
    send_batch(&batch);
    expect_times("rush", 3, 3, 9, 15);
    expect_times("spend", 1, 100, 100, 100);
    teardown();
}

TEST(a_shared_lap_has_a_limit)
{
    setup();
    struct buffer batch = {0};
    for (int i = 0; i < LAP_REQUESTS_MAX; i++)
        append_request(&batch, "rush", "1");
    append_request(&batch, "rush", "50");
    send_batch(&batch);
    expect_times("rush", LAP_REQUESTS_MAX + 1, 1, 50, LAP_REQUESTS_MAX + 50);
    teardown();
}

TEST(a_large_request_has_a_lap_of_its_own)
{
    setup();
    struct buffer batch = {0};
    char us[LAP_BYTES_MAX + 1] = {0};
    memset(us, 'x', LAP_BYTES_MAX);
    append_request(&batch, "rush", "2");
    buffer_printf(&batch, "*3\r\n$4\r\nrush\r\n$2\r\n90\r\n$%d\r\n%s\r\n",
                  LAP_BYTES_MAX, us);
    append_request(&batch, "rush", "2");
    send_batch(&batch);
    expect_times("rush", 3, 2, 90, 94);
    teardown();
}

TEST(what_was_not_executed_is_not_timed)
{
    setup();
    harness_set(&harness, "requirepass", "secret");
    struct client stranger;
    client_open(&stranger, &harness);
    client_send(&stranger, "spend 5\r\nnosuch\r\n");
    client_close(&stranger);
    client_send(&client, "spend\r\n\r\n");
    ck_assert_uint_eq(times_of("spend").count, 0);
    teardown();
}

TEST(waiting_is_not_execution)
{
    setup();
    client_send(&client, "later a\r\n");
    harness_advance_ms(&harness, 100);
    harness_answer(&harness, 0);
    client_send(&client, "wait 1 50\r\n");
    harness_advance_ms(&harness, 100);
    expect_times("later", 1, 0, 0, 0);
    expect_times("wait", 1, 0, 0, 0);
    teardown();
}

TEST(a_batch_that_stops_half_way_times_what_was_done)
{
    setup();
    struct buffer batch = {0};
    append_request(&batch, "rush", "4");
    buffer_append_text(&batch, "*1\r\n$4\r\nquit\r\n");
    append_request(&batch, "rush", "4");
    send_batch(&batch);
    ck_assert(client_is_closed(&client));
    expect_times("rush", 1, 4, 4, 4);
    expect_times("quit", 1, 0, 0, 0);
    teardown();
}

TEST(times_that_nobody_wants_are_not_taken)
{
    setup();
    harness.settings.command_times = false;
    struct buffer batch = {0};
    append_request(&batch, "spend", "100");
    append_request(&batch, "spend", "100");
    send_batch(&batch);
    expect_times("spend", 0, 0, 0, 0);
    teardown();
}
