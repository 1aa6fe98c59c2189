// buffer.h -- owned bytes that grow.
//
// A zeroed struct buffer is an empty one without a limit. With `max` set the
// buffer refuses to pass it: the append is dropped whole and `overflowed`
// stays set until the owner has seen it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_BUFFER_H
#define VEGA_COMMON_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "common/base/slice.h"

struct buffer {
    char *data; // Owned; NULL while nothing was ever reserved.
    size_t size;
    size_t capacity;
    size_t max; // Bytes; 0: no limit.
    bool overflowed;
};

void buffer_deinit(struct buffer *buffer); // Leaves it empty and usable.

// The slow half of buffer_reserve. False when `max` forbids it.
bool buffer_grow(struct buffer *buffer, size_t more);

// Makes room for `more` bytes behind `size`; pointers into it become invalid.
static inline bool buffer_reserve(struct buffer *buffer, size_t more)
{
    if (__builtin_expect(buffer->capacity - buffer->size >= more, 1))
        return true;
    return buffer_grow(buffer, more);
}

static inline void buffer_append(struct buffer *buffer, const void *bytes,
                                 size_t size)
{
    if (size == 0 || !buffer_reserve(buffer, size))
        return;
    memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
}

static inline void buffer_append_slice(struct buffer *buffer, struct slice s)
{
    buffer_append(buffer, s.data, s.size);
}

static inline void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

static inline void buffer_append_byte(struct buffer *buffer, char byte)
{
    buffer_append(buffer, &byte, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *buffer, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

// Drops `size` bytes from the front; what follows moves down.
void buffer_consume(struct buffer *buffer, size_t size);

static inline struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->data, buffer->size};
}

static inline void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

#endif
