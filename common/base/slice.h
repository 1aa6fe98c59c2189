// slice.h -- borrowed bytes: a pointer and a size, owned by somebody else.
//
// A slice may hold any bytes and has no terminator. It is valid until the
// event that its giver documents; a struct buffer (buffer.h) is what owns.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SLICE_H
#define VEGA_COMMON_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *data;
    size_t size;
};

// A slice of a string literal. In a function: the initializer of something
// static takes no compound literal in C17.
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

// For printf("%.*s", SLICE_PRINT(s)): the size must fit an int.
#define SLICE_PRINT(slice) (int)(slice).size, (slice).data

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || !memcmp(a.data, b.data, a.size));
}

// Bytewise order, the shorter first among equals: <0, 0, >0 as memcmp.
int slice_compare(struct slice a, struct slice b);

// Equal when ASCII letters of either case are the same.
bool slice_equal_nocase(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *text); // slice_equal_nocase to text

// Redis' canonical decimal: the whole slice, optional '-', no leading zero, no
// '+', no space, no "-0"; within int64. On false *value is untouched.
bool slice_to_int64(struct slice text, int64_t *value);

// A finite or infinite floating point number over the whole slice, as Redis
// reads one ("3.0e3", ".5", "+1", "0x1p4", "inf", "-Infinity"; never "nan", no
// surrounding space, nothing that overflows or is lost to zero).
bool slice_to_double(struct slice text, double *value);
bool slice_to_long_double(struct slice text, long double *value);

enum { INT64_TEXT_MAX = 20 }; // "-9223372036854775808"

// Writes the decimal of `value`, without terminator; returns its size.
size_t int64_format(char text[INT64_TEXT_MAX], int64_t value);

// Redis' glob: '*', '?', '[a-z]', '[^...]', '\' escapes. An unterminated class
// ends with the pattern, ranges may run backwards, a trailing '\' is itself.
// No recursion, and at most text times pattern steps: a hostile pattern costs
// little.
bool slice_matches(struct slice text, struct slice pattern, bool nocase);

#endif
