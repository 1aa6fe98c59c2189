// text_table.c -- rows of cells as lines of text.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/text_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum { CELL_MAX = 320 };

void text_table_init(struct text_table *table, const char *layout)
{
    *table = (struct text_table){.columns = strlen(layout), .layout = layout};
    check(table->columns >= 1 && table->columns <= TEXT_TABLE_COLUMNS_MAX);
}

void text_table_deinit(struct text_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
}

void text_table_add(struct text_table *table, const char *format, ...)
{
    char text[CELL_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    table->cells =
        xrealloc(table->cells, (table->count + 1) * sizeof *table->cells);
    table->cells[table->count++] = xstrdup(text);
}

static void append_cell(struct buffer *out, const char *text, size_t width,
                        char layout)
{
    size_t size = strlen(text), fill = width > size ? width - size : 0;
    if (layout == 'r')
        buffer_printf(out, "%*s", (int)fill, "");
    buffer_append_text(out, text);
    if (layout == 'l')
        buffer_printf(out, "%*s", (int)fill, "");
}

// Nothing follows the last word of a line.
static void trim_line(struct buffer *out)
{
    while (out->size > 0 && out->data[out->size - 1] == ' ')
        out->size--;
}

void text_table_format(const struct text_table *table, struct buffer *out)
{
    size_t widths[TEXT_TABLE_COLUMNS_MAX] = {0};
    check(table->count % table->columns == 0);
    for (size_t i = 0; i < table->count; i++) {
        size_t *width = &widths[i % table->columns];
        size_t size = strlen(table->cells[i]);
        *width = size > *width ? size : *width;
    }
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        if (column > 0)
            buffer_append_text(out, "  ");
        append_cell(out, table->cells[i], widths[column],
                    table->layout[column]);
        if (column + 1 < table->columns)
            continue;
        trim_line(out);
        buffer_append_byte(out, '\n');
    }
}
