// text.h -- bytes in the grader: borrowed ones, and text that grows.
//
// The grader brings its own, and compares by its own loop: it shares no code
// with what it grades.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_TEXT_H
#define VEGA_LABS_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct bytes {
    const char *data;
    size_t size;
};

#define BYTES(literal) ((struct bytes){(literal), sizeof(literal) - 1})

struct bytes bytes_of(const char *string);
// The index of the first byte that differs; SIZE_MAX if none does.
size_t bytes_first_difference(struct bytes a, struct bytes b);

struct text {
    char *data; // Always ends with a zero byte that does not count.
    size_t size, capacity;
};

void text_deinit(struct text *text);
void text_add(struct text *text, struct bytes bytes);
void text_printf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args);
// The first `size` bytes of it go.
void text_drop(struct text *text, size_t size);
struct bytes text_bytes(const struct text *text);

// Bytes as C would write them: \r\n, \x00.
void text_add_escaped(struct text *text, struct bytes bytes);

// A request in RESP, from `count` arguments.
void text_add_request(struct text *text, size_t count,
                      const struct bytes *arguments);
#define REQUEST(text, ...)                                                     \
    text_add_request(                                                          \
        text, sizeof((struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes),    \
        (struct bytes[]){__VA_ARGS__})

// A bulk string in RESP, as a reply.
void text_add_bulk(struct text *text, struct bytes value);

#endif
