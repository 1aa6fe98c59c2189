// cli_format.c -- one formatter a format, each recursive: the depth is that of
// the reply, which its parser has bounded.
// SPDX-License-Identifier: MIT
#include "common/client/cli_format.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

static struct slice text_of(const struct vega_reply *reply)
{
    return (struct slice){reply->text, reply->size};
}

void cli_format_quoted(struct buffer *out, struct slice bytes)
{
    static const char special[] = "\\\"\n\r\t\a\b", names[] = "\\\"nrtab";
    buffer_append_byte(out, '"');
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        const char *at = c ? strchr(special, c) : NULL;
        if (at)
            buffer_printf(out, "\\%c", names[at - special]);
        else if (isprint(c))
            buffer_append_byte(out, (char)c);
        else
            buffer_printf(out, "\\x%02x", c);
    }
    buffer_append_byte(out, '"');
}

// What stands behind the number of an element, and what an empty one is called.
static char mark_of(const struct vega_reply *reply)
{
    if (reply->type == VEGA_MAP)
        return '#';
    return reply->type == VEGA_SET ? '~' : ')';
}

static const char *kind_of(const struct vega_reply *reply)
{
    switch (reply->type) {
    case VEGA_MAP:
        return "hash";
    case VEGA_SET:
        return "set";
    case VEGA_PUSH:
        return "push";
    default:
        return "array";
    }
}

static void format_labelled(struct buffer *out, const struct vega_reply *reply,
                            size_t indent);

// Elements are numbered; those behind the first, and all lines of nested
// aggregates, are indented to where the first began.
static void format_elements(struct buffer *out, const struct vega_reply *reply,
                            size_t indent)
{
    if (reply->count == 0) {
        buffer_printf(out, "(empty %s)\n", kind_of(reply));
        return;
    }
    size_t step = reply->type == VEGA_MAP ? 2 : 1;
    int width = snprintf(NULL, 0, "%zu", reply->count / step);
    size_t deeper = indent + (size_t)width + 2;
    for (size_t i = 0; i < reply->count; i += step) {
        buffer_printf(out, "%*s%*zu%c ", i ? (int)indent : 0, "", width,
                      i / step + 1, mark_of(reply));
        format_labelled(out, &reply->elements[i], deeper);
        if (step == 2) {
            out->size--; // The line goes on behind the key.
            buffer_append_text(out, " => ");
            format_labelled(out, &reply->elements[i + 1], deeper);
        }
    }
}

static void format_labelled(struct buffer *out, const struct vega_reply *reply,
                            size_t indent)
{
    switch (reply->type) {
    case VEGA_STATUS:
    case VEGA_VERBATIM:
    case VEGA_BIGNUM:
        buffer_append_slice(out, text_of(reply));
        break;
    case VEGA_ERROR:
        buffer_append_text(out, "(error) ");
        buffer_append_slice(out, text_of(reply));
        break;
    case VEGA_INTEGER:
        buffer_printf(out, "(integer) %" PRId64, reply->integer);
        break;
    case VEGA_DOUBLE:
        buffer_append_text(out, "(double) ");
        buffer_append_slice(out, text_of(reply));
        break;
    case VEGA_BOOLEAN:
        buffer_append_text(out, reply->boolean ? "(true)" : "(false)");
        break;
    case VEGA_NULL:
        buffer_append_text(out, "(nil)");
        break;
    case VEGA_BULK:
        cli_format_quoted(out, text_of(reply));
        break;
    case VEGA_ARRAY:
    case VEGA_MAP:
    case VEGA_SET:
    case VEGA_PUSH:
        format_elements(out, reply, indent);
        return;
    }
    buffer_append_byte(out, '\n');
}

static void format_raw(struct buffer *out, const struct vega_reply *reply)
{
    size_t step = reply->type == VEGA_MAP ? 2 : 1;
    switch (reply->type) {
    case VEGA_INTEGER:
        buffer_printf(out, "%" PRId64, reply->integer);
        break;
    case VEGA_BOOLEAN:
        buffer_append_text(out, reply->boolean ? "(true)" : "(false)");
        break;
    case VEGA_NULL:
        break;
    case VEGA_ARRAY:
    case VEGA_MAP:
    case VEGA_SET:
    case VEGA_PUSH:
        for (size_t i = 0; i < reply->count; i++) {
            if (i)
                buffer_append_byte(out, i % step ? ' ' : '\n');
            format_raw(out, &reply->elements[i]);
        }
        break;
    default:
        buffer_append_slice(out, text_of(reply));
    }
}

// Bytes of the UTF-8 character at the front, 0 when it is none (RFC 3629).
static size_t utf8_size(struct slice s)
{
    const unsigned char *c = (const unsigned char *)s.data;
    if (c[0] < 0x80)
        return 1;
    size_t size = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
    if (c[0] < 0xc2 || c[0] > 0xf4 || s.size < size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    bool overlong =
        (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
    bool beyond =
        (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf4 && c[1] > 0x8f);
    return overlong || beyond ? 0 : size;
}

void cli_format_json_text(struct buffer *out, struct slice bytes)
{
    buffer_append_byte(out, '"');
    while (bytes.size) {
        unsigned char c = (unsigned char)*bytes.data;
        size_t size = utf8_size(bytes);
        if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else if (c == '\n')
            buffer_append_text(out, "\\n");
        else if (c < 0x20 || c == 0x7f || size == 0)
            buffer_printf(out, "\\u%04x", c);
        else
            buffer_append(out, bytes.data, size);
        size += size == 0;
        bytes = (struct slice){bytes.data + size, bytes.size - size};
    }
    buffer_append_byte(out, '"');
}

static void format_json(struct buffer *out, const struct vega_reply *reply);

// As few digits as say it all; infinities, which JSON lacks, as texts.
static void format_json_double(struct buffer *out,
                               const struct vega_reply *reply)
{
    char text[32];
    if (!isfinite(reply->number)) {
        cli_format_json_text(out, text_of(reply));
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, reply->number);
        if (strtod(text, NULL) == reply->number)
            break;
    }
    buffer_append_text(out, text);
}

// JSON knows no plus in front.
static void format_json_bignum(struct buffer *out, struct slice digits)
{
    check(digits.data);
    size_t plus = *digits.data == '+';
    buffer_append(out, digits.data + plus, digits.size - plus);
}

// Keys must be strings.
static void format_json_key(struct buffer *out, const struct vega_reply *key)
{
    if (key->text) {
        cli_format_json_text(out, text_of(key));
        return;
    }
    struct buffer text = {0};
    format_json(&text, key);
    cli_format_json_text(out, buffer_slice(&text));
    buffer_deinit(&text);
}

static void format_json_elements(struct buffer *out,
                                 const struct vega_reply *reply)
{
    bool is_map = reply->type == VEGA_MAP;
    buffer_append_byte(out, is_map ? '{' : '[');
    for (size_t i = 0; i < reply->count; i++) {
        bool is_key = is_map && i % 2 == 0;
        if (i)
            buffer_append_byte(out, is_map && !is_key ? ':' : ',');
        if (is_key)
            format_json_key(out, &reply->elements[i]);
        else
            format_json(out, &reply->elements[i]);
    }
    buffer_append_byte(out, is_map ? '}' : ']');
}

static void format_json(struct buffer *out, const struct vega_reply *reply)
{
    switch (reply->type) {
    case VEGA_STATUS:
    case VEGA_BULK:
    case VEGA_VERBATIM:
        cli_format_json_text(out, text_of(reply));
        break;
    case VEGA_ERROR:
        buffer_append_text(out, "{\"error\":");
        cli_format_json_text(out, text_of(reply));
        buffer_append_byte(out, '}');
        break;
    case VEGA_INTEGER:
        buffer_printf(out, "%" PRId64, reply->integer);
        break;
    case VEGA_DOUBLE:
        format_json_double(out, reply);
        break;
    case VEGA_BIGNUM:
        format_json_bignum(out, text_of(reply));
        break;
    case VEGA_BOOLEAN:
        buffer_append_text(out, reply->boolean ? "true" : "false");
        break;
    case VEGA_NULL:
        buffer_append_text(out, "null");
        break;
    case VEGA_ARRAY:
    case VEGA_MAP:
    case VEGA_SET:
    case VEGA_PUSH:
        format_json_elements(out, reply);
        break;
    }
}

void cli_format_reply(struct buffer *out, const struct vega_reply *reply,
                      enum cli_format format)
{
    switch (format) {
    case CLI_FORMAT_LABELLED:
        format_labelled(out, reply, 0);
        return;
    case CLI_FORMAT_RAW:
        format_raw(out, reply);
        break;
    case CLI_FORMAT_JSON:
        format_json(out, reply);
        break;
    }
    buffer_append_byte(out, '\n');
}
