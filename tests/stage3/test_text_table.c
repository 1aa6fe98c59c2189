// test_text_table.c -- columns are as wide as they must be.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/text_table.h"

#include "tests/test.h"

static void expect(const struct text_table *table, const char *text)
{
    struct buffer out = {0};
    text_table_format(table, &out);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq(out.data, text);
    buffer_deinit(&out);
}

TEST(cells_stand_below_each_other)
{
    struct text_table table;
    text_table_init(&table, "lrl");
    const char *const cells[] = {"id", "keys", "health", "n1", "12345",
                                 "ok", "node", "0",      ""};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        text_table_add(&table, "%s", cells[i]);
    expect(&table, "id     keys  health\n"
                   "n1    12345  ok\n"
                   "node      0\n");
    text_table_deinit(&table);
}

TEST(a_table_without_cells_is_no_text)
{
    struct text_table table;
    text_table_init(&table, "l");
    struct buffer out = {0};
    text_table_format(&table, &out);
    ck_assert_uint_eq(out.size, 0);
    text_table_deinit(&table);
    buffer_deinit(&out);
}
