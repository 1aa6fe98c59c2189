// test_dense.c -- the table of entries in a dense order.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/dense.h"

#include <stdio.h>

#include "common/base/random.h"
#include "tests/test.h"

static const struct hash_secret secret = {{7}};

// The i-th key, in the caller's room.
static struct slice key_of(char text[24], size_t i)
{
    int size = snprintf(text, 24, "key:%zu", i);
    return (struct slice){text, (size_t)size};
}

static void add_keys(struct dense *dense, size_t count)
{
    char text[24];
    for (size_t i = 0; i < count; i++)
        ck_assert(dense_put(dense, key_of(text, i), SLICE("v")));
}

static void release(struct dense *dense)
{
    size_t budget = SIZE_MAX;
    ck_assert(dense_release(dense, &budget));
}

static void expect_key(const struct dense *dense, size_t index, size_t i)
{
    char text[24];
    ck_assert(slice_equal(entry_key(dense_at(dense, index)), key_of(text, i)));
}

TEST(entries_are_found_by_key_and_by_index)
{
    struct dense dense;
    dense_init(&dense, &secret);
    ck_assert_ptr_null(dense_find(&dense, SLICE("key:0")));
    ck_assert(!dense_remove(&dense, SLICE("key:0")));
    add_keys(&dense, 1000);
    ck_assert_uint_eq(dense_count(&dense), 1000);
    for (size_t i = 0; i < 1000; i++)
        expect_key(&dense, i, i);
    const struct entry *entry = dense_find(&dense, SLICE("key:77"));
    ck_assert_ptr_eq(entry, dense_at(&dense, 77));
    ck_assert(slice_equal(entry_string(entry), SLICE("v")));
    ck_assert_ptr_null(dense_find(&dense, SLICE("key:1000")));
    dense_check_invariants(&dense);
    release(&dense);
}

TEST(the_last_entry_takes_the_place_of_a_removed_one)
{
    struct dense dense;
    dense_init(&dense, &secret);
    add_keys(&dense, 5);
    ck_assert(dense_remove(&dense, SLICE("key:1")));
    expect_key(&dense, 1, 4);
    ck_assert(dense_remove(&dense, SLICE("key:3")));
    ck_assert_uint_eq(dense_count(&dense), 3);
    expect_key(&dense, 0, 0);
    expect_key(&dense, 1, 4);
    expect_key(&dense, 2, 2);
    dense_check_invariants(&dense);
    release(&dense);
}

TEST(a_value_changes_without_its_key_changing_place)
{
    struct dense dense;
    char large[5000];
    memset(large, 'x', sizeof large);
    dense_init(&dense, &secret);
    add_keys(&dense, 3);
    const struct slice values[] = {
        SLICE(""), {large, sizeof large}, SLICE("v"), {large, 60}, SLICE("w"),
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        ck_assert(!dense_put(&dense, SLICE("key:1"), values[i]));
        expect_key(&dense, 1, 1);
        ck_assert(slice_equal(entry_string(dense_at(&dense, 1)), values[i]));
        dense_check_invariants(&dense);
    }
    release(&dense);
}

TEST(a_value_may_become_a_part_of_itself)
{
    struct dense dense;
    char large[500];
    memset(large, 'x', sizeof large);
    memcpy(large + 100, "needle", 6);
    dense_init(&dense, &secret);
    dense_put(&dense, SLICE("k"), (struct slice){large, sizeof large});
    struct slice value = entry_string(dense_find(&dense, SLICE("k")));
    dense_put(&dense, SLICE("k"), (struct slice){value.data + 100, 450 - 100});
    value = entry_string(dense_find(&dense, SLICE("k")));
    ck_assert(!memcmp(value.data, "needlex", 7));
    dense_put(&dense, SLICE("k"), (struct slice){value.data, 6});
    value = entry_string(dense_find(&dense, SLICE("k")));
    ck_assert(slice_equal(value, SLICE("needle")));
    dense_check_invariants(&dense);
    release(&dense);
}

TEST(it_grows_past_a_chunk_and_gives_memory_back)
{
    enum { COUNT = 3 * DENSE_CHUNK + 5 };
    struct dense dense;
    char text[24];
    dense_init(&dense, &secret);
    size_t empty = dense_memory(&dense);
    add_keys(&dense, COUNT);
    dense_check_invariants(&dense);
    size_t full = dense_memory(&dense);
    ck_assert_uint_gt(full, COUNT * (sizeof(struct entry) + 8));
    for (size_t i = 0; i < COUNT; i++)
        ck_assert(dense_remove(&dense, key_of(text, i)));
    dense_check_invariants(&dense);
    ck_assert_uint_lt(dense_memory(&dense), empty + full / 20);
    add_keys(&dense, 10);
    dense_check_invariants(&dense);
    release(&dense);
}

TEST(the_order_is_the_same_under_another_secret)
{
    static const struct hash_secret other = {{99, 3}};
    struct dense one, two;
    dense_init(&one, &secret);
    dense_init(&two, &other);
    struct random random;
    random_init(&random, 3);
    for (int step = 0; step < 5000; step++) {
        char text[24];
        struct slice key = key_of(text, random_below(&random, 300));
        if (random_below(&random, 2)) {
            dense_put(&one, key, SLICE("v"));
            dense_put(&two, key, SLICE("v"));
        } else {
            ck_assert(dense_remove(&one, key) == dense_remove(&two, key));
        }
    }
    ck_assert_uint_eq(dense_count(&one), dense_count(&two));
    for (size_t i = 0; i < dense_count(&one); i++)
        ck_assert(slice_equal(entry_key(dense_at(&one, i)),
                              entry_key(dense_at(&two, i))));
    dense_check_invariants(&one);
    dense_check_invariants(&two);
    release(&one);
    release(&two);
}

TEST(a_copy_has_the_same_order_and_goes_its_own_way)
{
    struct dense dense, copy;
    dense_init(&dense, &secret);
    add_keys(&dense, 5000);
    dense_remove(&dense, SLICE("key:17"));
    dense_copy(&copy, &dense);
    dense_check_invariants(&copy);
    ck_assert_uint_eq(dense_count(&copy), 4999);
    for (size_t i = 0; i < 4999; i++)
        ck_assert(slice_equal(entry_key(dense_at(&copy, i)),
                              entry_key(dense_at(&dense, i))));
    dense_put(&copy, SLICE("key:17"), SLICE("new"));
    ck_assert_ptr_null(dense_find(&dense, SLICE("key:17")));
    release(&dense);
    release(&copy);
}

TEST(release_keeps_to_its_budget)
{
    struct dense dense;
    dense_init(&dense, &secret);
    add_keys(&dense, 10000);
    size_t calls = 0, budget;
    for (;; calls++) {
        budget = 100;
        if (dense_release(&dense, &budget))
            break;
        ck_assert_uint_eq(budget, 0);
        ck_assert_uint_lt(calls, 1000);
    }
    ck_assert_uint_ge(calls, 99);
    ck_assert_uint_lt(calls, 130);
}

TEST(release_leaves_what_is_beyond_its_budget_whole)
{
    struct dense dense;
    size_t budget = 30;
    dense_init(&dense, &secret);
    add_keys(&dense, 100);
    ck_assert(!dense_release(&dense, &budget));
    ck_assert_uint_eq(dense_count(&dense), 70);
    dense_check_invariants(&dense);
    release(&dense);
}
