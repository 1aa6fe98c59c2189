// config_rows.c -- one row of each type, for the tests of settings.
// SPDX-License-Identifier: MIT
#include "tests/common/config_rows.h"

#include <stddef.h>
#include <string.h>

#include "common/base/check.h"

#define FIELD(name) .offset = offsetof(struct test_settings, name)

static const char *const levels[] = {"low", "middle", "high", NULL};

const struct config_row test_config_rows[] = {
    {.key = "port",
     .type = CONFIG_INT,
     .fallback = "6379",
     .max = 65535,
     FIELD(port),
     .flag = "--port",
     .section = "Net",
     .help = "A port."},
    {.key = "verbose",
     .type = CONFIG_BOOL,
     .fallback = "false",
     .flags = CONFIG_RUNTIME,
     FIELD(verbose),
     .flag = "--verbose",
     .section = "Net",
     .help = "Talks.",
     .redis_name = "chatty"},
    {.key = "file_mode",
     .type = CONFIG_MODE,
     .fallback = "0640",
     FIELD(mode),
     .section = "Net",
     .help = "Rights."},
    {.key = "heap_max",
     .type = CONFIG_SIZE,
     .fallback = "1MB",
     .min = 1 << 10,
     .max = 1 << 30,
     .flags = CONFIG_RUNTIME,
     FIELD(heap_max),
     .section = "Limits",
     .help = "Bytes.",
     .redis_name = "maxheap",
     .redis_old_name = "heapsize"},
    {.key = "pause",
     .type = CONFIG_DURATION,
     .fallback = "5s",
     .max = 3600000,
     .flags = CONFIG_RUNTIME,
     FIELD(pause_ms),
     .section = "Limits",
     .help = "A rest.",
     .redis_name = "pause"},
    {.key = "name",
     .type = CONFIG_TEXT,
     .fallback = "vega",
     .flags = CONFIG_RUNTIME,
     FIELD(name),
     .section = "Rest",
     .help = "What it is called."},
    {.key = "addresses",
     .type = CONFIG_LIST,
     .fallback = "a b",
     FIELD(addresses),
     .section = "Rest",
     .help = "Where."},
    {.key = "level",
     .type = CONFIG_CHOICE,
     .fallback = "low",
     .choices = levels,
     FIELD(level),
     .section = "Rest",
     .help = "How much."},
    {.key = "password",
     .type = CONFIG_TEXT,
     .fallback = "",
     .flags = CONFIG_RUNTIME | CONFIG_SECRET,
     FIELD(password),
     .flag = "--password",
     .section = "Rest",
     .help = "Hush."},
    {.key = NULL},
};

struct config *test_config_create(struct test_settings *settings)
{
    struct config *config = config_create();
    config_add(config, test_config_rows, settings);
    return config;
}

const struct config_row *test_config_row(const char *key)
{
    const struct config_row *row = test_config_rows;
    while (row->key && strcmp(row->key, key) != 0)
        row++;
    check(row->key);
    return row;
}
