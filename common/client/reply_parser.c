// reply_parser.c -- tokens, then whole replies.
//
// The tree of a reply is made here and freed here (vega_reply_free).
// SPDX-License-Identifier: MIT
#include "common/client/reply_parser.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum {
    DIGITS_MAX = 19,   // Of INT64_MAX.
    DOUBLE_MAX = 64,   // Characters of a double.
    CAPACITY_MIN = 4,  // Elements.
    FORMAT_SIZE = 4,   // "txt:" in front of a verbatim text.
    LINE_SIZE_MIN = 3, // A type and a line end.
};

// How the line of a type is read.
enum token_shape {
    SHAPE_NONE, // No such type.
    SHAPE_LINE,
    SHAPE_NUMBER,
    SHAPE_BULK,
    SHAPE_AGGREGATE,
};

struct token_kind {
    enum token_shape shape;
    enum vega_type type;
};

static const struct token_kind token_kinds[UCHAR_MAX + 1] = {
    ['+'] = {SHAPE_LINE, VEGA_STATUS},     ['-'] = {SHAPE_LINE, VEGA_ERROR},
    [','] = {SHAPE_LINE, VEGA_DOUBLE},     ['('] = {SHAPE_LINE, VEGA_BIGNUM},
    ['#'] = {SHAPE_LINE, VEGA_BOOLEAN},    ['_'] = {SHAPE_LINE, VEGA_NULL},
    [':'] = {SHAPE_NUMBER, VEGA_INTEGER},  ['$'] = {SHAPE_BULK, VEGA_BULK},
    ['='] = {SHAPE_BULK, VEGA_VERBATIM},   ['!'] = {SHAPE_BULK, VEGA_ERROR},
    ['*'] = {SHAPE_AGGREGATE, VEGA_ARRAY}, ['~'] = {SHAPE_AGGREGATE, VEGA_SET},
    ['>'] = {SHAPE_AGGREGATE, VEGA_PUSH},  ['%'] = {SHAPE_AGGREGATE, VEGA_MAP},
    ['|'] = {SHAPE_AGGREGATE, VEGA_MAP},
};

static inline struct token_kind kind_of(struct slice input)
{
    return token_kinds[(unsigned char)*input.data];
}

// "$-1\r\n" and "*-1\r\n" are how RESP2 says null.
static inline bool is_null_length(struct slice input, int64_t length)
{
    return length == -1 && (*input.data == '$' || *input.data == '*');
}

// Reads the number in "<type>123\r\n". Sets *size to the bytes of the line.
static inline enum reply_result read_number(struct slice input, int64_t *value,
                                            size_t *size)
{
    const char *at = input.data + 1, *end = input.data + input.size;
    bool negative = at < end && *at == '-';
    at += negative;
    const char *digits = at;
    uint64_t n = 0;
    for (; at < end; at++) {
        unsigned digit = (unsigned)(unsigned char)*at - '0';
        if (digit > 9)
            break;
        n = n * 10 + digit; // 20 digits would wrap, and are refused below.
        if (at - digits == DIGITS_MAX)
            return REPLY_INVALID;
    }
    if (at == end)
        return REPLY_PARTIAL;
    if (at == digits || *at != '\r' || n > (uint64_t)INT64_MAX + negative)
        return REPLY_INVALID;
    if (at + 1 == end)
        return REPLY_PARTIAL;
    if (at[1] != '\n')
        return REPLY_INVALID;
    *value = (int64_t)(negative ? -n : n);
    *size = (size_t)(at + 2 - input.data);
    return REPLY_COMPLETE;
}

// Finds the text in "<type>text\r\n".
static inline enum reply_result read_line(struct slice input,
                                          struct slice *text, size_t *size)
{
    size_t window = input.size < REPLY_LINE_MAX ? input.size : REPLY_LINE_MAX;
    const char *end = memchr(input.data, '\n', window);
    if (!end)
        return window == REPLY_LINE_MAX ? REPLY_INVALID : REPLY_PARTIAL;
    if (end - input.data < LINE_SIZE_MIN - 1 || end[-1] != '\r')
        return REPLY_INVALID;
    *text = (struct slice){input.data + 1, (size_t)(end - input.data) - 2};
    *size = (size_t)(end - input.data) + 1;
    return REPLY_COMPLETE;
}

static bool parse_double(struct slice text, double *value)
{
    char copy[DOUBLE_MAX];
    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    // No space, no hexadecimal: only what a double is made of.
    if (strspn(copy, "+-.0123456789eEinfa") != text.size)
        return false;
    char *end;
    *value = strtod(copy, &end);
    return end == copy + text.size;
}

static bool parse_bignum(struct slice text)
{
    size_t i = text.size && (*text.data == '-' || *text.data == '+');
    if (i == text.size)
        return false;
    while (i < text.size && text.data[i] >= '0' && text.data[i] <= '9')
        i++;
    return i == text.size;
}

// "$5\r\nhello\r\n", and its cousins "=" and "!".
static enum reply_result read_bulk(struct slice input, size_t size_max,
                                   struct reply_token *token, size_t *need)
{
    int64_t length;
    size_t line;
    enum reply_result result = read_number(input, &length, &line);
    if (result != REPLY_COMPLETE)
        return result;
    if (is_null_length(input, length)) {
        token->type = VEGA_NULL;
        token->size = line;
        return REPLY_COMPLETE;
    }
    if (length < 0 || (uint64_t)length > size_max)
        return REPLY_INVALID;
    token->size = line + (size_t)length + 2;
    if (input.size < token->size) {
        *need = token->size;
        return REPLY_PARTIAL;
    }
    token->text = (struct slice){input.data + line, (size_t)length};
    if (memcmp(input.data + token->size - 2, "\r\n", 2) != 0)
        return REPLY_INVALID;
    if (token->type == VEGA_VERBATIM &&
        (length < FORMAT_SIZE || token->text.data[FORMAT_SIZE - 1] != ':'))
        return REPLY_INVALID;
    return REPLY_COMPLETE;
}

// "*3\r\n", and its cousins; "%2\r\n" stands before 4 values.
static enum reply_result read_aggregate(struct slice input,
                                        struct reply_token *token)
{
    int64_t count;
    enum reply_result result = read_number(input, &count, &token->size);
    if (result != REPLY_COMPLETE)
        return result;
    if (is_null_length(input, count)) {
        token->type = VEGA_NULL;
        return REPLY_COMPLETE;
    }
    if (count < 0 || count > INT32_MAX)
        return REPLY_INVALID;
    token->count = (uint64_t)count * (token->type == VEGA_MAP ? 2 : 1);
    return REPLY_COMPLETE;
}

static enum reply_result read_scalar(struct slice input,
                                     struct reply_token *token)
{
    enum reply_result result = read_line(input, &token->text, &token->size);
    if (result != REPLY_COMPLETE)
        return result;
    bool good = true;
    struct slice text = token->text;
    if (token->type == VEGA_DOUBLE)
        good = parse_double(text, &token->number);
    else if (token->type == VEGA_BIGNUM)
        good = parse_bignum(text);
    else if (token->type == VEGA_NULL)
        good = text.size == 0;
    else if (token->type == VEGA_BOOLEAN) {
        good = text.size == 1 && (*text.data == 't' || *text.data == 'f');
        token->boolean = good && *text.data == 't';
    }
    if (token->type == VEGA_NULL || token->type == VEGA_BOOLEAN)
        token->text = (struct slice){0};
    return good ? REPLY_COMPLETE : REPLY_INVALID;
}

enum reply_result reply_token_read(struct slice input, size_t size_max,
                                   struct reply_token *token, size_t *need)
{
    *need = input.size + 1;
    if (input.size == 0)
        return REPLY_PARTIAL;
    struct token_kind kind = kind_of(input);
    *token = (struct reply_token){.type = kind.type};
    switch (kind.shape) {
    case SHAPE_LINE:
        return read_scalar(input, token);
    case SHAPE_NUMBER:
        return read_number(input, &token->integer, &token->size);
    case SHAPE_BULK:
        return read_bulk(input, size_max, token, need);
    case SHAPE_AGGREGATE:
        token->is_attribute = *input.data == '|';
        return read_aggregate(input, token);
    case SHAPE_NONE:
        break;
    }
    return REPLY_INVALID;
}

static inline void slice_drop(struct slice *input, size_t size)
{
    input->data += size;
    input->size -= size;
}

// Takes one line off `input`, and notes what must follow it.
static enum reply_result skip_line(struct reply_skipper *skipper,
                                   struct slice *input)
{
    if (input->size == 0)
        return REPLY_PARTIAL;
    struct token_kind kind = kind_of(*input);
    struct slice text;
    int64_t number = 0;
    size_t size;
    enum reply_result result = REPLY_INVALID;
    if (kind.shape == SHAPE_LINE)
        result = read_line(*input, &text, &size);
    else if (kind.shape != SHAPE_NONE)
        result = read_number(*input, &number, &size);
    if (result != REPLY_COMPLETE)
        return result;

    bool has_length = kind.shape >= SHAPE_BULK;
    bool is_null = has_length && is_null_length(*input, number);
    if (has_length && !is_null && (number < 0 || number > INT32_MAX))
        return REPLY_INVALID;
    if (!skipper->started)
        *skipper = (struct reply_skipper){
            .started = true,
            .is_error = kind.type == VEGA_ERROR,
            .is_null = is_null || kind.type == VEGA_NULL,
            .values = 1,
        };
    // An attribute is no value: the one that it describes still comes.
    skipper->values -= *input->data != '|';
    if (kind.shape == SHAPE_BULK && !is_null)
        skipper->bytes = (uint64_t)number + 2;
    if (kind.shape == SHAPE_AGGREGATE && !is_null)
        skipper->values += (uint64_t)number << (kind.type == VEGA_MAP);
    slice_drop(input, size);
    return REPLY_COMPLETE;
}

enum reply_result reply_skip(struct reply_skipper *skipper, struct slice *input)
{
    do {
        if (skipper->bytes == 0) {
            enum reply_result result = skip_line(skipper, input);
            if (result != REPLY_COMPLETE)
                return result;
        }
        uint64_t size =
            skipper->bytes < input->size ? skipper->bytes : input->size;
        slice_drop(input, size);
        skipper->bytes -= size;
        if (skipper->bytes)
            return REPLY_PARTIAL;
    } while (skipper->values);
    skipper->started = false;
    return REPLY_COMPLETE;
}

// The depth of the recursion is that of the reply, at most REPLY_DEPTH_MAX.
static void reply_release(struct vega_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++)
        reply_release(&reply->elements[i]);
    free(reply->elements);
    free(reply->text);
}

void vega_reply_free(struct vega_reply *reply)
{
    if (!reply)
        return;
    reply_release(reply);
    free(reply);
}

void reply_parser_init(struct reply_parser *parser, struct reply_limits limits)
{
    check(limits.depth_max <= REPLY_DEPTH_MAX);
    *parser = (struct reply_parser){.limits = limits};
}

void reply_parser_deinit(struct reply_parser *parser)
{
    reply_parser_reset(parser);
}

void reply_parser_reset(struct reply_parser *parser)
{
    vega_reply_free(parser->root);
    parser->root = NULL;
    parser->depth = 0;
    parser->attributes = 0;
    parser->size = 0;
    parser->elements = 0;
    parser->need = 0;
}

// The place of the next value: the root, or the next element of the innermost
// aggregate. An aggregate that is still open is the last element of its parent,
// which therefore does not move until it is closed.
static struct vega_reply *parser_place(struct reply_parser *parser)
{
    if (parser->depth == 0) {
        parser->root = xcalloc(1, sizeof *parser->root);
        return parser->root;
    }
    struct reply_frame *frame = &parser->frames[parser->depth - 1];
    struct vega_reply *aggregate = frame->aggregate;
    if (aggregate->count == frame->capacity) {
        size_t capacity = frame->capacity * 2;
        if (capacity < CAPACITY_MIN)
            capacity = CAPACITY_MIN;
        if (capacity > frame->count)
            capacity = frame->count;
        aggregate->elements =
            xrealloc(aggregate->elements, capacity * sizeof *aggregate);
        frame->capacity = capacity;
    }
    struct vega_reply *place = &aggregate->elements[aggregate->count++];
    *place = (struct vega_reply){0};
    return place;
}

static void place_fill(struct vega_reply *place,
                       const struct reply_token *token)
{
    struct slice text = token->text;
    if (token->type == VEGA_VERBATIM) {
        memcpy(place->format, text.data, FORMAT_SIZE - 1);
        slice_drop(&text, FORMAT_SIZE);
    }
    place->type = token->type;
    place->boolean = token->boolean;
    place->integer = token->integer;
    place->number = token->number;
    if (text.data) {
        place->text = xmalloc(text.size + 1);
        memcpy(place->text, text.data, text.size);
        place->text[text.size] = '\0';
        place->size = text.size;
    }
}

static enum reply_result parser_fail(struct reply_parser *parser,
                                     const char *error)
{
    parser->error = error;
    return REPLY_INVALID;
}

// Adds one value to the tree: REPLY_COMPLETE when that was the last.
static enum reply_result parser_add(struct reply_parser *parser,
                                    const struct reply_token *token)
{
    if (parser->attributes || token->is_attribute) {
        if (!token->is_attribute)
            parser->attributes--;
        parser->attributes += token->count;
        return REPLY_PARTIAL;
    }
    if (token->count && parser->depth == parser->limits.depth_max)
        return parser_fail(parser, "reply is nested too deeply");
    struct vega_reply *place = parser_place(parser);
    place_fill(place, token);
    if (token->count)
        parser->frames[parser->depth++] =
            (struct reply_frame){.aggregate = place, .count = token->count};
    while (parser->depth) {
        struct reply_frame *top = &parser->frames[parser->depth - 1];
        if (top->aggregate->count < top->count)
            return REPLY_PARTIAL;
        parser->depth--;
    }
    return REPLY_COMPLETE;
}

static enum reply_result parser_account(struct reply_parser *parser,
                                        const struct reply_token *token)
{
    parser->size += token->size;
    parser->elements++;
    if (parser->size > parser->limits.size_max)
        return parser_fail(parser, "reply is too large");
    if (parser->elements > parser->limits.elements_max)
        return parser_fail(parser, "reply has too many elements");
    return REPLY_COMPLETE;
}

enum reply_result reply_parser_take(struct reply_parser *parser,
                                    struct slice *input,
                                    struct vega_reply **reply)
{
    for (;;) {
        struct reply_token token;
        enum reply_result result = reply_token_read(
            *input, parser->limits.size_max, &token, &parser->need);
        if (result == REPLY_INVALID)
            return parser_fail(parser, "not a reply");
        if (result == REPLY_PARTIAL)
            return result;
        if (parser_account(parser, &token) != REPLY_COMPLETE)
            return REPLY_INVALID;
        slice_drop(input, token.size);
        result = parser_add(parser, &token);
        if (result == REPLY_INVALID)
            return result;
        if (result == REPLY_COMPLETE) {
            *reply = parser->root;
            parser->root = NULL;
            reply_parser_reset(parser);
            return REPLY_COMPLETE;
        }
    }
}

const struct vega_reply *reply_field(const struct vega_reply *map,
                                     const char *name)
{
    for (size_t i = 0; i + 1 < map->count; i += 2) {
        const struct vega_reply *key = &map->elements[i];
        if (key->text && strcmp(key->text, name) == 0)
            return &map->elements[i + 1];
    }
    return NULL;
}
