// test_fiber.c -- tests of tests/sim/fiber.c.
// SPDX-License-Identifier: MIT
#include "tests/sim/fiber.h"

#include "tests/test.h"

struct counting {
    int from, at;
};

static void count_up(void *context)
{
    struct counting *counting = context;
    int at = counting->from; // On the fiber's own stack.
    for (int i = 0; i < 3; i++) {
        counting->at = at++;
        ck_assert_ptr_eq(fiber_context(), counting);
        fiber_wait();
    }
}

TEST(fibers_go_on_where_they_waited_each_on_its_own_stack)
{
    struct counting a = {.from = 10}, b = {.from = 20};
    struct fiber *one = fiber_create(count_up, &a);
    struct fiber *other = fiber_create(count_up, &b);
    ck_assert_ptr_null(fiber_context());
    for (int i = 0; i < 3; i++) {
        fiber_resume(one);
        fiber_resume(other);
        ck_assert_int_eq(a.at, 10 + i);
        ck_assert_int_eq(b.at, 20 + i);
    }
    ck_assert(!fiber_is_done(one));
    fiber_resume(one);
    fiber_resume(other);
    ck_assert(fiber_is_done(one) && fiber_is_done(other));
    ck_assert_ptr_null(fiber_context());
    fiber_destroy(one);
    fiber_destroy(other);
}

TEST(a_fiber_that_never_ran_can_go)
{
    struct counting never = {0};
    fiber_destroy(fiber_create(count_up, &never));
    ck_assert_int_eq(never.at, 0);
}
