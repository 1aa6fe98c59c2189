// test_sample_yaml.c -- stage1-singlenode/vega.yaml is the rows, in words.
// SPDX-License-Identifier: MIT
#include "tests/common/sample_yaml.h"

#include <stddef.h>

#include "common/server/server.h"
#include "stage1-singlenode/node_config.h"
#include "tests/test.h"

struct settings {
    struct server_settings server;
    struct node_settings node;
};

static const struct sample_yaml sample = {
    "stage1-singlenode/vega.yaml",
    {
        {server_config_rows, offsetof(struct settings, server)},
        {node_config_rows, offsetof(struct settings, node)},
        {memory_only_config_rows, offsetof(struct settings, node)},
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

TEST(the_store_begins_with_the_limits_that_the_rows_say)
{
    struct settings settings;
    struct config *config = sample_yaml_config(&sample, &settings);
    struct limits limits = LIMITS_DEFAULT;
    ck_assert(!memcmp(&limits, &settings.node.limits, sizeof limits));
    config_destroy(config);
}
