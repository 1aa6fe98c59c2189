// logger.c -- makes one line of a fact, and writes it with one write(2).
//
// Values may come from clients, so none can forge a second line or a field, or
// send escape sequences to a terminal: text quotes and escapes what is not
// plainly printable, JSON follows RFC 8259. Valid UTF-8 is kept; of other bytes
// text shows the value (\xff) and JSON, which has no word for it, U+FFFD.
// SPDX-License-Identifier: MIT
#include "common/base/logger.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"

enum {
    // Several processes may share a pipe, which keeps writes of up to PIPE_BUF
    // (4096) bytes whole.
    LOG_LINE_MAX = 4096,
    // Kept free for a closing quote, the mark of a cut line and its end.
    LOG_END_SIZE = 32,
};

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARN] = "warn",
    [LOG_ERROR] = "error",
};

struct line {
    char bytes[LOG_LINE_MAX];
    size_t size;
    enum log_format format;
    bool truncated; // Something did not fit; what follows is left out, too.
};

static bool line_has_room(const struct line *line, size_t size)
{
    return !line->truncated && line->size + size <= LOG_LINE_MAX - LOG_END_SIZE;
}

// All or nothing, so that no escape is ever cut in its middle.
static void line_add(struct line *line, const char *bytes, size_t size)
{
    if (!line_has_room(line, size)) {
        line->truncated = true;
        return;
    }
    memcpy(line->bytes + line->size, bytes, size);
    line->size += size;
}

static void line_add_text(struct line *line, const char *text)
{
    line_add(line, text, strlen(text));
}

// For the end of a value or line: goes into the space that was kept free.
static void line_end_with(struct line *line, const char *text)
{
    size_t size = strlen(text);
    check(size <= LOG_LINE_MAX - line->size);
    memcpy(line->bytes + line->size, text, size);
    line->size += size;
}

// The size of the UTF-8 character at `at`; 0 when there is none (RFC 3629: no
// overlong forms, no surrogates, nothing above U+10FFFF).
static size_t utf8_size(const unsigned char *at, size_t left)
{
    unsigned char c = at[0];
    if (c < 0x80)
        return 1;
    size_t size = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (size == 0 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    bool forbidden = (c == 0xe0 && at[1] < 0xa0) ||
                     (c == 0xed && at[1] > 0x9f) ||
                     (c == 0xf0 && at[1] < 0x90) || (c == 0xf4 && at[1] > 0x8f);
    return forbidden ? 0 : size;
}

// C0, DEL and C1: terminals obey them.
static bool is_control(const unsigned char *at, size_t size)
{
    return size == 1 ? at[0] < 0x20 || at[0] == 0x7f
                     : size == 2 && at[0] == 0xc2 && at[1] < 0xa0;
}

// Writes the character at `at` that may not stand for itself; `size` 0: a byte
// that is no character.
static void line_add_escape(struct line *line, const unsigned char *at,
                            size_t size)
{
    char escape[8];
    switch (*at) {
    case '"':
        line_add(line, "\\\"", 2);
        return;
    case '\\':
        line_add(line, "\\\\", 2);
        return;
    case '\n':
        line_add(line, "\\n", 2);
        return;
    case '\r':
        line_add(line, "\\r", 2);
        return;
    case '\t':
        line_add(line, "\\t", 2);
        return;
    }
    if (line->format == LOG_JSON) {
        // The last byte of a control character is its code point.
        unsigned code = size ? at[size - 1] : 0xfffd;
        snprintf(escape, sizeof escape, "\\u%04x", code);
        line_add(line, escape, 6);
        return;
    }
    for (size_t i = 0; i == 0 || i < size; i++) {
        snprintf(escape, sizeof escape, "\\x%02x", at[i]);
        line_add(line, escape, 4);
    }
}

static void line_add_quoted(struct line *line, struct slice value)
{
    line_add(line, "\"", 1);
    if (line->truncated)
        return;
    const unsigned char *at = (const unsigned char *)value.data;
    size_t left = value.size;
    while (left && !line->truncated) {
        size_t size = utf8_size(at, left);
        if (size == 0 || *at == '"' || *at == '\\' || is_control(at, size))
            line_add_escape(line, at, size);
        else
            line_add(line, (const char *)at, size);
        size_t step = size ? size : 1;
        at += step;
        left -= step;
    }
    line_end_with(line, "\"");
}

// True for a value that reads as one word and cannot be taken for another.
static bool is_plain(struct slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=')
            return false;
    }
    return value.size > 0;
}

static void line_add_value(struct line *line, const struct log_field *field)
{
    if (field->kind == LOG_FIELD_INT) {
        char digits[INT64_TEXT_MAX];
        line_add(line, digits, int64_format(digits, field->integer));
        return;
    }
    struct slice value = field->bytes;
    if (field->kind == LOG_FIELD_TEXT)
        value = slice_of(field->text ? field->text : "");
    // Quotes also mark a value that is cut.
    if (line->format == LOG_TEXT && is_plain(value) &&
        line_has_room(line, value.size))
        line_add(line, value.data, value.size);
    else
        line_add_quoted(line, value);
}

static void line_add_field(struct line *line, const struct log_field *field)
{
    bool json = line->format == LOG_JSON;
    size_t start = line->size;
    line_add_text(line, json ? ",\"" : " ");
    line_add_text(line, field->name);
    line_add_text(line, json ? "\":" : "=");
    size_t value = line->size;
    line_add_value(line, field);
    // A name without the beginning of its value would say something false.
    if (line->truncated && line->size == value)
        line->size = start;
}

// RFC 3339 in UTC.
static void line_add_time(struct line *line, int64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / 1000000);
    int64_t rest_us = wall_us % 1000000;
    if (rest_us < 0) { // A clock that was never set may be before 1970.
        rest_us += 1000000;
        seconds--;
    }
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char text[32], fraction[8];
    size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    line_add(line, text, size);
    snprintf(fraction, sizeof fraction, ".%03dZ", (int)(rest_us / 1000));
    line_add_text(line, fraction);
}

static void line_begin(struct line *line, int64_t wall_us, enum log_level level,
                       const char *event)
{
    if (line->format == LOG_JSON) {
        line_add_text(line, "{\"time\":\"");
        line_add_time(line, wall_us);
        line_add_text(line, "\",\"level\":\"");
        line_add_text(line, level_names[level]);
        line_add_text(line, "\",\"event\":");
        line_add_quoted(line, slice_of(event));
        return;
    }
    line_add_time(line, wall_us);
    line_add_text(line, " ");
    line_add_text(line, level_names[level]);
    line_add_text(line, strlen(level_names[level]) < 5 ? "  " : " ");
    line_add_text(line, event);
}

static void line_end(struct line *line)
{
    bool json = line->format == LOG_JSON;
    if (line->truncated)
        line_end_with(line, json ? ",\"truncated\":true" : " truncated=true");
    line_end_with(line, json ? "}\n" : "\n");
}

void log_write(struct logger *logger, enum log_level level, const char *event,
               const struct log_field *fields, size_t count)
{
    if (!logger || level < logger->level)
        return;
    check(level <= LOG_ERROR);
    struct line line; // Only `size` bytes of it are ever read.
    line.size = 0;
    line.format = logger->format;
    line.truncated = false;
    line_begin(&line, logger->wall_us(logger->context), level, event);
    for (size_t i = 0; i < count; i++) {
        if (fields[i].name)
            line_add_field(&line, &fields[i]);
    }
    line_end(&line);

    // A log that cannot be written has nowhere to say so. The caller may be
    // about to look at errno.
    int error = errno;
    while (write(logger->fd, line.bytes, line.size) < 0 && errno == EINTR)
        continue;
    errno = error;
}
