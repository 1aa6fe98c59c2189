// test_sim_choose.c -- tests of common/sim/sim_choose.c.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_choose.h"

#include <stdlib.h>

#include "tests/test.h"

static void expect(const long *weights, size_t max, const char *expected)
{
    bool *chosen = sim_choose(weights, 5, max);
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(chosen[i], expected[i] == 'x');
    free(chosen);
}

TEST(the_heaviest_are_taken_and_the_first_among_equals)
{
    static const long weights[] = {1, 5, 3, 5, 3};
    expect(weights, 0, ".....");
    expect(weights, 1, ".x...");
    expect(weights, 3, ".xxx.");
    expect(weights, 9, "xxxxx");
}

TEST(some_are_never_taken)
{
    static const long weights[] = {SIM_CHOOSE_NEVER, -5, -7, SIM_CHOOSE_NEVER,
                                   0};
    expect(weights, 5, ".xx.x");
}

TEST(the_distance_is_to_the_nearest_on_either_side)
{
    static const bool marked[] = {true, false, false, false, true};
    static const size_t distances[] = {0, 1, 2, 1, 0};
    static const bool none[5] = {0};
    for (size_t i = 0; i < 5; i++) {
        ck_assert_uint_eq(sim_choose_distance(marked, 5, i), distances[i]);
        ck_assert_uint_eq(sim_choose_distance(none, 5, i), 5);
    }
}
