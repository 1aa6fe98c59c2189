// test_schedule.c -- tests of labs/harness/schedule.c.
// SPDX-License-Identifier: MIT
#include "labs/harness/schedule.h"

#include "tests/test.h"

TEST(a_short_value_is_written_at_full_length)
{
    struct schedule schedule = {0};
    struct text out = {0};
    schedule_add(&schedule, "c1 set s1 ~17*8");
    schedule_write(&schedule, NULL, &out);
    ck_assert_str_eq(out.data, "c1 set s1 17.17.17\n");
    text_deinit(&out);
    schedule_deinit(&schedule);
}

TEST(steps_that_are_left_out_leave_their_lines)
{
    const bool kept[] = {true, false, true};
    struct schedule schedule = {0};
    struct text out = {0};
    schedule_add(&schedule, "one");
    schedule_add(&schedule, "two");
    schedule_add(&schedule, "three");
    schedule_write(&schedule, kept, &out);
    ck_assert_str_eq(out.data, "one\n\nthree\n");
    text_deinit(&out);
    schedule_deinit(&schedule);
}

TEST(words_are_found_by_their_beginning)
{
    struct schedule schedule = {0};
    schedule_add(&schedule, "nodes 2");
    schedule_add(&schedule, "node always");
    ck_assert_str_eq(schedule_find(&schedule, "node"), "node always");
    ck_assert_ptr_null(schedule_find(&schedule, "keys"));
    schedule_deinit(&schedule);
}
