// test_router.c -- tests of stage3-sharding/router.c against nodes that follow
// rules.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/router.h"

#include <stdlib.h>
#include <string.h>

#include "tests/stage3/fake_node.h"
#include "tests/test.h"

// Slots 0 to 8191 are the first node's, the others the second's. Of the keys
// "a" lies in 15495, "b" in 3300, "c" in 7365.
struct cluster {
    struct fake_node nodes[2];
    struct vega *v;
};

static void tell_map(struct fake_node *node, int times, int low_port,
                     int high_port)
{
    fake_node_rule(node, "CLUSTER SLOTS", times,
                   "*2\r\n"
                   "*3\r\n:0\r\n:8191\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n"
                   "*3\r\n:8192\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n",
                   low_port, high_port);
}

static void tell_commands(struct fake_node *node)
{
    fake_node_rule(node, "COMMAND GETKEYS ZUNION 2 b c", 0,
                   "*2\r\n$1\r\nb\r\n$1\r\nc\r\n");
    fake_node_rule(node, "COMMAND", 0,
                   "*8\r\n"
                   "*6\r\n$3\r\nget\r\n:2\r\n*0\r\n:1\r\n:1\r\n:1\r\n"
                   "*6\r\n$3\r\nset\r\n:-3\r\n*0\r\n:1\r\n:1\r\n:1\r\n"
                   "*6\r\n$4\r\nmget\r\n:-2\r\n*0\r\n:1\r\n:-1\r\n:1\r\n"
                   "*6\r\n$5\r\nwatch\r\n:-2\r\n*0\r\n:1\r\n:-1\r\n:1\r\n"
                   "*6\r\n$5\r\nmulti\r\n:1\r\n*0\r\n:0\r\n:0\r\n:0\r\n"
                   "*6\r\n$4\r\nexec\r\n:1\r\n*0\r\n:0\r\n:0\r\n:0\r\n"
                   "*6\r\n$4\r\nping\r\n:-1\r\n*0\r\n:0\r\n:0\r\n:0\r\n"
                   "*6\r\n$6\r\nzunion\r\n:-3\r\n*1\r\n+movablekeys\r\n:0\r\n"
                   ":0\r\n:0\r\n");
}

static void cluster_init(struct cluster *cluster)
{
    for (int i = 0; i < 2; i++)
        fake_node_init(&cluster->nodes[i]);
}

// Behind the rules that a test has added.
static void cluster_start(struct cluster *cluster)
{
    for (int i = 0; i < 2; i++) {
        tell_map(&cluster->nodes[i], 0, cluster->nodes[0].port,
                 cluster->nodes[1].port);
        tell_commands(&cluster->nodes[i]);
        fake_node_start(&cluster->nodes[i]);
    }
    cluster->v = vega_connect_by(
        router_create(&(struct vega_options){.port = cluster->nodes[0].port}));
    ck_assert_str_eq(vega_error(cluster->v), "");
}

static void cluster_stop(struct cluster *cluster)
{
    vega_close(cluster->v);
    for (int i = 0; i < 2; i++)
        fake_node_deinit(&cluster->nodes[i]);
}

static void expect(struct cluster *cluster, struct vega_reply *reply,
                   const char *text)
{
    ck_assert_msg(reply != NULL, "%s", vega_error(cluster->v));
    ck_assert_str_eq(reply->text, text);
    vega_reply_free(reply);
}

static struct vega_reply *get(struct cluster *cluster, const char *key)
{
    return vega_call(cluster->v, "GET", key, NULL);
}

TEST(a_command_goes_to_the_node_of_its_key)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "GET b", 0, "+low\r\n");
    fake_node_rule(&cluster.nodes[1], "GET a", 0, "+high\r\n");
    fake_node_rule(&cluster.nodes[1], "GET {a}b", 0, "+by tag\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "a"), "high");
    expect(&cluster, get(&cluster, "b"), "low");
    expect(&cluster, get(&cluster, "{a}b"), "by tag");
    // The map and the list were fetched once.
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "CLUSTER SLOTS"), 1);
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "COMMAND"), 1);
    cluster_stop(&cluster);
}

TEST(a_server_asks_where_the_keys_are_of_which_only_it_knows)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "ZUNION 2 b c", 0, "+union\r\n");
    fake_node_rule(&cluster.nodes[1], "GET a", 0, "+high\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "a"), "high");
    expect(&cluster, vega_call(cluster.v, "ZUNION", "2", "b", "c", NULL),
           "union");
    cluster_stop(&cluster);
}

TEST(a_server_that_is_no_cluster_gets_all_commands)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "CLUSTER SLOTS", 0,
                   "-ERR This instance has cluster support disabled\r\n");
    fake_node_rule(&cluster.nodes[0], "GET a", 0, "+1\r\n");
    fake_node_rule(&cluster.nodes[0], "MGET a b", 0, "+whole\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "a"), "1");
    expect(&cluster, get(&cluster, "a"), "1");
    expect(&cluster, vega_call(cluster.v, "MGET", "a", "b", NULL), "whole");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "CLUSTER SLOTS"), 1);
    cluster_stop(&cluster);
}

TEST(moved_is_followed_and_the_map_learned)
{
    struct cluster cluster;
    cluster_init(&cluster);
    int low = cluster.nodes[0].port, high = cluster.nodes[1].port;
    tell_map(&cluster.nodes[0], 1, low, low); // The first answer is an old one.
    fake_node_rule(&cluster.nodes[0], "GET a", 0,
                   "-MOVED 15495 127.0.0.1:%d\r\n", high);
    fake_node_rule(&cluster.nodes[1], "GET a", 0, "+here\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "a"), "here");
    expect(&cluster, get(&cluster, "a"), "here");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "GET a"), 1);
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "CLUSTER SLOTS"), 2);
    cluster_stop(&cluster);
}

TEST(ask_is_followed_once_and_changes_no_map)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "GET b", 1, "-ASK 3300 127.0.0.1:%d\r\n",
                   cluster.nodes[1].port);
    fake_node_rule(&cluster.nodes[0], "GET b", 0, "+stays\r\n");
    fake_node_rule(&cluster.nodes[1], "ASKING", 0, "+OK\r\n");
    fake_node_rule(&cluster.nodes[1], "GET b", 0, "+moving\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "b"), "moving");
    expect(&cluster, get(&cluster, "b"), "stays");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[1], "ASKING"), 1);
    cluster_stop(&cluster);
}

TEST(what_may_be_possible_soon_is_tried_again)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "GET b", 2,
                   "-CLUSTERDOWN The cluster is down\r\n");
    fake_node_rule(&cluster.nodes[0], "GET b", 1,
                   "-TRYAGAIN Multiple keys request during rehashing\r\n");
    fake_node_rule(&cluster.nodes[0], "GET b", 0, "+up\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "b"), "up");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "GET b"), 4);
    cluster_stop(&cluster);
}

TEST(a_key_goes_to_no_other_node_because_its_own_is_down)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "GET b", 0, "+low\r\n");
    fake_node_rule(&cluster.nodes[0], "PING", 0, "+PONG\r\n");
    fake_node_rule(&cluster.nodes[1], "GET a", 0, "+high\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "a"), "high");
    fake_node_stop(&cluster.nodes[1]);
    ck_assert_ptr_null(get(&cluster, "a"));
    ck_assert_int_eq(vega_status(cluster.v), VEGA_UNREACHABLE);
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "GET a"), 0);
    expect(&cluster, get(&cluster, "b"), "low");
    cluster_stop(&cluster);
}

TEST(without_a_key_any_node_will_do)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "PING", 0, "+PONG\r\n");
    fake_node_rule(&cluster.nodes[1], "GET a", 0, "+high\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "a"), "high");
    fake_node_stop(&cluster.nodes[1]);
    expect(&cluster, vega_call(cluster.v, "PING", NULL), "PONG");
    cluster_stop(&cluster);
}

TEST(a_transaction_stays_where_it_was_begun)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[1], "WATCH a", 0, "+OK\r\n");
    fake_node_rule(&cluster.nodes[1], "MULTI", 0, "+OK\r\n");
    fake_node_rule(&cluster.nodes[1], "GET b", 0,
                   "-MOVED 3300 127.0.0.1:%d\r\n", cluster.nodes[0].port);
    fake_node_rule(&cluster.nodes[1], "EXEC", 0, "-EXECABORT because\r\n");
    fake_node_rule(&cluster.nodes[0], "GET b", 0, "+low\r\n");
    cluster_start(&cluster);
    expect(&cluster, vega_call(cluster.v, "WATCH", "a", NULL), "OK");
    expect(&cluster, vega_call(cluster.v, "MULTI", NULL), "OK");
    struct vega_reply *reply = get(&cluster, "b");
    ck_assert_ptr_nonnull(reply);
    ck_assert_int_eq(reply->type, VEGA_ERROR);
    vega_reply_free(reply);
    expect(&cluster, vega_call(cluster.v, "EXEC", NULL), "EXECABORT because");
    expect(&cluster, get(&cluster, "b"), "low"); // Now it is free again.
    cluster_stop(&cluster);
}

TEST(keys_of_many_nodes_are_read_by_one_command)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "MGET b", 0, "*1\r\n$1\r\nB\r\n");
    fake_node_rule(&cluster.nodes[0], "MGET c", 0, "*1\r\n$-1\r\n");
    fake_node_rule(&cluster.nodes[1], "MGET a a", 0,
                   "*2\r\n$1\r\nA\r\n$1\r\nA\r\n");
    cluster_start(&cluster);
    struct vega_reply *reply =
        vega_call(cluster.v, "MGET", "a", "b", "c", "a", NULL);
    ck_assert_msg(reply != NULL, "%s", vega_error(cluster.v));
    ck_assert_uint_eq(reply->count, 4);
    ck_assert_str_eq(reply->elements[0].text, "A");
    ck_assert_str_eq(reply->elements[1].text, "B");
    ck_assert_int_eq(reply->elements[2].type, VEGA_NULL);
    ck_assert_str_eq(reply->elements[3].text, "A");
    vega_reply_free(reply);
    cluster_stop(&cluster);
}

TEST(a_map_that_makes_no_sense_is_none)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "CLUSTER SLOTS", 0,
                   "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\nx\r\n:1\r\n");
    fake_node_rule(&cluster.nodes[0], "GET a", 0, "+1\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "a"), "1");
    cluster_stop(&cluster);
}

// The first node tells the whole map once, then a map of one range so often (0:
// from then on), for which the client asks when "b" was refused.
static void begin_with_next_map(struct cluster *cluster, int times, int first,
                                int last, int port)
{
    tell_map(&cluster->nodes[0], 1, cluster->nodes[0].port,
             cluster->nodes[1].port);
    fake_node_rule(&cluster->nodes[0], "CLUSTER SLOTS", times,
                   "*1\r\n*3\r\n:%d\r\n:%d\r\n*2\r\n$0\r\n\r\n:%d\r\n", first,
                   last, port);
    fake_node_rule(&cluster->nodes[0], "GET b", 1,
                   "-CLUSTERDOWN The cluster is down\r\n");
    fake_node_rule(&cluster->nodes[0], "GET b", 0, "+low\r\n");
    fake_node_rule(&cluster->nodes[1], "GET a", 0, "+high\r\n");
    cluster_start(cluster);
    expect(cluster, get(cluster, "b"), "low");
}

TEST(a_map_that_makes_no_sense_spoils_none_that_did)
{
    struct cluster cluster;
    cluster_init(&cluster);
    begin_with_next_map(&cluster, 1, 16383, 16384, cluster.nodes[0].port);
    // The first node's second map was none, so the other one was asked.
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[1], "CLUSTER SLOTS"), 1);
    expect(&cluster, get(&cluster, "a"), "high");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "GET a"), 0);
    cluster_stop(&cluster);
}

// A node that has just begun may know of a few slots only.
TEST(what_a_map_leaves_out_stays_as_it_was)
{
    struct cluster cluster;
    cluster_init(&cluster);
    begin_with_next_map(&cluster, 0, 3300, 3300, cluster.nodes[0].port);
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "CLUSTER SLOTS"), 2);
    expect(&cluster, get(&cluster, "a"), "high");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "GET a"), 0);
    cluster_stop(&cluster);
}

TEST(a_map_with_an_address_that_is_not_known_is_none)
{
    struct cluster cluster;
    cluster_init(&cluster);
    begin_with_next_map(&cluster, 1, 0, 16383, 0);
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[1], "CLUSTER SLOTS"), 1);
    cluster_stop(&cluster);
}

TEST(a_redirection_tells_that_there_is_a_map_after_all)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "CLUSTER SLOTS", 1,
                   "-LOADING data are being loaded\r\n");
    fake_node_rule(&cluster.nodes[0], "GET a", 0,
                   "-MOVED 15495 127.0.0.1:%d\r\n", cluster.nodes[1].port);
    fake_node_rule(&cluster.nodes[1], "GET a", 0, "+high\r\n");
    cluster_start(&cluster);
    expect(&cluster, get(&cluster, "a"), "high");
    expect(&cluster, get(&cluster, "a"), "high");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "GET a"), 1);
    cluster_stop(&cluster);
}

// The router of a list of the two nodes, which are "a" and "b" there.
static void cluster_start_with_list(struct cluster *cluster)
{
    struct topology list;
    topology_init(&list);
    for (int i = 0; i < 2; i++) {
        struct topology_node *node =
            topology_add(&list, i ? SLICE("b") : SLICE("a"));
        node->weight = 1;
        topology_address_parse(SLICE("127.0.0.1:1"), &node->client);
        node->client.port = (uint16_t)cluster->nodes[i].port;
        tell_commands(&cluster->nodes[i]);
        fake_node_start(&cluster->nodes[i]);
    }
    cluster->v =
        vega_connect_by(router_create_for(&(struct vega_options){0}, &list));
    topology_deinit(&list);
}

TEST(who_has_the_list_of_nodes_asks_nobody_for_the_map)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "GET a", 0, "+a\r\n");
    fake_node_rule(&cluster.nodes[1], "GET b", 0, "+b\r\n");
    fake_node_rule(&cluster.nodes[1], "GET c", 0, "+b\r\n");
    cluster_start_with_list(&cluster);
    expect(&cluster, get(&cluster, "a"), "a");
    expect(&cluster, get(&cluster, "b"), "b");
    expect(&cluster, get(&cluster, "c"), "b");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "CLUSTER SLOTS"), 0);
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[1], "CLUSTER SLOTS"), 0);
    cluster_stop(&cluster);
}

TEST(the_map_of_a_list_gives_way_to_what_nodes_say)
{
    struct cluster cluster;
    cluster_init(&cluster);
    fake_node_rule(&cluster.nodes[0], "GET a", 0,
                   "-MOVED 15495 127.0.0.1:%d\r\n", cluster.nodes[1].port);
    fake_node_rule(&cluster.nodes[1], "GET a", 0, "+b\r\n");
    for (int i = 0; i < 2; i++)
        tell_map(&cluster.nodes[i], 0, cluster.nodes[0].port,
                 cluster.nodes[1].port);
    cluster_start_with_list(&cluster);
    expect(&cluster, get(&cluster, "a"), "b");
    expect(&cluster, get(&cluster, "a"), "b");
    ck_assert_int_eq(fake_node_heard(&cluster.nodes[0], "GET a"), 1);
    cluster_stop(&cluster);
}
