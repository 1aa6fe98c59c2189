// test_waits.c -- clients that wait for the disk.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <string.h>

#include "tests/stage2/durable_harness.h"

static struct durable_harness node;

TEST(waitaof_asks_for_a_sync_and_answers_when_it_is_done)
{
    durable_init(&node, "no");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    ck_assert_uint_eq(aof_durable(node.durable->aof), 0);
    node.disk->knobs.delay_us = 10000;
    durable_send(&node, 0, "WAITAOF 1 0 0");
    ck_assert_str_eq(durable_take(&node, 0), "");
    durable_run_ms(&node, 100);
    ck_assert_str_eq(durable_take(&node, 0), "*2\r\n:1\r\n:0\r\n");
    ck_assert_uint_eq(aof_durable(node.durable->aof), 1);
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(waitaof_answers_at_once_when_there_is_nothing_to_wait_for)
{
    durable_init(&node, "no");
    durable_send(&node, 0, "WAITAOF 1 0 0");
    ck_assert_str_eq(durable_take(&node, 0), "*2\r\n:1\r\n:0\r\n");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    durable_send(&node, 0, "WAITAOF 0 0 0");
    ck_assert_str_eq(durable_take(&node, 0), "*2\r\n:0\r\n:0\r\n");
    durable_deinit(&node);
}

TEST(waitaof_gives_up_after_its_timeout)
{
    durable_init(&node, "no");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.delay_us = 10 * 1000 * 1000;
    durable_send(&node, 0, "WAITAOF 1 0 50");
    durable_run_ms(&node, 40);
    ck_assert_str_eq(durable_take(&node, 0), "");
    durable_run_ms(&node, 20);
    ck_assert_str_eq(durable_take(&node, 0), "*2\r\n:0\r\n:0\r\n");
    durable_deinit(&node);
}

TEST(there_are_no_replicas_to_wait_for)
{
    durable_init(&node, "always");
    durable_send(&node, 0, "WAITAOF 1 1 50");
    durable_run_ms(&node, 40);
    ck_assert_str_eq(durable_take(&node, 0), "");
    durable_run_ms(&node, 20);
    ck_assert_str_eq(durable_take(&node, 0), "*2\r\n:1\r\n:0\r\n");
    durable_deinit(&node);
}

TEST(in_a_transaction_nobody_waits)
{
    durable_init(&node, "no");
    durable_expect(&node, 0, "MULTI", "+OK\r\n");
    durable_expect(&node, 0, "SET k v", "+QUEUED\r\n");
    durable_expect(&node, 0, "WAITAOF 1 0 0", "+QUEUED\r\n");
    durable_expect(&node, 0, "EXEC", "*2\r\n+OK\r\n*2\r\n:0\r\n:0\r\n");
    durable_deinit(&node);
}

TEST(a_client_that_waits_may_leave)
{
    durable_init(&node, "no");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.delay_us = 10000;
    durable_send(&node, 0, "WAITAOF 1 0 0");
    durable_send(&node, 1, "WAITAOF 1 0 0");
    durable_leave(&node, 0);
    durable_run_ms(&node, 100);
    ck_assert_str_eq(durable_take(&node, 1), "*2\r\n:1\r\n:0\r\n");
    ck_assert(list_is_empty(&node.durable->log_waits.waiting));
    durable_deinit(&node);
}

TEST(those_who_wait_hear_of_a_log_that_failed)
{
    durable_init(&node, "no");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.fail[SIM_CALL_SYNC] =
        (struct sim_failure){.times = UINT64_MAX, .status = STATUS_IO};
    durable_expect(&node, 0, "WAITAOF 1 0 0", "*2\r\n:0\r\n:0\r\n");
    // And later ones do not wait at all.
    durable_send(&node, 0, "WAITAOF 1 0 0");
    ck_assert_str_eq(durable_take(&node, 0), "*2\r\n:0\r\n:0\r\n");
    durable_deinit(&node);
}

TEST(a_process_may_end_while_clients_wait)
{
    durable_init(&node, "no");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    durable_send(&node, 0, "WAITAOF 1 1 0");
    durable_send(&node, 1, "SAVE");
    durable_deinit(&node); // The sanitizer looks.
}
