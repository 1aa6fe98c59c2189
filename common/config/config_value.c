// config_value.c -- one value of each type: text to value, value to text, and
// what to say when it is refused.
// SPDX-License-Identifier: MIT
#include "common/config/config_value.h"

#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum { MODE_MAX = 0777 };

static bool parse_bool(struct slice text, int64_t *number)
{
    static const char *const words[] = {"false", "true", "no",
                                        "yes",   "off",  "on"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (slice_is(text, words[i])) {
            *number = i % 2;
            return true;
        }
    }
    return false;
}

static bool parse_mode(struct slice text, int64_t *number)
{
    if (text.size == 0 || text.size > 4)
        return false;
    int64_t mode = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '7')
            return false;
        mode = mode * 8 + (text.data[i] - '0');
    }
    if (mode > MODE_MAX)
        return false;
    *number = mode;
    return true;
}

static bool parse_choice(const char *const *choices, struct slice text,
                         int64_t *number)
{
    for (size_t i = 0; choices[i]; i++) {
        if (slice_is(text, choices[i])) {
            *number = (int64_t)i;
            return true;
        }
    }
    return false;
}

static bool parse_word(const struct config_row *row,
                       enum config_spelling spelling, struct slice text,
                       int64_t *number)
{
    if (spelling == CONFIG_SPELLING_VEGA || !row->redis_words)
        return parse_choice(row->choices, text, number);
    for (const struct config_word *at = row->redis_words; at->word; at++) {
        if (slice_is(text, at->word)) {
            *number = at->choice;
            return true;
        }
    }
    return false;
}

static const char *format_word(const struct config_row *row,
                               enum config_spelling spelling, int64_t number)
{
    const char *word = row->choices[number];
    if (spelling == CONFIG_SPELLING_VEGA || !row->redis_words)
        return word;
    for (const struct config_word *at = row->redis_words; at->word; at++) {
        if (at->choice == number)
            word = at->word;
    }
    return word;
}

static bool parse_limits(const struct config_row *row,
                         enum config_spelling spelling, struct slice text,
                         struct config_limit *limits)
{
    struct config_limit parsed[CONFIG_LIMITS_MAX];
    memcpy(parsed, limits, sizeof parsed);
    if (config_limits_parse(row, spelling, text, parsed) != CONFIG_LIMITS_FINE)
        return false;
    memcpy(limits, parsed, sizeof parsed);
    return true;
}

// What 'A' stands for.
static int64_t letters_all(const char *const *choices)
{
    return (INT64_C(1) << strlen(choices[0])) - 1;
}

static bool parse_letters(const char *const *choices, struct slice text,
                          int64_t *number)
{
    size_t first_count = strlen(choices[0]);
    int64_t parsed = 0;
    for (size_t i = 0; i < text.size; i++) {
        char letter = text.data[i];
        const char *first = letter ? strchr(choices[0], letter) : NULL;
        const char *second = letter ? strchr(choices[1], letter) : NULL;
        if (letter == 'A')
            parsed |= letters_all(choices);
        else if (first)
            parsed |= INT64_C(1) << (first - choices[0]);
        else if (second)
            parsed |= INT64_C(1)
                      << (first_count + (size_t)(second - choices[1]));
        else
            return false;
    }
    *number = parsed;
    return true;
}

static bool parse_number(const struct config_row *row,
                         enum config_spelling spelling, struct slice text,
                         int64_t *number)
{
    int64_t parsed;
    if (row->type == CONFIG_SIZE) {
        if (!config_parse_size(text, &parsed))
            return false;
    } else if (row->type == CONFIG_INT) {
        if (!slice_to_int64(text, &parsed))
            return false;
    } else if (spelling == CONFIG_SPELLING_REDIS &&
               slice_to_int64(text, &parsed)) {
        if (__builtin_mul_overflow(parsed, 1000, &parsed))
            return false;
    } else if (!config_parse_duration(text, &parsed)) {
        return false;
    }
    if (parsed < row->min || parsed > row->max)
        return false;
    *number = parsed;
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The words of `text`, joined by single spaces. Owned by the caller.
static char *join_words(struct slice text)
{
    char *joined = xmalloc(text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!is_space(text.data[i]))
            joined[size++] = text.data[i];
        else if (size && joined[size - 1] != ' ')
            joined[size++] = ' ';
    }
    if (size && joined[size - 1] == ' ')
        size--;
    joined[size] = '\0';
    return joined;
}

static char *copy_text(struct slice text)
{
    char *copy = xmalloc(text.size + 1);
    if (text.size)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

bool config_value_parse(const struct config_row *row,
                        enum config_spelling spelling, struct slice text,
                        struct config_value *value)
{
    switch (row->type) {
    case CONFIG_BOOL:
        return parse_bool(text, &value->number);
    case CONFIG_MODE:
        return parse_mode(text, &value->number);
    case CONFIG_CHOICE:
        return parse_word(row, spelling, text, &value->number);
    case CONFIG_LIMITS:
        return parse_limits(row, spelling, text, value->limits);
    case CONFIG_LETTERS:
        return parse_letters(row->choices, text, &value->number);
    case CONFIG_INT:
    case CONFIG_SIZE:
    case CONFIG_DURATION:
        return parse_number(row, spelling, text, &value->number);
    case CONFIG_TEXT:
    case CONFIG_LIST:
    case CONFIG_RECORDS:
        // The field is a C string: a NUL would silently cut it.
        if (text.size && memchr(text.data, '\0', text.size))
            return false;
        value->text =
            row->type == CONFIG_TEXT ? copy_text(text) : join_words(text);
        return true;
    }
    check(!"a type of config_type");
    return false;
}

bool config_type_is_text(enum config_type type)
{
    return type == CONFIG_TEXT || type == CONFIG_LIST || type == CONFIG_RECORDS;
}

// Of the limits that the field has, one for each class.
static size_t limits_size(const struct config_row *row)
{
    size_t count = 0;
    while (row->choices[count])
        count++;
    return count * sizeof(struct config_limit);
}

void config_value_store(const struct config_row *row, void *field,
                        struct config_value taken)
{
    if (config_type_is_text(row->type)) {
        char **text = field;
        free(*text);
        *text = taken.text;
    } else if (row->type == CONFIG_BOOL) {
        *(bool *)field = taken.number;
    } else if (row->type == CONFIG_CHOICE) {
        *(int *)field = (int)taken.number;
    } else if (row->type == CONFIG_LIMITS) {
        memcpy(field, taken.limits, limits_size(row));
    } else {
        *(int64_t *)field = taken.number;
    }
}

struct config_value config_value_load(const struct config_row *row,
                                      const void *field)
{
    if (config_type_is_text(row->type))
        return (struct config_value){.text = *(char *const *)field};
    if (row->type == CONFIG_BOOL)
        return (struct config_value){.number = *(const bool *)field};
    if (row->type == CONFIG_CHOICE)
        return (struct config_value){.number = *(const int *)field};
    if (row->type == CONFIG_LIMITS) {
        struct config_value value = {0};
        memcpy(value.limits, field, limits_size(row));
        return value;
    }
    return (struct config_value){.number = *(const int64_t *)field};
}

bool config_value_equal(const struct config_row *row, struct config_value a,
                        struct config_value b)
{
    if (row->type == CONFIG_LIMITS)
        return !memcmp(a.limits, b.limits, limits_size(row));
    return config_type_is_text(row->type) ? !strcmp(a.text, b.text)
                                          : a.number == b.number;
}

// In the order of `choices`, so that equal settings look equal.
static void format_letters(const char *const *choices, int64_t number,
                           struct buffer *out)
{
    int64_t all = letters_all(choices);
    bool has_all = (number & all) == all;
    if (has_all)
        buffer_append_byte(out, 'A');
    int bit = 0;
    for (const char *at = choices[0]; *at; at++, bit++) {
        if (number >> bit & 1 && !has_all)
            buffer_append_byte(out, *at);
    }
    for (const char *at = choices[1]; *at; at++, bit++) {
        if (number >> bit & 1)
            buffer_append_byte(out, *at);
    }
}

static void format_duration(enum config_spelling spelling, int64_t ms,
                            struct buffer *out)
{
    // What is no whole number of seconds has no spelling of Redis'; a rounded
    // 0 would say "never".
    if (spelling == CONFIG_SPELLING_REDIS && ms % 1000 == 0)
        buffer_printf(out, "%lld", (long long)(ms / 1000));
    else
        config_format_duration(ms, out);
}

void config_value_format(const struct config_row *row,
                         enum config_spelling spelling,
                         struct config_value value, struct buffer *out)
{
    bool redis = spelling == CONFIG_SPELLING_REDIS;
    switch (row->type) {
    case CONFIG_BOOL:
        if (redis)
            buffer_append_text(out, value.number ? "yes" : "no");
        else
            buffer_append_text(out, value.number ? "true" : "false");
        break;
    case CONFIG_INT:
        buffer_printf(out, "%lld", (long long)value.number);
        break;
    case CONFIG_MODE:
        buffer_printf(out, redis ? "%llo" : "%04llo",
                      (unsigned long long)value.number);
        break;
    case CONFIG_SIZE:
        if (redis)
            buffer_printf(out, "%lld", (long long)value.number);
        else
            config_format_size(value.number, out);
        break;
    case CONFIG_DURATION:
        format_duration(spelling, value.number, out);
        break;
    case CONFIG_CHOICE:
        buffer_append_text(out, format_word(row, spelling, value.number));
        break;
    case CONFIG_LIMITS:
        config_limits_format(row, spelling, value.limits, out);
        break;
    case CONFIG_LETTERS:
        format_letters(row->choices, value.number, out);
        break;
    case CONFIG_TEXT:
    case CONFIG_LIST:
    case CONFIG_RECORDS:
        buffer_append_text(out, value.text);
        break;
    }
}

static void describe_choices(const char *const *choices, struct buffer *out)
{
    if (choices[1])
        buffer_append_text(out, "one of ");
    for (size_t i = 0; choices[i]; i++)
        buffer_printf(out, "%s%s", i ? ", " : "",
                      *choices[i] ? choices[i] : "\"\"");
}

void config_value_describe(const struct config_row *row, struct buffer *out)
{
    switch (row->type) {
    case CONFIG_BOOL:
        buffer_append_text(out, "true or false");
        break;
    case CONFIG_INT:
        buffer_printf(out, "an integer from %lld to %lld", (long long)row->min,
                      (long long)row->max);
        break;
    case CONFIG_MODE:
        buffer_append_text(out, "permissions in octal from 0000 to 0777");
        break;
    case CONFIG_SIZE:
        buffer_append_text(out, "a size from ");
        config_format_size(row->min, out);
        buffer_append_text(out, " to ");
        config_format_size(row->max, out);
        break;
    case CONFIG_DURATION:
        buffer_append_text(out, "a duration with its unit, from ");
        config_format_duration(row->min, out);
        buffer_append_text(out, " to ");
        config_format_duration(row->max, out);
        break;
    case CONFIG_CHOICE:
        describe_choices(row->choices, out);
        break;
    case CONFIG_LETTERS:
        buffer_printf(out, "letters of A%s%s", row->choices[0],
                      row->choices[1]);
        break;
    case CONFIG_LIMITS:
        buffer_append_text(out, "a class (");
        describe_choices(row->choices, out);
        buffer_append_text(out, "), two sizes and a duration, once or more");
        break;
    case CONFIG_TEXT:
        buffer_append_text(out, "text");
        break;
    case CONFIG_LIST:
        buffer_append_text(out, "a list of words");
        break;
    case CONFIG_RECORDS:
        buffer_append_text(out, "a list of mappings");
        break;
    }
}
