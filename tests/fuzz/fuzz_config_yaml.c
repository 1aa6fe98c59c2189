// fuzz_config_yaml.c -- settings files of any bytes.
//
// Whatever the file is, it loads or is refused with a reason on one line that
// begins with the file's name, and what was loaded can be shown and set again.
// SPDX-License-Identifier: MIT
#include <string.h>

#include "common/base/check.h"
#include "common/server/server.h"

static void show(void *context, const char *key, const char *value)
{
    buffer_printf(context, "%s=%s\n", key, value);
}

static void check_reason(const char *reason)
{
    static const char name[] = "vega.yaml:";
    check(strncmp(reason, name, sizeof name - 1) == 0);
    for (; *reason; reason++)
        check(*reason >= ' ' && *reason <= '~');
}

static void set_again(void *context, const char *key, const char *value)
{
    struct config_error error;
    enum status status =
        config_set(context, slice_of(key), slice_of(value), &error);
    check(status == STATUS_OK || status == STATUS_DENIED);
}

static void check_round_trip(struct config *config)
{
    struct buffer before = {0}, after = {0};
    config_get(config, SLICE("*"), show, &before);
    config_get(config, SLICE("*"), set_again, config);
    config_get(config, SLICE("*"), show, &after);
    check(slice_equal(buffer_slice(&before), buffer_slice(&after)));
    buffer_deinit(&before);
    buffer_deinit(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct server_settings settings;
    struct config *config = config_create();
    config_add(config, server_config_rows, &settings);

    struct config_error error;
    struct slice text = {(const char *)data, size};
    if (config_load_yaml_text(config, "vega.yaml", text, &error) == STATUS_OK)
        check_round_trip(config);
    else
        check_reason(error.text);
    config_destroy(config);
    return 0;
}
