// test_sample.c -- different random indexes.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/sample.h"

#include <stdint.h>
#include <stdlib.h>

#include "tests/test.h"

TEST(indexes_differ_and_are_below_the_size)
{
    enum { SIZE = 130 };
    struct random random;
    random_init(&random, 1);
    for (size_t count = 0; count <= SIZE; count++) {
        int seen[SIZE] = {0};
        size_t *indexes = sample_indexes(&random, SIZE, count);
        for (size_t i = 0; i < count; i++) {
            ck_assert_uint_lt(indexes[i], SIZE);
            ck_assert_int_eq(seen[indexes[i]]++, 0);
        }
        free(indexes);
    }
}

TEST(every_choice_is_about_equally_likely)
{
    enum { SIZE = 5, COUNT = 2, ROUNDS = 20000, CHOICES = 10 };
    int chosen[1 << SIZE] = {0};
    struct random random;
    random_init(&random, 2);
    for (int round = 0; round < ROUNDS; round++) {
        size_t *indexes = sample_indexes(&random, SIZE, COUNT);
        chosen[1u << indexes[0] | 1u << indexes[1]]++;
        free(indexes);
    }
    for (unsigned set = 0; set < 1 << SIZE; set++) {
        if (__builtin_popcount(set) != COUNT)
            continue;
        // 2000 are expected; the deviation is 42.
        ck_assert_int_gt(chosen[set], ROUNDS / CHOICES - 250);
        ck_assert_int_lt(chosen[set], ROUNDS / CHOICES + 250);
    }
}

TEST(the_same_seed_gives_the_same_indexes)
{
    struct random one, two;
    random_init(&one, 3);
    random_init(&two, 3);
    size_t *a = sample_indexes(&one, 1000, 30);
    size_t *b = sample_indexes(&two, 1000, 30);
    ck_assert_mem_eq(a, b, 30 * sizeof *a);
    free(a);
    free(b);
}
