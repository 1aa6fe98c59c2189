// test_durable_config.c -- the settings that a node of stage 2 adds.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include "stage2-persistence/aof.h"
#include "stage2-persistence/durable_config.h"
#include "stage2-persistence/snapshot_schedule.h"

static struct durable_settings settings;

static struct config *create(void)
{
    struct config *config = config_create();
    config_add(config, durable_config_rows, &settings);
    return config;
}

TEST(by_default_nothing_is_lost)
{
    struct config *config = create();
    ck_assert_int_eq(settings.fsync, AOF_ALWAYS);
    ck_assert_str_eq(settings.data_dir, "vega-data");
    ck_assert_str_eq(settings.snapshot_path, "");
    config_destroy(config);
}

TEST(the_default_schedule_is_one)
{
    struct snapshot_schedule schedule;
    struct config *config = create();
    ck_assert(snapshot_schedule_parse(settings.save, &schedule));
    ck_assert_uint_eq(schedule.count, 1);
    config_destroy(config);
}

static const struct {
    const char *key, *value;
    enum status status;
    int fsync;
} sets[] = {
    {"fsync", "everysec", STATUS_OK, AOF_EVERYSEC},
    {"appendfsync", "no", STATUS_OK, AOF_NO},
    {"sync_writes", "true", STATUS_OK, AOF_ALWAYS},
    {"sync_writes", "false", STATUS_OK, AOF_EVERYSEC},
    {"sync-writes", "false", STATUS_OK, AOF_EVERYSEC},
    {"sync_writes", "always", STATUS_INVALID, AOF_ALWAYS},
    {"fsync", "true", STATUS_INVALID, AOF_ALWAYS},
    {"log_segment_size", "1MB", STATUS_DENIED, AOF_ALWAYS},
    {"data_dir", "x", STATUS_DENIED, AOF_ALWAYS},
    {"appendonly", "no", STATUS_INVALID, AOF_ALWAYS},
    {"save", "3600 1 300", STATUS_INVALID, AOF_ALWAYS},
    {"save", "often", STATUS_INVALID, AOF_ALWAYS},
    {"save", "", STATUS_OK, AOF_ALWAYS},
    {"save", "60 1 1 1000", STATUS_OK, AOF_ALWAYS},
};

TEST_FOR(what_can_change_at_run_time_and_how, sizeof sets / sizeof *sets)
{
    struct config_error error;
    struct config *config = create();
    ck_assert_int_eq(config_set(config, slice_of(sets[_i].key),
                                slice_of(sets[_i].value), &error),
                     sets[_i].status);
    ck_assert_int_eq(settings.fsync, sets[_i].fsync);
    config_destroy(config);
}

TEST(a_schedule_that_is_none_is_refused_with_its_place)
{
    struct config_error error;
    struct config *config = create();
    ck_assert_int_eq(config_load_yaml_text(config, "vega.yaml",
                                           SLICE("save: \"3600\""), &error),
                     STATUS_INVALID);
    ck_assert_str_eq(
        error.text, "vega.yaml:1:7: save must be pairs of seconds and changes, "
                    "each from 1, or nothing, not '3600'");
    ck_assert_str_eq(settings.save, "3600 1");
    config_destroy(config);
}

static void note(void *context, const char *key, const char *value)
{
    (void)key;
    buffer_printf(context, "%s ", value);
}

TEST_FOR(sync_writes_can_be_asked_for_under_every_policy, 3)
{
    static const char *const shown[] = {"true ", "false ", "false "};
    struct config_error error;
    struct buffer values = {0};
    struct config *config = create();
    config_set(config, SLICE("fsync"), slice_of(aof_policy_names[_i]), &error);
    config_get(config, SLICE("sync_writes"), note, &values);
    buffer_append_byte(&values, '\0');
    ck_assert_str_eq(values.data, shown[_i]);
    buffer_deinit(&values);
    config_destroy(config);
}

TEST(a_file_that_contradicts_itself_is_refused)
{
    struct config_error error;
    struct config *config = create();
    ck_assert_int_eq(config_load_yaml_text(
                         config, "vega.yaml",
                         SLICE("sync_writes: false\nfsync: always\n"), &error),
                     STATUS_INVALID);
    ck_assert_str_eq(error.text, "vega.yaml:2:8: fsync is the same setting as "
                                 "sync_writes, which is set already");
    config_destroy(config);
}
