// test_sim_sequence.c -- tests of common/sim/sim_sequence.c, and of what is
// printed of it.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_sequence.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

// A client of two nodes, of which one dies.
static const char *const story[] = {
    "       0.001 ms  n1    starts",
    "       0.001 ms  n2    starts",
    "       1.000 ms  c1    > set x 1",
    "       1.000 ms  c1    m1 > n1  put T3 (24 bytes, #9f3c2a10)",
    "       1.000 ms  c1    m2 > n2  put T3 (24 bytes, #9f3c2a10)",
    "       1.200 ms  n1    m1 < c1",
    "       1.200 ms  n1    timer",
    "       1.200 ms  n1    write 1.log 0+24 #00000001  ok",
    "       1.200 ms  n1    m3 > c1  taken (8 bytes, #00000001)",
    "       1.300 ms  --    cut c1 > n2",
    "       1.400 ms  --    m2 lost: cut",
    "       1.500 ms  n2    dies",
    "       1.600 ms  c1    m3 < n1",
    "       1.600 ms  c1    < ok",
    "       1.700 ms  n1    leads in T4",
};

static struct sim_sequence sequence_of(const char *const *lines, size_t count)
{
    struct sim_sequence sequence = {0};
    for (size_t i = 0; i < count; i++)
        sim_sequence_add(&sequence, lines[i]);
    return sequence;
}
#define SEQUENCE_OF(lines) sequence_of((lines), sizeof(lines) / sizeof *(lines))

static const struct sim_sequence_row *
row_at(const struct sim_sequence *sequence, size_t event)
{
    for (size_t i = 0; i < sequence->count; i++) {
        if (sequence->rows[i].event == event)
            return &sequence->rows[i];
    }
    ck_abort_msg("no row for event %zu", event);
}

TEST(lanes_come_as_they_appear)
{
    struct sim_sequence sequence = SEQUENCE_OF(story);
    ck_assert_uint_eq(sequence.lane_count, 3);
    ck_assert_str_eq(sequence.lanes[0], "n1");
    ck_assert_str_eq(sequence.lanes[2], "c1");
    sim_sequence_deinit(&sequence);
}

TEST(timers_and_disks_make_no_row)
{
    struct sim_sequence sequence = SEQUENCE_OF(story);
    ck_assert_uint_eq(sequence.events, 15);
    ck_assert_uint_eq(sequence.count, 12);
    sim_sequence_deinit(&sequence);
}

TEST(a_message_knows_its_ends_and_what_became_of_it)
{
    struct sim_sequence sequence = SEQUENCE_OF(story);
    const struct sim_sequence_row *sent = row_at(&sequence, 4);
    const struct sim_sequence_row *arrived = row_at(&sequence, 6);
    ck_assert_int_eq(sent->kind, SIM_SEQUENCE_SENT);
    ck_assert_str_eq(sent->text, "put T3");
    ck_assert_uint_eq(sent->number, 3);
    ck_assert_uint_eq(sent->arrivals, 1);
    ck_assert_ptr_null(sent->lost);
    ck_assert_int_eq(arrived->kind, SIM_SEQUENCE_ARRIVED);
    ck_assert_ptr_eq(&sequence.rows[arrived->sent], sent);
    ck_assert_str_eq(arrived->text, "put T3");
    ck_assert_uint_eq(arrived->lane, 0);
    ck_assert_uint_eq(arrived->other, 2);
    ck_assert_uint_eq(row_at(&sequence, 5)->arrivals, 0);
    ck_assert_str_eq(row_at(&sequence, 5)->lost, "cut");
    sim_sequence_deinit(&sequence);
}

TEST(a_message_may_arrive_twice_and_one_that_was_never_sent_makes_no_row)
{
    static const char *const lines[] = {
        "  0.001 ms  n1    m1 > n2   (0 bytes, #00000001)",
        "  0.002 ms  n2    m1 < n1",
        "  0.003 ms  n2    m1 < n1",
        "  0.003 ms  n2    m9 < n1",
        "  0.003 ms  --    m9 lost: cut",
    };
    struct sim_sequence sequence = SEQUENCE_OF(lines);
    ck_assert_uint_eq(sequence.count, 3);
    ck_assert_uint_eq(sequence.rows[0].arrivals, 2);
    ck_assert_str_eq(sequence.rows[0].text, "");
    sim_sequence_deinit(&sequence);
}

static char *printed(const struct sim_sequence *sequence, size_t rows_max)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    sim_sequence_print(sequence, rows_max, out);
    fclose(out);
    return text;
}

TEST(the_sequence_is_columns_of_a_terminal)
{
    struct sim_sequence sequence = SEQUENCE_OF(story);
    sim_sequence_mark(&sequence, 14, "first wrong step");
    char *text = printed(&sequence, 20);
    ck_assert_str_eq(
        text,
        "        ms  n1                  n2                  c1\n"
        "     0.001  + starts            |                   |\n"
        "     0.001  |                   + starts            |\n"
        "     1.000  |                   |                   > set x 1\n"
        "     1.000  |                   x<-put T3-----------o lost: cut\n"
        "     1.200  |<-put T3-------------------------------o\n"
        "     1.300  --- cut c1 > n2 "
        "---------------------------------------------------\n"
        "     1.500  |                   x dies              |\n"
        "     1.600  o--taken------------------------------->|\n"
        "     1.600  |                                       < ok <- first "
        "wrong step\n"
        "     1.700  * leads in T4                           |\n");
    free(text);
    sim_sequence_deinit(&sequence);
}

TEST(what_is_marked_is_shown_where_it_was_sent_and_on_lanes_that_do_not_fit)
{
    struct sim_sequence sequence = SEQUENCE_OF(story);
    for (int i = 3; i < 20; i++) {
        char name[24];
        snprintf(name, sizeof name, "n%d", i);
        sim_sequence_add_lane(&sequence, name);
    }
    sim_sequence_add(&sequence, "       1.800 ms  n19   leads in T5");
    sim_sequence_mark(&sequence, 4, "sent here");
    sim_sequence_mark(&sequence, 16, "two of them");
    char *text = printed(&sequence, 2);
    ck_assert_ptr_nonnull(strstr(text, "|<-put T3-------------o"));
    ck_assert_ptr_nonnull(strstr(text, " <- sent here\n"));
    ck_assert_ptr_nonnull(
        strstr(text, "1.800  --- n19: leads in T5 <- two of them\n"));
    free(text);
    sim_sequence_deinit(&sequence);
}

TEST(when_there_is_room_for_few_those_near_a_mark_stay)
{
    struct sim_sequence sequence = SEQUENCE_OF(story);
    sim_sequence_mark(&sequence, 14, "wrong");
    char *text = printed(&sequence, 3);
    ck_assert_ptr_nonnull(strstr(text, "< ok <- wrong"));
    ck_assert_ptr_nonnull(strstr(text, "x dies"));
    ck_assert_ptr_null(strstr(text, "starts"));
    free(text);
    sim_sequence_deinit(&sequence);
}

TEST(no_line_is_wider_than_a_terminal_however_many_nodes)
{
    struct sim_sequence sequence = {0};
    char line[200];
    for (int i = 0; i < 20; i++) {
        snprintf(line, sizeof line, "  0.%03d ms  n%d    m%d > n%d  %s", i, i,
                 i, (i + 7) % 20, "words words words words words words words");
        sim_sequence_add(&sequence, line);
        snprintf(line, sizeof line, "  0.%03d ms  n%d    m%d < n%d", i,
                 (i + 7) % 20, i, i);
        sim_sequence_add(&sequence, line);
        snprintf(line, sizeof line, "  0.%03d ms  n%d    %s %s", i, i,
                 "something that takes many words to be told of",
                 "and then some more words, until the line has an end");
        sim_sequence_add(&sequence, line);
        sim_sequence_mark(&sequence, sequence.events, "and a mark");
    }
    char *text = printed(&sequence, 100);
    size_t lines = 0;
    for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n"), lines++)
        ck_assert_uint_le(strlen(at), 79);
    ck_assert_uint_gt(lines, 5);
    free(text);
    sim_sequence_deinit(&sequence);
}

TEST(a_page_has_every_message_and_no_markup_of_its_content)
{
    static const char *const lines[] = {
        "  0.001 ms  n1    m1 > n2  <b> & T3",
        "  0.002 ms  n2    m1 < n1",
        "  0.003 ms  c1    > get x",
        "  0.004 ms  c1    < <nothing>",
        "  0.005 ms  n2    m2 > n1  lost one",
        "  0.005 ms  --    m2 lost: bad luck",
    };
    struct sim_sequence sequence = SEQUENCE_OF(lines);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    sim_sequence_write_html(&sequence, "seed 1", "a < b", out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "<pre>a &lt; b</pre>"));
    ck_assert_ptr_nonnull(strstr(text, "&lt;b> &amp; T3"));
    ck_assert_ptr_null(strstr(text, "<b>"));
    ck_assert_ptr_nonnull(strstr(text, "lost one  bad luck</title>"));
    ck_assert_ptr_nonnull(strstr(text, "get x  &lt;nothing></title>"));
    ck_assert_ptr_nonnull(strstr(text, "hsl(201 80% 40%)")); // Term 3.
    free(text);
    sim_sequence_deinit(&sequence);
}
