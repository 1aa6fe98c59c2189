// test_commands_cluster.c -- what Redis' cluster clients ask, and the errors of
// a real Redis 7.0.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/commands_cluster.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/stage3/shard_harness.h"
#include "tests/test.h"

static struct shard_harness *harness;

static void setup(void)
{
    harness = xcalloc(1, sizeof *harness);
    shard_init(harness);
}

// With a map that is easy to read: 0-9 n1, 10 n2, 11-16383 n3.
static void setup_small(void)
{
    setup();
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        topology_learn(&harness->topology, (uint16_t)slot,
                       slot < 10    ? 0
                       : slot == 10 ? 1
                                    : 2,
                       4);
}

static void teardown(void)
{
    shard_deinit(harness);
    free(harness);
}

static const struct {
    const char *line, *reply;
} golden[] = {
    {"cluster keyslot foo", ":12182\r\n"},
    {"cluster countkeysinslot 1584", ":0\r\n"},
    {"mset 3 a {3}x b", "+OK\r\n"},
    {"cluster countkeysinslot 1584", ":2\r\n"},
    {"cluster countkeysinslot 1585", ":0\r\n"},
    {"cluster getkeysinslot 1584 0", "*0\r\n"},
    {"del {3}x", ":1\r\n"},
    {"cluster getkeysinslot 1584 10", "*1\r\n$1\r\n3\r\n"},
    {"readonly", "+OK\r\n"},
    {"readwrite", "+OK\r\n"},
    {"asking", "+OK\r\n"},
    {"select 0", "+OK\r\n"},
    {"select 1", "-ERR SELECT is not allowed in cluster mode\r\n"},
    {"cluster countkeysinslot 16384", "-ERR Invalid slot\r\n"},
    {"cluster countkeysinslot -1", "-ERR Invalid slot\r\n"},
    {"cluster countkeysinslot x",
     "-ERR value is not an integer or out of range\r\n"},
    {"cluster getkeysinslot 0 -1", "-ERR Invalid slot or number of keys\r\n"},
    {"cluster getkeysinslot 16384 1",
     "-ERR Invalid slot or number of keys\r\n"},
    {"cluster bogus", "-ERR unknown subcommand 'bogus'. Try CLUSTER HELP.\r\n"},
    {"cluster keyslot",
     "-ERR wrong number of arguments for 'cluster|keyslot' command\r\n"},
    {"cluster", "-ERR wrong number of arguments for 'cluster' command\r\n"},
};

TEST(replies_are_those_of_redis)
{
    setup();
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
        shard_expect(harness, golden[i].line, golden[i].reply);
    teardown();
}

TEST(myid_is_the_name_of_this_node)
{
    setup();
    char reply[64];
    snprintf(reply, sizeof reply, "$40\r\n%s\r\n",
             harness->topology.nodes[0].name);
    shard_expect(harness, "cluster myid", reply);
    teardown();
}

// Each '@' becomes the name of the next node: what names are, test_topology.c
// knows.
static const char *filled(const char *pattern)
{
    static char text[1024];
    size_t size = 0;
    uint16_t node = 0;
    for (; *pattern; pattern++) {
        struct slice piece = {pattern, 1};
        if (*pattern == '@')
            piece = slice_of(harness->topology.nodes[node++].name);
        ck_assert_uint_lt(size + piece.size, sizeof text);
        memcpy(text + size, piece.data, piece.size);
        size += piece.size;
    }
    text[size] = '\0';
    return text;
}

TEST(topology_tells_what_the_ring_is_made_of)
{
    setup_small();
    harness->topology.nodes[2].weight = 0; // Not heard of yet.
    harness->topology.nodes[2].client.port = 0;
#define NODE(id, address, peer, weight, state, ranges)                         \
    "*14\r\n$2\r\nid\r\n$2\r\n" id "\r\n$4\r\nname\r\n$40\r\n@\r\n"            \
    "$7\r\naddress\r\n" address "$12\r\npeer-address\r\n" peer                 \
    "$6\r\nweight\r\n:" weight "\r\n$5\r\nstate\r\n" state                     \
    "$5\r\nslots\r\n" ranges
    shard_expect(
        harness, "cluster topology",
        filled("*3\r\n"                                                    //
               NODE("n1", "$13\r\n10.0.0.1:7001\r\n",                      //
                    "$14\r\n10.0.0.1:17001\r\n", "1", "$6\r\nmyself\r\n",  //
                    "*3\r\n:0\r\n:9\r\n:4\r\n")                            //
               NODE("n2", "$13\r\n10.0.0.2:7002\r\n",                      //
                    "$14\r\n10.0.0.2:17002\r\n", "1", "$6\r\nonline\r\n",  //
                    "*3\r\n:10\r\n:10\r\n:4\r\n")                          //
               NODE("n3", "$0\r\n\r\n",                                    //
                    "$14\r\n10.0.0.3:17003\r\n", "0", "$7\r\nunknown\r\n", //
                    "*3\r\n:11\r\n:16383\r\n:4\r\n")));
#undef NODE
    teardown();
}

TEST(slots_are_ranges_with_their_node)
{
    setup_small();
    shard_expect(harness, "cluster slots",
                 filled("*3\r\n"
                        "*3\r\n:0\r\n:9\r\n*4\r\n$8\r\n10.0.0.1\r\n:7001\r\n"
                        "$40\r\n@\r\n*0\r\n"
                        "*3\r\n:10\r\n:10\r\n*4\r\n$8\r\n10.0.0.2\r\n:7002\r\n"
                        "$40\r\n@\r\n*0\r\n"
                        "*3\r\n:11\r\n:16383\r\n*4\r\n$8\r\n10.0.0.3\r\n"
                        ":7003\r\n$40\r\n@\r\n*0\r\n"));
    shard_ask(harness, 0, "hello 3");
    ck_assert_ptr_nonnull(
        strstr(shard_ask(harness, 0, "cluster slots"), "\r\n%0\r\n"));
    teardown();
}

TEST(shards_are_nodes_with_their_ranges)
{
    setup_small();
    const char *reply = shard_ask(harness, 0, "cluster shards");
    const char *first =
        filled("*3\r\n*4\r\n$5\r\nslots\r\n*2\r\n:0\r\n:9\r\n$5\r\nnodes\r\n"
               "*1\r\n*14\r\n$2\r\nid\r\n$40\r\n@\r\n$4\r\nport\r\n:7001\r\n"
               "$2\r\nip\r\n$8\r\n10.0.0.1\r\n$8\r\nendpoint\r\n$8\r\n10.0.0.1"
               "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$18\r\nreplication-offset"
               "\r\n:0\r\n$6\r\nhealth\r\n$6\r\nonline\r\n");
    ck_assert_msg(!strncmp(reply, first, strlen(first)), "%s", reply);
    teardown();
}

TEST(clients_are_told_of_no_node_whose_address_is_not_known)
{
    setup_small();
    harness->topology.nodes[2].weight = 0;
    harness->topology.nodes[2].client = (struct topology_address){0};
    shard_expect(harness, "cluster slots",
                 filled("*2\r\n"
                        "*3\r\n:0\r\n:9\r\n*4\r\n$8\r\n10.0.0.1\r\n:7001\r\n"
                        "$40\r\n@\r\n*0\r\n"
                        "*3\r\n:10\r\n:10\r\n*4\r\n$8\r\n10.0.0.2\r\n"
                        ":7002\r\n$40\r\n@\r\n*0\r\n"));
    const char *shards = shard_ask(harness, 0, "cluster shards");
    ck_assert_msg(!strncmp(shards, "*2\r\n", 4), "%s", shards);
    ck_assert_ptr_null(strstr(shards, ":0\r\n$2\r\nip"));
    teardown();
}

TEST(links_are_those_of_peers_that_speak)
{
    setup();
    shard_expect(harness, "cluster links", "*0\r\n");
    harness->shard.membership.known[2].heard = true;
    const char *reply = shard_ask(harness, 0, "cluster links");
    ck_assert_ptr_nonnull(strstr(reply, "*1\r\n*12\r\n$9\r\ndirection\r\n"));
    ck_assert_ptr_nonnull(strstr(reply, harness->topology.nodes[2].name));
    teardown();
}

TEST(help_lists_what_there_is)
{
    setup();
    const char *reply = shard_ask(harness, 0, "cluster help");
    ck_assert_ptr_nonnull(strstr(reply, "+CLUSTER <subcommand> ["));
    ck_assert_ptr_nonnull(strstr(reply, "+COUNTKEYSINSLOT slot\r\n"));
    ck_assert_ptr_nonnull(strstr(reply, "+HELP\r\n"));
    teardown();
}

TEST(clients_are_told_that_this_is_a_cluster)
{
    setup();
    ck_assert_ptr_nonnull(
        strstr(shard_ask(harness, 0, "info server"), "redis_mode:cluster\r\n"));
    ck_assert_ptr_nonnull(strstr(shard_ask(harness, 0, "info cluster"),
                                 "# Cluster\r\ncluster_enabled:1\r\n"));
    ck_assert_ptr_nonnull(strstr(shard_ask(harness, 0, "hello 2"),
                                 "$4\r\nmode\r\n$7\r\ncluster\r\n"));
    teardown();
}
