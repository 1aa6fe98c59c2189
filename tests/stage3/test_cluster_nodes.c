// test_cluster_nodes.c -- from the setting `nodes`, or its file, to nodes.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/test.h"

static struct topology topology;
static struct config_error error;

static bool add(const char *records)
{
    topology_init(&topology);
    error = (struct config_error){{0}};
    return cluster_nodes_add(&topology, records, &error);
}

TEST(a_record_is_a_node)
{
    ck_assert(add("id=n1 address=127.0.0.1:7001, id=n2 address=10.0.0.2:1 "
                  "announce=db:2 peer_address=10.0.0.2:3 weight=4"));
    ck_assert_uint_eq(topology.count, 2);
    const struct topology_node *one = &topology.nodes[0];
    const struct topology_node *two = &topology.nodes[1];
    ck_assert_uint_eq(one->client.port, 7001);
    ck_assert_uint_eq(one->peer.port, 17001);
    ck_assert_uint_eq(one->weight, 1);
    ck_assert_str_eq(two->client.host, "db");
    ck_assert_uint_eq(two->client.port, 2);
    ck_assert_uint_eq(two->peer.port, 3);
    ck_assert_uint_eq(two->weight, 4);
    topology_deinit(&topology);
}

TEST(a_port_without_room_for_its_peers_is_refused)
{
    ck_assert(!add("id=n1 address=127.0.0.1:55536"));
    ck_assert_str_eq(error.text, "port 55536 + 10000 is no port for peers: say "
                                 "which one is (peer_address, or --peer-port)");
    topology_deinit(&topology);
}

// The text becomes a file, which is read.
static bool read_text(const char *text)
{
    char path[] = "/tmp/vega-nodes-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(dprintf(fd, "%s", text), (int)strlen(text));
    close(fd);
    topology_init(&topology);
    error = (struct config_error){{0}};
    bool good = cluster_nodes_read_file(&topology, path, &error);
    unlink(path);
    return good;
}

TEST(a_file_may_hold_every_setting_of_a_node)
{
    ck_assert_msg(read_text("maxmemory: 1GB\nfsync: always\nport: 1\n"
                            "cluster_secret: what all of them know\n"
                            "nodes:\n"
                            "  - {id: n1, address: \"127.0.0.1:7001\"}\n"),
                  "%s", error.text);
    ck_assert_uint_eq(topology.count, 1);
    topology_deinit(&topology);
}

TEST(a_file_that_lists_no_nodes_is_refused)
{
    ck_assert(!read_text("port: 7001\n"));
    ck_assert_ptr_nonnull(strstr(error.text, ": it lists no nodes of a "
                                             "cluster"));
    topology_deinit(&topology);
}

TEST(a_file_with_a_mistake_is_refused_with_its_line)
{
    ck_assert(!read_text("nodes:\n  - {id: n1, address: here}\n"));
    ck_assert_ptr_nonnull(strstr(error.text, ":2:"));
    topology_deinit(&topology);
}

TEST(the_sample_of_five_nodes_is_good)
{
    topology_init(&topology);
    ck_assert_msg(cluster_nodes_read_file(
                      &topology, "stage3-sharding/cluster.yaml", &error),
                  "%s", error.text);
    ck_assert_uint_eq(topology.count, 5);
    topology_deinit(&topology);
}
