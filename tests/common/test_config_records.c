// test_config_records.c -- settings that are lists of mappings.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <string.h>

#include "common/config/config_private.h"

static bool is_short(const char *text)
{
    return strlen(text) <= 4;
}

static const struct config_field fields[] = {
    {.name = "id", .unique = true, .accepts = is_short, .allowed = "short"},
    {.name = "at", .allowed = "a word"},
    {.name = "size", .fallback = "1", .allowed = "a word"},
    {0},
};

static const struct config_row rows[] = {
    {.key = "things",
     .type = CONFIG_RECORDS,
     .fallback = "",
     .fields = fields,
     .section = "Things",
     .help = "All of them."},
    {0},
};

static char *things;

static struct config *create(void)
{
    struct config *config = config_create();
    config_add(config, rows, &things);
    return config;
}

static const char good[] = "things:\n"
                           "  - id: a\n"
                           "    at: here\n"
                           "    size: 7\n"
                           "  - {at: \"there\", id: b}\n";

TEST(a_sequence_of_mappings_becomes_records)
{
    struct config *config = create();
    struct config_error error = {{0}};
    enum status status =
        config_load_yaml_text(config, "x.yaml", slice_of(good), &error);
    ck_assert_msg(status == STATUS_OK, "%s", error.text);
    ck_assert_str_eq(things, "id=a at=here size=7, at=there id=b");

    struct slice records = slice_of(things), values[CONFIG_FIELDS_MAX];
    ck_assert(config_next_record(fields, &records, values));
    ck_assert(slice_equal(values[0], SLICE("a")));
    ck_assert(slice_equal(values[1], SLICE("here")));
    ck_assert(slice_equal(values[2], SLICE("7")));
    ck_assert(config_next_record(fields, &records, values));
    ck_assert(slice_equal(values[0], SLICE("b")));
    ck_assert(slice_equal(values[1], SLICE("there")));
    ck_assert(slice_equal(values[2], SLICE("1"))); // The fallback.
    ck_assert(!config_next_record(fields, &records, values));
    config_destroy(config);
}

TEST(an_empty_sequence_is_none)
{
    struct config *config = create();
    struct config_error error = {{0}};
    struct slice records, values[CONFIG_FIELDS_MAX];
    ck_assert_int_eq(
        config_load_yaml_text(config, "x.yaml", SLICE("things: []"), &error),
        STATUS_OK);
    ck_assert_str_eq(things, "");
    records = slice_of(things);
    ck_assert(!config_next_record(fields, &records, values));
    config_destroy(config);
}

static const struct {
    const char *yaml, *error;
} refused[] = {
    {"things:\n  - id: a\n    at: x\n  - at: y\n    id: a\n",
     "x.yaml:5:9: things: id 'a' is another one's already"},
    {"things:\n  - id: a\n", "x.yaml:2:5: things: at is missing"},
    {"things:\n  - id: a\n    id: b\n    at: x\n",
     "x.yaml:3:9: things: id is set already"},
    {"things:\n  - id: abcde\n    at: x\n",
     "x.yaml:2:9: things: id must be short, not 'abcde'"},
    {"things:\n  - id: a\n    at: two words\n",
     "x.yaml:3:9: things: at must be a word, not 'two words'"},
    {"things:\n  - id: a\n    at: x,y\n",
     "x.yaml:3:9: things: at must be a word, not 'x,y'"},
    {"things:\n  - id: a\n    at: \"\"\n",
     "x.yaml:3:9: things: at must be a word, not ''"},
    {"things:\n  - id: a\n    ad: x\n",
     "x.yaml:3:9: things: unknown key 'ad'; there are id, at, size"},
    {"things:\n  - a\n",
     "x.yaml:2:5: things must hold mappings, not a single value"},
    {"things:\n  - id: [a]\n", "x.yaml:2:9: what things holds must be single "
                               "values, not a sequence"},
    {"things:\n  - [a]: b\n",
     "x.yaml:2:5: a key of things must be a word, not a sequence"},
    {"things: {id: a}\n",
     "x.yaml:1:9: things must be a list of mappings, not a mapping"},
    {"things: many\n", "x.yaml:1:9: things must be KEY=VALUE, not 'many'"},
};

TEST_FOR(a_mistake_is_told_with_its_place, sizeof refused / sizeof *refused)
{
    struct config *config = create();
    struct config_error error = {{0}};
    ck_assert_int_eq(config_load_yaml_text(config, "x.yaml",
                                           slice_of(refused[_i].yaml), &error),
                     STATUS_INVALID);
    ck_assert_msg(
        !strncmp(error.text, refused[_i].error, strlen(refused[_i].error)),
        "%s", error.text);
    config_destroy(config);
}

TEST(other_sources_write_records_as_text)
{
    char two[] = "VEGA_THINGS=id=a at=x,  id=b at=y size=2";
    char twice[] = "VEGA_THINGS=id=a at=x, id=a at=y";
    char *environment[] = {two, NULL}, *wrong[] = {twice, NULL};
    struct config *config = create();
    struct config_error error = {{0}};
    ck_assert_int_eq(config_load_environment(config, environment, &error),
                     STATUS_OK);
    ck_assert_str_eq(things, "id=a at=x, id=b at=y size=2");
    ck_assert_int_eq(config_load_environment(config, wrong, &error),
                     STATUS_INVALID);
    ck_assert_str_eq(error.text,
                     "VEGA_THINGS: id 'a' is another one's already");
    config_destroy(config);
}

TEST(the_sample_shows_an_empty_list)
{
    struct config *config = create();
    struct buffer sample = {0};
    config_format_sample(config, &sample);
    buffer_append_byte(&sample, '\0');
    ck_assert_ptr_nonnull(strstr(sample.data, "# All of them.\nthings: []\n"));
    buffer_deinit(&sample);
    config_destroy(config);
}
