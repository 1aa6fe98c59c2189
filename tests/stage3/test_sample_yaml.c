// test_sample_yaml.c -- stage3-sharding/vega.yaml is the rows, in words.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdio.h>

#include "common/server/server.h"
#include "stage1-singlenode/node_config.h"
#include "stage2-persistence/durable_config.h"
#include "stage3-sharding/cluster_config.h"

static const char path[] = "stage3-sharding/vega.yaml";

struct settings {
    struct server_settings server;
    struct node_settings node;
    struct durable_settings durable;
    struct cluster_settings cluster;
};

static struct config *make_config(struct settings *settings)
{
    struct config *config = config_create();
    config_add(config, server_config_rows, &settings->server);
    config_add(config, node_config_rows, &settings->node);
    config_add(config, durable_config_rows, &settings->durable);
    config_add(config, cluster_config_rows, &settings->cluster);
    return config;
}

static void read_sample(struct buffer *out)
{
    FILE *file = fopen(path, "r");
    ck_assert_msg(file, "no %s: run the tests from the top", path);
    char bytes[4096];
    size_t size;
    while ((size = fread(bytes, 1, sizeof bytes, file)) > 0)
        buffer_append(out, bytes, size);
    fclose(file);
}

TEST(the_sample_file_is_what_the_rows_say)
{
    struct settings settings;
    struct config *config = make_config(&settings);
    struct buffer sample = {0}, file = {0};
    config_format_sample(config, &sample);
    read_sample(&file);

    ck_assert_msg(slice_equal(buffer_slice(&file), buffer_slice(&sample)),
                  "%s is not what build/stage3/vega-server --sample-config "
                  "prints",
                  path);
    buffer_deinit(&sample);
    buffer_deinit(&file);
    config_destroy(config);
}

static void note_difference(void *context, const char *key, bool applied)
{
    (void)applied;
    buffer_printf(context, "%s ", key);
}

TEST(loading_the_sample_file_changes_no_default)
{
    struct settings settings, loaded_settings;
    struct config *config = make_config(&settings);
    struct config *loaded = make_config(&loaded_settings);
    struct config_error error = {{0}};
    enum status status = config_load_yaml(loaded, path, &error);
    ck_assert_msg(status == STATUS_OK, "%s", error.text);

    struct buffer differences = {0};
    config_adopt(config, loaded, note_difference, &differences);
    ck_assert_msg(differences.size == 0, "%.*s",
                  SLICE_PRINT(buffer_slice(&differences)));
    buffer_deinit(&differences);
    config_destroy(loaded);
    config_destroy(config);
}

static void expect_keys(const struct config_row *row, const char *text)
{
    for (; row->key; row++) {
        if (row->flags & CONFIG_ALIAS)
            continue;
        char line[128];
        snprintf(line, sizeof line, "\n%s: ", row->key);
        ck_assert_msg(strstr(text, line), "%s", row->key);
    }
}

// A key that is left out would keep its default and pass unseen.
TEST(the_sample_file_sets_every_key)
{
    struct buffer file = {0};
    read_sample(&file);
    buffer_append_byte(&file, '\0');
    expect_keys(server_config_rows, file.data);
    expect_keys(node_config_rows, file.data);
    expect_keys(durable_config_rows, file.data);
    expect_keys(cluster_config_rows, file.data);
    buffer_deinit(&file);
}
