// text.c -- bytes in the grader.
// SPDX-License-Identifier: MIT
#include "labs/harness/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes bytes_of(const char *string)
{
    return (struct bytes){string, strlen(string)};
}

size_t bytes_first_difference(struct bytes a, struct bytes b)
{
    size_t least = a.size < b.size ? a.size : b.size;
    for (size_t i = 0; i < least; i++) {
        if (a.data[i] != b.data[i])
            return i;
    }
    return a.size == b.size ? SIZE_MAX : least;
}

void text_deinit(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

static void text_reserve(struct text *text, size_t more)
{
    if (text->size + more < text->capacity)
        return;
    text->capacity = 2 * (text->size + more) + 64;
    text->data = realloc(text->data, text->capacity);
    if (!text->data)
        abort();
}

void text_add(struct text *text, struct bytes bytes)
{
    text_reserve(text, bytes.size + 1);
    if (bytes.size)
        memcpy(text->data + text->size, bytes.data, bytes.size);
    text->size += bytes.size;
    text->data[text->size] = '\0';
}

void text_vprintf(struct text *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    text_reserve(text, (size_t)size + 1);
    vsnprintf(text->data + text->size, (size_t)size + 1, format, again);
    text->size += (size_t)size;
    va_end(again);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_vprintf(text, format, args);
    va_end(args);
}

void text_drop(struct text *text, size_t size)
{
    text->size -= size;
    memmove(text->data, text->data + size, text->size + 1);
}

struct bytes text_bytes(const struct text *text)
{
    return (struct bytes){text->data, text->size};
}

void text_add_escaped(struct text *text, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        if (c == '\r')
            text_printf(text, "\\r");
        else if (c == '\n')
            text_printf(text, "\\n");
        else if (c == '\\')
            text_printf(text, "\\\\");
        else if (c < 0x20 || c > 0x7e)
            text_printf(text, "\\x%02x", c);
        else
            text_add(text, (struct bytes){&bytes.data[i], 1});
    }
}

void text_add_bulk(struct text *text, struct bytes value)
{
    text_printf(text, "$%zu\r\n", value.size);
    text_add(text, value);
    text_add(text, BYTES("\r\n"));
}

void text_add_request(struct text *text, size_t count,
                      const struct bytes *arguments)
{
    text_printf(text, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++)
        text_add_bulk(text, arguments[i]);
}
