// test_cluster_setup.c -- from settings to a map of the cluster.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_setup.h"

#include <stdio.h>
#include <string.h>

#include "stage2-persistence/durable_config.h"
#include "tests/test.h"

struct settings {
    struct server_settings server;
    struct durable_settings durable;
    struct cluster_settings cluster;
};

static struct settings settings;
static struct config *config;
static struct cluster_setup setup;
static struct env_posix_options world;
static struct config_error error;

static void add_rows(struct config *to, struct settings *target)
{
    config_add(to, server_config_rows, &target->server);
    config_add(to, durable_config_rows, &target->durable);
    config_add(to, cluster_config_rows, &target->cluster);
}

// `flags`: up to eight words, separated by spaces.
static void load(struct config *into, const char *yaml, const char *flags)
{
    char words[512], *argv[10], *rest = words;
    int argc = 0;
    snprintf(words, sizeof words, "vega-server %s", flags);
    while ((argv[argc] = strtok_r(rest, " ", &rest)))
        argc++;
    error = (struct config_error){{0}};
    enum status status =
        config_load_yaml_text(into, "c.yaml", slice_of(yaml), &error);
    if (status == STATUS_OK)
        status = config_load_flags(into, &argc, argv, &error);
    ck_assert_msg(status == STATUS_OK, "%s", error.text);
    ck_assert_int_eq(argc, 1);
}

static bool set_up(const char *yaml, const char *flags)
{
    config = config_create();
    add_rows(config, &settings);
    load(config, yaml, flags);
    world = (struct env_posix_options){0};
    return cluster_setup_init(&setup, config, &settings.server,
                              &settings.cluster, &world, &error);
}

static void tear_down(void)
{
    cluster_setup_deinit(&setup);
    config_destroy(config);
}

static const char three[] = "nodes:\n"
                            "- {id: n1, address: \"127.0.0.1:7001\"}\n"
                            "- {id: n2, address: \"127.0.0.1:7002\", "
                            "peer_address: \"127.0.0.1:9002\",\n"
                            "   announce: \"db.example:70\", weight: 3}\n"
                            "- {id: n3, address: \"[::1]:7003\"}\n";

TEST(by_default_it_is_a_cluster_of_one_without_peers)
{
    ck_assert_msg(set_up("", ""), "%s", error.text);
    ck_assert_uint_eq(setup.topology.count, 1);
    ck_assert_uint_eq(setup.topology.self, 0);
    ck_assert_str_eq(setup.topology.nodes[0].id, "n1");
    ck_assert_str_eq(setup.topology.nodes[0].client.host, "127.0.0.1");
    ck_assert_uint_eq(setup.topology.nodes[0].client.port, 6379);
    ck_assert(topology_plan(&setup.topology));
    ck_assert_ptr_null(world.peer_listen);
    ck_assert_uint_eq(world.peer_count, 0);
    tear_down();
}

TEST(a_file_of_all_nodes_serves_each_of_them)
{
    ck_assert_msg(set_up(three, "--node n2"), "%s", error.text);
    const struct topology *map = &setup.topology;
    ck_assert_uint_eq(map->count, 3);
    ck_assert_uint_eq(map->self, 1);
    ck_assert_str_eq(map->nodes[1].client.host, "db.example");
    ck_assert_uint_eq(map->nodes[1].client.port, 70);
    ck_assert_uint_eq(map->nodes[1].weight, 3);
    ck_assert_uint_eq(map->nodes[0].peer.port, 17001);
    ck_assert_int_eq(settings.server.port, 7002);
    ck_assert_str_eq(settings.server.bind, "127.0.0.1");
    ck_assert_str_eq(settings.durable.data_dir, "vega-data-n2");
    ck_assert_uint_eq(world.peer_id, map->nodes[1].number);
    ck_assert_str_eq(world.peer_listen, "127.0.0.1:9002");
    ck_assert_uint_eq(world.peer_count, 3);
    ck_assert_str_eq(world.peers[0].address, "127.0.0.1:17001");
    ck_assert_str_eq(world.peers[2].address, "[::1]:17003");
    ck_assert_uint_eq(world.peers[2].id, map->nodes[2].number);
    tear_down();
}

TEST(what_was_set_stays)
{
    ck_assert_msg(set_up(three, "--node n1 --data-dir d --port 7001"), "%s",
                  error.text);
    ck_assert_str_eq(settings.durable.data_dir, "d");
    tear_down();
}

TEST(flags_say_as_much_as_a_node_needs_to_know)
{
    ck_assert_msg(set_up("", "--node-id n2 --port 7002 --peer-port 9000 "
                             "--peers n1@127.0.0.1:17001,n3@[::1]:17003"),
                  "%s", error.text);
    const struct topology *map = &setup.topology;
    ck_assert_uint_eq(map->count, 3);
    ck_assert_str_eq(map->nodes[map->self].id, "n2");
    ck_assert_uint_eq(map->nodes[map->self].client.port, 7002);
    ck_assert_uint_eq(map->nodes[1].weight, 0); // That, n1 will tell.
    ck_assert(!topology_plan(&setup.topology));
    ck_assert_str_eq(world.peer_listen, "127.0.0.1:9000");
    ck_assert_str_eq(world.peers[1].address, "127.0.0.1:17001");
    ck_assert_str_eq(world.peers[2].address, "[::1]:17003");
    tear_down();
}

static const struct {
    const char *yaml, *flags, *error;
} refused[] = {
    {three, "",
     "no node is chosen: nodes has n1, n2, n3; say which one this "
     "is with --node"},
    {three, "--node n9",
     "there is no node n9: nodes has n1, n2, n3; say which "
     "one this is with --node"},
    {three, "--node n1 --peers n2@127.0.0.1:1",
     "peers and nodes both say who the others are: leave one out"},
    {three, "--node n1 --port 7009",
     "port is 7009, but nodes says that n1 is at 127.0.0.1:7001"},
    {"", "--node n1", "node is n1, but there are no nodes to choose from"},
    {"", "--peers n1@127.0.0.1:1", "peers: n1 is named twice, or is this node"},
    {"", "--peers n2@127.0.0.1:1,n2@127.0.0.1:2",
     "peers: n2 is named twice, or is this node"},
    {"", "--peers n2@db.example:1",
     "node n2: db.example:1 is no address for peers: it must be numbers"},
    {"", "--peers n2@10.0.0.1:1",
     "node n2: 10.0.0.1:1 is no address for peers: without a cluster_secret"},
    {three, "--node n1 --seed 127.0.0.1:1",
     "seed and nodes both say who the others are: leave one out"},
    {"", "--peers n2@127.0.0.1:1 --seed 127.0.0.1:1",
     "peers and seed both say who the others are: leave one out"},
    {"", "--seed db.example:1",
     "seed: db.example:1 is no address for peers: it must be numbers"},
    {"", "--seed 10.0.0.1:1",
     "seed: 10.0.0.1:1 is no address for peers: without a cluster_secret"},
    {"", "--seed 127.0.0.1:1 --bind 0.0.0.0",
     "clients cannot be told to come to '0.0.0.0'"},
    {"cluster_secret: short\n", "--peers n2@127.0.0.1:1", "cluster_secret: "},
    {"cluster_secret_file: /nowhere/to/be\n", "--peers n2@127.0.0.1:1",
     "cluster_secret: "},
    {"", "--peers n2@127.0.0.1:1 --port 60000",
     "port 60000 + 10000 is no port for peers"},
    {"", "--peers n2@127.0.0.1:1 --bind 0.0.0.0",
     "clients cannot be told to come to '0.0.0.0'"},
};

TEST_FOR(what_does_not_fit_together_is_refused,
         sizeof refused / sizeof *refused)
{
    ck_assert(!set_up(refused[_i].yaml, refused[_i].flags));
    ck_assert_msg(
        !strncmp(error.text, refused[_i].error, strlen(refused[_i].error)),
        "%s", error.text);
    tear_down();
}

TEST(who_has_a_seed_has_peers_once_it_was_asked)
{
    ck_assert_msg(set_up("", "--node-id n2 --port 7002 --seed 127.0.0.1:17001"),
                  "%s", error.text);
    ck_assert_ptr_null(world.peer_listen);
    struct topology_node *seed = topology_add(&setup.topology, SLICE("n1"));
    topology_address_parse(SLICE("127.0.0.1:17001"), &seed->peer);
    ck_assert_msg(cluster_setup_peers(&setup, &world, &error), "%s",
                  error.text);
    ck_assert_str_eq(world.peer_listen, "127.0.0.1:17002");
    ck_assert_uint_eq(world.peer_count, 2);
    ck_assert_str_eq(world.peers[1].address, "127.0.0.1:17001");
    tear_down();
}

TEST(with_a_secret_peers_may_be_anywhere)
{
    ck_assert_msg(set_up("cluster_secret: sixteen bytes and more\n",
                         "--peers n2@10.0.0.1:1"),
                  "%s", error.text);
    ck_assert(slice_equal(world.peer_secret, SLICE("sixteen bytes and more")));
    tear_down();
}

TEST(who_listens_everywhere_says_where_it_is)
{
    ck_assert_msg(set_up("", "--peers n2@127.0.0.1:1 --announce 10.0.0.1:70 "
                             "--bind 127.0.0.1"),
                  "%s", error.text);
    ck_assert_str_eq(setup.topology.nodes[0].client.host, "10.0.0.1");
    ck_assert_uint_eq(setup.topology.nodes[0].client.port, 70);
    tear_down();
}

static void note(void *context, const char *key, bool applied)
{
    (void)applied;
    buffer_printf(context, "%s ", key);
}

TEST(reading_the_same_file_again_changes_nothing)
{
    struct settings again;
    struct buffer changes = {0};
    ck_assert_msg(set_up(three, "--node n2"), "%s", error.text);
    struct config *fresh = config_create();
    add_rows(fresh, &again);
    load(fresh, three, "--node n2");
    config_adopt(config, fresh, note, &changes);
    ck_assert_msg(changes.size == 0, "%.*s",
                  SLICE_PRINT(buffer_slice(&changes)));
    config_destroy(fresh);
    tear_down();
}
