// config_limits.c -- values of CONFIG_LIMITS: for each class a hard limit, a
// soft one, and how long the soft one may be passed.
//
//     normal 1GB 0 0 pubsub 32MB 8MB 60s
//
// Classes that are not named keep what they have. As Redis has it, "slave" is
// the same as "replica", and the name that is shown.
// SPDX-License-Identifier: MIT
#include <string.h>

#include "common/config/config_value.h"

enum { WORDS_OF_CLASS = 4 }; // Its name, hard, soft, how long.

static const char *shown_name(const char *choice, enum config_spelling spelling)
{
    bool is_old =
        spelling == CONFIG_SPELLING_REDIS && !strcmp(choice, "replica");
    return is_old ? "slave" : choice;
}

// CONFIG_LIMITS_MAX when there is no such class.
static size_t find_class(const struct config_row *row, struct slice name)
{
    for (size_t i = 0; row->choices[i]; i++) {
        if (slice_is(name, row->choices[i]) ||
            slice_is(name, shown_name(row->choices[i], CONFIG_SPELLING_REDIS)))
            return i;
    }
    return CONFIG_LIMITS_MAX;
}

// The next word of `text`, which moves past it; empty at its end.
static struct slice take_word(struct slice *text)
{
    while (text->size && *text->data == ' ')
        *text = (struct slice){text->data + 1, text->size - 1};
    const char *end = memchr(text->data, ' ', text->size);
    size_t size = end ? (size_t)(end - text->data) : text->size;
    struct slice word = {text->data, size};
    *text = (struct slice){text->data + size, text->size - size};
    return word;
}

static bool parse_limit(struct slice words[WORDS_OF_CLASS],
                        enum config_spelling spelling,
                        struct config_limit *limit)
{
    struct config_limit parsed;
    if (!config_parse_size(words[1], &parsed.hard) ||
        !config_parse_size(words[2], &parsed.soft))
        return false;
    if (spelling == CONFIG_SPELLING_VEGA) {
        if (!config_parse_duration(words[3], &parsed.soft_ms))
            return false;
    } else if (!slice_to_int64(words[3], &parsed.soft_ms) ||
               parsed.soft_ms < 0 ||
               __builtin_mul_overflow(parsed.soft_ms, 1000, &parsed.soft_ms)) {
        return false;
    }
    *limit = parsed;
    return true;
}

enum config_limits_fault config_limits_parse(const struct config_row *row,
                                             enum config_spelling spelling,
                                             struct slice text,
                                             struct config_limit *limits)
{
    struct slice rest = text;
    size_t count = 0;
    while (take_word(&rest).size)
        count++;
    if (count % WORDS_OF_CLASS)
        return CONFIG_LIMITS_COUNT;
    for (; count; count -= WORDS_OF_CLASS) {
        struct slice words[WORDS_OF_CLASS];
        for (size_t i = 0; i < WORDS_OF_CLASS; i++)
            words[i] = take_word(&text);
        size_t class = find_class(row, words[0]);
        if (class == CONFIG_LIMITS_MAX)
            return CONFIG_LIMITS_CLASS;
        if (!parse_limit(words, spelling, &limits[class]))
            return CONFIG_LIMITS_NUMBER;
    }
    return CONFIG_LIMITS_FINE;
}

static void format_limit(const struct config_limit *limit,
                         enum config_spelling spelling, struct buffer *out)
{
    if (spelling == CONFIG_SPELLING_REDIS) {
        // Redis knows whole seconds; less than one is not none.
        buffer_printf(out, " %lld %lld %lld", (long long)limit->hard,
                      (long long)limit->soft,
                      (long long)((limit->soft_ms + 999) / 1000));
        return;
    }
    buffer_append_byte(out, ' ');
    config_format_size(limit->hard, out);
    buffer_append_byte(out, ' ');
    config_format_size(limit->soft, out);
    buffer_append_byte(out, ' ');
    config_format_duration(limit->soft_ms, out);
}

void config_limits_format(const struct config_row *row,
                          enum config_spelling spelling,
                          const struct config_limit *limits, struct buffer *out)
{
    for (size_t i = 0; row->choices[i]; i++) {
        buffer_printf(out, "%s%s", i ? " " : "",
                      shown_name(row->choices[i], spelling));
        format_limit(&limits[i], spelling, out);
    }
}
