// test.h -- a unit test is a sentence:
//
//     TEST(recovery_keeps_the_longest_valid_prefix)
//     {
//         ck_assert_int_eq(...);
//     }
//
// It registers itself; tests of one file form one suite, named after the file.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_TEST_H
#define VEGA_TESTS_TEST_H

#include <check.h>

// Check and VegaDB both have a word for assertions; here its header only
// brings the ck_ ones, and check() stays VegaDB's.

// Check writes a message for every assertion that holds, to say after which one
// a test crashed. A model test has millions, and a sanitizer says it better.
#define _mark_point(file, line) ((void)0)

#define TEST(name) TEST_FOR(name, 1)

// Runs `count` times with _i = 0, 1, ...: for tables.
#define TEST_FOR(name, count)                                                  \
    static const TTest *name;                                                  \
    __attribute__((constructor)) static void name##_register(void)             \
    {                                                                          \
        test_register(__FILE__, name, (count));                                \
    }                                                                          \
    START_TEST(name)

// Of a row of crashes or seeds, which ones are tried: every one, but under
// Valgrind, where one takes fifty times as long, every `stride`th.
unsigned test_stride(unsigned stride);

void test_register(const char *file, const TTest *test, int count);

#endif
