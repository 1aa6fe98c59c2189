// test_commands_durable.c -- SAVE and its like, in Redis' words.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <string.h>

#include "tests/stage2/durable_harness.h"

static struct durable_harness node;

static size_t snapshots_on_disk(void)
{
    size_t count = 0;
    const char *name;
    for (size_t i = 0; (name = sim_disk_name(node.disk, i)); i++)
        count += strstr(name, ".snapshot") != NULL;
    return count;
}

TEST(save_answers_when_the_snapshot_is_on_disk)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    durable_send(&node, 0, "SAVE");
    ck_assert_str_eq(durable_take(&node, 0), "");
    ck_assert(durable_info_has(&node, "rdb_bgsave_in_progress:1"));
    durable_run_ms(&node, 5000);
    ck_assert_str_eq(durable_take(&node, 0), "+OK\r\n");
    ck_assert_uint_eq(snapshots_on_disk(), 1);
    ck_assert(durable_info_has(&node, "rdb_changes_since_last_save:0"));
    durable_deinit(&node);
}

TEST(one_snapshot_at_a_time)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    durable_send(&node, 0, "BGSAVE");
    durable_send(&node, 0, "BGSAVE");
    durable_send(&node, 0, "SAVE");
    ck_assert_str_eq(durable_take(&node, 0),
                     "+Background saving started\r\n"
                     "-ERR Background save already in progress\r\n"
                     "-ERR Background save already in progress\r\n");
    durable_run_ms(&node, 5000);
    durable_expect(&node, 0, "BGSAVE", "+Background saving started\r\n");
    durable_deinit(&node);
}

TEST(one_that_is_scheduled_follows)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    durable_send(&node, 0, "BGSAVE SCHEDULE"); // None is under way.
    durable_send(&node, 0, "SET l v");
    durable_send(&node, 0, "BGSAVE SCHEDULE");
    durable_send(&node, 0, "BGREWRITEAOF");
    durable_run_ms(&node, 10000);
    ck_assert_str_eq(durable_take(&node, 0),
                     "+Background saving started\r\n"
                     "+OK\r\n"
                     "+Background saving scheduled\r\n"
                     "+Background append only file rewriting scheduled\r\n");
    ck_assert(durable_info_has(&node, "rdb_saves:2"));
    ck_assert_uint_eq(snapshots_on_disk(), 2);
    durable_deinit(&node);
}

TEST(who_saves_waits_for_that_snapshot_alone)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    durable_send(&node, 0, "SAVE");
    durable_send(&node, 1, "BGSAVE SCHEDULE");
    for (int i = 0; i < 10000 && snapshots_on_disk() == 0; i++)
        durable_run_ms(&node, 1);
    durable_run_ms(&node, 50);
    ck_assert_str_eq(durable_take(&node, 0), "+OK\r\n");
    durable_deinit(&node);
}

TEST(a_save_that_fails_says_why)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    node.disk->knobs.capacity = sim_disk_used(node.disk);
    const char *reply = durable_ask(&node, 0, "SAVE");
    ck_assert_msg(strstr(reply, "-ERR the snapshot failed: cannot write "),
                  "%s", reply);
    ck_assert(strstr(reply, "full"));
    ck_assert(durable_info_has(&node, "rdb_last_bgsave_status:err"));
    node.disk->knobs.capacity = 0;
    durable_expect(&node, 0, "SAVE", "+OK\r\n");
    ck_assert(durable_info_has(&node, "rdb_last_bgsave_status:ok"));
    durable_deinit(&node);
}

TEST(lastsave_tells_when_the_last_one_was_finished)
{
    char before[64];
    durable_init(&node, "always");
    strcpy(before, durable_ask(&node, 0, "LASTSAVE"));
    durable_expect(&node, 0, "SET k v", "+OK\r\n");
    durable_run_ms(&node, 3000);
    durable_expect(&node, 0, "LASTSAVE", before);
    durable_expect(&node, 0, "SAVE", "+OK\r\n");
    ck_assert_str_ne(durable_ask(&node, 0, "LASTSAVE"), before);
    durable_deinit(&node);
}

TEST(a_snapshot_and_the_log_behind_it_are_the_store)
{
    durable_init(&node, "always");
    durable_expect(&node, 0, "SET a 1", "+OK\r\n");
    durable_send(&node, 0, "SAVE");
    durable_expect(&node, 1, "SET b 2", "+OK\r\n");
    durable_run_ms(&node, 5000);
    durable_expect(&node, 1, "INCR a", ":2\r\n");
    durable_restart(&node, true);
    durable_expect(&node, 0, "MGET a b", "*2\r\n$1\r\n2\r\n$1\r\n2\r\n");
    durable_deinit(&node);
}
