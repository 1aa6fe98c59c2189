// test_set.c -- the set against an array of flags, in both encodings.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/set.h"

#include <stdio.h>

#include "common/base/random.h"
#include "tests/test.h"

static const struct hash_secret secret = {{7}};
static const struct limits limits = LIMITS_DEFAULT;

static const char *encoding(const struct object *set)
{
    return set->type->encoding(set);
}

static struct slice number(struct set_text *text, int64_t value)
{
    return (struct slice){text->bytes, int64_format(text->bytes, value)};
}

TEST(integers_are_kept_in_ascending_order)
{
    struct object *set = set_create(&secret, &limits);
    struct set_text text;
    ck_assert_uint_eq(set_count(set), 0);
    ck_assert(set_add(set, SLICE("30")));
    ck_assert(set_add(set, SLICE("-5")));
    ck_assert(set_add(set, SLICE("9223372036854775807")));
    ck_assert(!set_add(set, SLICE("30")));
    ck_assert_str_eq(encoding(set), "intset");
    ck_assert(set_is_small(set));
    ck_assert(slice_equal(set_at(set, 0, &text), SLICE("-5")));
    ck_assert(slice_equal(set_at(set, 1, &text), SLICE("30")));
    ck_assert(slice_equal(set_at(set, 2, &text), SLICE("9223372036854775807")));
    set_check_invariants(set);
    set_destroy(set);
}

TEST(what_is_no_canonical_integer_makes_it_a_table)
{
    static const char *const members[] = {
        "", "a", "01", "+1", " 1", "1.0", "-0", "9223372036854775808",
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct object *set = set_create(&secret, &limits);
        struct slice member = slice_of(members[i]);
        set_add(set, SLICE("1"));
        ck_assert(!set_contains(set, member));
        ck_assert(!set_remove(set, member));
        ck_assert_str_eq(encoding(set), "intset");
        ck_assert(set_add(set, member));
        ck_assert_str_eq(encoding(set), "hashtable");
        ck_assert(!set_is_small(set));
        ck_assert(set_contains(set, SLICE("1")));
        ck_assert(set_remove(set, member));
        ck_assert_str_eq(encoding(set), "hashtable");
        set_check_invariants(set);
        set_destroy(set);
    }
}

TEST(more_than_512_integers_make_it_a_table)
{
    struct object *set = set_create(&secret, &limits);
    struct set_text text;
    for (int64_t i = 0; i < 512; i++)
        ck_assert(set_add(set, number(&text, i)));
    ck_assert_str_eq(encoding(set), "intset");
    ck_assert(!set_add(set, SLICE("511")));
    ck_assert_str_eq(encoding(set), "intset");
    ck_assert(set_add(set, SLICE("512")));
    ck_assert_str_eq(encoding(set), "hashtable");
    ck_assert_uint_eq(set_count(set), 513);
    for (int64_t i = 0; i < 513; i++)
        ck_assert(set_contains(set, number(&text, i)));
    set_check_invariants(set);
    set_destroy(set);
}

static void count_member(void *context, struct slice member)
{
    size_t *sizes = context;
    *sizes += member.size;
}

TEST(each_meets_every_member_once)
{
    struct object *set = set_create(&secret, &limits);
    size_t sizes = 0;
    set_add(set, SLICE("1"));
    set_add(set, SLICE("22"));
    set_each(set, count_member, &sizes);
    ck_assert_uint_eq(sizes, 3);
    set_add(set, SLICE("abcd"));
    sizes = 0;
    set_each(set, count_member, &sizes);
    ck_assert_uint_eq(sizes, 7);
    set_destroy(set);
}

TEST(a_copy_goes_its_own_way_in_both_encodings)
{
    struct object *set = set_create(&secret, &limits);
    for (int round = 0; round < 2; round++) {
        struct object *copy = set->type->copy(set);
        ck_assert_str_eq(encoding(copy), encoding(set));
        ck_assert_uint_eq(set_count(copy), set_count(set));
        set_add(copy, SLICE("12345"));
        ck_assert(!set_contains(set, SLICE("12345")));
        set_check_invariants(copy);
        set_destroy(copy);
        set_add(set, SLICE("1"));
        set_add(set, SLICE("x"));
    }
    set_destroy(set);
}

TEST(a_huge_set_is_freed_in_slices)
{
    struct object *set = set_create(&secret, &limits);
    struct set_text text;
    for (int64_t i = 0; i < 5000; i++)
        set_add(set, number(&text, i));
    size_t full = set->memory, left = full;
    int calls = 1;
    for (; !set->type->release(set, 100); calls++) {
        left = set->memory;
        ck_assert_int_lt(calls, 100);
    }
    ck_assert_uint_lt(left, full / 2);
    ck_assert_int_ge(calls, 50);
}

// One random step on a set and its model; `spread` chooses the members.
static void step(struct object *set, bool *present, struct random *random,
                 size_t values, const char *format)
{
    char text[32];
    size_t i = random_below(random, values);
    int size = snprintf(text, sizeof text, format, i);
    struct slice member = {text, (size_t)size};
    ck_assert(set_contains(set, member) == present[i]);
    bool add = random_below(random, 2);
    bool changed = add ? set_add(set, member) : set_remove(set, member);
    ck_assert(changed == (present[i] != add));
    present[i] = add;
}

TEST_FOR(random_changes_match_an_array_of_flags, 3)
{
    enum { VALUES = 1200, STEPS = 20000 };
    // Integers that stay few, integers that become many, and words.
    static const size_t values[] = {200, VALUES, VALUES};
    static const char *const formats[] = {"%zu", "%zu", "m%zu"};
    bool present[VALUES] = {false};
    struct object *set = set_create(&secret, &limits);
    struct random random;
    random_init(&random, (uint64_t)_i);
    for (int i = 0; i < STEPS; i++) {
        step(set, present, &random, values[_i], formats[_i]);
        if (i % 1000 == 0)
            set_check_invariants(set);
    }
    size_t count = 0;
    for (size_t i = 0; i < VALUES; i++)
        count += present[i];
    ck_assert_uint_eq(set_count(set), count);
    set_check_invariants(set);
    set_destroy(set);
}
