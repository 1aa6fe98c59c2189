// trace.c -- what a subject told of one run.
// SPDX-License-Identifier: MIT
#include "labs/harness/trace.h"

#include <stdlib.h>
#include <string.h>

void trace_deinit(struct trace *trace)
{
    text_deinit(&trace->text);
    free(trace->lines);
    *trace = (struct trace){0};
}

void trace_clear(struct trace *trace)
{
    trace->text.size = 0;
    trace->count = 0;
    trace->events = 0;
    trace->hash = 0;
    trace->end = TRACE_WHOLE;
}

static void add_line(struct trace *trace, const char *line, size_t size)
{
    if (size < 1)
        return;
    if (trace->count == trace->capacity) {
        trace->capacity = 2 * trace->capacity + 256;
        trace->lines =
            realloc(trace->lines, trace->capacity * sizeof *trace->lines);
        if (!trace->lines)
            abort();
    }
    trace->events += line[0] == 'E';
    trace->lines[trace->count++] = (struct trace_line){
        .kind = line[0],
        .text = size > 2 ? (struct bytes){line + 2, size - 2}
                         : (struct bytes){line + size, 0},
        .event = trace->events,
    };
}

// FNV-1a.
static uint64_t hash_of(const struct text *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text->size; i++)
        hash = (hash ^ (unsigned char)text->data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void trace_parse(struct trace *trace)
{
    const char *at = trace->text.data;
    const char *end = at + trace->text.size;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end)
            line_end = end;
        add_line(trace, at, (size_t)(line_end - at));
        at = line_end + 1;
    }
    trace->hash = hash_of(&trace->text);
}

size_t trace_number(struct bytes *at)
{
    size_t number = 0;
    while (at->size && *at->data >= '0' && *at->data <= '9') {
        number = number * 10 + (size_t)(*at->data - '0');
        at->data++, at->size--;
    }
    if (at->size && *at->data == ' ')
        at->data++, at->size--;
    return number;
}

static int nibble(char c)
{
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - '0';
}

void trace_unescape(struct bytes escaped, struct text *out)
{
    size_t i = 0;
    while (i < escaped.size) {
        char byte = escaped.data[i++];
        if (byte == '\\' && i + 2 < escaped.size) {
            byte = (char)(nibble(escaped.data[i + 1]) * 16 +
                          nibble(escaped.data[i + 2]));
            i += 3;
        }
        text_add(out, (struct bytes){&byte, 1});
    }
}

void trace_each_event(const struct trace *trace, size_t last,
                      void (*each)(void *context, size_t event,
                                   const char *text),
                      void *context)
{
    struct text text = {0};
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_line *line = &trace->lines[i];
        if (line->kind != 'E' || line->event > last)
            continue;
        text.size = 0;
        text_add(&text, line->text);
        each(context, line->event, text.data);
    }
    text_deinit(&text);
}

struct bytes trace_event(const struct trace *trace, size_t event)
{
    for (size_t i = 0; i < trace->count; i++) {
        if (trace->lines[i].kind == 'E' && trace->lines[i].event == event)
            return trace->lines[i].text;
    }
    return (struct bytes){"", 0};
}

size_t trace_first_difference(const struct trace *a, const struct trace *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const struct trace_line *x = &a->lines[i], *y = &b->lines[i];
        if (x->kind != y->kind ||
            bytes_first_difference(x->text, y->text) != SIZE_MAX)
            return x->event > y->event ? x->event : y->event;
    }
    if (a->count == b->count)
        return 0;
    return (a->count < b->count ? a->events : b->events) + 1;
}
