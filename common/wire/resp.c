// resp.c -- reads requests: RESP arrays of bulk strings, and inline commands.
//
//     request   = array | inline
//     array     = "*" count CRLF, count x ( "$" size CRLF, bytes, CRLF )
//     inline    = words separated by blanks, ended by LF or CRLF
//
// A count <= 0 and an empty line are no request and are skipped.
// SPDX-License-Identifier: MIT
#include "common/wire/resp.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum {
    // More than any legal number has, and too few to overflow.
    RESP_DIGITS_MAX = 18,
    // The shortest argument: "$0\r\n\r\n".
    RESP_ARGUMENT_SIZE_MIN = 6,
    // Beyond so many arguments a partial request waits for all the bytes that
    // the missing ones must take; see resp_need.
    RESP_SMALL_REQUEST = 64,
    // Memory for arguments beyond it is given back after the batch.
    RESP_ARGUMENTS_KEPT = 4096,
};

void resp_parser_init(struct resp_parser *parser)
{
    *parser = (struct resp_parser){
        .bulk_max = 512 * 1024 * 1024,
        .arguments_max = RESP_ARGUMENTS_MAX,
    };
}

void resp_parser_deinit(struct resp_parser *parser)
{
    free(parser->arguments);
    buffer_deinit(&parser->inline_text);
}

void resp_parser_reset(struct resp_parser *parser)
{
    parser->count = 0;
    if (__builtin_expect(parser->capacity > RESP_ARGUMENTS_KEPT, 0)) {
        free(parser->arguments);
        parser->arguments = NULL;
        parser->capacity = 0;
    }
}

static void resp_grow_arguments(struct resp_parser *parser)
{
    parser->capacity = parser->capacity ? 2 * parser->capacity : 256;
    parser->arguments =
        xrealloc(parser->arguments, parser->capacity * sizeof(struct slice));
}

static inline void resp_push(struct resp_parser *parser, const char *data,
                             size_t size)
{
    if (__builtin_expect(parser->count == parser->capacity, 0))
        resp_grow_arguments(parser);
    parser->arguments[parser->count++] = (struct slice){data, size};
}

static enum resp_status resp_fail(struct resp_parser *parser,
                                  const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum resp_status resp_fail(struct resp_parser *parser,
                                  const char *format, ...)
{
    size_t size = sizeof "Protocol error: " - 1;
    memcpy(parser->error, "Protocol error: ", size);
    va_list args;
    va_start(args, format);
    vsnprintf(parser->error + size, sizeof parser->error - size, format, args);
    va_end(args);
    return RESP_INVALID;
}

enum line_status { LINE_OK, LINE_PARTIAL, LINE_BAD };

// Reads "123\r\n" at *at. On LINE_OK sets *value and moves *at past the line.
// As in Redis, a number has no leading zeros and no '+'.
static inline enum line_status resp_read_line(const char **at, const char *end,
                                              int64_t *value)
{
    const char *p = *at;
    bool negative = p < end && *p == '-';
    p += negative;
    const char *digits = p;
    uint64_t number = 0;
    while (p < end && (unsigned)(*p - '0') < 10) {
        if (__builtin_expect(p - digits == RESP_DIGITS_MAX, 0))
            return LINE_BAD;
        number = number * 10 + (uint64_t)(*p++ - '0');
    }
    if (end - p < 2)
        return p == end || *p == '\r' ? LINE_PARTIAL : LINE_BAD;
    if (p[0] != '\r' || p[1] != '\n' || p == digits ||
        (*digits == '0' && p - digits > 1))
        return LINE_BAD;
    *value = negative ? -(int64_t)number : (int64_t)number;
    *at = p + 2;
    return LINE_OK;
}

static enum resp_status resp_read_count(struct resp_parser *parser,
                                        const char **at, const char *end,
                                        uint32_t *count)
{
    int64_t number = 0;
    enum line_status line = resp_read_line(at, end, &number);
    if (line == LINE_PARTIAL)
        return RESP_PARTIAL;
    if (line == LINE_BAD || number > RESP_ARGUMENTS_MAX)
        return resp_fail(parser, "invalid multibulk length");
    if (number > (int64_t)parser->arguments_max)
        return resp_fail(parser, "unauthenticated multibulk length");
    *count = number > 0 ? (uint32_t)number : 0;
    return RESP_OK;
}

// Reads one bulk string at *at and moves past it, on RESP_OK only. On
// RESP_PARTIAL sets *size to the bytes that it takes in all, from its '$' to
// its last CRLF, 0 while its header is not complete.
static inline enum resp_status resp_read_argument(struct resp_parser *parser,
                                                  const char **at,
                                                  const char *end, size_t *size)
{
    *size = 0;
    const char *p = *at;
    if (p == end)
        return RESP_PARTIAL;
    if (*p != '$')
        return resp_fail(parser, "expected '$', got '%c'",
                         isprint((unsigned char)*p) ? *p : ' ');
    p++;
    int64_t length = 0;
    enum line_status line = resp_read_line(&p, end, &length);
    if (__builtin_expect(line != LINE_OK, 0)) {
        if (line == LINE_PARTIAL)
            return RESP_PARTIAL;
        return resp_fail(parser, "invalid bulk length");
    }
    if (length < 0 || (uint64_t)length > parser->bulk_max)
        return resp_fail(parser, parser->arguments_max < RESP_ARGUMENTS_MAX
                                     ? "unauthenticated bulk length"
                                     : "invalid bulk length");
    if (end - p < length + 2) {
        *size = (size_t)(p - *at) + (size_t)length + 2;
        return RESP_PARTIAL;
    }
    if (p[length] != '\r' || p[length + 1] != '\n')
        return resp_fail(parser, "expected CRLF after bulk");
    resp_push(parser, p, (size_t)length);
    *at = p + length + 2;
    return RESP_OK;
}

// How many bytes a request needs before another try can get further: up to the
// end of the argument that is incomplete (`used` and its `size`, 0 if that is
// unknown), and in a large request the least that the arguments behind it take.
// Not counting those in a small request lets a broken one be refused at once;
// counting them in a large one makes all tries together cost no more than a few
// steps for each byte received.
static size_t resp_need(size_t available, size_t used, size_t size,
                        uint32_t argc, uint32_t index)
{
    size_t need = used + size;
    if (argc > RESP_SMALL_REQUEST)
        need += (size_t)(argc - index - (size > 0)) * RESP_ARGUMENT_SIZE_MIN;
    return need > available ? need : available + 1;
}

static enum resp_status resp_parse_array(struct resp_parser *parser,
                                         struct slice input,
                                         struct resp_request *request)
{
    const char *at = input.data + 1, *end = input.data + input.size;
    request->need = input.size + 1;
    enum resp_status status = resp_read_count(parser, &at, end, &request->argc);
    for (uint32_t i = 0; status == RESP_OK && i < request->argc; i++) {
        size_t size;
        status = resp_read_argument(parser, &at, end, &size);
        if (status == RESP_PARTIAL)
            request->need = resp_need(input.size, (size_t)(at - input.data),
                                      size, request->argc, i);
    }
    request->size = (size_t)(at - input.data);
    return status;
}

static int resp_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// One escape of a double-quoted word, after the backslash. Returns the bytes
// that it takes.
static size_t resp_unescape(const char *at, const char *end, char *byte)
{
    if (*at == 'x' && end - at >= 3 && resp_hex_digit(at[1]) >= 0 &&
        resp_hex_digit(at[2]) >= 0) {
        *byte = (char)(resp_hex_digit(at[1]) * 16 + resp_hex_digit(at[2]));
        return 3;
    }
    static const char names[] = "nrtba", values[] = "\n\r\t\b\a";
    const char *name = memchr(names, *at, sizeof names - 1);
    *byte = name ? values[name - names] : *at;
    return 1;
}

// Appends the quoted word at *at, whose quote is `quote`, to `text`, and moves
// *at past it. False when the quote is never closed, or closed in mid-word.
static bool resp_read_quoted(const char **at, const char *end, char quote,
                             struct buffer *text)
{
    const char *p = *at + 1;
    while (p < end && *p != quote) {
        char byte = *p++;
        if (byte == '\\' && p < end) {
            if (quote == '"')
                p += resp_unescape(p, end, &byte);
            else if (*p == '\'')
                byte = *p++;
        }
        buffer_append_byte(text, byte);
    }
    if (p == end)
        return false;
    *at = p + 1;
    return p + 1 == end || isspace((unsigned char)p[1]);
}

// Splits a line into words as Redis does. Their text gathers in inline_text,
// which does not move meanwhile: a line yields at most as many bytes.
static enum resp_status resp_split_line(struct resp_parser *parser,
                                        const char *at, const char *end)
{
    struct buffer *text = &parser->inline_text;
    buffer_clear(text);
    buffer_reserve(text, (size_t)(end - at) + 1);
    for (;;) {
        while (at < end && isspace((unsigned char)*at))
            at++;
        if (at == end)
            return RESP_OK;
        size_t start = text->size;
        while (at < end && !isspace((unsigned char)*at)) {
            if (*at != '"' && *at != '\'')
                buffer_append_byte(text, *at++);
            else if (!resp_read_quoted(&at, end, *at, text))
                return resp_fail(parser, "unbalanced quotes in request");
        }
        resp_push(parser, text->data + start, text->size - start);
    }
}

static enum resp_status resp_parse_inline(struct resp_parser *parser,
                                          struct slice input,
                                          struct resp_request *request)
{
    size_t window = input.size < RESP_INLINE_MAX ? input.size : RESP_INLINE_MAX;
    const char *newline = memchr(input.data, '\n', window);
    if (!newline) {
        if (window == RESP_INLINE_MAX)
            return resp_fail(parser, "too big inline request");
        request->need = input.size + 1;
        return RESP_PARTIAL;
    }
    uint32_t first = parser->count;
    const char *end = newline;
    if (end > input.data && end[-1] == '\r')
        end--;
    enum resp_status status = resp_split_line(parser, input.data, end);
    request->argc = parser->count - first;
    request->is_inline = true;
    request->size = (size_t)(newline + 1 - input.data);
    return status;
}

enum resp_status resp_parse_request(struct resp_parser *parser,
                                    struct slice input,
                                    struct resp_request *request)
{
    *request = (struct resp_request){0};
    if (input.size == 0) {
        request->need = 1;
        return RESP_PARTIAL;
    }
    uint32_t first = parser->count;
    enum resp_status status = *input.data == '*'
                                  ? resp_parse_array(parser, input, request)
                                  : resp_parse_inline(parser, input, request);
    if (status != RESP_OK)
        parser->count = first;
    return status;
}
