// test_durable_layer.c -- what was answered is not lost.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "tests/stage2/durable_harness.h"

static struct durable_harness node;

static bool begins(const char *text, const char *front)
{
    return !strncmp(text, front, strlen(front));
}

// ---- Replies wait

TEST(a_write_is_answered_when_it_is_synced)
{
    durable_init(&node, "always");
    node.disk->knobs.delay_us = 10000;
    durable_send(&node, 0, "SET k v");
    ck_assert_str_eq(durable_take(&node, 0), "");
    durable_run_ms(&node, 5);
    ck_assert_str_eq(durable_take(&node, 0), "");
    durable_run_ms(&node, 100);
    ck_assert_str_eq(durable_take(&node, 0), "+OK\r\n");
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(nobody_reads_what_could_still_be_lost)
{
    durable_init(&node, "always");
    durable_expect(&node, 1, "SUBSCRIBE news",
                   "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
    node.disk->knobs.delay_us = 10000;
    durable_send(&node, 0, "SET k v");
    durable_send(&node, 2, "GET k");
    durable_send(&node, 0, "PUBLISH news x");
    ck_assert_str_eq(durable_take(&node, 1), "");
    ck_assert_str_eq(durable_take(&node, 2), "");
    durable_run_ms(&node, 100);
    ck_assert_str_eq(durable_take(&node, 1),
                     "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n");
    ck_assert_str_eq(durable_take(&node, 2), "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(what_only_reads_does_not_wait_for_an_idle_log)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.delay_us = 1000000;
    durable_send(&node, 0, "GET k");
    ck_assert_str_eq(durable_take(&node, 0), "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(what_changes_nothing_is_not_in_the_log)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    uint64_t end = aof_end(node.durable->aof);
    durable_expect(&node, 0, "DEL none", ":0\r\n");
    durable_expect(&node, 0, "SET k v NX", "$-1\r\n");
    durable_expect(&node, 0, "INCR k",
                   "-ERR value is not an integer or out of range\r\n");
    durable_expect(&node, 0, "LPOP none", "$-1\r\n");
    ck_assert_uint_eq(aof_end(node.durable->aof), end);
    durable_deinit(&node);
}

TEST(a_transaction_is_one_record)
{
    durable_init(&node, "always");
    uint64_t end = aof_end(node.durable->aof);
    durable_send(&node, 0, "MULTI");
    durable_send(&node, 0, "SET a 1");
    durable_send(&node, 0, "INCR a");
    durable_run_ms(&node, 1);
    durable_take(&node, 0);
    durable_expect(&node, 0, "EXEC", "*2\r\n+OK\r\n:2\r\n");
    ck_assert_uint_eq(aof_end(node.durable->aof), end + 1);
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET a", "$1\r\n2\r\n");
    durable_deinit(&node);
}

TEST(an_expiry_and_a_random_pop_come_back_as_they_were)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SADD s a b c d e f", ":6\r\n");
    durable_expect(&node, 0, "SET k v PX 5000", "+OK\r\n");
    durable_ask(&node, 0, "SPOP s 3");
    char before[256];
    strcpy(before, durable_ask(&node, 0, "SMEMBERS s"));
    durable_restart(&node, true);
    ck_assert_str_eq(durable_ask(&node, 0, "SMEMBERS s"), before);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    durable_run_ms(&node, 6000);
    durable_expect(&node, 0, "GET k", "$-1\r\n");
    durable_deinit(&node);
}

// ---- Policies

TEST(under_everysec_a_reply_waits_for_the_write_alone)
{
    durable_init(&node, "everysec");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    ck_assert_uint_lt(aof_durable(node.durable->aof),
                      aof_end(node.durable->aof));
    durable_restart(&node, false);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(under_everysec_all_is_synced_two_seconds_later)
{
    durable_init(&node, "everysec");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    durable_run_ms(&node, 2000);
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(from_always_on_nobody_is_shown_what_was_only_written)
{
    durable_init(&node, "no");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.delay_us = 10000;
    durable_send(&node, 0, "CONFIG SET fsync always");
    durable_send(&node, 0, "GET k");
    ck_assert_str_eq(durable_take(&node, 0), "");
    durable_run_ms(&node, 100);
    ck_assert_str_eq(durable_take(&node, 0), "+OK\r\n$1\r\nv\r\n");
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(what_always_held_back_leaves_when_the_policy_is_no)
{
    durable_init(&node, "always");
    node.disk->knobs.delay_us = 10000;
    durable_send(&node, 0, "SET k v");
    durable_send(&node, 1, "CONFIG SET sync_writes false");
    for (int i = 0; i < 1000 && aof_written(node.durable->aof) == 0; i++)
        durable_run_ms(&node, 1);
    ck_assert_uint_eq(aof_durable(node.durable->aof), 0);
    ck_assert_str_eq(durable_take(&node, 0), "+OK\r\n");
    durable_deinit(&node);
}

// ---- Room

// Until the log has no room: no new file can be made.
static int fill(size_t index, char refusal[512])
{
    static char line[60000];
    int count = 0;
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "APPEND big ", 11);
    const char *reply = durable_ask(&node, index, line);
    while (begins(reply, ":") && count < 1000) {
        count++;
        reply = durable_ask(&node, index, line);
    }
    strncpy(refusal, reply, 511);
    return count;
}

TEST(a_full_disk_refuses_writes_and_serves_reads)
{
    char refusal[512] = "";
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.capacity = sim_disk_used(node.disk);
    int count = fill(0, refusal);
    ck_assert_msg(begins(refusal, "-MISCONF the log has no space: cannot make"),
                  "%s", refusal);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    ck_assert(durable_info_has(&node, "log_state:full"));
    ck_assert(strstr(durable_ask(&node, 0, "HEALTH"), "readonly: no space"));

    node.disk->knobs.capacity = 0;
    durable_run_ms(&node, 2000);
    durable_expect(&node, 0, "SET k w", "+OK\r\n");
    ck_assert(durable_info_has(&node, "log_state:ok"));
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET k", "$1\r\nw\r\n");
    char length[32];
    snprintf(length, sizeof length, ":%d\r\n", count * (60000 - 1 - 11));
    durable_expect(&node, 0, "STRLEN big", length);
    durable_deinit(&node);
}

TEST(writes_that_wait_for_room_go_on_in_the_order_in_which_they_came)
{
    durable_init(&node, "always");
    durable_restart(&node, false);
    durable_end(&node);
    // A new life has no file yet, and making one takes a while.
    node.disk->knobs.delay_us = 300000;
    durable_start(&node, "always");
    durable_wait(&node);
    durable_send(&node, 0, "RPUSH l a");
    durable_send(&node, 1, "RPUSH l b");
    durable_send(&node, 0, "RPUSH l c");
    durable_send(&node, 0, "LRANGE l 0 -1");
    durable_send(&node, 2, "LLEN l"); // Of a client that waits for nothing.
    ck_assert(!durable_queue_is_empty(&node.durable->queue));
    ck_assert_str_eq(durable_take(&node, 2), ":0\r\n");
    ck_assert_str_eq(durable_take(&node, 0), "");
    durable_run_ms(&node, 20000);
    ck_assert_str_eq(durable_take(&node, 0),
                     ":1\r\n:3\r\n*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    ck_assert_str_eq(durable_take(&node, 1), ":2\r\n");
    ck_assert_uint_eq(node.durable->queue.size, 0);
    durable_deinit(&node);
}

TEST(a_client_that_leaves_takes_its_waiting_writes_to_their_end)
{
    durable_init(&node, "always");
    durable_end(&node);
    node.disk->knobs.delay_us = 300000;
    durable_start(&node, "always");
    durable_wait(&node);
    durable_send(&node, 0, "SET k v");
    durable_leave(&node, 0);
    durable_run_ms(&node, 20000);
    durable_expect(&node, 1, "GET k", "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(writes_that_wait_when_the_process_ends_are_given_back)
{
    durable_init(&node, "always");
    durable_end(&node);
    node.disk->knobs.delay_us = 300000;
    durable_start(&node, "always");
    durable_wait(&node);
    durable_send(&node, 0, "SET k v");
    ck_assert(!durable_queue_is_empty(&node.durable->queue));
    durable_deinit(&node); // The sanitizer looks.
}

// ---- Failure

static void fail_all(enum sim_call_kind kind)
{
    node.disk->knobs.fail[kind] =
        (struct sim_failure){.times = UINT64_MAX, .status = STATUS_IO};
}

static void repair(void)
{
    memset(node.disk->knobs.fail, 0, sizeof node.disk->knobs.fail);
}

TEST_FOR(after_a_failure_nothing_is_said_that_may_be_untrue, 2)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "MSET safe 1 doubtful old", "+OK\r\n");
    fail_all(_i ? SIM_CALL_SYNC : SIM_CALL_WRITE);
    durable_expect(&node, 0, "SET doubtful new",
                   "-UNKNOWN outcome: the log failed before this was "
                   "durable\r\n");
    ck_assert(begins(durable_ask(&node, 1, "SET safe 2"),
                     "-MISCONF Errors writing to the log: "));
    durable_expect(&node, 1, "GET safe", "$1\r\n1\r\n");
    const char unknown[] = "-UNKNOWN outcome of the last writes of this key: "
                           "the log failed\r\n";
    durable_expect(&node, 1, "GET doubtful", unknown);
    durable_expect(&node, 1, "MGET safe doubtful", unknown);
    durable_expect(&node, 1, "DBSIZE", unknown);
    ck_assert(begins(durable_ask(&node, 1, "BGSAVE"), "-MISCONF "));
    ck_assert(durable_info_has(&node, "log_state:failed"));
    ck_assert(begins(durable_ask(&node, 1, "HEALTH"), "+readonly: "));

    repair();
    ck_assert(begins(durable_ask(&node, 1, "SET safe 2"), "-MISCONF "));
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET safe", "$1\r\n1\r\n");
    durable_deinit(&node);
}

// `always` cannot promise more than the log can: what was only written when it
// failed stays so.
TEST(after_a_failure_another_policy_silences_nobody)
{
    durable_init(&node, "everysec");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    fail_all(SIM_CALL_SYNC);
    durable_run_ms(&node, 3000);
    ck_assert(durable_info_has(&node, "log_state:failed"));
    durable_expect(&node, 0, "CONFIG SET fsync always", "+OK\r\n");
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    durable_expect(&node, 1, "PING", "+PONG\r\n");
    durable_deinit(&node);
}

TEST(a_write_that_failed_does_not_come_back_by_a_snapshot)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k old", "+OK\r\n");
    fail_all(SIM_CALL_SYNC);
    durable_send(&node, 0, "SET k new");
    durable_send(&node, 1, "SAVE");
    durable_run_ms(&node, 5000);
    ck_assert(begins(durable_take(&node, 0), "-UNKNOWN "));
    ck_assert_msg(begins(durable_take(&node, 1), "-"), "a snapshot was taken");
    durable_deinit(&node);
}

// ---- The end

static bool finish(int64_t seconds)
{
    bool done = durable_node_finish(node.node);
    for (int64_t i = 0; i < seconds * 100 && !done; i++) {
        durable_run_ms(&node, 10);
        done = durable_node_finish(node.node);
    }
    return done;
}

TEST_FOR(a_clean_end_makes_all_durable, 3)
{
    durable_init(&node, aof_policy_names[_i]);
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    ck_assert(finish(60));
    ck_assert_uint_eq(aof_durable(node.durable->aof),
                      aof_end(node.durable->aof));
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    durable_deinit(&node);
}

TEST(a_node_that_still_loads_ends_at_once)
{
    durable_init(&node, "always");
    durable_end(&node);
    durable_start(&node, "always");
    ck_assert(durable_node_finish(node.node));
    durable_deinit(&node);
}

TEST(an_end_is_not_held_up_by_a_log_that_failed)
{
    durable_init(&node, "always");
    fail_all(SIM_CALL_SYNC);
    durable_ask(&node, 0, "SET k v");
    ck_assert(finish(1));
    durable_deinit(&node);
}

TEST(damage_makes_a_node_unusable)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET a 1", "+OK\r\n");
    durable_expect(&node, 0, "SET b 1", "+OK\r\n");
    durable_run_ms(&node, 5000); // An idle log says how far it is durable.
    durable_end(&node);
    sim_disk_flip(node.disk, "00000000000000000001.log", 4096 + 60, 1);
    durable_start(&node, "always");
    durable_wait(&node);
    ck_assert(durable_node_is_unusable(node.node));
    ck_assert(node.server->stopping);
    durable_deinit(&node);
}

TEST(while_it_loads_it_says_so)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET a 1", "+OK\r\n");
    durable_end(&node);
    durable_start(&node, "always");
    ck_assert(begins(durable_ask(&node, 0, "GET a"), "-LOADING VegaDB"));
    durable_wait(&node);
    durable_expect(&node, 0, "GET a", "$1\r\n1\r\n");
    durable_deinit(&node);
}

// ---- A disk that the log alone would fill

static void set_some(int number)
{
    static char line[60001];
    snprintf(line, sizeof line, "SET k%d %0*d", number % 3, 50000, 1);
    durable_expect(&node, 0, line, "+OK\r\n");
}

TEST(a_log_leaves_a_small_disk_room_for_snapshots)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "CONFIG SET snapshot_log_size 512MB", "+OK\r\n");
    node.disk->knobs.capacity = 8 << 20;
    for (int i = 0; i < 2000; i++) {
        set_some(i);
        durable_run_ms(&node, 20);
    }
    durable_restart(&node, true);
    durable_expect(&node, 0, "DBSIZE", ":3\r\n");
    durable_deinit(&node);
}

TEST(a_full_disk_without_room_for_a_snapshot_says_what_is_wrong)
{
    char refusal[512] = "";
    durable_init(&node, "always");
    durable_expect(&node, 0, "CONFIG SET snapshot_log_size 512MB", "+OK\r\n");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.capacity = sim_disk_used(node.disk);
    fill(0, refusal);
    durable_run_ms(&node, 2000);
    const char *health = durable_ask(&node, 0, "HEALTH");
    ck_assert_msg(strstr(health, "readonly: no space for the log: cannot make"),
                  "%s", health);
    ck_assert(durable_info_has(&node, "rdb_last_bgsave_status:err"));
    ck_assert(durable_info_has(&node, "snapshot_error:cannot write"));
    // A start does not need space, and says the same.
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET k", "$1\r\nv\r\n");
    ck_assert(begins(durable_ask(&node, 0, "SET k w"), "-MISCONF the log has"));
    node.disk->knobs.capacity = 0;
    durable_run_ms(&node, 2000);
    durable_expect(&node, 0, "SET k w", "+OK\r\n");
    durable_deinit(&node);
}

// ---- Snapshots that cannot be written

TEST(a_disk_of_snapshots_that_dies_does_not_end_the_log)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.snapshots_dead = true;
    durable_expect(&node, 0, "SAVE",
                   "-ERR the snapshot failed: cannot write "
                   "00000000000000000001.snapshot.draft: input/output error"
                   "\r\n");
    durable_run_ms(&node, 1000);
    // The file that it had the log begin has its name synced.
    ck_assert(sim_disk_has(node.disk, "00000000000000000002.log"));
    durable_expect(&node, 0, "SET k w", "+OK\r\n");
    ck_assert(durable_info_has(&node, "log_state:ok"));
    const char *health = durable_ask(&node, 0, "HEALTH");
    ck_assert_msg(strstr(health, "degraded: the log grows, for the last "
                                 "snapshot failed: cannot write"),
                  "%s", health);
    node.disk->knobs.snapshots_dead = false;
    durable_restart(&node, true);
    durable_expect(&node, 0, "GET k", "$1\r\nw\r\n");
    durable_deinit(&node);
}
