// test_config_yaml.c -- the settings file: what is read, and how the rest is
// refused.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "tests/common/config_rows.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

static enum status load(struct test_settings *settings, struct slice text,
                        struct config_error *error, struct config **config)
{
    *config = test_config_create(settings);
    *error = (struct config_error){{0}};
    return config_load_yaml_text(*config, "vega.yaml", text, error);
}

TEST(every_type_is_read_from_its_natural_yaml)
{
    struct test_settings settings;
    struct config_error error;
    struct config *config;
    ck_assert_int_eq(load(&settings,
                          SLICE("# A comment.\n"
                                "port: 7000 # Another.\n"
                                "verbose: yes\n"
                                "file_mode: 0600\n"
                                "heap_max: 64MB\n"
                                "pause: 250ms\n"
                                "name: \"two words, \\u00fc\"\n"
                                "addresses: [127.0.0.1, \"::1\"]\n"
                                "level: high\n"
                                "password: 0123\n"),
                          &error, &config),
                     STATUS_OK);
    ck_assert_str_eq(error.text, "");
    ck_assert_int_eq(settings.port, 7000);
    ck_assert(settings.verbose);
    ck_assert_int_eq(settings.mode, 0600);
    ck_assert_int_eq(settings.heap_max, 64 << 20);
    ck_assert_int_eq(settings.pause_ms, 250);
    ck_assert_str_eq(settings.name, "two words, \xc3\xbc");
    ck_assert_str_eq(settings.addresses, "127.0.0.1 ::1");
    ck_assert_int_eq(settings.level, 2);
    ck_assert_str_eq(settings.password, "0123");
    config_destroy(config);
}

// All of these say port 7000 and nothing else.
static const char *const same[] = {
    "port: 7000",
    "port: 7000\n",
    "port: 7000\r\n",
    "\xef\xbb\xbfport: 7000\n", // A byte order mark.
    "{port: 7000}",
    "{\"port\": '7000'}",
    "port: \"7000\"",
    "port:\n  7000\n",
    "? port\n: 7000\n",
    "---\nport: 7000\n...\n",
    "%YAML 1.1\n---\nport: 7000\n",
    "\n\n# x\n\n  port: 7000\n",
};

TEST_FOR(a_mapping_may_be_written_in_any_style, COUNT(same))
{
    struct test_settings settings;
    struct config_error error;
    struct config *config;
    enum status status = load(&settings, slice_of(same[_i]), &error, &config);
    ck_assert_msg(status == STATUS_OK, "%s", error.text);
    ck_assert_int_eq(settings.port, 7000);
    ck_assert_str_eq(settings.name, "vega");
    config_destroy(config);
}

static const char *const lists[] = {
    "addresses: x y",
    "addresses: [x, y]",
    "addresses: [ 'x', \"y\" ]",
    "addresses:\n- x\n- y\n",
    "addresses:\n  - x y\n",
    "addresses: >\n  x\n  y\n",
};

TEST_FOR(a_list_is_a_sequence_or_words, COUNT(lists))
{
    struct test_settings settings;
    struct config_error error;
    struct config *config;
    enum status status = load(&settings, slice_of(lists[_i]), &error, &config);
    ck_assert_msg(status == STATUS_OK, "%s", error.text);
    ck_assert_str_eq(settings.addresses, "x y");
    config_destroy(config);
}

TEST(an_empty_list_and_empty_text_replace_the_default)
{
    struct test_settings settings;
    struct config_error error;
    struct config *config;
    ck_assert_int_eq(
        load(&settings, SLICE("addresses: []\nname: ''"), &error, &config),
        STATUS_OK);
    ck_assert_str_eq(settings.addresses, "");
    ck_assert_str_eq(settings.name, "");
    config_destroy(config);
}

static const char *const nothing[] = {
    "", "\n", "# only a comment\n", "---\n", "---\n...\n", "{}", "null",
};

TEST_FOR(an_empty_file_leaves_the_defaults, COUNT(nothing))
{
    struct test_settings settings;
    struct config_error error;
    struct config *config;
    enum status status =
        load(&settings, slice_of(nothing[_i]), &error, &config);
    ck_assert_msg(status == STATUS_OK, "%s", error.text);
    ck_assert_int_eq(settings.port, 6379);
    ck_assert_str_eq(settings.addresses, "a b");
    config_destroy(config);
}

static const struct {
    const char *text, *error;
} refused[] = {
    // Keys.
    {"name: a\nlevel: low\nprot: 1\n",
     "vega.yaml:3:1: unknown key 'prot'; did you mean 'port'?"},
    {"maxheap: 1MB",
     "vega.yaml:1:1: unknown key 'maxheap'; did you mean 'heap_max'?"},
    {"colour: blue",
     "vega.yaml:1:1: unknown key 'colour'; --help lists the known ones"},
    {"\"a\\nb\\x1b\": 1",
     "vega.yaml:1:1: unknown key 'a\\x0ab\\x1b'; --help lists the known ones"},
    {"port: 1\nname: x\nport: 1\n",
     "vega.yaml:3:1: duplicate key 'port'; set in line 1 already"},
    {"{port: 1, port: 2}",
     "vega.yaml:1:11: duplicate key 'port'; set in line 1 already"},
    {"? [port]\n: 1", "vega.yaml:1:3: a key must be a word, not a sequence"},
    {"? {port: 1}\n: 1", "vega.yaml:1:3: a key must be a word, not a mapping"},
    {"server:\n  port: 1\n",
     "vega.yaml:1:1: unknown key 'server'; --help lists the known ones"},
    // Values.
    {"name: a\nlevel: low\n\nport: abc\n",
     "vega.yaml:4:7: port must be an integer from 0 to 65535, not 'abc'"},
    {"port:\n   65536",
     "vega.yaml:2:4: port must be an integer from 0 to 65535, not '65536'"},
    {"port: [1]",
     "vega.yaml:1:7: port must be an integer from 0 to 65535, not a sequence"},
    {"port: {a: 1}",
     "vega.yaml:1:7: port must be an integer from 0 to 65535, not a mapping"},
    {"port:", "vega.yaml:1:1: port must be an integer from 0 to 65535, not "
              "nothing"},
    {"name: ~", "vega.yaml:1:1: name has no value; empty text is \"\""},
    {"name: Null", "vega.yaml:1:1: name has no value; empty text is \"\""},
    {"verbose: maybe",
     "vega.yaml:1:10: verbose must be true or false, not 'maybe'"},
    {"file_mode: 999", "vega.yaml:1:12: file_mode must be permissions in octal "
                       "from 0000 to 0777, not '999'"},
    {"heap_max: 2GB",
     "vega.yaml:1:11: heap_max must be a size from 1KB to 1GB, not '2GB'"},
    {"pause: 5", "vega.yaml:1:8: pause must be a duration with its unit, from "
                 "0 to 1h, not '5'"},
    {"level: top",
     "vega.yaml:1:8: level must be one of low, middle, high, not 'top'"},
    {"name: \"a\\0b\"", "vega.yaml:1:7: name must not hold a NUL byte"},
    {"password: \"a\\0b\"",
     "vega.yaml:1:11: password must not hold a NUL byte"},
    {"addresses: [a, \"b\\0\"]",
     "vega.yaml:1:12: addresses must not hold a NUL byte"},
    {"name: [a]", "vega.yaml:1:7: name must be text, not a sequence"},
    {"addresses: [a, [b]]",
     "vega.yaml:1:16: addresses must hold single values, not a sequence"},
    {"addresses:\n- a\n- b: c\n",
     "vega.yaml:3:3: addresses must hold single values, not a mapping"},
    {"addresses: {a: b}",
     "vega.yaml:1:12: addresses must be a list of words, not a mapping"},
    {"port: 01234567890123456789012345678901234567890123456789",
     "vega.yaml:1:7: port must be an integer from 0 to 65535, not "
     "'0123456789012345678901234567890123456789...'"},
    // Parts of YAML that a settings file has no use for.
    {"port: &p 1", "vega.yaml:1:7: anchors (&name) are not supported"},
    {"&p port: 1", "vega.yaml:1:1: anchors (&name) are not supported"},
    {"addresses: &a [x]", "vega.yaml:1:12: anchors (&name) are not supported"},
    {"port: *p", "vega.yaml:1:7: aliases (*name) are not supported"},
    {"addresses: [*p]", "vega.yaml:1:13: aliases (*name) are not supported"},
    {"*p : 1", "vega.yaml:1:1: aliases (*name) are not supported"},
    {"<<: {port: 1}", "vega.yaml:1:1: merge keys (<<) are not supported"},
    {"port: !!int 1", "vega.yaml:1:7: tags (!name) are not supported"},
    {"--- !!map\nport: 1", "vega.yaml:1:5: tags (!name) are not supported"},
    {"port: 1\n---\nname: x\n",
     "vega.yaml:2:1: one document is enough; a second starts here"},
    {"--- null\n---\nport: 1\n",
     "vega.yaml:2:1: one document is enough; a second starts here"},
    // What is no mapping.
    {"port", "vega.yaml:1:1: expected lines of 'key: value', not a single "
             "value"},
    {"- port: 1", "vega.yaml:1:1: expected lines of 'key: value', not a "
                  "sequence"},
    // What is no YAML; the words are libyaml's.
    {"port: 1\naddresses: [a, b\n",
     "vega.yaml:3:1: did not find expected ',' or "
     "']'"},
    {"port: 1\n\tname: x\n",
     "vega.yaml:2:1: found a tab character that violates indentation"},
    {"name: a\n\nport: 1 \xff\n", "vega.yaml:3:9: invalid leading UTF-8 octet"},
    {"name: \x01", "vega.yaml:1:7: control characters are not allowed"},
};

TEST_FOR(what_is_wrong_is_refused_with_its_place, COUNT(refused))
{
    struct test_settings settings;
    struct config_error error;
    struct config *config;
    enum status status =
        load(&settings, slice_of(refused[_i].text), &error, &config);
    ck_assert_str_eq(error.text, refused[_i].error);
    ck_assert_int_eq(status, STATUS_INVALID);
    config_destroy(config);
}

TEST(a_file_of_more_than_a_megabyte_is_refused)
{
    struct test_settings settings;
    struct config_error error;
    struct config *config;
    size_t size = 1024 * 1024;
    char *text = xmalloc(size + 1);
    memset(text, '\n', size + 1);
    ck_assert_int_eq(
        load(&settings, (struct slice){text, size}, &error, &config),
        STATUS_OK);
    config_destroy(config);
    ck_assert_int_eq(
        load(&settings, (struct slice){text, size + 1}, &error, &config),
        STATUS_INVALID);
    ck_assert_str_eq(error.text,
                     "vega.yaml: larger than 1MB is no settings file");
    config_destroy(config);
    free(text);
}

TEST(nesting_without_end_is_refused_at_its_beginning)
{
    struct test_settings settings;
    struct config_error error;
    struct config *config;
    size_t size = 1000 * 1000;
    char *text = xmalloc(size);
    memset(text, '[', size);
    memcpy(text, "port: ", 6);
    ck_assert_int_eq(
        load(&settings, (struct slice){text, size}, &error, &config),
        STATUS_INVALID);
    ck_assert_str_eq(
        error.text,
        "vega.yaml:1:7: port must be an integer from 0 to 65535, not a "
        "sequence");
    config_destroy(config);
    free(text);
}

TEST(an_endless_name_is_cut_off_in_the_error)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    char name[2000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(
        config_load_yaml_text(config, name, SLICE("prot: 1"), &error),
        STATUS_INVALID);
    ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
    config_destroy(config);
}

TEST(a_file_is_read_from_its_path)
{
    int fd = memfd_create("vega.yaml", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ck_assert_int_eq(write(fd, "port: 7000\nprot: 1\n", 19), 19);

    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    enum status status = config_load_yaml(config, path, &error);
    ck_assert_int_eq(ftruncate(fd, 11), 0);
    enum status shorter = config_load_yaml(config, path, &error);
    close(fd);

    ck_assert_int_eq(status, STATUS_INVALID);
    ck_assert_int_eq(shorter, STATUS_OK);
    ck_assert_int_eq(settings.port, 7000);
    config_destroy(config);
}

TEST(a_path_that_is_no_file_says_why)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    struct config_error error;
    ck_assert_int_eq(config_load_yaml(config, "/nowhere/vega.yaml", &error),
                     STATUS_NOT_FOUND);
    ck_assert_str_eq(error.text,
                     "/nowhere/vega.yaml: No such file or directory");
    ck_assert_int_ne(config_load_yaml(config, "/tmp", &error), STATUS_OK);
    ck_assert_str_eq(error.text, "/tmp: Is a directory");
    ck_assert_int_eq(config_load_yaml(config, "/dev/zero", &error),
                     STATUS_INVALID);
    ck_assert_str_eq(error.text,
                     "/dev/zero: larger than 1MB is no settings file");
    config_destroy(config);
}
