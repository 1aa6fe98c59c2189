// test_commands_limits.c -- settings that change results are requests, and
// stand in a log where they took effect.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/limits.h"

#include <stdio.h>

#include "stage1-singlenode/store.h"
#include "tests/stage1/node_harness.h"
#include "tests/test.h"

static struct node_harness harness, replica;
static struct node_client client, other;

static void setup(void)
{
    node_init(&harness);
    node_client_open(&client, &harness);
}

static void teardown(void)
{
    node_client_close(&client);
    node_deinit(&harness);
}

// The record `index`, counted from the last: 0.
static struct node_record *record(size_t index)
{
    ck_assert_uint_lt(index, harness.record_count);
    return &harness.records[harness.record_count - 1 - index];
}

static bool is_limits(struct node_record *found)
{
    return slice_is(argv_slices(&found->argv)[0], "limits");
}

static int64_t entries(void)
{
    return store_limits(node_store(harness.node))->hash_max_listpack_entries;
}

TEST(a_node_with_default_settings_records_nothing)
{
    setup();
    ck_assert_uint_eq(harness.record_count, 0);
    node_expect(&client, "config set maxmemory 1gb", "+OK\r\n");
    node_expect(&client, "config set hash-max-listpack-entries 512", "+OK\r\n");
    ck_assert_uint_eq(harness.record_count, 0);
    teardown();
}

TEST(a_change_of_a_limit_is_a_record)
{
    setup();
    node_expect(&client, "config set hash-max-listpack-entries 1", "+OK\r\n");
    ck_assert_uint_eq(harness.record_count, 1);
    ck_assert(is_limits(record(0)));
    ck_assert(record(0)->changed);
    ck_assert_int_eq(entries(), 1);
    teardown();
}

TEST(replay_gives_equal_encodings)
{
    static const char *const lines[] = {
        "hset before a 1 b 2",
        "config set hash-max-listpack-entries 1",
        "hset after a 1 b 2",
        "rpush list a b c",
        "config set list-max-listpack-size 1",
        "rpush list d",
        "config set set-max-intset-entries 1",
        "sadd set 1 2",
        "config set zset-max-listpack-entries 1",
        "zadd zset 1 a 2 b",
        "config set hash-max-listpack-entries 512",
        "config set hash-max-listpack-value 1",
        "hset long a bc",
        "config set zset-max-listpack-value 1",
        "zadd wide 1 bc",
    };
    static const char *const keys[] = {"before", "after", "list", "set",
                                       "zset",   "long",  "wide"};
    setup();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        node_client_send(&client, lines[i]);
    node_init(&replica);
    node_replay(&harness, &replica);
    node_client_open(&other, &replica);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char line[64], encoding[64];
        snprintf(line, sizeof line, "object encoding %s", keys[i]);
        snprintf(encoding, sizeof encoding, "%s",
                 node_client_send(&client, line));
        node_expect(&other, line, encoding);
    }
    node_expect(&other, "object encoding before", "$8\r\nlistpack\r\n");
    node_expect(&other, "object encoding after", "$9\r\nhashtable\r\n");
    ck_assert_mem_eq(store_limits(node_store(harness.node)),
                     store_limits(node_store(replica.node)),
                     sizeof(struct limits));
    node_client_close(&other);
    node_deinit(&replica);
    teardown();
}

TEST(what_follows_in_the_same_pipeline_sees_the_new_limit)
{
    setup();
    node_expect(&client,
                "config set hash-max-listpack-entries 1\r\n"
                "hset h a 1 b 2\r\nobject encoding h",
                "+OK\r\n:2\r\n$9\r\nhashtable\r\n");
    teardown();
}

TEST(a_change_within_exec_comes_behind_it)
{
    setup();
    node_expect(&client,
                "multi\r\nset k v\r\nconfig set hash-max-listpack-entries 1\r\n"
                "exec",
                "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n");
    node_advance_ms(&harness, 1);
    ck_assert_uint_eq(harness.record_count, 2);
    ck_assert(is_limits(record(0)));
    ck_assert_int_eq(entries(), 1);
    teardown();
}

TEST(a_slow_layer_takes_changes_in_their_order)
{
    setup();
    harness.slow = true;
    node_expect(&client, "config set hash-max-listpack-entries 1", "+OK\r\n");
    node_expect(&client, "config set hash-max-listpack-entries 1", "+OK\r\n");
    // Back to what the store still has: that must be said too.
    node_expect(&client, "config set hash-max-listpack-entries 512", "+OK\r\n");
    ck_assert_int_eq(entries(), 512);
    node_release(&harness);
    ck_assert_uint_eq(harness.record_count, 2);
    ck_assert_int_eq(entries(), 512);
    teardown();
}

TEST(nothing_is_submitted_while_data_are_loaded)
{
    setup();
    harness.server->loading.active = true;
    node_expect(&client, "config set hash-max-listpack-entries 1", "+OK\r\n");
    ck_assert_uint_eq(harness.record_count, 0);
    ck_assert_int_eq(entries(), 512);
    harness.server->loading.active = false;
    node_loaded(harness.node);
    ck_assert_uint_eq(harness.record_count, 1);
    ck_assert_int_eq(entries(), 1);
    node_loaded(harness.node); // They agree now.
    ck_assert_uint_eq(harness.record_count, 1);
    teardown();
}

TEST(a_loaded_limit_that_is_not_configured_is_changed_back)
{
    setup();
    struct limits limits = *store_limits(node_store(harness.node));
    limits.hash_max_listpack_entries = 7;
    store_set_limits(node_store(harness.node), &limits);
    node_loaded(harness.node);
    ck_assert_uint_eq(harness.record_count, 1);
    ck_assert_int_eq(entries(), 512);
    teardown();
}

TEST(clients_know_no_such_command)
{
    setup();
    node_expect(&client, "limits hash-max-listpack-entries 1",
                "-ERR unknown command 'limits', with args beginning with: "
                "'hash-max-listpack-entries' '1' \r\n");
    node_expect(&client, "limits",
                "-ERR unknown command 'limits', with args beginning with: "
                "\r\n");
    node_expect(&client, "multi\r\nlimits a 1\r\nexec",
                "+OK\r\n-ERR unknown command 'limits', with args beginning "
                "with: 'a' '1' \r\n"
                "-EXECABORT Transaction discarded because of previous "
                "errors.\r\n");
    node_expect(&client, "command info limits", "*1\r\n$-1\r\n");
    node_expect(&client, "command docs limits", "*0\r\n");
    node_expect(&client, "command list filterby pattern limits", "*0\r\n");
    node_expect(&client, "command getkeys limits a 1",
                "-ERR Invalid command specified\r\n");
    ck_assert_ptr_null(strstr(node_client_send(&client, "command"), "limits"));
    ck_assert_uint_eq(harness.record_count, 0);
    teardown();
}

static void submit(const char *name, const char *value, const char *expected)
{
    const struct slice argv[] = {SLICE("limits"), slice_of(name),
                                 slice_of(value)};
    struct buffer reply = {0};
    struct request request = {
        .argv = argv, .argc = 3, .reply = {.out = &reply, .protocol = 2}};
    command_find(harness.server->commands, argv[0])
        ->run(node_store(harness.node), &request);
    buffer_append_byte(&reply, '\0');
    ck_assert_str_eq(reply.data, expected);
    ck_assert_int_eq((request.flags & REQUEST_CHANGED) != 0, *expected == '+');
    buffer_deinit(&reply);
}

TEST(an_unknown_limit_changes_nothing)
{
    setup();
    submit("hash-max-listpack-entries", "7", "+OK\r\n");
    ck_assert_int_eq(entries(), 7);
    submit("hash-max-listpack-entries", "x", "-ERR syntax error\r\n");
    submit("colour", "8", "-ERR syntax error\r\n");
    ck_assert_int_eq(entries(), 7);
    teardown();
}
