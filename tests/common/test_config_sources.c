// test_config_sources.c -- settings from the environment and from flags.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "common/server/server.h"
#include "tests/common/config_rows.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

enum { ARGUMENTS_MAX = 12 };

struct fixture {
    struct test_settings settings;
    struct config *config;
    struct config_error error;
    int argc;
    char *argv[ARGUMENTS_MAX + 1];
};

// `words` are separated by single spaces; flags that are consumed leave argv.
static enum status load_flags(struct fixture *fixture, char *words)
{
    fixture->argc = 0;
    fixture->argv[fixture->argc++] = (char *)"vega-server";
    for (char *word; (word = strsep(&words, " "));) {
        ck_assert_int_lt(fixture->argc, ARGUMENTS_MAX);
        fixture->argv[fixture->argc++] = word;
    }
    fixture->argv[fixture->argc] = NULL;
    return config_load_flags(fixture->config, &fixture->argc, fixture->argv,
                             &fixture->error);
}

static enum status load_environment(struct fixture *fixture,
                                    const char *const *environment)
{
    return config_load_environment(fixture->config, (char *const *)environment,
                                   &fixture->error);
}

static void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    fixture->config = test_config_create(&fixture->settings);
}

static void fixture_deinit(struct fixture *fixture)
{
    config_destroy(fixture->config);
}

static const struct {
    const char *words;
    int64_t port;
    bool verbose;
    const char *name;
    const char *rest; // Of argv, joined again.
} flags[] = {
    {"--port 7000", 7000, false, "vega", ""},
    {"--port=7000", 7000, false, "vega", ""},
    {"--port 1 --port 2", 2, false, "vega", ""},
    {"--verbose", 6379, true, "vega", ""},
    {"--verbose=true", 6379, true, "vega", ""},
    {"--verbose --verbose=no", 6379, false, "vega", ""},
    {"--verbose true", 6379, true, "vega", "true"},
    {"--set port=7000", 7000, false, "vega", ""},
    {"--set=port=7000", 7000, false, "vega", ""},
    {"--set name=a=b --set verbose=on", 6379, true, "a=b", ""},
    {"--set name=", 6379, false, "", ""},
    {"--set name=--port --port 1", 1, false, "--port", ""},
    {"-c f --port 7000 --help x", 7000, false, "vega", "-c f --help x"},
    {"port --por --ports", 6379, false, "vega", "port --por --ports"},
    {"x -- --port 7000", 6379, false, "vega", "x -- --port 7000"},
    {"--port 1 -- --verbose", 1, false, "vega", "-- --verbose"},
};

TEST_FOR(flags_are_consumed_and_the_rest_stays, COUNT(flags))
{
    struct fixture fixture;
    fixture_init(&fixture);
    char words[128];
    snprintf(words, sizeof words, "%s", flags[_i].words);
    ck_assert_int_eq(load_flags(&fixture, words), STATUS_OK);
    ck_assert_int_eq(fixture.settings.port, flags[_i].port);
    ck_assert_int_eq(fixture.settings.verbose, flags[_i].verbose);
    ck_assert_str_eq(fixture.settings.name, flags[_i].name);

    ck_assert_str_eq(fixture.argv[0], "vega-server");
    struct buffer rest = {0};
    for (int i = 1; i < fixture.argc; i++)
        buffer_printf(&rest, "%s%s", i > 1 ? " " : "", fixture.argv[i]);
    ck_assert(slice_equal(buffer_slice(&rest), slice_of(flags[_i].rest)));
    buffer_deinit(&rest);
    ck_assert_ptr_null(fixture.argv[fixture.argc]);
    fixture_deinit(&fixture);
}

static const struct {
    const char *words, *error;
} bad_flags[] = {
    {"--port abc", "--port: must be an integer from 0 to 65535, not 'abc'"},
    {"--port=", "--port: must be an integer from 0 to 65535, not ''"},
    {"--port --verbose",
     "--port: must be an integer from 0 to 65535, not '--verbose'"},
    {"--verbose=7", "--verbose: must be true or false, not '7'"},
    {"x --port", "--port: needs a value"},
    {"--set", "--set: needs a value"},
    {"--set port", "--set: must be key=value, not 'port'"},
    {"--set prot=1", "--set: unknown key 'prot'; did you mean 'port'?"},
    {"--set =1", "--set: unknown key ''; --help lists the known ones"},
    {"--set port=70000",
     "--set port: must be an integer from 0 to 65535, not '70000'"},
    {"--password hush",
     "--password: flags are visible to every user of the machine; set password "
     "in the file or VEGA_PASSWORD in the environment"},
    {"--set password=hush",
     "--set password: flags are visible to every user of the machine; set "
     "password in the file or VEGA_PASSWORD in the environment"},
};

TEST_FOR(a_bad_flag_is_refused_by_name, COUNT(bad_flags))
{
    struct fixture fixture;
    fixture_init(&fixture);
    char words[128];
    snprintf(words, sizeof words, "%s", bad_flags[_i].words);
    ck_assert_int_eq(load_flags(&fixture, words), STATUS_INVALID);
    ck_assert_str_eq(fixture.error.text, bad_flags[_i].error);
    ck_assert_str_eq(fixture.settings.password, "");
    fixture_deinit(&fixture);
}

TEST(without_arguments_nothing_happens)
{
    struct fixture fixture;
    fixture_init(&fixture);
    ck_assert_int_eq(config_load_flags(fixture.config, &fixture.argc,
                                       fixture.argv, &fixture.error),
                     STATUS_OK);
    ck_assert_int_eq(fixture.argc, 0);
    fixture_deinit(&fixture);
}

TEST(variables_of_the_client_and_of_scripts_are_left_alone)
{
    struct fixture fixture;
    fixture_init(&fixture);
    const char *const environment[] = {"VEGA_BUILD=/x", "VEGA_PASSWORT=x",
                                       NULL};
    ck_assert_int_eq(load_environment(&fixture, environment), STATUS_INVALID);
    ck_assert_str_eq(
        fixture.error.text,
        "VEGA_PASSWORT: unknown variable; did you mean VEGA_PASSWORD?");
    fixture_deinit(&fixture);

    struct server_settings settings;
    struct config *config = config_create();
    config_add(config, server_config_rows, &settings);
    const char *const others[] = {"VEGA_BUILD=/x", "VEGA_PASSWORD=x", NULL};
    ck_assert_int_eq(
        config_load_environment(config, (char *const *)others, &fixture.error),
        STATUS_OK);
    ck_assert_str_eq(settings.requirepass, "");
    config_destroy(config);
}

TEST(variables_set_keys_and_those_of_others_are_left_alone)
{
    struct fixture fixture;
    fixture_init(&fixture);
    const char *const environment[] = {"PATH=/bin",
                                       "VEGA=1",
                                       "VEGA_HEAP_MAX=64MB",
                                       "XVEGA_PROT=1",
                                       "VEGA_PASSWORD=a=b",
                                       "VEGA_NAME=",
                                       "",
                                       "VEGA_VERBOSE",
                                       NULL};
    ck_assert_int_eq(load_environment(&fixture, environment), STATUS_OK);
    ck_assert_int_eq(fixture.settings.heap_max, 64 << 20);
    ck_assert_str_eq(fixture.settings.password, "a=b");
    ck_assert_str_eq(fixture.settings.name, "");
    ck_assert(!fixture.settings.verbose);
    fixture_deinit(&fixture);
}

static const struct {
    const char *variable, *error;
} bad_variables[] = {
    {"VEGA_PROT=1", "VEGA_PROT: unknown variable; did you mean VEGA_PORT?"},
    {"VEGA_HEAPMAX=1",
     "VEGA_HEAPMAX: unknown variable; did you mean VEGA_HEAP_MAX?"},
    {"VEGA_port=1", "VEGA_port: unknown variable; did you mean VEGA_PORT?"},
    {"VEGA_XYZZY=1", "VEGA_XYZZY: unknown variable; --help lists the keys"},
    {"VEGA_=1", "VEGA_: unknown variable; --help lists the keys"},
    {"VEGA_PORT=abc",
     "VEGA_PORT: must be an integer from 0 to 65535, not 'abc'"},
    {"VEGA_PORT=", "VEGA_PORT: must be an integer from 0 to 65535, not ''"},
};

TEST_FOR(a_bad_variable_is_refused_by_name, COUNT(bad_variables))
{
    struct fixture fixture;
    fixture_init(&fixture);
    const char *const environment[] = {"HOME=/", bad_variables[_i].variable,
                                       NULL};
    ck_assert_int_eq(load_environment(&fixture, environment), STATUS_INVALID);
    ck_assert_str_eq(fixture.error.text, bad_variables[_i].error);
    fixture_deinit(&fixture);
}

static void load_source(struct fixture *fixture, int source)
{
    const char *const environment[] = {"VEGA_PORT=2", "VEGA_HEAP_MAX=2KB",
                                       NULL};
    char words[] = "--port 3";
    enum status status;
    if (source == 1)
        status = config_load_yaml_text(
            fixture->config, "vega.yaml",
            SLICE("port: 1\nheap_max: 1KB\nname: file"), &fixture->error);
    else if (source == 2)
        status = load_environment(fixture, environment);
    else
        status = load_flags(fixture, words);
    ck_assert_int_eq(status, STATUS_OK);
}

static const int orders[][3] = {
    {1, 2, 3}, {1, 3, 2}, {2, 1, 3}, {2, 3, 1}, {3, 1, 2}, {3, 2, 1},
};

TEST_FOR(flags_win_over_variables_over_the_file_in_any_order, COUNT(orders))
{
    struct fixture fixture;
    fixture_init(&fixture);
    for (int i = 0; i < 3; i++)
        load_source(&fixture, orders[_i][i]);
    ck_assert_int_eq(fixture.settings.port, 3);
    ck_assert_int_eq(fixture.settings.heap_max, 2048);
    ck_assert_str_eq(fixture.settings.name, "file");
    ck_assert_int_eq(fixture.settings.pause_ms, 5000);
    fixture_deinit(&fixture);
}

TEST(a_value_that_loses_is_still_checked)
{
    struct fixture fixture;
    fixture_init(&fixture);
    load_source(&fixture, 3);
    ck_assert_int_eq(config_load_yaml_text(fixture.config, "vega.yaml",
                                           SLICE("port: x"), &fixture.error),
                     STATUS_INVALID);
    ck_assert_int_eq(fixture.settings.port, 3);
    fixture_deinit(&fixture);
}
