// test_histogram.c -- percentiles against sorted values.
// SPDX-License-Identifier: MIT
#include "common/base/histogram.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "common/base/random.h"
#include "tests/common/child.h"
#include "tests/test.h"

enum { VALUES = 20000 };

static const double percents[] = {0,  0.01, 1,  10,   25,    50,
                                  75, 90,   99, 99.9, 99.99, 100};

static uint64_t uniform(struct random *random)
{
    return random_below(random, 1000000);
}

static uint64_t exponential(struct random *random)
{
    return (uint64_t)(-log(1 - random_unit(random)) * 200);
}

// All magnitudes alike, up to the largest value there is.
static uint64_t logarithmic(struct random *random)
{
    return random_next(random) >> random_below(random, 64);
}

static uint64_t constant(struct random *random)
{
    (void)random;
    return 1000003;
}

static uint64_t (*const distributions[])(struct random *) = {
    uniform, exponential, logarithmic, constant};

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// The smallest value that at least `percent` % do not exceed.
static uint64_t true_percentile(const uint64_t *sorted, double percent)
{
    size_t index = 0;
    while ((double)(index + 1) * 100 < percent * VALUES)
        index++;
    return sorted[index];
}

TEST_FOR(a_percentile_is_never_below_the_truth_and_at_most_a_64th_above,
         sizeof distributions / sizeof *distributions)
{
    static struct histogram histogram;
    static uint64_t values[VALUES];
    struct random random;
    random_init(&random, 11);
    histogram_init(&histogram);
    for (int i = 0; i < VALUES; i++) {
        values[i] = distributions[_i](&random);
        histogram_add(&histogram, values[i]);
    }
    qsort(values, VALUES, sizeof *values, ascending);

    ck_assert_uint_eq(histogram.count, VALUES);
    ck_assert_uint_eq(histogram.min, values[0]);
    ck_assert_uint_eq(histogram.max, values[VALUES - 1]);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        uint64_t truth = true_percentile(values, percents[i]);
        uint64_t found = histogram_percentile(&histogram, percents[i]);
        ck_assert_uint_ge(found, truth);
        ck_assert_uint_le(found - truth, truth / 64);
    }
    ck_assert_uint_eq(histogram_percentile(&histogram, 100),
                      values[VALUES - 1]);
    histogram_deinit(&histogram);
}

TEST(small_values_are_exact)
{
    static struct histogram histogram;
    histogram_init(&histogram);
    for (uint64_t value = 0; value < 100; value++)
        histogram_add(&histogram, value);
    for (uint64_t percent = 1; percent <= 100; percent++)
        ck_assert_uint_eq(histogram_percentile(&histogram, (double)percent),
                          percent - 1);
}

TEST(a_decimal_percent_of_a_round_count_is_not_rounded_up)
{
    static struct histogram histogram;
    histogram_init(&histogram);
    for (int i = 0; i < 999; i++)
        histogram_add(&histogram, 1);
    histogram_add(&histogram, 1000000);
    ck_assert_uint_eq(histogram_percentile(&histogram, 99.9), 1);
    ck_assert_uint_eq(histogram_percentile(&histogram, 99.91), 1000000);
}

TEST(an_empty_histogram_says_zero)
{
    static struct histogram histogram;
    histogram_init(&histogram);
    ck_assert_uint_eq(histogram_percentile(&histogram, 99), 0);
    ck_assert(histogram_mean(&histogram) == 0);
}

TEST(counts_of_like_values_take_little_memory)
{
    static struct histogram histogram;
    histogram_init(&histogram);
    for (uint64_t ns = 1000; ns < 1000 * 1000; ns += 100)
        histogram_add(&histogram, ns);
    int rows = 0;
    for (int i = 0; i < HISTOGRAM_ROWS; i++)
        rows += histogram.rows[i] != NULL;
    ck_assert_int_eq(rows, 11); // 512 .. 1023 to 2^19 .. 2^20 - 1
    histogram_deinit(&histogram);
    ck_assert_uint_eq(histogram_percentile(&histogram, 99), 0);
}

TEST(the_extremes_fit)
{
    static struct histogram histogram;
    histogram_init(&histogram);
    histogram_add(&histogram, UINT64_MAX);
    ck_assert_uint_eq(histogram.min, UINT64_MAX);
    histogram_add(&histogram, 0);
    ck_assert_uint_eq(histogram.min, 0);
    ck_assert_uint_eq(histogram_percentile(&histogram, 50), 0);
    ck_assert_uint_eq(histogram_percentile(&histogram, 100), UINT64_MAX);
}

TEST(every_power_of_two_and_its_neighbours_keep_the_bound)
{
    static struct histogram histogram;
    for (int bit = 1; bit < 64; bit++) {
        for (int step = -1; step <= 1; step++) {
            uint64_t value = (UINT64_C(1) << bit) + (uint64_t)(int64_t)step;
            histogram_init(&histogram);
            histogram_add(&histogram, value);
            histogram_add(&histogram, UINT64_MAX);
            uint64_t found = histogram_percentile(&histogram, 50);
            ck_assert_uint_ge(found, value);
            ck_assert_uint_le(found - value, value / 64);
            histogram_deinit(&histogram);
        }
    }
}

TEST(the_mean_is_exact)
{
    static struct histogram histogram;
    histogram_init(&histogram);
    histogram_add(&histogram, 1000001);
    histogram_add(&histogram, 1000002);
    ck_assert(histogram_mean(&histogram) == 1000001.5);
}

// Row by row: where nothing was counted one may have a row and one none.
static void expect_equal(const struct histogram *one,
                         const struct histogram *two)
{
    static const uint64_t nothing[HISTOGRAM_CLASSES];
    ck_assert_uint_eq(one->count, two->count);
    ck_assert_uint_eq(one->sum, two->sum);
    ck_assert_uint_eq(one->min, two->min);
    ck_assert_uint_eq(one->max, two->max);
    for (int i = 0; i < HISTOGRAM_ROWS; i++)
        ck_assert_mem_eq(one->rows[i] ? one->rows[i] : nothing,
                         two->rows[i] ? two->rows[i] : nothing, sizeof nothing);
}

TEST(merging_equals_adding_to_one)
{
    static struct histogram all, parts[2], merged;
    struct random random;
    random_init(&random, 3);
    histogram_init(&all);
    histogram_init(&parts[0]);
    histogram_init(&parts[1]);
    histogram_init(&merged);
    for (int i = 0; i < 1000; i++) {
        uint64_t value = logarithmic(&random);
        histogram_add(&all, value);
        histogram_add(&parts[i % 2], value);
    }
    histogram_merge(&merged, &parts[0]);
    histogram_merge(&merged, &parts[1]);
    expect_equal(&merged, &all);

    histogram_deinit(&parts[0]);
    histogram_merge(&merged, &parts[0]);
    expect_equal(&merged, &all);
}

static void ask_for_more_than_all(void)
{
    static struct histogram histogram;
    histogram_init(&histogram);
    histogram_percentile(&histogram, 100.5);
}

TEST(more_than_all_is_a_bug)
{
    char said[256];
    int status = child_run(ask_for_more_than_all, said, sizeof said);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}

TEST(many_at_once_are_as_one_by_one)
{
    static struct histogram one, many;
    histogram_init(&one);
    histogram_init(&many);
    static const uint64_t values[] = {5, 900, 0, UINT64_MAX / 100};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (size_t n = 0; n < i; n++)
            histogram_add(&one, values[i]);
        histogram_add_many(&many, values[i], i);
    }
    expect_equal(&one, &many);
}

TEST(values_up_to_a_bound_are_counted)
{
    static struct histogram histogram;
    histogram_init(&histogram);
    for (uint64_t value = 0; value < 5000; value++)
        histogram_add(&histogram, value);
    ck_assert_uint_eq(histogram_count_to(&histogram, 0), 1);
    ck_assert_uint_eq(histogram_count_to(&histogram, 1023), 1024);
    ck_assert_uint_eq(histogram_count_to(&histogram, 4095), 4096);
    ck_assert_uint_eq(histogram_count_to(&histogram, UINT64_MAX), 5000);
}
