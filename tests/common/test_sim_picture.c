// test_sim_picture.c -- tests of common/sim/sim_picture.c, and of what is
// printed of it.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_picture.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

#define LOST                                                                   \
    "       2.200 ms  disk  lost: write 00000000000000000001.log 80+80 "       \
    "#000000bb"

// A reply that leaves before the sync, and a power cut.
static const char *const early[] = {
    "       0.001 ms  node  starts",
    "       0.002 ms  node  create 00000000000000000001.log  ok",
    "       0.003 ms  node  sync names  ok",
    "       1.000 ms  c1    > set a 1",
    "       1.100 ms  node  write 00000000000000000001.log 0+80 #000000aa  ok",
    "       1.200 ms  node  sync 00000000000000000001.log  ok",
    "       1.200 ms  c1    < +OK   (5 bytes, #36b5b1c4)",
    "       2.000 ms  c1    > set a 2",
    "       2.100 ms  node  write 00000000000000000001.log 80+80 #000000bb  ok",
    "       2.100 ms  c1    < +OK   (5 bytes, #36b5b1c4)",
    "       2.200 ms  node  power cut",
    "       2.200 ms  node  dies",
    LOST,
    "       2.200 ms  --    left: 00000000000000000001.log 160 #12345678",
    "       2.300 ms  --    serves",
};

static struct sim_picture picture_of(const char *const *lines, size_t count)
{
    struct sim_picture picture = {0};
    for (size_t i = 0; i < count; i++)
        sim_picture_add(&picture, lines[i]);
    return picture;
}
#define PICTURE_OF(lines) picture_of((lines), sizeof(lines) / sizeof *(lines))

static const struct sim_picture_row *row_at(const struct sim_picture *picture,
                                            size_t event)
{
    for (size_t i = 0; i < picture->count; i++) {
        if (picture->rows[i].event == event)
            return &picture->rows[i];
    }
    ck_abort_msg("no row for event %zu", event);
}

TEST(a_sync_of_names_settles_those_of_its_directory)
{
    static const char *const lines[] = {
        "       0.001 ms  node  create 1.log  ok",
        "       0.002 ms  node  rename 7.snapshot.draft 7.snapshot  ok",
        "       0.003 ms  node  sync names of files  ok",
        "       0.004 ms  node  sync names of snapshots  ok",
    };
    struct sim_picture picture = picture_of(lines, 3);
    ck_assert_int_eq(row_at(&picture, 1)->fate, SIM_PICTURE_SYNCED);
    ck_assert_int_eq(row_at(&picture, 2)->fate, SIM_PICTURE_CACHED);
    sim_picture_add(&picture, lines[3]);
    ck_assert_int_eq(row_at(&picture, 2)->fate, SIM_PICTURE_SYNCED);
    ck_assert_uint_eq(row_at(&picture, 2)->synced_at, 4);
    sim_picture_deinit(&picture);
}

TEST(a_sync_settles_the_writes_before_it_and_no_other)
{
    struct sim_picture picture = PICTURE_OF(early);
    ck_assert_int_eq(row_at(&picture, 5)->fate, SIM_PICTURE_SYNCED);
    ck_assert_uint_eq(row_at(&picture, 5)->synced_at, 6);
    ck_assert_int_eq(row_at(&picture, 2)->fate, SIM_PICTURE_SYNCED);
    ck_assert_int_eq(row_at(&picture, 9)->fate, SIM_PICTURE_LOST);
    sim_picture_deinit(&picture);
}

TEST(what_moves_nothing_makes_no_row)
{
    struct sim_picture picture = PICTURE_OF(early);
    ck_assert_uint_eq(picture.events, 15);
    ck_assert_uint_eq(picture.count, 11);
    sim_picture_deinit(&picture);
}

TEST(a_write_keeps_its_fate_when_its_file_is_renamed)
{
    static const char *const lines[] = {
        "  0.001 ms  node  write draft 0+9 #000000aa  ok",
        "  0.002 ms  node  rename draft b.log  ok",
        "  0.003 ms  node  power cut",
        "  0.003 ms  disk  torn: write b.log 0+9 #000000aa",
        "  0.003 ms  disk  lost: rename draft b.log",
    };
    struct sim_picture picture = PICTURE_OF(lines);
    ck_assert_int_eq(row_at(&picture, 1)->fate, SIM_PICTURE_TORN);
    ck_assert_int_eq(row_at(&picture, 2)->fate, SIM_PICTURE_LOST);
    sim_picture_deinit(&picture);
}

TEST(a_sync_of_a_file_is_none_of_its_name)
{
    static const char *const lines[] = {
        "  0.001 ms  node  create a  ok",
        "  0.002 ms  node  write a 0+9 #000000aa  ok",
        "  0.003 ms  node  sync a  ok",
    };
    struct sim_picture picture = PICTURE_OF(lines);
    ck_assert_int_eq(row_at(&picture, 1)->fate, SIM_PICTURE_CACHED);
    ck_assert_int_eq(row_at(&picture, 2)->fate, SIM_PICTURE_SYNCED);
    sim_picture_deinit(&picture);
}

TEST(a_sync_that_failed_settles_nothing)
{
    static const char *const lines[] = {
        "  0.001 ms  node  write a 0+9 #000000aa  ok",
        "  0.002 ms  disk  lost: write a 0+9 #000000aa",
        "  0.002 ms  node  sync a  input/output error",
        "  0.003 ms  node  sync a  ok",
    };
    struct sim_picture picture = PICTURE_OF(lines);
    ck_assert_int_eq(row_at(&picture, 1)->fate, SIM_PICTURE_LOST);
    ck_assert(row_at(&picture, 3)->failed);
    sim_picture_deinit(&picture);
}

static char *printed(const struct sim_picture *picture, size_t rows_max)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    sim_picture_print(picture, rows_max, out);
    fclose(out);
    return text;
}

TEST(the_picture_is_columns_of_a_terminal)
{
    struct sim_picture picture = PICTURE_OF(early);
    sim_picture_mark(&picture, 10, "first wrong step");
    char *text = printed(&picture, 6);
    ck_assert_str_eq(
        text,
        "event       ms  clients                disk\n"
        "    7    1.200  c1 < +OK\n"
        "    8    2.000  c1 > set a 2\n"
        "    9    2.100                         write 1.log 80+80         "
        "LOST\n"
        "   10    2.100  c1 < +OK                <- first wrong step\n"
        "   11    2.200  -- power cut "
        "--------------------------------------------------\n"
        "   15    2.300  serves\n");
    free(text);
    sim_picture_deinit(&picture);
}

TEST(no_line_is_wider_than_a_terminal)
{
    static const char *const lines[] = {
        "12345678.001 ms  c1    > set a 123456789012345678901234567890123456789"
        "012345678901234567890123456789012345678901234567890",
        "12345678.002 ms  node  write 00000000000000000123.snapshot.draft "
        "123456+123456 #000000aa  input/output error",
    };
    struct sim_picture picture = PICTURE_OF(lines);
    char *text = printed(&picture, 10);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        ck_assert_uint_le(strlen(line), 79);
    free(text);
    sim_picture_deinit(&picture);
}

TEST(a_page_has_every_row_and_no_markup_of_its_content)
{
    struct sim_picture picture = PICTURE_OF(early);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    sim_picture_write_html(&picture, "2.x seed 1", "got <b> & nothing", out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "got &lt;b> &amp; nothing"));
    ck_assert_ptr_nonnull(strstr(text, "<tr id=\"e15\">"));
    ck_assert_ptr_nonnull(strstr(text, "<td class=\"lost\">LOST</td>"));
    free(text);
    sim_picture_deinit(&picture);
}
