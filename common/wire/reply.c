// reply.c -- writes replies as RESP2 or RESP3 bytes.
// SPDX-License-Identifier: MIT
#include "common/wire/reply.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"

// The longest header line: a type byte, the digits, CR, LF.
enum { REPLY_LINE_MAX = 1 + INT64_TEXT_MAX + 2 };

static void reply_text(struct reply *reply, struct slice text)
{
    buffer_append_slice(reply->out, text);
}

// Writes the type byte, the number and the line end at `at`.
static size_t reply_put_line(char *at, char type, int64_t number)
{
    at[0] = type;
    size_t size = 1 + int64_format(at + 1, number);
    at[size++] = '\r';
    at[size++] = '\n';
    return size;
}

static void reply_line(struct reply *reply, char type, int64_t number)
{
    struct buffer *out = reply->out;
    if (!buffer_reserve(out, REPLY_LINE_MAX))
        return;
    out->size += reply_put_line(out->data + out->size, type, number);
}

void reply_ok(struct reply *reply)
{
    reply_text(reply, SLICE("+OK\r\n"));
}

void reply_status(struct reply *reply, const char *text)
{
    buffer_append_byte(reply->out, '+');
    buffer_append_text(reply->out, text);
    reply_text(reply, SLICE("\r\n"));
}

static bool reply_is_line_end(char byte)
{
    return byte == '\r' || byte == '\n';
}

void reply_error(struct reply *reply, const char *format, ...)
{
    reply->errors++;
    buffer_append_byte(reply->out, '-');
    size_t start = reply->out->size;
    va_list args;
    va_start(args, format);
    buffer_vprintf(reply->out, format, args);
    va_end(args);
    // What a client sent may be part of the text; it must not end the line.
    struct buffer *out = reply->out;
    while (out->size > start && reply_is_line_end(out->data[out->size - 1]))
        out->size--;
    for (size_t i = start; i < out->size; i++) {
        if (reply_is_line_end(out->data[i]))
            out->data[i] = ' ';
    }
    reply_text(reply, SLICE("\r\n"));
}

void reply_integer(struct reply *reply, int64_t value)
{
    reply_line(reply, ':', value);
}

void reply_bulk(struct reply *reply, struct slice bytes)
{
    struct buffer *out = reply->out;
    if (!buffer_reserve(out, REPLY_LINE_MAX + bytes.size + 2))
        return;
    char *at = out->data + out->size;
    at += reply_put_line(at, '$', (int64_t)bytes.size);
    if (bytes.size)
        memcpy(at, bytes.data, bytes.size);
    at += bytes.size;
    *at++ = '\r';
    *at++ = '\n';
    out->size = (size_t)(at - out->data);
}

void reply_bulk_text(struct reply *reply, const char *text)
{
    reply_bulk(reply, slice_of(text));
}

void reply_bulk_integer(struct reply *reply, int64_t value)
{
    char text[INT64_TEXT_MAX];
    reply_bulk(reply, (struct slice){text, int64_format(text, value)});
}

void reply_null(struct reply *reply)
{
    reply_text(reply, reply->protocol == 2 ? SLICE("$-1\r\n") : SLICE("_\r\n"));
}

void reply_null_array(struct reply *reply)
{
    reply_text(reply, reply->protocol == 2 ? SLICE("*-1\r\n") : SLICE("_\r\n"));
}

void reply_array(struct reply *reply, size_t count)
{
    reply_line(reply, '*', (int64_t)count);
}

void reply_map(struct reply *reply, size_t count)
{
    if (reply->protocol == 2)
        reply_line(reply, '*', 2 * (int64_t)count);
    else
        reply_line(reply, '%', (int64_t)count);
}

void reply_set(struct reply *reply, size_t count)
{
    reply_line(reply, reply->protocol == 2 ? '*' : '~', (int64_t)count);
}

void reply_push(struct reply *reply, size_t count)
{
    reply_line(reply, reply->protocol == 2 ? '*' : '>', (int64_t)count);
}

void reply_boolean(struct reply *reply, bool value)
{
    if (reply->protocol == 2)
        reply_integer(reply, value);
    else
        reply_text(reply, value ? SLICE("#t\r\n") : SLICE("#f\r\n"));
}

void reply_double(struct reply *reply, double value)
{
    char text[32];
    int size;
    if (isnan(value))
        size = snprintf(text, sizeof text, "nan");
    else if (isinf(value))
        size = snprintf(text, sizeof text, value > 0 ? "inf" : "-inf");
    else
        size = snprintf(text, sizeof text, "%.*g", DBL_DECIMAL_DIG, value);
    if (reply->protocol == 2)
        reply_bulk(reply, (struct slice){text, (size_t)size});
    else
        buffer_printf(reply->out, ",%s\r\n", text);
}

void reply_verbatim(struct reply *reply, struct slice text)
{
    if (reply->protocol == 2) {
        reply_bulk(reply, text);
        return;
    }
    reply_line(reply, '=', (int64_t)text.size + 4);
    reply_text(reply, SLICE("txt:"));
    reply_text(reply, text);
    reply_text(reply, SLICE("\r\n"));
}

void reply_bytes(struct reply *reply, struct slice resp)
{
    reply_text(reply, resp);
}

void reply_syntax_error(struct reply *reply)
{
    reply_error(reply, "ERR syntax error");
}

void reply_not_an_integer(struct reply *reply)
{
    reply_error(reply, "ERR value is not an integer or out of range");
}

void reply_wrong_type(struct reply *reply)
{
    reply_error(reply, "WRONGTYPE Operation against a key holding the wrong "
                       "kind of value");
}
