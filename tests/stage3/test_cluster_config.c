// test_cluster_config.c -- the settings that a node of stage 3 adds.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_config.h"

#include <string.h>

#include "tests/test.h"

static struct cluster_settings settings;

static struct config *create(void)
{
    struct config *config = config_create();
    config_add(config, cluster_config_rows, &settings);
    return config;
}

TEST(by_default_it_is_a_cluster_of_one)
{
    struct config *config = create();
    ck_assert_str_eq(settings.nodes, "");
    ck_assert_str_eq(settings.peers, "");
    ck_assert_str_eq(settings.node_id, "n1");
    ck_assert_int_eq(settings.weight, 1);
    config_destroy(config);
}

TEST(peers_are_ids_with_addresses)
{
    struct slice peers = SLICE("n2@127.0.0.1:17002,n-3@[::1]:1"), id, address;
    bool malformed;
    ck_assert(cluster_next_peer(&peers, &id, &address, &malformed));
    ck_assert(slice_equal(id, SLICE("n2")));
    ck_assert(slice_equal(address, SLICE("127.0.0.1:17002")));
    ck_assert(cluster_next_peer(&peers, &id, &address, &malformed));
    ck_assert(slice_equal(id, SLICE("n-3")));
    ck_assert(slice_equal(address, SLICE("[::1]:1")));
    ck_assert(!cluster_next_peer(&peers, &id, &address, &malformed));
    ck_assert(!malformed);
}

static const struct {
    const char *flag, *value;
    bool good;
} flags[] = {
    {"--peers", "n2@127.0.0.1:1,n3@127.0.0.1:2", true},
    {"--peers", "", true},
    {"--peers", "n2", false},
    {"--peers", "n2@127.0.0.1", false},
    {"--peers", "127.0.0.1:1", false},
    {"--peers", "n2@127.0.0.1:1,", false},
    {"--peers", ",n2@127.0.0.1:1", false},
    {"--peers", "n2@127.0.0.1:1 n3@127.0.0.1:2", false},
    {"--peers", "@127.0.0.1:1", false},
    {"--node", "n2", true},
    {"--node", "n 2", false},
    {"--node-id", "n2", true},
    {"--node-id", "", false},
    {"--node-id", "n@2", false},
    {"--announce", "db.example:7001", true},
    {"--announce", "db.example", false},
    {"--weight", "100", true},
    {"--weight", "0", false},
    {"--weight", "101", false},
    {"--peer-port", "65536", false},
};

TEST_FOR(flags_take_what_makes_sense, sizeof flags / sizeof *flags)
{
    struct config *config = create();
    struct config_error error;
    char program[] = "x", flag[32], value[64];
    strcpy(flag, flags[_i].flag);
    strcpy(value, flags[_i].value);
    char *argv[] = {program, flag, value, NULL};
    int argc = 3;
    ck_assert_int_eq(config_load_flags(config, &argc, argv, &error),
                     flags[_i].good ? STATUS_OK : STATUS_INVALID);
    config_destroy(config);
}

// Of one node each; what is wrong, and where.
static const struct {
    const char *yaml, *error;
} nodes[] = {
    {"nodes:\n- id: n1\n", "c.yaml:2:3: nodes: address is missing"},
    {"nodes:\n- {id: n/1, address: \"h:1\"}\n",
     "c.yaml:2:8: nodes: id must be 1 to 32 letters"},
    {"nodes:\n- {id: n1, address: h}\n",
     "c.yaml:2:21: nodes: address must be HOST:PORT, not 'h'"},
    {"nodes:\n- {id: n1, address: \"h:1\", weight: 0}\n",
     "c.yaml:2:36: nodes: weight must be an integer from 1 to 100, not '0'"},
    {"nodes:\n- {id: n1, address: \"h:1\"}\n- {id: n1, address: \"h:2\"}\n",
     "c.yaml:3:8: nodes: id 'n1' is another one's already"},
    {"nodes:\n- {id: n1, address: \"h:1\"}\n- {id: n2, address: \"h:1\"}\n",
     "c.yaml:3:21: nodes: address 'h:1' is another one's already"},
};

TEST_FOR(a_bad_map_is_refused_with_its_line, sizeof nodes / sizeof *nodes)
{
    struct config *config = create();
    struct config_error error = {{0}};
    ck_assert_int_eq(config_load_yaml_text(config, "c.yaml",
                                           slice_of(nodes[_i].yaml), &error),
                     STATUS_INVALID);
    ck_assert_msg(
        !strncmp(error.text, nodes[_i].error, strlen(nodes[_i].error)), "%s",
        error.text);
    config_destroy(config);
}
