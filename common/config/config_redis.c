// config_redis.c -- what Redis says of a value that CONFIG SET refuses: for
// settings that go by its name. What it says of single settings is not all
// here.
// SPDX-License-Identifier: MIT
#include "common/config/config_private.h"

static const char *const limits_faults[] = {
    [CONFIG_LIMITS_COUNT] =
        "Wrong number of arguments in buffer limit configuration.",
    [CONFIG_LIMITS_CLASS] =
        "Invalid client class specified in buffer limit configuration.",
    [CONFIG_LIMITS_NUMBER] = "Error in hard, soft or soft_seconds setting in "
                             "buffer limit configuration.",
};

static void refuse_range(struct config_error *error,
                         const struct config_row *row)
{
    int64_t unit = row->type == CONFIG_DURATION ? 1000 : 1;
    config_refuse(error, "argument must be between %lld and %lld inclusive",
                  (long long)(row->min / unit), (long long)(row->max / unit));
}

static void refuse_choice(struct config_error *error,
                          const struct config_row *row)
{
    struct buffer words = {0};
    if (row->redis_words) {
        for (const struct config_word *at = row->redis_words; at->word; at++)
            buffer_printf(&words, "%s%s", words.size ? ", " : "", at->word);
    } else {
        for (size_t i = 0; row->choices[i]; i++)
            buffer_printf(&words, "%s%s", i ? ", " : "", row->choices[i]);
    }
    config_refuse(error, "argument(s) must be one of the following: %.*s",
                  SLICE_PRINT(buffer_slice(&words)));
    buffer_deinit(&words);
}

void config_refuse_as_redis(struct config_error *error,
                            const struct config_row *row, struct slice text)
{
    int64_t number;
    struct config_limit limits[CONFIG_LIMITS_MAX];
    switch (row->type) {
    case CONFIG_BOOL:
        config_refuse(error, "argument must be 'yes' or 'no'");
        break;
    case CONFIG_INT:
    case CONFIG_DURATION:
        if (slice_to_int64(text, &number))
            refuse_range(error, row);
        else
            config_refuse(error, "argument couldn't be parsed into an integer");
        break;
    case CONFIG_SIZE:
        if (config_parse_size(text, &number))
            refuse_range(error, row);
        else
            config_refuse(error, "argument must be a memory value");
        break;
    case CONFIG_CHOICE:
        refuse_choice(error, row);
        break;
    case CONFIG_LETTERS:
        config_refuse(error, "Invalid event class character. Use 'A%s%s'.",
                      row->choices[0], row->choices[1]);
        break;
    case CONFIG_LIMITS:
        config_refuse(error, "%s",
                      limits_faults[config_limits_parse(
                          row, CONFIG_SPELLING_REDIS, text, limits)]);
        break;
    default: // Texts, which may be secrets, and what only a start sets.
        config_refuse(error, "must not hold a NUL byte");
    }
}
