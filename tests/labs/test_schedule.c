// test_schedule.c -- tests of labs/harness/schedule.c.
// SPDX-License-Identifier: MIT
#include "labs/harness/schedule.h"

#include "tests/test.h"

TEST(a_short_value_is_written_at_full_length)
{
    struct schedule schedule = {0};
    struct text out = {0};
    schedule_add(&schedule, "c1 set s1 ~17*8");
    schedule_write(&schedule, &out);
    ck_assert_str_eq(out.data, "c1 set s1 17.17.17\n");
    text_deinit(&out);
    schedule_deinit(&schedule);
}

TEST(words_are_found_by_their_beginning)
{
    struct schedule schedule = {0};
    schedule_add(&schedule, "nodes 2");
    schedule_add(&schedule, "node always");
    schedule_add(&schedule, "start");
    ck_assert_str_eq(schedule_find(&schedule, "node"), "node always");
    ck_assert_str_eq(schedule_find(&schedule, "start"), "start");
    ck_assert_ptr_null(schedule_find(&schedule, "keys"));
    schedule_deinit(&schedule);
}
