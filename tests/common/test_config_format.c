// test_config_format.c -- the rows for people.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <string.h>

#include "tests/common/config_rows.h"

static const struct config_row rows[] = {
    {.key = "port",
     .type = CONFIG_INT,
     .fallback = "6379",
     .max = 65535,
     .flag = "--port",
     .section = "Net",
     .help = "A port."},
    {.key = "words",
     .type = CONFIG_LIST,
     .fallback = "a ::1",
     .offset = 8,
     .flags = CONFIG_RUNTIME,
     .section = "Net",
     .help = "A sentence that is long enough to be broken into a second line, "
             "at a space and not in a word."},
    {.key = "hush",
     .type = CONFIG_TEXT,
     .fallback = "say \"\\\"",
     .offset = 16,
     .flags = CONFIG_SECRET | CONFIG_RUNTIME,
     .section = "Rest",
     .help = "A secret."},
    {.key = NULL},
};

struct fields {
    int64_t port;
    char *words, *hush;
};

static void expect(void (*format)(const struct config *, struct buffer *),
                   const char *expected)
{
    struct fields fields;
    struct config *config = config_create();
    config_add(config, rows, &fields);
    struct buffer text = {0};
    format(config, &text);
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq(text.data, expected);
    buffer_deinit(&text);
    config_destroy(config);
}

TEST(the_sample_holds_every_key_with_its_default)
{
    expect(
        config_format_sample,
        "# Settings of vega-server. Every key may be left out; what stands "
        "here are the\n"
        "# defaults.\n"
        "#\n"
        "# A variable VEGA_KEY (VEGA_PORT=7000) wins over this file, a flag "
        "(--port\n"
        "# 7000, or --set port=7000) over both.\n"
        "#\n"
        "# Sizes are in powers of 1024: 100, 64KB, 512MB, 1GB. Durations have "
        "a unit:\n"
        "# 250ms, 5s, 2m, 1h, 7d, or are 0.\n"
        "\n"
        "# ---- Net ----\n"
        "\n"
        "# A port.\n"
        "# Allowed: an integer from 0 to 65535.\n"
        "port: 6379\n"
        "\n"
        "# A sentence that is long enough to be broken into a second line, at "
        "a space\n"
        "# and not in a word.\n"
        "# Can change at run time.\n"
        "words: \"a ::1\"\n"
        "\n"
        "# ---- Rest ----\n"
        "\n"
        "# A secret.\n"
        "# Never accepted as a flag. Can change at run time.\n"
        "hush: \"say \\\"\\\\\\\"\"\n");
}

TEST(the_sample_loads_as_the_defaults)
{
    struct test_settings settings, fresh_settings;
    struct config *config = test_config_create(&settings);
    struct buffer sample = {0}, again = {0};
    config_format_sample(config, &sample);

    struct config *fresh = test_config_create(&fresh_settings);
    struct config_error error = {{0}};
    enum status status =
        config_load_yaml_text(fresh, "sample", buffer_slice(&sample), &error);
    ck_assert_msg(status == STATUS_OK, "%s", error.text);
    ck_assert_int_eq(fresh_settings.port, 6379);
    ck_assert_str_eq(fresh_settings.addresses, "a b");
    config_format_sample(fresh, &again);
    ck_assert(slice_equal(buffer_slice(&sample), buffer_slice(&again)));
    buffer_deinit(&sample);
    buffer_deinit(&again);
    config_destroy(fresh);
    config_destroy(config);
}

TEST(help_shows_each_key_as_one_would_type_it)
{
    expect(config_format_help,
           "Net:\n"
           "  --port N\n"
           "        A port. Default: 6379.\n"
           "  --set words=\"A B ...\"\n"
           "        A sentence that is long enough to be broken into a second "
           "line, at a\n"
           "        space and not in a word. Default: a ::1.\n"
           "\n"
           "Rest:\n"
           "  VEGA_HUSH=TEXT\n"
           "        A secret. Default: say \"\\\".\n"
           "\n"
           "Every key may stand in the file (key: value), in the environment\n"
           "(VEGA_KEY=value) and, unless it is a secret, in an argument (--set "
           "key=value).\n"
           "Arguments win over the environment, the environment over the "
           "file.\n");
}

TEST(help_shows_flags_of_each_type)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct buffer text = {0};
    config_format_help(config, &text);
    buffer_append_byte(&text, '\0');
    static const char *const lines[] = {
        "\n  --verbose[=true|false]\n", "\n  --set file_mode=MODE\n",
        "\n  --set heap_max=SIZE\n",    "\n  --set pause=TIME\n",
        "\n  --set name=TEXT\n",        "\n  --set level=low|middle|high\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(strstr(text.data, lines[i]), "%s", lines[i]);
    buffer_deinit(&text);
    config_destroy(config);
}
