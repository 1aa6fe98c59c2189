// test_shard_layer.c -- a node that answers for its slots only.
//
// "3" and "{3}x" are this node's (slot 1584), "a" is n2's (15495), "b" and
// "foo" are n3's.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/shard_layer.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/stage3/shard_harness.h"
#include "tests/test.h"

#define MOVED_A "-MOVED 15495 10.0.0.2:7002\r\n"
#define MOVED_B "-MOVED 3300 10.0.0.3:7003\r\n"
#define CROSS "-CROSSSLOT Keys in request don't hash to the same slot\r\n"
#define DOWN "-CLUSTERDOWN Hash slot not served\r\n"
#define ABORT "-EXECABORT Transaction discarded because of previous errors.\r\n"

static struct shard_harness *harness;

static void setup(void)
{
    harness = xcalloc(1, sizeof *harness);
    shard_init(harness);
}

static void teardown(void)
{
    shard_deinit(harness);
    free(harness);
}

TEST(own_keys_are_served_and_others_are_where_the_map_says)
{
    setup();
    shard_expect(harness, "set 3 x", "+OK\r\n");
    shard_expect(harness, "get 3", "$1\r\nx\r\n");
    shard_expect(harness, "set a x", MOVED_A);
    shard_expect(harness, "get a", MOVED_A);
    shard_expect(harness, "del b", MOVED_B);
    shard_expect(harness, "dbsize", ":1\r\n"); // Nothing was touched.
    ck_assert_uint_eq(harness->shard.moved, 3);
    teardown();
}

TEST(a_command_lies_within_one_slot)
{
    setup();
    shard_expect(harness, "mset 3 1 {3}x 2", "+OK\r\n");
    shard_expect(harness, "mget 3 {3}x", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
    shard_expect(harness, "mget 3 a", CROSS);
    shard_expect(harness, "mset a 1 b 2", CROSS);
    shard_expect(harness, "mset b 1 {b}c 2", MOVED_B);
    shard_expect(harness, "rename 3 a", CROSS);
    shard_expect(harness, "dbsize", ":2\r\n");
    ck_assert_uint_eq(harness->shard.refused, 3);
    teardown();
}

TEST(what_multi_queues_is_refused_at_once)
{
    setup();
    shard_expect(harness, "multi", "+OK\r\n");
    shard_expect(harness, "set 3 1", "+QUEUED\r\n");
    shard_expect(harness, "set a 1", MOVED_A);
    shard_expect(harness, "exec", ABORT);
    shard_expect(harness, "multi", "+OK\r\n");
    shard_expect(harness, "mget 3 a", CROSS);
    shard_expect(harness, "exec", ABORT);
    shard_expect(harness, "dbsize", ":0\r\n");
    teardown();
}

// A tag whose slot is this node's too, and another one than that of "3".
static char second_tag(void)
{
    for (char tag = '!'; tag <= '~'; tag++) {
        uint16_t slot = slot_of_key((struct slice){&tag, 1});
        if (tag != '3' && tag != '{' && tag != '}' && tag != '"' &&
            tag != '\'' && harness->topology.slots[slot].owner == 0)
            return tag;
    }
    ck_abort();
}

TEST(a_transaction_lies_within_one_slot)
{
    setup();
    char line[64];
    snprintf(line, sizeof line, "set %c 1", second_tag());
    shard_expect(harness, "multi", "+OK\r\n");
    shard_expect(harness, "set 3 1", "+QUEUED\r\n");
    shard_expect(harness, "incr 3", "+QUEUED\r\n");
    shard_expect(harness, "exec", "*2\r\n+OK\r\n:2\r\n");

    shard_expect(harness, "multi", "+OK\r\n");
    shard_expect(harness, "set 3 7", "+QUEUED\r\n");
    shard_expect(harness, line, "+QUEUED\r\n");
    shard_expect(harness, "exec", CROSS);
    shard_expect(harness, "get 3", "$1\r\n2\r\n");

    shard_expect(harness, "begin", "+OK\r\n");
    shard_expect(harness, "set 3 9", "+OK\r\n");
    shard_expect(harness, "get a", MOVED_A);
    shard_expect(harness, line, "+OK\r\n");
    shard_expect(harness, "commit", CROSS);
    shard_expect(harness, "get 3", "$1\r\n2\r\n");
    teardown();
}

TEST(watch_is_for_keys_of_this_node)
{
    setup();
    shard_expect(harness, "watch a", MOVED_A);
    shard_expect(harness, "watch 3 {3}x", "+OK\r\n");
    shard_expect(harness, "multi", "+OK\r\n");
    shard_expect(harness, "set {3}y 1", "+QUEUED\r\n");
    shard_expect(harness, "exec", "*1\r\n+OK\r\n");
    teardown();
}

TEST(who_waits_waits_for_keys_of_this_node)
{
    setup();
    shard_expect(harness, "blpop a 0", MOVED_A);
    shard_expect(harness, "blpop 3 a 0", CROSS);
    shard_expect(harness, "blpop 3 0", "");
    ck_assert_str_eq(shard_ask(harness, 1, "rpush 3 x"), ":1\r\n");
    shard_expect(harness, "ping", "*2\r\n$1\r\n3\r\n$1\r\nx\r\n+PONG\r\n");
    teardown();
}

TEST(shard_channels_have_slots_as_keys_do)
{
    setup();
    shard_expect(harness, "spublish a x", MOVED_A);
    shard_expect(harness, "ssubscribe b", MOVED_B);
    shard_expect(harness, "ssubscribe 3 a", CROSS);
    shard_expect(harness, "ssubscribe 3",
                 "*3\r\n$10\r\nssubscribe\r\n$1\r\n3\r\n:1\r\n");
    ck_assert_str_eq(shard_ask(harness, 1, "spublish 3 x"), ":1\r\n");
    ck_assert_str_eq(shard_ask(harness, 1, "publish a x"), ":0\r\n");
    teardown();
}

TEST(a_silent_owner_s_slots_are_not_served_until_it_speaks)
{
    setup();
    shard_run_ms(harness, MEMBERSHIP_SILENT_US / 1000 + 1000);
    shard_expect(harness, "get a", DOWN);
    shard_expect(harness, "set 3 x", "+OK\r\n");
    struct buffer health = {0};
    buffer_append_text(&health, shard_ask(harness, 0, "health"));
    buffer_append_byte(&health, '\0');
    ck_assert_ptr_nonnull(strstr(health.data, "node n2 is silent"));
    buffer_deinit(&health);
    harness->shard.membership.known[1].heard_us = harness->world.now_us;
    shard_expect(harness, "get a", MOVED_A);
    teardown();
}

// Somebody else has told of its slots, but it has not spoken itself.
TEST(nobody_is_sent_to_an_owner_whose_address_is_not_known)
{
    setup();
    harness->topology.nodes[1].weight = 0;
    harness->topology.nodes[1].client = (struct topology_address){0};
    shard_expect(harness, "get a", DOWN);
    shard_expect(harness, "get b", MOVED_B);
    teardown();
}

TEST(a_slot_that_comes_is_served_to_those_who_were_told_so)
{
    setup();
    topology_set_state(&harness->topology, 15495, TOPOLOGY_IMPORTING, 1);
    shard_expect(harness, "set a x", MOVED_A);
    shard_expect(harness, "asking", "+OK\r\n");
    shard_expect(harness, "set a x", "+OK\r\n");
    shard_expect(harness, "get a", MOVED_A); // It held for one command.
    shard_expect(harness, "asking", "+OK\r\n");
    shard_expect(harness, "get b", MOVED_B); // And for that slot.
    topology_set_state(&harness->topology, 15495, TOPOLOGY_STABLE, 0);
    teardown();
}

TEST(the_node_itself_may_touch_what_it_has)
{
    setup();
    shard_expect(harness, "set 3 x px 100", "+OK\r\n");
    topology_learn(&harness->topology, 1584, 1, 2);
    shard_expect(harness, "get 3", "-MOVED 1584 10.0.0.2:7002\r\n");
    ck_assert_ptr_nonnull(
        strstr(shard_ask(harness, 0, "health"),
               "degraded: keys in slots of other nodes, which are not "
               "served: 1;"));
    shard_run_ms(harness, 2000);
    ck_assert_ptr_null(strstr(shard_ask(harness, 0, "health"), "in slots"));
    shard_expect(harness, "dbsize", ":0\r\n"); // It has expired all the same.
    teardown();
}

TEST(stats_tell_of_the_cluster)
{
    setup();
    shard_expect(harness, "set 3 x", "+OK\r\n");
    topology_learn(&harness->topology, 1584, 1, 2);
    shard_expect(harness, "get 3", "-MOVED 1584 10.0.0.2:7002\r\n");
    const char *stats = shard_ask(harness, 0, "stats");
    json_t *json = json_loads(strchr(stats, '{'), JSON_DISABLE_EOF_CHECK, NULL);
    json_t *told = json_object_get(json, "cluster");
    json_t *expected = json_pack("{s:s, s:i, s:i, s:i, s:i, s:b, s:i, s:i}",
                                 "node", "n1", "nodes", 3, "slots",
                                 (int)topology_share(&harness->topology, 0),
                                 "epoch", 1, "stranded_keys", 1, "map_disputed",
                                 0, "moved_replies", 1, "refused_requests", 0);
    ck_assert(json_equal(told, expected));
    json_decref(expected);
    json_decref(json);
    teardown();
}
