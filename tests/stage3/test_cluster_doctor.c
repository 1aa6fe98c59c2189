// test_cluster_doctor.c -- a symptom a test; the well one has none.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_doctor.h"

#include <stdio.h>
#include <string.h>

#include "tests/stage3/view_maker.h"
#include "tests/test.h"

static struct cluster_view view;
static struct findings findings;

// Three nodes that are well, and see each other so; `states` is how each of
// them is seen by the two others.
static void setup_states(const char *const states[3])
{
    cluster_view_init(&view);
    for (int i = 0; i < 3; i++) {
        struct said said[] = {{"n1", 1, states[0], {0, 5460, 1}},
                              {"n2", 1, states[1], {5461, 10921, 1}},
                              {"n3", 1, states[2], {10922, 16383, 1}},
                              {0}};
        said[i].state = "myself";
        view_hear(&view, said);
    }
}

static void setup(void)
{
    setup_states((const char *const[]){"online", "online", "online"});
}

static void teardown(void)
{
    findings_deinit(&findings);
    cluster_view_deinit(&view);
}

static const struct finding *find(const char *kind)
{
    for (size_t i = 0; i < findings.count; i++) {
        if (strcmp(findings.items[i].kind, kind) == 0)
            return &findings.items[i];
    }
    return NULL;
}

// Examines; that is found, and nothing else is wrong.
static void expect_only(const char *kind, const char *begins)
{
    cluster_doctor_examine(&view, &findings);
    const struct finding *found = find(kind);
    ck_assert_msg(found != NULL, "no %s", kind);
    ck_assert_msg(strncmp(found->text, begins, strlen(begins)) == 0, "%s",
                  found->text);
    ck_assert_uint_eq(findings_count(&findings, FINDING_WRONG),
                      found->gravity == FINDING_WRONG);
}

TEST(nothing_is_wrong_with_nodes_that_are_well)
{
    setup();
    cluster_doctor_examine(&view, &findings);
    ck_assert_uint_eq(findings_count(&findings, FINDING_WRONG), 0);
    ck_assert_uint_eq(findings.count, 1); // That there is one copy.
    teardown();
}

TEST(the_death_of_the_heaviest_node_is_foreseen)
{
    setup();
    expect_only("one_copy", "there is one copy of each slot: the death of n3 "
                            "makes 5462 slots (33.3 %) unavailable until it is "
                            "back, that of any other node 5461 or more.");
    teardown();
}

static void silence(uint16_t node)
{
    view.nodes[node].answered = false;
    snprintf(view.nodes[node].problem, VIEW_TEXT_MAX, "cannot connect");
}

TEST(a_node_that_nobody_hears_is_silent)
{
    setup_states((const char *const[]){"online", "silent", "online"});
    silence(1);
    expect_only("node_silent",
                "n2 is silent (cannot connect): its 5461 slots (33.3 %) are "
                "not served until it is back.");
    teardown();
}

TEST(a_node_that_others_hear_is_cut_off_from_here)
{
    setup();
    silence(1);
    expect_only("node_unreachable", "n2 does not answer here (cannot connect), "
                                    "but n1, n3 heard it in the last 3 s.");
    teardown();
}

TEST(nodes_that_do_not_hear_each_other_are_named)
{
    setup_states((const char *const[]){"online", "online", "silent"});
    expect_only("link_cut", "n1, n2 does not hear n3, which answers here");
    teardown();
}

TEST(degraded_for_the_silence_of_another_is_said_once)
{
    setup_states((const char *const[]){"online", "silent", "online"});
    silence(1);
    snprintf(view.nodes[0].health, sizeof view.nodes[0].health, "degraded");
    expect_only("node_silent", "n2 is silent");
    teardown();
}

TEST(degraded_for_itself_is_said)
{
    setup();
    snprintf(view.nodes[0].health, sizeof view.nodes[0].health, "degraded");
    snprintf(view.nodes[0].reason, sizeof view.nodes[0].reason, "no snapshot");
    expect_only("node_unwell", "n1 is degraded: no snapshot.");
    teardown();
}

TEST(slots_without_an_owner_are_counted)
{
    cluster_view_init(&view);
    view_hear(&view, (struct said[]){{"n1", 1, "myself", {0, 16000, 1}}, {0}});
    expect_only("slots_unassigned", "383 slots have no owner");
    teardown();
}

TEST(two_owners_of_one_epoch_are_a_dispute)
{
    cluster_view_init(&view);
    view_hear(&view, (struct said[]){{"n1", 1, "myself", {0, 9999, 1}},
                                     {"n2", 1, "online", {10000, 16383, 1}},
                                     {0}});
    view_hear(&view, (struct said[]){{"n1", 1, "online", {0, 9000, 1}},
                                     {"n2", 1, "myself", {9001, 16383, 1}},
                                     {0}});
    expect_only("map_disputed", "n2 has another owner for 999 slots");
    teardown();
}

TEST(lists_of_different_nodes_are_told_apart)
{
    cluster_view_init(&view);
    view_hear(&view, (struct said[]){{"n1", 1, "myself", {0, 9999, 1}}, {0}});
    view_hear(&view, (struct said[]){{"n1", 1, "online", {0, 9999, 1}},
                                     {"n2", 1, "myself", {10000, 16383, 1}},
                                     {0}});
    expect_only("lists_differ", "n1 does not have n2 in its list of nodes");
    teardown();
}

TEST(weights_that_differ_are_named)
{
    cluster_view_init(&view);
    view_hear(&view, (struct said[]){{"n1", 1, "myself", {0, 9999, 1}},
                                     {"n2", 1, "online", {10000, 16383, 1}},
                                     {0}});
    view_hear(&view, (struct said[]){{"n1", 2, "online", {0, 9999, 1}},
                                     {"n2", 1, "myself", {10000, 16383, 1}},
                                     {0}});
    expect_only("weights_differ", "the weight of n1 is 1, but 2 by n2:");
    teardown();
}

TEST(stranded_keys_are_wrong_and_said_once)
{
    setup();
    view.nodes[1].stranded_keys = 4;
    snprintf(view.nodes[1].health, sizeof view.nodes[1].health, "degraded");
    expect_only("stranded_keys", "n2 has 4 keys in slots of other nodes");
    teardown();
}

TEST(a_log_that_is_not_synced_is_wrong)
{
    setup();
    snprintf(view.nodes[2].fsync, sizeof view.nodes[2].fsync, "no");
    expect_only("no_fsync", "n3 runs with fsync no");
    teardown();
}

TEST(a_log_that_is_synced_every_second_is_a_risk)
{
    setup();
    snprintf(view.nodes[2].fsync, sizeof view.nodes[2].fsync, "everysec");
    expect_only("fsync_everysec", "n3: with fsync everysec");
    teardown();
}

TEST(memory_near_its_limit_is_wrong)
{
    setup();
    view.nodes[0].memory_bytes_max = 1000000;
    view.nodes[0].memory_bytes = 899999;
    cluster_doctor_examine(&view, &findings);
    ck_assert_ptr_null(find("memory_near_limit"));
    findings_deinit(&findings);
    view.nodes[0].memory_bytes = 910000;
    expect_only("memory_near_limit", "n1 uses 91 % of its maxmemory");
    teardown();
}

TEST(memory_without_a_limit_is_a_risk)
{
    setup();
    view.nodes[0].memory_bytes_max = 0;
    expect_only("no_maxmemory", "n1: without maxmemory");
    teardown();
}

TEST(clocks_apart_are_wrong)
{
    setup();
    view.nodes[0].ahead_us = -600000;
    view.nodes[2].ahead_us = 300000;
    cluster_doctor_examine(&view, &findings);
    ck_assert_ptr_null(find("clocks_apart"));
    findings_deinit(&findings);
    view.nodes[2].ahead_us = 900000;
    expect_only("clocks_apart",
                "the clock of n3 is 1.5 s ahead of that of n1:");
    teardown();
}

TEST(a_clock_that_was_not_read_is_not_judged)
{
    setup();
    for (uint16_t i = 0; i < 3; i++)
        view.nodes[i].ahead_us = 9000000; // Who asks is wrong.
    view.nodes[1].clock_known = false;
    view.nodes[1].ahead_us = 0;
    cluster_doctor_examine(&view, &findings);
    ck_assert_ptr_null(find("clocks_apart"));
    teardown();
}

TEST(a_share_beyond_the_weight_is_a_risk)
{
    cluster_view_init(&view);
    view_hear(&view, (struct said[]){{"n1", 1, "myself", {0, 10999, 1}},
                                     {"n2", 1, "online", {11000, 16383, 1}},
                                     {0}});
    view_hear(&view, (struct said[]){{"n1", 1, "online", {0}},
                                     {"n2", 1, "myself", {0}},
                                     {0}});
    expect_only("large_share",
                "n1 has 11000 slots where its weight 1 asks for 8192:");
    teardown();
}

TEST(keys_of_one_tag_are_a_risk)
{
    setup();
    view.nodes[0].keys = 100;
    view.nodes[1].keys = 100;
    view.nodes[2].keys = 9800;
    expect_only("many_keys", "n3 has 98 % of all keys and 33 % of the slots:");
    teardown();
}
