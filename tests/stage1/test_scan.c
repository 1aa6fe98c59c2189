// test_scan.c -- what SCAN and its relatives share.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/scan.h"

#include "common/base/buffer.h"
#include "common/base/random.h"
#include "stage1-singlenode/dense.h"
#include "tests/test.h"

static const struct hash_secret secret = {{7}};

TEST(a_turn_goes_from_the_end_to_the_start)
{
    const struct scan_options options = {.count = 4};
    struct scan_range range = scan_dense(&options, 0, 10);
    ck_assert_uint_eq(range.first, 6);
    ck_assert_uint_eq(range.end, 10);
    range = scan_dense(&options, range.cursor, 10);
    ck_assert_uint_eq(range.first, 2);
    ck_assert_uint_eq(range.end, 6);
    range = scan_dense(&options, range.cursor, 10);
    ck_assert_uint_eq(range.first, 0);
    ck_assert_uint_eq(range.end, 2);
    ck_assert_uint_eq(range.cursor, 0);
}

TEST(any_cursor_and_count_stay_within_bounds)
{
    static const uint64_t cursors[] = {0, 1, 9, 10, 11, UINT64_MAX};
    static const int64_t counts[] = {1, 9, 10, 11, INT64_MAX};
    for (size_t i = 0; i < sizeof cursors / sizeof *cursors; i++) {
        for (size_t j = 0; j < sizeof counts / sizeof *counts; j++) {
            const struct scan_options options = {.count = counts[j]};
            struct scan_range range = scan_dense(&options, cursors[i], 10);
            ck_assert_uint_le(range.first, range.end);
            ck_assert_uint_le(range.end, 10);
            ck_assert_uint_eq(range.cursor, range.first);
            range = scan_dense(&options, cursors[i], 0);
            ck_assert_uint_eq(range.end, 0);
        }
    }
}

static void put(struct dense *dense, unsigned char number)
{
    dense_put(dense, (struct slice){(char *)&number, 1}, SLICE(""));
}

// Puts or removes one of the numbers from 100 on.
static void disturb(struct dense *dense, struct random *random)
{
    unsigned char number = (unsigned char)(100 + random_below(random, 100));
    if (random_below(random, 2))
        put(dense, number);
    else
        dense_remove(dense, (struct slice){(char *)&number, 1});
}

// Numbers below 100 stay; the others come and go between the calls.
TEST_FOR(nothing_that_stays_is_missed, 20)
{
    const struct scan_options options = {.count = 7};
    struct dense dense;
    struct random random;
    bool seen[256] = {false};
    size_t budget = SIZE_MAX;
    random_init(&random, (uint64_t)_i);
    dense_init(&dense, &secret);
    for (unsigned char i = 0; i < 200; i++)
        put(&dense, i);
    uint64_t cursor = 0;
    do {
        size_t count = dense_count(&dense);
        struct scan_range range = scan_dense(&options, cursor, count);
        for (size_t i = range.first; i < range.end; i++)
            seen[(unsigned char)*entry_key(dense_at(&dense, i)).data] = true;
        cursor = range.cursor;
        for (int i = 0; i < 10; i++)
            disturb(&dense, &random);
    } while (cursor != 0);
    for (size_t i = 0; i < 100; i++)
        ck_assert_msg(seen[i], "missed %zu", i);
    ck_assert(dense_release(&dense, &budget));
}

static void expect_options(const char *const *words, uint32_t count, bool typed,
                           const char *error)
{
    struct slice argv[8];
    struct buffer out = {0};
    struct request request = {.argv = argv, .argc = count};
    struct scan_options options;
    request.reply = (struct reply){.out = &out, .protocol = 2};
    for (uint32_t i = 0; i < count; i++)
        argv[i] = slice_of(words[i]);
    ck_assert(scan_read_options(&request, 0, typed, &options) == !error);
    if (error)
        ck_assert(slice_equal(buffer_slice(&out), slice_of(error)));
    else
        ck_assert_int_eq(options.count, count > 0 ? 5 : SCAN_COUNT);
    buffer_deinit(&out);
}

TEST(options_are_read_in_any_order_and_type_only_where_it_belongs)
{
    const char *const all[] = {"match", "a*", "COUNT", "5", "type", "set"};
    const char *const zero[] = {"count", "0"};
    const char *const word[] = {"count", "x"};
    const char *syntax = "-ERR syntax error\r\n";
    expect_options(all, 0, true, NULL);
    expect_options(all, 4, false, NULL);
    expect_options(all, 6, true, NULL);
    expect_options(all, 6, false, syntax);
    expect_options(all, 3, true, syntax);
    expect_options(zero, 2, true, syntax);
    expect_options(word, 2, true,
                   "-ERR value is not an integer or out of range\r\n");
}
