// cli_words.h -- splits a typed line into the words of a command.
//
// Quoting is that of redis-cli: "a\r\n\x00\"b" with escapes, 'a\'b' without;
// a closing quote ends its word.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLI_WORDS_H
#define VEGA_COMMON_CLI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

// A zeroed one is empty.
struct words {
    const char **argv; // `count` of them, each with a terminator behind it.
    size_t *sizes;
    size_t count, capacity;
    struct buffer text; // What argv points into.
};

// Replaces the contents. False, and no words, when quotes don't balance.
bool words_split(struct words *words, struct slice line);
// Replaces the contents by words that are split already.
void words_copy(struct words *words, size_t argc, const char *const *argv);
void words_append(struct words *words, struct slice word);
void words_deinit(struct words *words);

// Equal to `text` in any case; false when there is no such word.
bool words_match(const struct words *words, size_t index, const char *text);

#endif
