// test_random.c -- the reference sequences, and fairness below a bound.
// SPDX-License-Identifier: MIT
#include "common/base/random.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/common/child.h"
#include "tests/test.h"

TEST(the_sequence_is_xoshiro256_star_star)
{
    // From the authors' C source (prng.di.unimi.it), state {1, 2, 3, 4}.
    static const uint64_t expected[] = {
        11520u,
        0u,
        1509978240u,
        1215971899390074240u,
        1216172134540287360u,
        607988272756665600u,
        16172922978634559625u,
        8476171486693032832u,
        10595114339597558777u,
        2904607092377533576u,
    };
    struct random random = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_uint_eq(random_next(&random), expected[i]);
}

TEST(a_seed_is_spread_by_splitmix64)
{
    struct random random;
    random_init(&random, 0);
    ck_assert_uint_eq(random.state[0], 0xe220a8397b1dcdafu);
    ck_assert_uint_eq(random.state[1], 0x6e789e6aa1b965f4u);
    ck_assert_uint_eq(random.state[2], 0x06c45d188009454fu);
    ck_assert_uint_eq(random.state[3], 0xf88bb8a8724c81ecu);
}

TEST(equal_seeds_give_equal_sequences_and_others_do_not)
{
    struct random a, b, c;
    random_init(&a, 42);
    random_init(&b, 42);
    random_init(&c, 43);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t value = random_next(&a);
        ck_assert_uint_eq(value, random_next(&b));
        same += value == random_next(&c);
    }
    ck_assert_int_eq(same, 0);
}

static const uint64_t bounds[] = {1, 2, 3, 7, 10, 64, 100};

TEST_FOR(every_number_below_a_bound_is_equally_likely,
         sizeof bounds / sizeof *bounds)
{
    enum { DRAWS = 100000 };
    uint64_t bound = bounds[_i];
    int counts[100] = {0};
    struct random random;
    random_init(&random, bound);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t value = random_below(&random, bound);
        ck_assert_uint_lt(value, bound);
        counts[value]++;
    }
    // Chi-squared: its mean is bound - 1, its variance twice that. Six
    // deviations above never happen by chance; and the seed is fixed.
    double expected = (double)DRAWS / (double)bound, distance = 0;
    for (uint64_t i = 0; i < bound; i++)
        distance += (counts[i] - expected) * (counts[i] - expected) / expected;
    double freedom = (double)(bound - 1);
    ck_assert(distance <= freedom + 30 || distance * distance <= freedom * 400);
}

TEST(a_bound_near_the_range_is_not_biased)
{
    // Of 3 * 2^62 numbers a plain remainder would give the lowest third twice.
    uint64_t bound = UINT64_C(3) << 62;
    int low = 0;
    struct random random;
    random_init(&random, 1);
    for (int i = 0; i < 30000; i++) {
        uint64_t value = random_below(&random, bound);
        ck_assert_uint_lt(value, bound);
        low += value < bound / 3;
    }
    ck_assert_int_gt(low, 9500);
    ck_assert_int_lt(low, 10500);
}

TEST(a_unit_is_at_least_zero_and_below_one)
{
    struct random random;
    random_init(&random, 9);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        double unit = random_unit(&random);
        ck_assert(unit >= 0 && unit < 1);
        sum += unit;
    }
    ck_assert(sum > 49000 && sum < 51000);
}

static void draw_below_zero(void)
{
    struct random random = {{1, 2, 3, 4}};
    random_below(&random, 0);
}

TEST(nothing_is_below_zero)
{
    char said[256];
    int status = child_run(draw_below_zero, said, sizeof said);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
