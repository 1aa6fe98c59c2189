// test_config.c -- the registry, and settings that change at run time.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <string.h>

#include "tests/common/config_rows.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

TEST(defaults_fill_the_target)
{
    struct test_settings settings;
    memset(&settings, 0xa5, sizeof settings);
    struct config *config = test_config_create(&settings);
    ck_assert_int_eq(settings.port, 6379);
    ck_assert(!settings.verbose);
    ck_assert_int_eq(settings.mode, 0640);
    ck_assert_int_eq(settings.heap_max, 1 << 20);
    ck_assert_int_eq(settings.pause_ms, 5000);
    ck_assert_str_eq(settings.name, "vega");
    ck_assert_str_eq(settings.addresses, "a b");
    ck_assert_int_eq(settings.level, 0);
    ck_assert_str_eq(settings.password, "");
    config_destroy(config);
}

TEST(a_stage_adds_rows_with_a_target_of_its_own)
{
    static const struct config_row more[] = {
        {.key = "members",
         .type = CONFIG_INT,
         .fallback = "3",
         .max = 9,
         .section = "Ring",
         .help = "Nodes."},
        {.key = NULL},
    };
    struct test_settings settings;
    int64_t members = 0;
    struct config *config = test_config_create(&settings);
    config_add(config, more, &members);
    ck_assert_int_eq(members, 3);
    struct config_error error;
    ck_assert_int_eq(config_load_yaml_text(
                         config, "f", SLICE("port: 1\nmembers: 5"), &error),
                     STATUS_OK);
    ck_assert_int_eq(settings.port, 1);
    ck_assert_int_eq(members, 5);
    config_destroy(config);
}

static const struct {
    const char *key, *value;
    enum status status;
    const char *error;
} sets[] = {
    {"heap_max", "2MB", STATUS_OK, ""},
    {"heap-max", "2mb", STATUS_OK, ""},
    {"MAXHEAP", "2097152", STATUS_OK, ""},
    {"HeapSize", "2097152", STATUS_OK, ""},
    {"heap", "2MB", STATUS_NOT_FOUND, "unknown key 'heap'"},
    {"heap_max*", "2MB", STATUS_NOT_FOUND, "unknown key 'heap_max*'"},
    {"heap_max", "1", STATUS_INVALID,
     "must be a size from 1KB to 1GB, not '1'"},
    {"heap_max", "", STATUS_INVALID, "must be a size from 1KB to 1GB, not ''"},
    {"port", "1", STATUS_DENIED, "can't set immutable config"},
    {"port", "x", STATUS_DENIED, "can't set immutable config"},
};

TEST_FOR(a_set_changes_run_time_keys_only, COUNT(sets))
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error = {{0}};
    ck_assert_int_eq(config_set(config, slice_of(sets[_i].key),
                                slice_of(sets[_i].value), &error),
                     sets[_i].status);
    ck_assert_str_eq(error.text, sets[_i].error);
    ck_assert_int_eq(settings.heap_max,
                     sets[_i].status == STATUS_OK ? 2 << 20 : 1 << 20);
    ck_assert_int_eq(settings.port, 6379);
    config_destroy(config);
}

TEST(a_set_of_text_replaces_the_old_one)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    ck_assert_int_eq(config_set(config, SLICE("name"), SLICE("other"), &error),
                     STATUS_OK);
    ck_assert_str_eq(settings.name, "other");
    ck_assert_int_eq(
        config_set(config, SLICE("name"), (struct slice){"a\0b", 3}, &error),
        STATUS_INVALID);
    ck_assert_str_eq(settings.name, "other");
    config_destroy(config);
}

TEST(a_refused_secret_is_not_repeated)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    ck_assert_int_eq(config_set(config, SLICE("password"),
                                (struct slice){"hush\0", 5}, &error),
                     STATUS_INVALID);
    ck_assert_str_eq(error.text, "must not hold a NUL byte");
    config_destroy(config);
}

static void collect(void *context, const char *key, const char *value)
{
    buffer_printf(context, "%s=%s;", key, value);
}

static const struct {
    const char *pattern, *found;
} gets[] = {
    {"port", "port=6379;"},
    {"PORT", "port=6379;"},
    // Redis' spelling under Redis' names, ours under ours.
    {"verbose", "verbose=false;"},
    {"chatty", "chatty=no;"},
    {"heap_max", "heap_max=1MB;"},
    {"heap-max", "heap-max=1MB;"},
    {"maxheap", "maxheap=1048576;"},
    {"heapsize", "heapsize=1048576;"},
    {"pause", "pause=5;"},
    {"file_mode", "file_mode=0640;"},
    {"level", "level=low;"},
    {"p*", "port=6379;pause=5;password=;"},
    {"*max*", "maxheap=1048576;"},
    {"save", ""},
    {"", ""},
    // Redis' old name once more, as Redis does.
    {"*",
     "port=6379;chatty=no;file_mode=0640;maxheap=1048576;"
     "heapsize=1048576;pause=5;name=vega;addresses=a b;level=low;password=;"},
};

TEST_FOR(a_get_shows_each_matching_name_once, COUNT(gets))
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct buffer found = {0};
    config_get(config, slice_of(gets[_i].pattern), collect, &found);
    buffer_append_byte(&found, '\0');
    ck_assert_str_eq(found.data, gets[_i].found);
    buffer_deinit(&found);
    config_destroy(config);
}

TEST(what_get_shows_set_takes_back)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    struct buffer before = {0}, after = {0};
    ck_assert_int_eq(
        config_set(config, SLICE("pause"), SLICE("1500ms"), &error), STATUS_OK);
    config_get(config, SLICE("pause"), collect, &before);
    ck_assert(slice_equal(buffer_slice(&before), SLICE("pause=1500ms;")));
    ck_assert_int_eq(config_set(config, SLICE("pause"), SLICE("90"), &error),
                     STATUS_OK);
    ck_assert_int_eq(settings.pause_ms, 90000);
    config_get(config, SLICE("pause"), collect, &after);
    ck_assert(slice_equal(buffer_slice(&after), SLICE("pause=90;")));
    buffer_deinit(&before);
    buffer_deinit(&after);
    config_destroy(config);
}

static void count_change(void *context)
{
    ++*(int *)context;
}

TEST(a_listener_hears_of_every_set_that_succeeds)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    int changes = 0;
    config_on_change(config, count_change, &changes);
    config_set(config, SLICE("pause"), SLICE("x"), &error);
    config_set(config, SLICE("port"), SLICE("1"), &error);
    ck_assert_int_eq(changes, 0);
    config_set(config, SLICE("pause"), SLICE("1"), &error);
    ck_assert_int_eq(changes, 1);
    config_destroy(config);
}

TEST(a_few_may_listen)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    int first = 0, second = 0;
    config_on_change(config, count_change, &first);
    config_on_change(config, count_change, &second);
    config_set(config, SLICE("pause"), SLICE("1"), &error);
    ck_assert_int_eq(first, 1);
    ck_assert_int_eq(second, 1);
    config_destroy(config);
}

static void note_adoption(void *context, const char *key, bool applied)
{
    buffer_printf(context, "%s %s;", key, applied ? "applied" : "later");
}

TEST(a_reread_applies_run_time_keys_and_names_the_others)
{
    struct test_settings settings, fresh_settings;
    struct config *config = test_config_create(&settings);
    struct config *fresh = test_config_create(&fresh_settings);
    struct config_error error;
    int changes = 0;
    config_on_change(config, count_change, &changes);
    ck_assert_int_eq(
        config_load_yaml_text(fresh, "f",
                              SLICE("port: 1\nname: new\npause: 1s\n"
                                    "addresses: [c]\nheap_max: 1MB\n"),
                              &error),
        STATUS_OK);

    struct buffer notes = {0};
    config_adopt(config, fresh, note_adoption, &notes);
    config_destroy(fresh);
    buffer_append_byte(&notes, '\0');
    ck_assert_str_eq(notes.data, "port later;pause applied;name applied;"
                                 "addresses later;");
    ck_assert_int_eq(changes, 1);
    ck_assert_int_eq(settings.port, 6379);
    ck_assert_int_eq(settings.pause_ms, 1000);
    ck_assert_str_eq(settings.name, "new");
    ck_assert_str_eq(settings.addresses, "a b");
    buffer_deinit(&notes);
    config_destroy(config);
}

TEST(another_default_gives_way_to_every_source_and_outlives_a_reread)
{
    struct test_settings settings, fresh_settings;
    struct config *config = test_config_create(&settings);
    struct config *fresh = test_config_create(&fresh_settings);
    struct config_error error;
    struct buffer notes = {0};
    ck_assert_int_eq(
        config_load_yaml_text(config, "f", SLICE("name: file"), &error),
        STATUS_OK);
    ck_assert(config_set_default(config, "name", "implied", &error));
    ck_assert(config_set_default(config, "port", "7000", &error));
    ck_assert_str_eq(settings.name, "file");
    ck_assert_int_eq(settings.port, 7000);
    ck_assert(!config_set_default(config, "port", "70000", &error));
    ck_assert_int_eq(settings.port, 7000);

    config_load_yaml_text(fresh, "f", SLICE("name: file"), &error);
    config_adopt(config, fresh, note_adoption, &notes);
    ck_assert_uint_eq(notes.size, 0);
    ck_assert_int_eq(settings.port, 7000);
    config_destroy(fresh);
    config_destroy(config);
}

TEST(a_reread_of_the_same_changes_nothing)
{
    struct test_settings settings, fresh_settings;
    struct config *config = test_config_create(&settings);
    struct config *fresh = test_config_create(&fresh_settings);
    int changes = 0;
    struct buffer notes = {0};
    config_on_change(config, count_change, &changes);
    config_adopt(config, fresh, note_adoption, &notes);
    ck_assert_int_eq(changes, 0);
    ck_assert_uint_eq(notes.size, 0);
    config_destroy(fresh);
    config_destroy(config);
}

// ---- Two names of one field

static const char *const speeds[] = {"slow", "fast", NULL};
static const char *const hurries[] = {"no", "yes", NULL};

static const struct config_row twins[] = {
    {.key = "speed",
     .type = CONFIG_CHOICE,
     .fallback = "fast",
     .flags = CONFIG_RUNTIME,
     .choices = speeds,
     .section = "Twins",
     .help = "How fast."},
    {.key = "hurry",
     .type = CONFIG_CHOICE,
     .fallback = "yes",
     .flags = CONFIG_RUNTIME | CONFIG_ALIAS,
     .choices = hurries,
     .section = "Twins",
     .help = "The same."},
    {.key = NULL},
};

static struct config *twins_create(int *speed)
{
    struct config *config = config_create();
    config_add(config, twins, speed);
    return config;
}

static enum status twins_load(struct config *config, const char *text,
                              struct config_error *error)
{
    return config_load_yaml_text(config, "f", slice_of(text), error);
}

TEST(an_alias_sets_the_field_of_the_row_before_it)
{
    int speed = -1;
    struct config_error error;
    struct config *config = twins_create(&speed);
    ck_assert_int_eq(speed, 1);
    ck_assert_int_eq(twins_load(config, "hurry: no", &error), STATUS_OK);
    ck_assert_int_eq(speed, 0);
    ck_assert_int_eq(config_set(config, SLICE("hurry"), SLICE("yes"), &error),
                     STATUS_OK);
    ck_assert_int_eq(speed, 1);
    config_destroy(config);
}

TEST(a_source_that_sets_both_names_is_refused_with_the_place)
{
    int speed;
    struct config_error error;
    struct config *config = twins_create(&speed);
    ck_assert_int_eq(twins_load(config, "speed: slow\nhurry: yes", &error),
                     STATUS_INVALID);
    ck_assert_str_eq(error.text, "f:2:8: hurry is the same setting as speed, "
                                 "which is set already");
    config_destroy(config);

    config = twins_create(&speed);
    char *variables[] = {(char *)"VEGA_HURRY=no", (char *)"VEGA_SPEED=slow",
                         NULL};
    ck_assert_int_eq(config_load_environment(config, variables, &error),
                     STATUS_INVALID);
    ck_assert_str_eq(error.text, "VEGA_SPEED: is the same setting as hurry, "
                                 "which is set already");
    config_destroy(config);
}

TEST(a_stronger_source_wins_under_either_name)
{
    int speed;
    struct config_error error;
    struct config *config = twins_create(&speed);
    char *variables[] = {(char *)"VEGA_SPEED=slow", NULL};
    ck_assert_int_eq(config_load_environment(config, variables, &error),
                     STATUS_OK);
    ck_assert_int_eq(twins_load(config, "hurry: yes", &error), STATUS_OK);
    ck_assert_int_eq(speed, 0);
    config_destroy(config);
}

static void note_speed(void *context, const char *key, bool applied)
{
    ck_assert_str_eq(key, "speed");
    ck_assert(applied);
    ++*(int *)context;
}

TEST(a_change_by_an_alias_is_told_once)
{
    int speed, fresh_speed, changes = 0;
    struct config_error error;
    struct config *config = twins_create(&speed);
    struct config *fresh = twins_create(&fresh_speed);
    ck_assert_int_eq(twins_load(fresh, "hurry: no", &error), STATUS_OK);
    config_adopt(config, fresh, note_speed, &changes);
    ck_assert_int_eq(changes, 1);
    ck_assert_int_eq(speed, 0);
    config_destroy(fresh);
    config_destroy(config);
}

TEST(an_alias_is_not_in_the_sample)
{
    int speed;
    struct config *config = twins_create(&speed);
    struct buffer sample = {0};
    config_format_sample(config, &sample);
    buffer_append_byte(&sample, '\0');
    ck_assert(strstr(sample.data, "\nspeed: fast\n"));
    ck_assert(!strstr(sample.data, "hurry"));
    buffer_deinit(&sample);
    config_destroy(config);
}
