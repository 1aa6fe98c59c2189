// command_arguments.h -- the arguments of a command as a tree, read from the
// text that people read:
//
//     key value [NX | XX] [GET] [EX seconds | KEEPTTL]
//
//     text      := sequence ('|' sequence)*
//     sequence  := (word | '[' text ']' | '<' text '>')* ['...']
//
// A word without lower-case letters is a token to be typed as it stands, any
// other names a value. Brackets make what they hold optional; '...' says that
// it may come again: "key value [key value ...]".
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_COMMAND_ARGUMENTS_H
#define VEGA_COMMON_COMMAND_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/slice.h"

enum { ARGUMENTS_MAX = 64 };

enum argument_kind {
    ARGUMENT_VALUE,
    ARGUMENT_TOKEN,  // A word of its own: "NX".
    ARGUMENT_BLOCK,  // All of its children, in order.
    ARGUMENT_ONE_OF, // One of its children.
};

struct argument {
    enum argument_kind kind;
    struct slice word;  // Of a value or a token.
    struct slice token; // To be typed before it: EX of "EX seconds", or none.
    bool optional, multiple;
    bool multiple_token;       // Each time with the token: "GET a GET b".
    struct argument *children; // The first.
    struct argument *next;
};

struct arguments {
    struct argument nodes[ARGUMENTS_MAX];
    size_t count;
    struct argument *first; // NULL for none.
};

// `text` is borrowed. That it breaks the grammar is a bug in a row.
void arguments_parse(struct arguments *arguments, const char *text);

#endif
