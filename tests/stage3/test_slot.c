// test_slot.c -- which of the 16384 slots a key belongs to.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/slot.h"

#include "tests/test.h"

TEST(the_sum_is_crc_16_xmodem)
{
    // The check value of the catalogue of parametrised CRC algorithms.
    ck_assert_uint_eq(slot_crc16(SLICE("123456789")), 0x31c3);
    ck_assert_uint_eq(slot_crc16(SLICE("")), 0);
    ck_assert_uint_eq(slot_crc16(SLICE("\xff")), 0x1ef0);
    ck_assert_uint_eq(slot_crc16(SLICE("\0\x80\xff\n")), 0x99ef);
}

TEST(the_sum_of_any_bytes_is_that_of_its_bits_one_by_one)
{
    char bytes[67];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 151 + 7);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        unsigned crc = 0;
        for (size_t bit = 0; bit < 8 * size; bit++) {
            unsigned in = (unsigned char)bytes[bit / 8] >> (7 - bit % 8) & 1;
            unsigned out = crc >> 15 ^ in;
            crc = (crc << 1 & 0xffff) ^ (out ? 0x1021 : 0);
        }
        ck_assert_uint_eq(slot_crc16((struct slice){bytes, size}), crc);
    }
}

// What a real Redis 7.0 answers to CLUSTER KEYSLOT.
static const struct {
    const char *key;
    uint16_t slot;
} by_redis[] = {
    {"foo", 12182},     {"", 0},       {"a{b}c", 3300},  {"b", 3300},
    {"{}x", 10595},     {"{a", 10276}, {"{{a}}", 10276}, {"a{}{b}", 15033},
    {"x{y}{z}", 12222}, {"y", 12222},
};

TEST_FOR(a_key_is_where_redis_puts_it, sizeof by_redis / sizeof *by_redis)
{
    ck_assert_uint_eq(slot_of_key(slice_of(by_redis[_i].key)),
                      by_redis[_i].slot);
}

TEST(a_key_may_hold_any_byte)
{
    struct slice tagged = SLICE("\0{\0x}\0");
    ck_assert(slice_equal(slot_tag(tagged), SLICE("\0x")));
    ck_assert_uint_eq(slot_of_key(tagged), slot_of_key(SLICE("\0x")));
    ck_assert(slice_equal(slot_tag(SLICE("}{")), SLICE("}{")));
    ck_assert(slice_equal(slot_tag(SLICE("{")), SLICE("{")));
}
