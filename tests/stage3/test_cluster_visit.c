// test_cluster_visit.c -- nodes that follow rules are asked for themselves.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_visit.h"

#include <stdio.h>
#include <string.h>

#include "tests/stage3/fake_node.h"
#include "tests/test.h"

static struct fake_node nodes[2];
static struct cluster_view view;
static char problem[VIEW_TEXT_MAX];

// What node `self` says: slots 0 and 1 are n1's, 2 is n2's.
static void tell_map(int self)
{
    static const char *const states[] = {"online", "myself"};
    fake_node_rule(&nodes[self], "CLUSTER TOPOLOGY", 0,
                   "*2\r\n"
                   "*10\r\n+id\r\n+n1\r\n+address\r\n+127.0.0.1:%d\r\n"
                   "+weight\r\n:1\r\n+state\r\n+%s\r\n"
                   "+slots\r\n*3\r\n:0\r\n:1\r\n:1\r\n"
                   "*10\r\n+id\r\n+n2\r\n+address\r\n+127.0.0.1:%d\r\n"
                   "+weight\r\n:1\r\n+state\r\n+%s\r\n"
                   "+slots\r\n*3\r\n:2\r\n:2\r\n:1\r\n",
                   nodes[0].port, states[self == 0], nodes[1].port,
                   states[self == 1]);
}

static void setup(void)
{
    cluster_view_init(&view);
    problem[0] = '\0';
    for (int i = 0; i < 2; i++)
        fake_node_init(&nodes[i]);
}

static void start(void)
{
    for (int i = 0; i < 2; i++)
        fake_node_start(&nodes[i]);
}

static void teardown(void)
{
    cluster_view_deinit(&view);
    for (int i = 0; i < 2; i++)
        fake_node_deinit(&nodes[i]);
}

static struct vega_options options(void)
{
    return (struct vega_options){.port = nodes[0].port,
                                 .command_timeout_ms = 5000};
}

static bool visit(void)
{
    struct vega_options asked = options();
    return cluster_visit(&view, &asked, problem);
}

TEST(one_node_leads_to_all_of_them)
{
    setup();
    tell_map(0);
    tell_map(1);
    fake_node_rule(&nodes[1], "STATS", 0,
                   "$24\r\n{\"storage\": {\"keys\": 7}}\r\n");
    fake_node_rule(&nodes[1], "CONFIG GET fsync", 0,
                   "*2\r\n+fsync\r\n+always\r\n");
    fake_node_rule(&nodes[1], "TIME", 0, "*2\r\n+1000\r\n+5\r\n");
    start();
    ck_assert_msg(visit(), "%s", problem);
    ck_assert_uint_eq(cluster_view_answered(&view), 2);
    ck_assert_int_eq(view.nodes[1].keys, 7);
    ck_assert_str_eq(view.nodes[1].fsync, "always");
    ck_assert(view.nodes[1].clock_known);
    ck_assert_int_lt(view.nodes[1].ahead_us, -1000000);
    ck_assert(!view.nodes[0].clock_known);
    ck_assert_str_eq(view.nodes[0].fsync, ""); // It refuses to say.
    teardown();
}

TEST(a_node_that_is_gone_is_in_the_view_with_the_reason)
{
    setup();
    tell_map(0);
    start();
    fake_node_stop(&nodes[1]);
    ck_assert(visit());
    ck_assert_uint_eq(cluster_view_answered(&view), 1);
    ck_assert_ptr_nonnull(strstr(view.nodes[1].problem, "cannot connect"));
    teardown();
}

TEST(another_node_at_an_address_is_not_taken_for_the_one_that_is_meant)
{
    setup();
    tell_map(0);
    nodes[1].port = nodes[0].port; // So says the map.
    nodes[0].rule_count = 0;
    tell_map(0);
    start();
    ck_assert(visit());
    ck_assert(!view.nodes[1].answered);
    ck_assert_str_eq(view.nodes[1].problem, "n1 answers there");
    teardown();
}

TEST(a_server_that_is_no_node_is_told_by_its_own_words)
{
    setup();
    fake_node_rule(&nodes[0], "CLUSTER TOPOLOGY", 1, "-NOAUTH first\r\n");
    fake_node_rule(&nodes[0], "CLUSTER TOPOLOGY", 0, "+what\r\n");
    start();
    ck_assert(!visit());
    ck_assert_str_eq(problem, "NOAUTH first");
    ck_assert(!visit());
    ck_assert_str_eq(problem, "its map of the cluster makes no sense");
    teardown();
}

TEST(a_list_is_asked_to_the_last)
{
    setup();
    tell_map(1);
    start();
    fake_node_stop(&nodes[0]);
    struct topology list;
    topology_init(&list);
    for (int i = 0; i < 2; i++) {
        struct topology_node *node =
            topology_add(&list, i ? SLICE("n2") : SLICE("n1"));
        node->weight = 1;
        topology_address_parse(SLICE("127.0.0.1:1"), &node->client);
        node->client.port = (uint16_t)nodes[i].port;
    }
    cluster_view_know(&view, &list);
    topology_deinit(&list);
    ck_assert_msg(visit(), "%s", problem);
    ck_assert(!view.nodes[0].answered);
    ck_assert(view.nodes[1].answered);
    teardown();
}

TEST(keys_are_counted_by_slot)
{
    static bool wanted[SLOT_COUNT];
    static uint64_t keys[SLOT_COUNT];
    setup();
    tell_map(0);
    fake_node_rule(&nodes[0], "CLUSTER COUNTKEYSINSLOT 0", 0, ":3\r\n");
    fake_node_rule(&nodes[0], "CLUSTER COUNTKEYSINSLOT 1", 0, ":4\r\n");
    start();
    ck_assert(visit());
    wanted[0] = wanted[1] = true;
    struct vega_options asked = options();
    ck_assert(cluster_visit_count(&view, &asked, 0, wanted, keys));
    ck_assert_uint_eq(keys[0], 3);
    ck_assert_uint_eq(keys[1], 4);
    ck_assert_int_eq(fake_node_heard(&nodes[0], "CLUSTER COUNTKEYSINSLOT"), 2);
    wanted[2] = true; // An error is no count.
    ck_assert(!cluster_visit_count(&view, &asked, 0, wanted, keys));
    teardown();
}
