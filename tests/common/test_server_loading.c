// test_server_loading.c -- what clients get while data are loaded, and the
// clock that does not fall behind them.
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "common/server/notify.h"
#include "common/server/transaction.h"
#include "tests/common/session_harness.h"
#include "tests/test.h"

#define LOADING(percent)                                                       \
    "-LOADING VegaDB is loading the dataset in memory (" #percent " %)\r\n"

static struct harness harness;
static struct client client;
static size_t ticks;

static bool count_tick(struct layer *layer, int64_t now_ms)
{
    (void)layer, (void)now_ms;
    ticks++;
    return false;
}

static bool count_asked(struct admission *admission, int64_t now_ms,
                        bool needs_memory)
{
    (void)admission, (void)now_ms, (void)needs_memory;
    ticks++;
    return true;
}

static bool count_turn(struct admission *admission, int64_t now_ms)
{
    (void)admission, (void)now_ms;
    ticks++;
    return false;
}

static void say_nothing(struct admission *admission, struct info *info)
{
    (void)admission, (void)info;
}

static struct admission admission = {
    .limited = true,
    .admit = count_asked,
    .tick = count_turn,
    .info = say_nothing,
};

static void run_nothing(struct store *store, struct request *request)
{
    (void)store;
    reply_array(&request->reply, 0);
}

static const struct command transaction_rows[] = {
    {"multi", 1, COMMAND_LOADING, 0, 0, 0, "Queues", "", "transactions",
     "1.2.0", .serve = multi_serve},
    {"exec", 1, COMMAND_LOADING, 0, 0, 0, "Runs", "", "transactions", "1.2.0",
     .serve = exec_serve, .run = run_nothing},
    {"watch", -2, COMMAND_LOADING, 1, -1, 1, "Watches", "key", "transactions",
     "2.2.0", .serve = watch_serve, .run = run_nothing},
    {"grow", 1, COMMAND_WRITE | COMMAND_DENYOOM, 0, 0, 0, "Takes memory", "",
     "generic", "vega 1", .run = run_nothing},
    {0},
};

static void setup(void)
{
    harness_init(&harness);
    // The ids of commands are counted at the start.
    server_deinit(&harness.server);
    command_table_add(harness.server.commands, transaction_rows);
    server_init(&harness.server);
    harness.layer.tick = count_tick;
    harness.server.admission = &admission;
    harness.server.loading = (struct server_loading){
        .active = true,
        .done = 37,
        .total = 100,
        .started_ms = harness.server.now_ms,
    };
    ticks = 0;
    client_open(&client, &harness);
}

static void teardown(void)
{
    harness.server.admission = NULL;
    client_close(&client);
    harness_deinit(&harness);
}

TEST(only_what_needs_no_data_is_answered)
{
    setup();
    client_send(&client, "say a\r\nping\r\ngrow\r\nselect 0\r\n");
    client_expect(&client, LOADING(37) LOADING(37) LOADING(37) "+OK\r\n");
    client_send(&client, "nonsense\r\n");
    ck_assert_ptr_nonnull(strstr(client_take(&client), "-ERR unknown command"));
    client_send(&client, "say\r\n");
    ck_assert_ptr_nonnull(strstr(client_take(&client), "-ERR wrong number"));
    ck_assert_uint_eq(harness.executed, 0);
    ck_assert_uint_eq(ticks, 0); // Nobody was asked for memory either.
    teardown();
}

TEST(a_stranger_is_told_nothing_else)
{
    setup();
    harness_set(&harness, "requirepass", "secret");
    client_close(&client);
    client_open(&client, &harness);
    client_send(&client, "say a\r\n");
    client_expect(&client, "-NOAUTH Authentication required.\r\n");
    client_send(&client, "auth secret\r\nsay a\r\n");
    client_expect(&client, "+OK\r\n" LOADING(37));
    teardown();
}

TEST(everything_is_answered_afterwards)
{
    setup();
    client_send(&client, "say a\r\n");
    client_expect(&client, LOADING(37));
    harness.server.loading.active = false;
    client_send(&client, "say a\r\n");
    client_expect(&client, "$1\r\na\r\n");
    teardown();
}

TEST(shutdown_is_answered)
{
    setup();
    client_send(&client, "shutdown\r\n");
    ck_assert(harness.server.stopping);
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(the_part_that_is_done_is_told)
{
    setup();
    struct server_loading *loading = &harness.server.loading;
    *loading = (struct server_loading){.active = true};
    client_send(&client, "ping\r\n");
    client_expect(&client, LOADING(0));
    loading->total = UINT64_MAX;
    loading->done = UINT64_MAX / 2;
    client_send(&client, "ping\r\n");
    client_expect(&client, LOADING(50));
    loading->total = 10;
    loading->done = 11; // The file grew.
    client_send(&client, "ping\r\n");
    client_expect(&client, LOADING(100));
    teardown();
}

TEST(a_refused_command_spoils_a_transaction)
{
    setup();
    client_send(&client, "multi\r\nsay a\r\nexec\r\n");
    client_expect(
        &client, "+OK\r\n" LOADING(
                     37) "-EXECABORT Transaction discarded because of previous "
                         "errors.\r\n");
    teardown();
}

TEST(a_transaction_without_data_runs)
{
    setup();
    client_send(&client, "multi\r\nselect 0\r\nexec\r\nmulti\r\nexec\r\n");
    client_expect(&client, "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n+OK\r\n*0\r\n");
    ck_assert_uint_eq(harness.executed, 0);
    client_send(&client, "exec\r\n");
    client_expect(&client, "-ERR EXEC without MULTI\r\n");
    teardown();
}

TEST(what_was_queued_before_is_refused_as_a_whole)
{
    setup();
    harness.server.loading.active = false;
    client_send(&client, "multi\r\nsay a\r\n");
    harness.server.loading.active = true;
    client_send(&client, "exec\r\nexec\r\n");
    client_expect(&client,
                  "+OK\r\n+QUEUED\r\n"
                  "-EXECABORT Transaction discarded because of: LOADING "
                  "VegaDB is loading the dataset in memory (37 %)\r\n"
                  "-ERR EXEC without MULTI\r\n");
    teardown();
}

TEST(nobody_can_watch_what_is_not_there_yet)
{
    setup();
    client_send(&client, "watch k\r\n");
    client_expect(&client, LOADING(37));
    ck_assert_uint_eq(harness.executed, 0);
    teardown();
}

TEST(layers_and_admission_rest)
{
    setup();
    harness_advance_ms(&harness, 2000);
    ck_assert_uint_eq(ticks, 0);
    harness.server.loading.active = false;
    harness_advance_ms(&harness, 2000);
    ck_assert_uint_gt(ticks, 0);
    teardown();
}

TEST(idle_clients_are_closed_all_the_same)
{
    setup();
    harness.settings.timeout_ms = 1000;
    harness_advance_ms(&harness, 5000);
    ck_assert(client_is_closed(&client));
    teardown();
}

TEST(events_of_the_past_are_not_told_again)
{
    setup();
    harness_set(&harness, "notify_keyspace_events", "KEA");
    client_send(&client, "psubscribe *\r\n");
    client_take(&client);
    notify_event(&harness.server, NOTIFY_GENERIC, "del", SLICE("k"));
    client_expect(&client, "");
    harness.server.loading.active = false;
    notify_event(&harness.server, NOTIFY_GENERIC, "del", SLICE("k"));
    ck_assert_str_ne(client_take(&client), "");
    teardown();
}

TEST(info_tells_how_far_it_is)
{
    setup();
    harness_advance_ms(&harness, 10 * 1000);
    harness.server.loading.done = 25;
    client_send(&client, "info persistence\r\n");
    const char *info = client_take(&client);
    ck_assert_ptr_nonnull(strstr(info, "\r\nloading:1\r\n"));
    ck_assert_ptr_nonnull(strstr(info, "\r\nloading_start_time:"));
    ck_assert_ptr_nonnull(strstr(info, "\r\nloading_total_bytes:100\r\n"));
    ck_assert_ptr_nonnull(strstr(info, "\r\nloading_loaded_bytes:25\r\n"));
    ck_assert_ptr_nonnull(strstr(info, "\r\nloading_loaded_perc:25.00\r\n"));
    ck_assert_ptr_nonnull(strstr(info, "\r\nloading_eta_seconds:29\r\n"));
    harness.server.loading.active = false;
    client_send(&client, "info persistence\r\n");
    client_expect(&client, "$26\r\n# Persistence\r\nloading:0\r\n\r\n");
    teardown();
}

TEST(time_does_not_fall_behind_what_was_recorded)
{
    setup();
    harness.server.loading.active = false;
    int64_t recorded_ms = harness.server.now_ms + 3600 * 1000;
    char expected[32];
    snprintf(expected, sizeof expected, ":%lld\r\n", (long long)recorded_ms);
    server_raise_now(&harness.server, recorded_ms);
    client_send(&client, "clock\r\n");
    client_expect(&client, expected);
    server_raise_now(&harness.server, 5); // It only rises.
    harness_advance_ms(&harness, 1000);
    client_send(&client, "clock\r\n");
    client_expect(&client, expected);
    teardown();
}
