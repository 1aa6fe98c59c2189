// buffer.c -- owned bytes that grow by half of what they hold.
// SPDX-License-Identifier: MIT
#include "common/base/buffer.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum { BUFFER_CAPACITY_MIN = 64 };

void buffer_deinit(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.max = buffer->max};
}

bool buffer_grow(struct buffer *buffer, size_t more)
{
    size_t limit = buffer->max ? buffer->max : SIZE_MAX / 2;
    if (buffer->overflowed || more > limit || buffer->size > limit - more) {
        buffer->overflowed = true;
        return false;
    }
    size_t wanted = buffer->size + more;
    size_t capacity = buffer->capacity + buffer->capacity / 2;
    if (capacity < BUFFER_CAPACITY_MIN)
        capacity = BUFFER_CAPACITY_MIN;
    if (capacity > limit)
        capacity = limit;
    if (capacity < wanted)
        capacity = wanted;
    buffer->data = xrealloc(buffer->data, capacity);
    buffer->capacity = capacity;
    return true;
}

void buffer_vprintf(struct buffer *buffer, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    check(size >= 0);
    // vsnprintf writes a terminator that does not count as contents.
    if (buffer_reserve(buffer, (size_t)size + 1)) {
        vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buffer_vprintf(buffer, format, args);
    va_end(args);
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    check(size <= buffer->size);
    buffer->size -= size;
    if (size && buffer->size)
        memmove(buffer->data, buffer->data + size, buffer->size);
}
