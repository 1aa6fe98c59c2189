// config_refuse.c -- how a refusal reads.
// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/config/config_private.h"

void config_refuse(struct config_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    // cppcheck-suppress ctuuninitvar // It is written here, not read.
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
}

struct config_quoted config_quote(struct slice bytes)
{
    struct config_quoted quoted = {{0}};
    char *at = quoted.text;
    *at++ = '\'';
    for (size_t i = 0; i < bytes.size && i < CONFIG_QUOTED_BYTES_MAX; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        if (byte >= ' ' && byte <= '~')
            *at++ = (char)byte;
        else
            at += sprintf(at, "\\x%02x", byte);
    }
    stpcpy(at, bytes.size > CONFIG_QUOTED_BYTES_MAX ? "...'" : "'");
    return quoted;
}

void config_refuse_value(struct config_error *error,
                         const struct config_row *row, const char *instead)
{
    struct buffer allowed = {0};
    config_value_describe(row, &allowed);
    config_refuse(error, "must be %.*s, not %s",
                  SLICE_PRINT(buffer_slice(&allowed)), instead);
    buffer_deinit(&allowed);
}

void config_refuse_key(struct config_error *error, const struct config *config,
                       const char *where, struct slice key)
{
    const struct config_row *nearest = config_nearest(config, key);
    if (nearest)
        config_refuse(error, "%s: unknown key %s; did you mean '%s'?", where,
                      config_quote(key).text, nearest->key);
    else
        config_refuse(error, "%s: unknown key %s; --help lists the known ones",
                      where, config_quote(key).text);
}
