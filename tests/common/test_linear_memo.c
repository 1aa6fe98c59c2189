// test_linear_memo.c -- tests of common/sim/linear_memo.c.
// SPDX-License-Identifier: MIT
#include "common/sim/linear_memo.h"

#include "tests/test.h"

static bool add(struct linear_memo *memo, const char *place, uint64_t spent)
{
    return linear_memo_add(memo, slice_of(place), &spent);
}

TEST(a_place_is_new_once)
{
    struct linear_memo memo;
    linear_memo_init(&memo, 0);
    ck_assert(add(&memo, "", 0));
    ck_assert(!add(&memo, "", 0));
    ck_assert(add(&memo, "a", 0));
    ck_assert(!add(&memo, "a", 0));
    linear_memo_deinit(&memo);
}

TEST(who_has_spent_as_much_and_more_need_not_go_on)
{
    struct linear_memo memo;
    linear_memo_init(&memo, sizeof(uint64_t));
    ck_assert(add(&memo, "a", 6));
    ck_assert(!add(&memo, "a", 6));
    ck_assert(!add(&memo, "a", 7));
    ck_assert(add(&memo, "a", 5)); // It has 2, which the other one has not.
    ck_assert(add(&memo, "a", 4));
    ck_assert(!add(&memo, "a", 12));
    ck_assert(add(&memo, "b", 7));
    linear_memo_deinit(&memo);
}

TEST(many_places_are_told_apart)
{
    struct linear_memo memo;
    linear_memo_init(&memo, 0);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < 5000; i++) {
            struct slice place = {(const char *)&i, sizeof i};
            ck_assert_int_eq(linear_memo_add(&memo, place, NULL), pass == 0);
        }
    }
    ck_assert_uint_eq(memo.place_count, 5000);
    ck_assert_uint_gt(linear_memo_size(&memo), 5000 * sizeof(int));
    linear_memo_deinit(&memo);
}
