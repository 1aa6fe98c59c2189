// test_config_value.c -- one value of each type, there and back.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdlib.h>

#include "common/config/config_value.h"
#include "tests/common/config_rows.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))
#define VEGA CONFIG_SPELLING_VEGA
#define REDIS CONFIG_SPELLING_REDIS

static struct slice text_of(struct buffer *buffer)
{
    return buffer_slice(buffer);
}

#define assert_text_eq(buffer, expected)                                       \
    ck_assert_msg(slice_equal(text_of(buffer), slice_of(expected)),            \
                  "'%.*s' is not '%s'", SLICE_PRINT(text_of(buffer)),          \
                  (expected))

static const struct {
    const char *key;
    enum config_spelling spelling;
    const char *text;
    int64_t number;
    const char *vega, *redis; // As it is written again.
} good[] = {
    {"verbose", VEGA, "true", 1, "true", "yes"},
    {"verbose", VEGA, "False", 0, "false", "no"},
    {"verbose", VEGA, "YES", 1, "true", "yes"},
    {"verbose", VEGA, "no", 0, "false", "no"},
    {"verbose", VEGA, "on", 1, "true", "yes"},
    {"verbose", REDIS, "off", 0, "false", "no"},
    {"port", VEGA, "0", 0, "0", "0"},
    {"port", VEGA, "65535", 65535, "65535", "65535"},
    {"file_mode", VEGA, "0700", 0700, "0700", "700"},
    {"file_mode", VEGA, "7", 07, "0007", "7"},
    {"file_mode", REDIS, "777", 0777, "0777", "777"},
    {"heap_max", VEGA, "1kb", 1024, "1KB", "1024"},
    {"heap_max", REDIS, "1073741824", 1 << 30, "1GB", "1073741824"},
    {"pause", VEGA, "0", 0, "0", "0"},
    {"pause", VEGA, "90s", 90000, "90s", "90"},
    {"pause", VEGA, "1h", 3600000, "1h", "3600"},
    {"pause", VEGA, "250ms", 250, "250ms", "250ms"},
    {"pause", REDIS, "60", 60000, "1m", "60"},
    {"pause", REDIS, "250ms", 250, "250ms", "250ms"},
    {"level", VEGA, "low", 0, "low", "low"},
    {"level", VEGA, "HIGH", 2, "high", "high"},
};

TEST_FOR(a_good_value_is_read_and_written_in_both_spellings, COUNT(good))
{
    const struct config_row *row = test_config_row(good[_i].key);
    struct config_value value = {0};
    ck_assert(config_value_parse(row, good[_i].spelling,
                                 slice_of(good[_i].text), &value));
    ck_assert_int_eq(value.number, good[_i].number);

    struct buffer text = {0};
    config_value_format(row, VEGA, value, &text);
    assert_text_eq(&text, good[_i].vega);
    struct config_value again = {0};
    ck_assert(config_value_parse(row, VEGA, buffer_slice(&text), &again));
    ck_assert(config_value_equal(row, value, again));

    buffer_clear(&text);
    config_value_format(row, REDIS, value, &text);
    assert_text_eq(&text, good[_i].redis);
    ck_assert(config_value_parse(row, REDIS, buffer_slice(&text), &again));
    ck_assert(config_value_equal(row, value, again));
    buffer_deinit(&text);
}

static const struct {
    const char *key;
    enum config_spelling spelling;
    struct slice text;
} bad[] = {
    {"verbose", VEGA, {"", 0}},
    {"verbose", VEGA, {"1", 1}},
    {"verbose", VEGA, {"truetrue", 8}},
    {"verbose", VEGA, {"true\0", 5}},
    {"port", VEGA, {"", 0}},
    {"port", VEGA, {"-1", 2}},
    {"port", VEGA, {"65536", 5}},
    {"port", VEGA, {"99999999999999999999", 20}},
    {"port", VEGA, {"80 ", 3}},
    {"port", VEGA, {"0x50", 4}},
    {"port", VEGA, {"0080", 4}},
    {"port", VEGA, {"80\0", 3}},
    {"file_mode", VEGA, {"", 0}},
    {"file_mode", VEGA, {"8", 1}},
    {"file_mode", VEGA, {"1000", 4}},
    {"file_mode", VEGA, {"00007", 5}},
    {"file_mode", VEGA, {"-7", 2}},
    {"heap_max", VEGA, {"1023", 4}},
    {"heap_max", VEGA, {"2GB", 3}},
    {"heap_max", VEGA, {"lots", 4}},
    {"pause", VEGA, {"5", 1}},
    {"pause", VEGA, {"61m", 3}},
    {"pause", REDIS, {"3601", 4}},
    {"pause", REDIS, {"-1", 2}},
    {"pause", REDIS, {"9223372036854775807", 19}}, // Overflows in ms.
    {"level", VEGA, {"", 0}},
    {"level", VEGA, {"0", 1}},
    {"level", VEGA, {"lo", 2}},
    {"name", VEGA, {"a\0b", 3}},
    {"addresses", VEGA, {"a \0", 3}},
};

TEST_FOR(a_bad_value_is_refused_and_changes_nothing, COUNT(bad))
{
    struct config_value value = {.number = 4711};
    ck_assert_msg(!config_value_parse(test_config_row(bad[_i].key),
                                      bad[_i].spelling, bad[_i].text, &value),
                  "%s: %s", bad[_i].key, bad[_i].text.data);
    ck_assert_int_eq(value.number, 4711);
    ck_assert_ptr_null(value.text);
}

static const struct {
    const char *key, *text, *kept;
} texts[] = {
    {"name", "", ""},
    {"name", "  two words ", "  two words "},
    {"name", "0123", "0123"},
    {"addresses", "", ""},
    {"addresses", "  ", ""},
    {"addresses", "one", "one"},
    {"addresses", " one\t two\n\nthree ", "one two three"},
};

TEST_FOR(text_is_kept_as_it_is_and_lists_with_single_spaces, COUNT(texts))
{
    const struct config_row *row = test_config_row(texts[_i].key);
    struct config_value value = {0};
    ck_assert(config_value_parse(row, VEGA, slice_of(texts[_i].text), &value));
    ck_assert_str_eq(value.text, texts[_i].kept);

    struct buffer text = {0};
    config_value_format(row, VEGA, value, &text);
    assert_text_eq(&text, texts[_i].kept);
    buffer_deinit(&text);
    free(value.text);
}

TEST(a_field_gives_back_what_was_stored)
{
    for (int i = 0; i < TEST_CONFIG_ROWS; i++) {
        const struct config_row *row = &test_config_rows[i];
        struct test_settings settings = {0};
        void *field = (char *)&settings + row->offset;
        struct config_value value = {0};
        ck_assert(
            config_value_parse(row, VEGA, slice_of(row->fallback), &value));
        config_value_store(row, field, value);
        ck_assert(
            config_value_equal(row, config_value_load(row, field), value));
        if (config_type_is_text(row->type))
            config_value_store(row, field, (struct config_value){0}); // Frees.
    }
}

static const struct {
    const char *key, *description;
} descriptions[] = {
    {"verbose", "true or false"},
    {"port", "an integer from 0 to 65535"},
    {"file_mode", "permissions in octal from 0000 to 0777"},
    {"heap_max", "a size from 1KB to 1GB"},
    {"pause", "a duration with its unit, from 0 to 1h"},
    {"name", "text"},
    {"addresses", "a list of words"},
    {"level", "one of low, middle, high"},
};

TEST_FOR(each_type_says_what_it_allows, COUNT(descriptions))
{
    struct buffer text = {0};
    config_value_describe(test_config_row(descriptions[_i].key), &text);
    assert_text_eq(&text, descriptions[_i].description);
    buffer_deinit(&text);
}

static const struct {
    const char *const choices[3];
    const char *description;
} few_choices[] = {
    {{"yes", "no"}, "one of yes, no"},
    {{"no"}, "no"},
    {{""}, "\"\""},
};

TEST_FOR(a_single_choice_is_named_alone, COUNT(few_choices))
{
    struct config_row row = {.type = CONFIG_CHOICE,
                             .choices = few_choices[_i].choices};
    struct buffer text = {0};
    config_value_describe(&row, &text);
    assert_text_eq(&text, few_choices[_i].description);
    buffer_deinit(&text);
}
