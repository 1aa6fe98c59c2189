// cli_words.c -- one pass over the line; the words lie one behind another.
// SPDX-License-Identifier: MIT
#include "common/client/cli_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/memory.h"

static void words_clear(struct words *words)
{
    words->count = 0;
    buffer_clear(&words->text);
}

static void words_grow(struct words *words)
{
    if (words->count < words->capacity)
        return;
    words->capacity = words->capacity ? words->capacity * 2 : 16;
    words->argv = xrealloc(words->argv, words->capacity * sizeof *words->argv);
    words->sizes =
        xrealloc(words->sizes, words->capacity * sizeof *words->sizes);
}

// The text moves while it grows, so pointers into it are set at the end.
static void words_point(struct words *words)
{
    const char *at = words->text.data;
    for (size_t i = 0; i < words->count; i++) {
        words->argv[i] = at;
        at += words->sizes[i] + 1;
    }
}

// Notes that the word from `start` to the end of the text is complete.
static void words_close(struct words *words, size_t start)
{
    words_grow(words);
    words->sizes[words->count++] = words->text.size - start;
    buffer_append_byte(&words->text, '\0');
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

// One character of a double-quoted word; returns what it took of `at`.
static size_t take_escaped(const char *at, const char *end, char *byte)
{
    static const char names[] = "nrtba", bytes[] = "\n\r\t\b\a";
    *byte = *at;
    if (*at != '\\' || end - at < 2)
        return 1;
    if (end - at >= 4 && at[1] == 'x') {
        int high = hex_digit(at[2]), low = hex_digit(at[3]);
        if (high >= 0 && low >= 0) {
            *byte = (char)(high * 16 + low);
            return 4;
        }
    }
    const char *name = memchr(names, at[1], sizeof names - 1);
    *byte = name ? bytes[name - names] : at[1];
    return 2;
}

// Takes the inside of a quoted word and its closing quote; NULL without one.
static const char *take_quoted(struct words *words, const char *at,
                               const char *end)
{
    char quote = *at++;
    while (at < end && *at != quote) {
        char byte = *at;
        if (quote == '"')
            at += take_escaped(at, end, &byte);
        else if (end - at >= 2 && at[0] == '\\' && at[1] == '\'')
            byte = '\'', at += 2;
        else
            at++;
        buffer_append_byte(&words->text, byte);
    }
    if (at == end)
        return NULL;
    at++;
    return at == end || isspace((unsigned char)*at) ? at : NULL;
}

bool words_split(struct words *words, struct slice line)
{
    const char *at = line.data, *end = line.data + line.size;
    words_clear(words);
    for (;;) {
        while (at < end && isspace((unsigned char)*at))
            at++;
        if (at == end)
            break;
        size_t start = words->text.size;
        while (at < end && !isspace((unsigned char)*at)) {
            if (*at != '"' && *at != '\'') {
                buffer_append_byte(&words->text, *at++);
                continue;
            }
            at = take_quoted(words, at, end);
            if (!at) {
                words_clear(words);
                return false;
            }
        }
        words_close(words, start);
    }
    words_point(words);
    return true;
}

void words_append(struct words *words, struct slice word)
{
    size_t start = words->text.size;
    buffer_append_slice(&words->text, word);
    words_close(words, start);
    words_point(words);
}

void words_copy(struct words *words, size_t argc, const char *const *argv)
{
    words_clear(words);
    for (size_t i = 0; i < argc; i++)
        words_append(words, slice_of(argv[i]));
}

void words_deinit(struct words *words)
{
    free(words->argv);
    free(words->sizes);
    buffer_deinit(&words->text);
    *words = (struct words){0};
}

bool words_match(const struct words *words, size_t index, const char *text)
{
    return index < words->count && strcasecmp(words->argv[index], text) == 0;
}
