// test_hash.c -- the reference values, the secret, and the spread.
// SPDX-License-Identifier: MIT
#include "common/base/hash.h"

#include <stdio.h>

#include "tests/test.h"

static struct hash_secret secret_of(const char *seed)
{
    struct hash_secret secret;
    hash_secret_derive(&secret, slice_of(seed));
    return secret;
}

TEST(it_is_xxh3_under_the_secret)
{
    // With XXH3's own secret the results are those of plain XXH3: the library
    // has two roads to them, and the first is in its specification.
    struct hash_secret plain;
    ck_assert_uint_eq(sizeof XXH3_kSecret, HASH_SECRET_SIZE);
    memcpy(plain.bytes, XXH3_kSecret, HASH_SECRET_SIZE);
    ck_assert_uint_eq(hash_bytes(&plain, SLICE("")), 0x2d06800538d394c2u);

    char bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 37);
    for (size_t size = 1; size <= sizeof bytes; size++)
        ck_assert_uint_eq(hash_bytes(&plain, (struct slice){bytes, size}),
                          XXH3_64bits(bytes, size));
}

TEST(another_secret_gives_another_hash)
{
    struct hash_secret a = secret_of("1"), b = secret_of("2");
    char bytes[300] = {0};
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct slice text = {bytes, size};
        ck_assert_uint_eq(hash_bytes(&a, text), hash_bytes(&a, text));
        ck_assert_uint_ne(hash_bytes(&a, text), hash_bytes(&b, text));
    }
}

TEST(a_secret_is_derived_from_all_of_its_seed)
{
    struct hash_secret a, b, c, none;
    hash_secret_derive(&a, SLICE("seed"));
    hash_secret_derive(&b, SLICE("seed"));
    hash_secret_derive(&c, SLICE("seeD"));
    hash_secret_derive(&none, SLICE(""));
    ck_assert_mem_eq(a.bytes, b.bytes, HASH_SECRET_SIZE);
    for (size_t i = 0; i < HASH_SECRET_SIZE; i += 8) {
        ck_assert_mem_ne(a.bytes + i, c.bytes + i, 8);
        ck_assert_mem_ne(a.bytes + i, none.bytes + i, 8);
    }
}

TEST(neither_alignment_nor_neighbours_matter)
{
    struct hash_secret secret = secret_of("3");
    char bytes[64] = {0};
    uint64_t expected = hash_bytes(&secret, SLICE("some key"));
    for (size_t at = 0; at < 16; at++) {
        memset(bytes, (int)at, sizeof bytes);
        memcpy(bytes + at, "some key", 8);
        ck_assert_uint_eq(hash_bytes(&secret, (struct slice){bytes + at, 8}),
                          expected);
    }
}

TEST(similar_keys_spread_over_the_low_and_the_high_bits)
{
    enum { KEYS = 64000, CELLS = 64 };
    struct hash_secret secret = secret_of("4");
    int low[CELLS] = {0}, high[CELLS] = {0};
    for (int i = 0; i < KEYS; i++) {
        char key[32];
        int size = snprintf(key, sizeof key, "key:%012d", i);
        uint64_t hash = hash_bytes(&secret, (struct slice){key, (size_t)size});
        low[hash % CELLS]++;
        high[hash >> 58]++;
    }
    // 1000 are expected in each; the deviation is about 32.
    for (int i = 0; i < CELLS; i++) {
        ck_assert_int_gt(low[i], 800);
        ck_assert_int_lt(low[i], 1200);
        ck_assert_int_gt(high[i], 800);
        ck_assert_int_lt(high[i], 1200);
    }
}
