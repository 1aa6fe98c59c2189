// test_argv.c -- arguments that are owned.
// SPDX-License-Identifier: MIT
#include "common/server/argv.h"

#include "tests/test.h"

TEST(arguments_come_back_as_they_were_added)
{
    struct argv argv = {0};
    for (int i = 0; i < 1000; i++) {
        argv_add(&argv, SLICE("a\0b"));
        argv_add(&argv, (struct slice){NULL, 0});
        argv_add_integer(&argv, INT64_MIN + i);
    }
    const struct slice *slices = argv_slices(&argv);
    ck_assert_uint_eq(argv.count, 3000);
    for (int i = 0; i < 1000; i++) {
        int64_t value;
        ck_assert(slice_equal(slices[3 * i], SLICE("a\0b")));
        ck_assert_uint_eq(slices[3 * i + 1].size, 0);
        ck_assert(slice_to_int64(slices[3 * i + 2], &value));
        ck_assert_int_eq(value, INT64_MIN + i);
    }
    argv_deinit(&argv);
    ck_assert_uint_eq(argv.count, 0);
}

TEST(more_may_come_after_a_look)
{
    struct argv argv = {0};
    const struct slice words[] = {SLICE("one"), SLICE("two")};
    argv_add_all(&argv, words, 2);
    ck_assert(slice_equal(argv_slices(&argv)[1], SLICE("two")));
    argv_add_all(&argv, words, 2);
    ck_assert(slice_equal(argv_slices(&argv)[0], SLICE("one")));
    ck_assert(slice_equal(argv_slices(&argv)[3], SLICE("two")));
    argv_deinit(&argv);
}
