// test_cluster_view.c -- what nodes say is put together, or refused whole.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_view.h"

#include "tests/stage3/view_maker.h"
#include "tests/test.h"

static const struct said by_n1[] = {
    {"n1", 1, "myself", {0, 9, 1, 20, 20, 3}},
    {"n2", 2, "online", {10, 19, 1}},
    {"n3", 0, "unknown", {0}},
    {0},
};

static struct cluster_view view;

static void setup(void)
{
    cluster_view_init(&view);
    view_hear(&view, by_n1);
}

static void teardown(void)
{
    topology_check_invariants(&view.topology);
    cluster_view_deinit(&view);
}

TEST(nodes_and_map_are_those_that_were_told)
{
    setup();
    ck_assert_uint_eq(view.topology.count, 3);
    ck_assert_str_eq(view.topology.nodes[1].client.host, "127.0.0.1");
    ck_assert_uint_eq(view.topology.nodes[1].client.port, 7002);
    ck_assert_uint_eq(view.topology.nodes[1].weight, 2);
    ck_assert_uint_eq(view.topology.nodes[2].client.port, 0);
    ck_assert_uint_eq(topology_share(&view.topology, 0), 11);
    ck_assert_uint_eq(topology_share(&view.topology, 1), 10);
    ck_assert_uint_eq(view.topology.slots[20].epoch, 3);
    ck_assert_uint_eq(cluster_view_answered(&view), 1);
    teardown();
}

TEST(a_map_of_resp3_says_the_same)
{
    uint16_t teller;
    cluster_view_init(&view);
    ck_assert(cluster_view_hear_map(&view, said_reply(by_n1, 3), &teller));
    ck_assert_uint_eq(teller, 0);
    ck_assert_uint_eq(topology_share(&view.topology, 0), 11);
    teardown();
}

TEST(who_is_there_may_tell_more_of_a_node)
{
    setup();
    view_hear(&view, (struct said[]){{"n1", 1, "online", {0}},
                                     {"n3", 5, "myself", {30, 39, 1}},
                                     {0}});
    ck_assert_uint_eq(view.topology.count, 3);
    ck_assert_uint_eq(view.topology.nodes[2].weight, 5);
    ck_assert_uint_eq(view.topology.nodes[2].client.port, 7003);
    ck_assert_uint_eq(topology_share(&view.topology, 2), 10);
    teardown();
}

TEST(the_newer_epoch_wins_and_is_no_dispute)
{
    setup();
    view_hear(&view, (struct said[]){{"n1", 1, "online", {0, 4, 1}},
                                     {"n2", 2, "myself", {5, 19, 2}},
                                     {0}});
    ck_assert_uint_eq(view.topology.slots[4].owner, 0);
    ck_assert_uint_eq(view.topology.slots[5].owner, 1);
    ck_assert_uint_eq(cluster_view_disputed(&view, 0), 0);
    ck_assert_uint_eq(cluster_view_disputed(&view, 1), 0);
    teardown();
}

TEST(another_owner_of_the_same_epoch_is_a_dispute)
{
    setup();
    view_hear(&view, (struct said[]){{"n1", 1, "online", {0, 4, 1}},
                                     {"n2", 2, "myself", {5, 19, 1}},
                                     {0}});
    ck_assert_uint_eq(view.topology.slots[5].owner, 0);
    ck_assert_uint_eq(cluster_view_disputed(&view, 0), 0);
    ck_assert_uint_eq(cluster_view_disputed(&view, 1), 5);
    teardown();
}

TEST(everybody_sees_the_others_in_a_way_of_his_own)
{
    uint32_t weight;
    setup();
    view_hear(&view, (struct said[]){{"n1", 7, "silent", {0}},
                                     {"n2", 2, "myself", {0}},
                                     {0}});
    ck_assert_int_eq(cluster_view_sees(&view, 0, 1, &weight), VIEW_ONLINE);
    ck_assert_uint_eq(weight, 2);
    ck_assert_int_eq(cluster_view_sees(&view, 0, 2, &weight), VIEW_UNKNOWN);
    ck_assert_int_eq(cluster_view_sees(&view, 1, 0, &weight), VIEW_SILENT);
    ck_assert_uint_eq(weight, 7);
    ck_assert_int_eq(cluster_view_sees(&view, 1, 2, &weight), VIEW_ABSENT);
    ck_assert_uint_eq(weight, 0);
    teardown();
}

static const struct said senseless[][3] = {
    {{"n1", 1, "online", {0}}, {0}},                           // Who says it?
    {{"n1", 1, "myself", {0}}, {"n2", 1, "myself", {0}}, {0}}, // Twice?
    {{"n 1", 1, "myself", {0}}, {0}},                          //
    {{"n1", 101, "myself", {0}}, {0}},                         //
    {{"n1", 1, "asleep", {0}}, {"n2", 1, "myself", {0}}, {0}}, //
    {{"n1", 1, "myself", {5, 4, 1}}, {0}},                     //
    {{"n1", 1, "myself", {0, 16384, 1}}, {0}},                 //
    {{"n1", 1, "myself", {-1, 4, 1}}, {0}},                    //
    {{"n1", 1, "myself", {0, 4, -1}}, {0}},                    //
};

TEST(a_map_that_makes_no_sense_changes_nothing)
{
    setup();
    for (size_t i = 0; i < sizeof senseless / sizeof *senseless; i++) {
        uint16_t teller = 77;
        struct vega_reply *reply = said_reply(senseless[i], 2);
        ck_assert_msg(!cluster_view_hear_map(&view, reply, &teller), "%zu", i);
        ck_assert_uint_eq(teller, 77);
        vega_reply_free(reply);
    }
    ck_assert_uint_eq(view.topology.count, 3);
    ck_assert_uint_eq(topology_share(&view.topology, 0), 11);
    teardown();
}

TEST(a_list_comes_before_what_nodes_say)
{
    struct topology list;
    topology_init(&list);
    topology_add(&list, SLICE("n2"))->weight = 4;
    cluster_view_init(&view);
    cluster_view_know(&view, &list);
    topology_deinit(&list);
    view_hear(&view, by_n1);
    ck_assert_uint_eq(view.topology.count, 3);
    ck_assert_str_eq(view.topology.nodes[0].id, "n2");
    ck_assert_uint_eq(view.topology.nodes[0].weight, 4);
    ck_assert_uint_eq(topology_share(&view.topology, 0), 10);
    teardown();
}

TEST(figures_are_taken_from_stats)
{
    struct cluster_view_node node = {0};
    ck_assert(cluster_view_hear_stats(
        &node,
        SLICE("{\"health\": {\"state\": \"degraded\", \"reason\": \"tired\"},"
              " \"cluster\": {\"stranded_keys\": 3, \"map_disputed\": true},"
              " \"storage\": {\"keys\": 12, \"memory_bytes\": 1000,"
              " \"memory_bytes_max\": 2000},"
              " \"network\": {\"requests_per_second\": 70},"
              " \"reads_and_writes\": {\"recent\": {\"p99_us\": 4.5}}}")));
    ck_assert_str_eq(node.health, "degraded");
    ck_assert_str_eq(node.reason, "tired");
    ck_assert_int_eq(node.stranded_keys, 3);
    ck_assert(node.disputes);
    ck_assert_int_eq(node.keys, 12);
    ck_assert_int_eq(node.memory_bytes, 1000);
    ck_assert_int_eq(node.memory_bytes_max, 2000);
    ck_assert_double_eq(node.ops_per_second, 70);
    ck_assert_double_eq(node.p99_us, 4.5);
}

TEST(figures_that_are_missing_stay_unknown)
{
    struct cluster_view_node node = {0};
    ck_assert(!cluster_view_hear_stats(&node, SLICE("")));
    ck_assert(!cluster_view_hear_stats(&node, SLICE("[1]")));
    ck_assert(cluster_view_hear_stats(&node, SLICE("{\"storage\": 7}")));
    ck_assert_int_eq(node.keys, 0);
    ck_assert_str_eq(node.health, "");
}
