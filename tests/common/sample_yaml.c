// sample_yaml.c -- the sample file beside what the rows make.
// SPDX-License-Identifier: MIT
#include "tests/common/sample_yaml.h"

#include <stdio.h>

#include "common/base/buffer.h"
#include "tests/test.h"

struct config *sample_yaml_config(const struct sample_yaml *sample,
                                  void *settings)
{
    struct config *config = config_create();
    for (const struct sample_part *part = sample->parts; part->rows; part++)
        config_add(config, part->rows, (char *)settings + part->offset);
    return config;
}

static void read_sample(const struct sample_yaml *sample, struct buffer *out)
{
    FILE *file = fopen(sample->path, "r");
    ck_assert_msg(file, "no %s: run the tests from the top", sample->path);
    char bytes[4096];
    size_t size;
    while ((size = fread(bytes, 1, sizeof bytes, file)) > 0)
        buffer_append(out, bytes, size);
    fclose(file);
}

void sample_yaml_expect_rows(const struct sample_yaml *sample, void *settings)
{
    struct config *config = sample_yaml_config(sample, settings);
    struct buffer printed = {0}, file = {0};
    config_format_sample(config, &printed);
    read_sample(sample, &file);
    ck_assert_msg(slice_equal(buffer_slice(&file), buffer_slice(&printed)),
                  "%s is not what vega-server --sample-config prints",
                  sample->path);
    buffer_deinit(&printed);
    buffer_deinit(&file);
    config_destroy(config);
}

static void note_difference(void *context, const char *key, bool applied)
{
    (void)applied;
    buffer_printf(context, "%s ", key);
}

void sample_yaml_expect_defaults(const struct sample_yaml *sample,
                                 void *settings, void *others)
{
    struct config *config = sample_yaml_config(sample, settings);
    struct config *loaded = sample_yaml_config(sample, others);
    struct config_error error = {{0}};
    enum status status = config_load_yaml(loaded, sample->path, &error);
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

void sample_yaml_expect_keys(const struct sample_yaml *sample)
{
    struct buffer file = {0};
    read_sample(sample, &file);
    buffer_append_byte(&file, '\0');
    for (const struct sample_part *part = sample->parts; part->rows; part++)
        expect_keys(part->rows, file.data);
    buffer_deinit(&file);
}
