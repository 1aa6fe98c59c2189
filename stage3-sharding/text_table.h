// text_table.h -- rows of cells as lines of text, each column as wide as its
// widest cell.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_TEXT_TABLE_H
#define VEGA_STAGE3_TEXT_TABLE_H

#include "common/base/buffer.h"

enum { TEXT_TABLE_COLUMNS_MAX = 12 };

struct text_table {
    size_t columns;
    const char *layout; // A letter a column: 'l' left, 'r' right.
    char **cells;       // Row after row. Owned.
    size_t count;
};

// `layout` is borrowed. A table without cells is empty.
void text_table_init(struct text_table *table, const char *layout);
void text_table_deinit(struct text_table *table);

// The next cell, from left to right.
void text_table_add(struct text_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Appends the lines. Rows are complete.
void text_table_format(const struct text_table *table, struct buffer *out);

#endif
