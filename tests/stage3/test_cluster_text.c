// test_cluster_text.c -- CLUSTER NODES and CLUSTER INFO, line by line.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/stage3/talkers.h"
#include "tests/test.h"

static struct talkers *talkers;
static struct buffer text;

// n0 has 0-9 and 12, n1 has 10 and 11, and n3 all the rest.
static void setup(void)
{
    talkers = xcalloc(1, sizeof *talkers);
    talkers_init(talkers);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        topology_learn(&talkers->all[0].topology, (uint16_t)slot,
                       slot < 10 || slot == 12 ? 0
                       : slot < 12             ? 1
                                               : 3,
                       2);
    talkers->all[2].asleep = true;
    talkers_start(talkers);
    talkers_run_ms(talkers, 1000);
}

static void teardown(void)
{
    buffer_deinit(&text);
    talkers_deinit(talkers);
    free(talkers);
}

static const char *nodes(void)
{
    buffer_clear(&text);
    cluster_text_nodes(&talkers->all[0].membership, &text);
    buffer_append_byte(&text, '\0');
    return text.data;
}

static const char *info(void)
{
    buffer_clear(&text);
    cluster_text_info(&talkers->all[0].membership, &text);
    buffer_append_byte(&text, '\0');
    return text.data;
}

static void expect_in(const char *where, const char *what)
{
    ck_assert_msg(strstr(where, what), "no\n%s\nin\n%s", what, where);
}

TEST(a_line_says_who_where_how_and_which_slots)
{
    setup();
    expect_in(nodes(), " 127.0.0.1:7000@0 myself,master - 0 0 2 connected 0-9 "
                       "12\n");
    expect_in(nodes(), " connected 10-11\n");
    expect_in(nodes(), " 127.0.0.1:7003@0 master - 0 17");
    expect_in(nodes(), " :0@0 master,noaddr - 0 0 0 disconnected\n");
    ck_assert_ptr_eq(strstr(nodes(), talkers->all[0].topology.nodes[0].name),
                     text.data);
    talkers->cut[3][0] = true;
    talkers_run_ms(talkers, 4000);
    expect_in(nodes(), " 127.0.0.1:7003@0 master,fail - 0 17");
    expect_in(nodes(), " 2 disconnected 13-16383\n");
    teardown();
}

TEST(own_moves_stand_at_the_end_of_the_own_line)
{
    setup();
    struct topology *map = &talkers->all[0].topology;
    topology_set_state(map, 12, TOPOLOGY_MIGRATING, 3);
    topology_set_state(map, 13, TOPOLOGY_IMPORTING, 3);
    char line[256];
    snprintf(line, sizeof line, " connected 0-9 12 [12->-%s] [13-<-%s]\n",
             map->nodes[3].name, map->nodes[3].name);
    expect_in(nodes(), line);
    teardown();
}

TEST(the_state_is_ok_when_every_slot_has_an_owner)
{
    talkers = xcalloc(1, sizeof *talkers);
    talkers_init(talkers);
    talkers_start(talkers);
    expect_in(info(), "cluster_state:fail\r\ncluster_slots_assigned:0\r\n");
    talkers_run_ms(talkers, 1000);
    expect_in(info(), "cluster_state:ok\r\ncluster_slots_assigned:16384\r\n");
    teardown();
}

TEST(info_counts_slots_and_nodes)
{
    setup();
    expect_in(info(), "cluster_state:ok\r\ncluster_slots_assigned:16384\r\n"
                      "cluster_slots_ok:16384\r\ncluster_slots_pfail:0\r\n"
                      "cluster_slots_fail:0\r\ncluster_known_nodes:4\r\n"
                      "cluster_size:3\r\ncluster_current_epoch:2\r\n"
                      "cluster_my_epoch:2\r\n");
    talkers->cut[3][0] = true;
    talkers_run_ms(talkers, 4000);
    // The slots of others are served on, here and there.
    expect_in(info(), "cluster_state:ok\r\ncluster_slots_assigned:16384\r\n"
                      "cluster_slots_ok:13\r\ncluster_slots_pfail:0\r\n"
                      "cluster_slots_fail:16371\r\n");
    teardown();
}
