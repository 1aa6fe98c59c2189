// test_intset.c -- the sorted array of integers.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/intset.h"

#include <stdlib.h>

#include "common/base/random.h"
#include "tests/test.h"

// Values around every width, in an order that widens step by step.
static const int64_t edges[] = {
    0,         -1,        INT16_MAX,        INT16_MIN,
    1,         INT32_MAX, INT16_MAX + 1,    INT16_MIN - 1,
    INT32_MIN, INT64_MAX, INT32_MAX + 1LL,  INT32_MIN - 1LL,
    INT64_MIN, 2,         INT64_C(1) << 40,
};
enum { EDGES = sizeof edges / sizeof *edges };

static int compare(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, two = *(const int64_t *)b;
    return (one > two) - (one < two);
}

TEST(members_of_every_width_are_kept_in_order)
{
    struct intset *set = intset_create();
    int64_t sorted[EDGES];
    for (size_t i = 0; i < EDGES; i++) {
        ck_assert(!intset_contains(set, edges[i]));
        ck_assert(intset_add(&set, edges[i]));
        ck_assert(!intset_add(&set, edges[i]));
        intset_check_invariants(set);
        sorted[i] = edges[i];
        qsort(sorted, i + 1, sizeof *sorted, compare);
        ck_assert_uint_eq(intset_count(set), i + 1);
        for (size_t j = 0; j <= i; j++) {
            ck_assert_int_eq(intset_at(set, j), sorted[j]);
            ck_assert(intset_contains(set, edges[j]));
        }
    }
    free(set);
}

TEST(members_go_until_none_is_left)
{
    struct intset *set = intset_create();
    ck_assert(!intset_remove(&set, 0));
    for (size_t i = 0; i < EDGES; i++)
        intset_add(&set, edges[i]);
    for (size_t i = 0; i < EDGES; i++) {
        ck_assert(intset_remove(&set, edges[i]));
        ck_assert(!intset_remove(&set, edges[i]));
        ck_assert(!intset_contains(set, edges[i]));
        ck_assert_uint_eq(intset_count(set), EDGES - 1 - i);
        intset_check_invariants(set);
    }
    ck_assert(intset_add(&set, 7));
    ck_assert_int_eq(intset_at(set, 0), 7);
    free(set);
}

TEST(a_copy_goes_its_own_way)
{
    struct intset *set = intset_create();
    intset_add(&set, 1);
    struct intset *copy = intset_copy(set);
    intset_add(&copy, INT64_MAX);
    ck_assert(!intset_contains(set, INT64_MAX));
    ck_assert(intset_contains(copy, 1));
    ck_assert_uint_ge(intset_memory(copy), 16);
    free(set);
    free(copy);
}

TEST(narrow_members_take_little_memory)
{
    struct intset *set = intset_create();
    for (int64_t i = 0; i < 512; i++)
        intset_add(&set, i);
    ck_assert_uint_lt(intset_memory(set), 1400);
    free(set);
}

TEST(random_changes_match_an_array_of_flags)
{
    enum { VALUES = 300, STEPS = 20000 };
    bool present[VALUES] = {false};
    struct intset *set = intset_create();
    struct random random;
    random_init(&random, 5);
    for (int step = 0; step < STEPS; step++) {
        size_t i = random_below(&random, VALUES);
        int64_t value = ((int64_t)i - VALUES / 2) * 1000;
        ck_assert(intset_contains(set, value) == present[i]);
        bool add = random_below(&random, 2);
        bool changed =
            add ? intset_add(&set, value) : intset_remove(&set, value);
        ck_assert(changed == (present[i] != add));
        present[i] = add;
    }
    intset_check_invariants(set);
    free(set);
}
