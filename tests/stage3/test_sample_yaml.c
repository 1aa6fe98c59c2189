// test_sample_yaml.c -- stage3-sharding/vega.yaml is the rows, in words.
// SPDX-License-Identifier: MIT
#include "tests/common/sample_yaml.h"

#include <stddef.h>

#include "common/server/server.h"
#include "stage1-singlenode/node_config.h"
#include "stage2-persistence/durable_config.h"
#include "stage3-sharding/cluster_config.h"
#include "tests/test.h"

struct settings {
    struct server_settings server;
    struct node_settings node;
    struct durable_settings durable;
    struct cluster_settings cluster;
};

static const struct sample_yaml sample = {
    "stage3-sharding/vega.yaml",
    {
        {server_config_rows, offsetof(struct settings, server)},
        {node_config_rows, offsetof(struct settings, node)},
        {durable_config_rows, offsetof(struct settings, durable)},
        {cluster_config_rows, offsetof(struct settings, cluster)},
    },
};

TEST(the_sample_file_is_what_the_rows_say)
{
    struct settings settings;
    sample_yaml_expect_rows(&sample, &settings);
}

TEST(loading_the_sample_file_changes_no_default)
{
    struct settings settings, others;
    sample_yaml_expect_defaults(&sample, &settings, &others);
}

TEST(the_sample_file_sets_every_key)
{
    sample_yaml_expect_keys(&sample);
}
