// test_bench_load.c -- the bytes that a load sends, and memcached's answers.
// SPDX-License-Identifier: MIT
#include "common/client/bench_load.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

static struct bench_options small_options(void)
{
    struct bench_options options;
    bench_options_init(&options, &(struct vega_options){0});
    options.value_size = 3;
    options.keys = 1000;
    return options;
}

static void expect_bytes(const char *bytes, size_t size, const char *expected)
{
    ck_assert_uint_eq(size, strlen(expected));
    ck_assert_msg(memcmp(bytes, expected, size) == 0, "%.*s", (int)size, bytes);
}

// What a set carries is drawn from the seed; the test takes it as it is.
static void expect_set(const char *bytes, size_t size, const char *head)
{
    size_t head_size = strlen(head);
    ck_assert_uint_eq(size, head_size + 5);
    ck_assert(memcmp(bytes, head, head_size) == 0);
    for (size_t i = head_size; i < head_size + 3; i++)
        ck_assert(bytes[i] >= 'a' && bytes[i] <= 'z');
    ck_assert(memcmp(bytes + size - 2, "\r\n", 2) == 0);
}

TEST(requests_are_resp_with_keys_of_fixed_width)
{
    struct bench_options options = small_options();
    struct load load;
    char bytes[256] = {0};
    load_init(&load, &options);
    ck_assert_uint_le(load_request_size_max(&load), sizeof bytes);
    expect_bytes(bytes, load_write_get(&load, bytes, 907),
                 "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000907\r\n");
    expect_bytes(bytes, load_write_get(&load, bytes, 0),
                 "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000000\r\n");
    expect_set(bytes, load_write_set(&load, bytes, 999999999999),
               "*3\r\n$3\r\nSET\r\n$16\r\nkey:999999999999\r\n$3\r\n");
    load_deinit(&load);
}

TEST(requests_are_the_text_protocol_for_memcached)
{
    struct bench_options options = small_options();
    struct load load;
    char bytes[256] = {0};
    options.memcached = true;
    options.prefix = "k";
    options.key_size = 5;
    load_init(&load, &options);
    expect_bytes(bytes, load_write_get(&load, bytes, 12), "get k0012\r\n");
    expect_set(bytes, load_write_set(&load, bytes, 12), "set k0012 0 0 3\r\n");
    load_deinit(&load);
}

static int count_sets(uint32_t set_weight, uint32_t get_weight, int draws)
{
    struct bench_options options = small_options();
    struct load load;
    struct random random;
    char bytes[256] = {0};
    int sets = 0;
    options.set_weight = set_weight;
    options.get_weight = get_weight;
    load_init(&load, &options);
    random_init(&random, 1);
    for (int i = 0; i < draws; i++) {
        load_write_random(&load, bytes, &random);
        sets += bytes[1] == '3';
    }
    load_deinit(&load);
    return sets;
}

TEST(sets_and_gets_come_in_their_ratio)
{
    ck_assert_int_eq(count_sets(1, 0, 1000), 1000);
    ck_assert_int_eq(count_sets(0, 1, 1000), 0);
    int sets = count_sets(1, 9, 10000);
    ck_assert_int_gt(sets, 850);
    ck_assert_int_lt(sets, 1150);
}

static int count_distinct_keys(double theta)
{
    struct bench_options options = small_options();
    struct load load;
    struct random random;
    char bytes[256] = {0};
    bool seen[1000] = {false};
    int distinct = 0;
    options.set_weight = 0;
    options.theta = theta;
    load_init(&load, &options);
    random_init(&random, 1);
    for (int i = 0; i < 3000; i++) {
        load_write_random(&load, bytes, &random);
        long key = strtol(bytes + load.get.digits_at, NULL, 10);
        ck_assert_int_lt(key, 1000);
        distinct += !seen[key];
        seen[key] = true;
    }
    load_deinit(&load);
    return distinct;
}

TEST(a_zipfian_load_has_fewer_different_keys_than_a_uniform_one)
{
    ck_assert_int_gt(count_distinct_keys(0), 900);
    ck_assert_int_lt(count_distinct_keys(0.99), 800);
}

static const struct {
    const char *bytes;
    bool is_null, is_error;
} replies[] = {
    {"STORED\r\n", false, false},
    {"END\r\n", true, false},
    {"VALUE key:1 0 3\r\nabc\r\nEND\r\n", false, false},
    {"VALUE k 0 7\r\n\r\nEND\r\n\r\nEND\r\n", false, false},
    {"VALUE k 0 0\r\n\r\nEND\r\n", false, false},
    {"ERROR\r\n", false, true},
    {"SERVER_ERROR out of memory\r\n", false, true},
};

TEST_FOR(memcached_replies_are_skipped_however_they_are_cut,
         (int)(sizeof replies / sizeof *replies))
{
    struct slice all = slice_of(replies[_i].bytes);
    for (size_t cut = 0; cut < all.size; cut++) {
        struct reply_skipper skipper = {0};
        struct slice input = {all.data, cut};
        ck_assert_int_eq(memcached_skip(&skipper, &input), REPLY_PARTIAL);
        size_t taken = cut - input.size;
        input = (struct slice){all.data + taken, all.size - taken};
        ck_assert_int_eq(memcached_skip(&skipper, &input), REPLY_COMPLETE);
        ck_assert_uint_eq(input.size, 0);
        ck_assert_int_eq(skipper.is_null, replies[_i].is_null);
        ck_assert_int_eq(skipper.is_error, replies[_i].is_error);
    }
}

TEST(a_memcached_size_that_is_no_number_is_refused)
{
    struct reply_skipper skipper = {0};
    struct slice input = SLICE("VALUE k 0 x\r\n");
    ck_assert_int_eq(memcached_skip(&skipper, &input), REPLY_INVALID);
    skipper = (struct reply_skipper){0};
    input = SLICE("VALUE k 0 99999999999999999999\r\n");
    ck_assert_int_eq(memcached_skip(&skipper, &input), REPLY_INVALID);
}
