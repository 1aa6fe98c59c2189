// test_convergence.c -- tests of common/sim/convergence.c.
// SPDX-License-Identifier: MIT
#include "common/sim/convergence.h"

#include "tests/test.h"

static const char *const names[] = {"n1", "n2", "n3"};

static struct convergence three(void)
{
    struct convergence convergence = {.names = names, .count = 3};
    return convergence;
}

static void add(struct convergence *convergence, size_t replica,
                const char *key, const char *value)
{
    convergence_add(convergence, replica, slice_of(key), slice_of(value));
}

// Compares the story, and frees both.
static void expect(struct convergence *convergence, const char *expected)
{
    struct buffer story = {0};
    ck_assert_int_eq(convergence_check(convergence, &story), !*expected);
    buffer_append_byte(&story, '\0');
    ck_assert_str_eq(story.data, expected);
    buffer_deinit(&story);
    convergence_deinit(convergence);
}

TEST(replicas_that_hold_the_same_agree)
{
    struct convergence convergence = three();
    convergence_init(&convergence);
    for (size_t i = 0; i < 3; i++) {
        add(&convergence, i, "x", "a");
        add(&convergence, 2 - i, "y", "");
    }
    expect(&convergence, "");
}

TEST(replicas_that_hold_nothing_agree)
{
    struct convergence convergence = three();
    convergence_init(&convergence);
    expect(&convergence, "");
}

TEST(another_value_is_told)
{
    struct convergence convergence = three();
    convergence_init(&convergence);
    for (size_t i = 0; i < 3; i++) {
        add(&convergence, i, "x", "a");
        add(&convergence, i, "y", i == 1 ? "b" : "a");
        add(&convergence, i, "z", i == 2 ? "b" : "a");
    }
    expect(&convergence, "not converged: key y\n"
                         "    n1  \"a\"\n"
                         "    n2  \"b\"\n"
                         "    n3  \"a\"\n"
                         "  and 1 keys more, of 3\n");
}

TEST(a_missing_value_is_no_empty_one)
{
    struct convergence convergence = three();
    convergence_init(&convergence);
    add(&convergence, 0, "x", "");
    add(&convergence, 1, "x", "");
    expect(&convergence, "not converged: key x\n"
                         "    n1  \"\"\n"
                         "    n2  \"\"\n"
                         "    n3  has it not\n");
}

static bool all_but_the_last(void *context, size_t replica, struct slice key)
{
    (void)context, (void)key;
    return replica < 2;
}

TEST(a_replica_need_not_hold_what_is_not_its_own)
{
    struct convergence convergence = three();
    convergence.holds = all_but_the_last;
    convergence_init(&convergence);
    add(&convergence, 0, "x", "a");
    add(&convergence, 1, "x", "a");
    expect(&convergence, "");
}

TEST(but_what_it_holds_besides_is_the_same)
{
    struct convergence convergence = three();
    convergence.holds = all_but_the_last;
    convergence_init(&convergence);
    add(&convergence, 0, "x", "a");
    add(&convergence, 1, "x", "a");
    add(&convergence, 2, "x", "b");
    expect(&convergence, "not converged: key x\n"
                         "    n1  \"a\"\n"
                         "    n2  \"a\"\n"
                         "    n3  \"b\"\n");
}
