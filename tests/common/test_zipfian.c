// test_zipfian.c -- the frequencies are Zipf's, and no key is left out.
// SPDX-License-Identifier: MIT
#include "common/client/zipfian.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "tests/test.h"

enum { COUNT = 1000, DRAWS = 1000 * 1000 };

static double probability(uint64_t rank, double theta)
{
    double sum = 0;
    for (int i = 1; i <= COUNT; i++)
        sum += pow(i, -theta);
    return pow((double)rank + 1, -theta) / sum;
}

// The first two ranks are exact; the rest is an approximation that the paper
// itself calls one, within a quarter for single ranks here.
TEST(ranks_come_as_often_as_zipf_says)
{
    static const double thetas[] = {0.5, 0.8, 0.99};
    for (int t = 0; t < 3; t++) {
        struct zipfian zipfian;
        struct random random;
        zipfian_init(&zipfian, COUNT, thetas[t]);
        random_init(&random, 7);
        uint64_t seen[COUNT] = {0};
        for (int i = 0; i < DRAWS; i++) {
            uint64_t rank = zipfian_next(&zipfian, &random);
            ck_assert_uint_lt(rank, COUNT);
            seen[rank]++;
        }
        for (uint64_t rank = 0; rank < 20; rank++) {
            double expected = probability(rank, thetas[t]) * DRAWS;
            double error = fabs((double)seen[rank] - expected) / expected;
            ck_assert_msg(error < (rank < 2 ? 0.05 : 0.25),
                          "theta %g, rank %d: %d instead of %d", thetas[t],
                          (int)rank, (int)seen[rank], (int)expected);
        }
        ck_assert_uint_gt(seen[0], seen[10]);
        ck_assert_uint_gt(seen[10], seen[500]);
    }
}

TEST(equal_seeds_draw_equal_ranks)
{
    struct zipfian zipfian;
    struct random one, other;
    zipfian_init(&zipfian, COUNT, 0.99);
    random_init(&one, 3);
    random_init(&other, 3);
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(zipfian_next(&zipfian, &one),
                          zipfian_next(&zipfian, &other));
}

TEST(tiny_sets_work)
{
    for (uint64_t count = 1; count <= 3; count++) {
        struct zipfian zipfian;
        struct random random;
        zipfian_init(&zipfian, count, 0.99);
        random_init(&random, count);
        for (int i = 0; i < 10000; i++)
            ck_assert_uint_lt(zipfian_next(&zipfian, &random), count);
    }
}

// Above a million terms the sum is estimated; it must go on where the exact one
// ends.
TEST(the_estimated_sum_meets_the_exact_one)
{
    struct zipfian zipfian;
    const uint64_t count = 1200 * 1000;
    zipfian_init(&zipfian, count, 0.9);
    double exact = 0;
    for (uint64_t i = 1; i <= count; i++)
        exact += pow((double)i, -0.9);
    ck_assert_double_eq_tol(zipfian.zetan, exact, 1e-6);
}

TEST(scattering_is_a_permutation)
{
    static const uint64_t counts[] = {1, 2, 7, 1000, 65536};
    for (int c = 0; c < 5; c++) {
        struct zipfian zipfian;
        zipfian_init(&zipfian, counts[c], 0.5);
        bool *seen = calloc(counts[c], sizeof *seen);
        ck_assert_ptr_nonnull(seen);
        for (uint64_t rank = 0; rank < counts[c]; rank++) {
            uint64_t key = zipfian_scatter(&zipfian, rank);
            ck_assert_uint_lt(key, counts[c]);
            ck_assert(!seen[key]);
            seen[key] = true;
        }
        free(seen);
    }
}
