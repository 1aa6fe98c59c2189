// cluster_findings.c -- what `cluster doctor` has found.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_findings.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"

enum { FINDING_TEXT_MAX = 1024, LINE_WIDTH = 78 };

void findings_deinit(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->items[i].text);
    free(findings->items);
    *findings = (struct findings){0};
}

void findings_add(struct findings *findings, enum finding_gravity gravity,
                  const char *kind, const char *format, ...)
{
    char text[FINDING_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    findings->items = xrealloc(findings->items,
                               (findings->count + 1) * sizeof *findings->items);
    findings->items[findings->count++] =
        (struct finding){gravity, kind, xstrdup(text)};
}

size_t findings_count(const struct findings *findings,
                      enum finding_gravity gravity)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].gravity == gravity;
    return count;
}

// A text in lines that begin below each other, after a dash.
static void append_item(struct buffer *out, const char *text)
{
    size_t column = 3;
    buffer_append_text(out, "  -");
    while (*text) {
        size_t size = strcspn(text, " ");
        if (column + 1 + size > LINE_WIDTH) {
            buffer_append_text(out, "\n   ");
            column = 3;
        }
        buffer_printf(out, " %.*s", (int)size, text);
        column += 1 + size;
        text += size + strspn(text + size, " ");
    }
    buffer_append_byte(out, '\n');
}

static void append_part(const struct findings *findings,
                        enum finding_gravity gravity, struct buffer *out)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].gravity == gravity)
            append_item(out, findings->items[i].text);
    }
}

void findings_text(const struct findings *findings, struct buffer *out)
{
    bool is_well = findings_count(findings, FINDING_WRONG) == 0;
    buffer_append_text(out, is_well ? "Nothing is wrong.\n" : "Wrong now:\n");
    append_part(findings, FINDING_WRONG, out);
    if (findings_count(findings, FINDING_RISK) > 0)
        buffer_append_text(out, "What can fail next:\n");
    append_part(findings, FINDING_RISK, out);
}

static json_t *json_of_part(const struct findings *findings,
                            enum finding_gravity gravity)
{
    json_t *part = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->gravity == gravity)
            json_array_append_new(part,
                                  json_pack("{s:s, s:s}", "kind", finding->kind,
                                            "text", finding->text));
    }
    return part;
}

json_t *findings_json(const struct findings *findings)
{
    return json_pack("{s:o, s:o}", "wrong",
                     json_of_part(findings, FINDING_WRONG), "risks",
                     json_of_part(findings, FINDING_RISK));
}
