// test_codec.c -- little-endian bytes at any address.
// SPDX-License-Identifier: MIT
#include "common/base/codec.h"

#include "tests/test.h"

TEST(the_lowest_byte_comes_first)
{
    unsigned char bytes[8];
    put_u16(bytes, 0x0102);
    ck_assert_mem_eq(bytes, "\x02\x01", 2);
    put_u32(bytes, 0x01020304);
    ck_assert_mem_eq(bytes, "\x04\x03\x02\x01", 4);
    put_u64(bytes, 0x0102030405060708);
    ck_assert_mem_eq(bytes, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
}

TEST(what_was_put_is_got_at_any_address)
{
    unsigned char bytes[16];
    for (size_t at = 0; at < 8; at++) {
        put_u16(bytes + at, UINT16_MAX - 1);
        ck_assert_uint_eq(get_u16(bytes + at), UINT16_MAX - 1);
        put_u32(bytes + at, UINT32_MAX - 2);
        ck_assert_uint_eq(get_u32(bytes + at), UINT32_MAX - 2);
        put_u64(bytes + at, UINT64_MAX - 3);
        ck_assert_uint_eq(get_u64(bytes + at), UINT64_MAX - 3);
    }
}

TEST(neighbours_are_left_alone)
{
    unsigned char bytes[10];
    memset(bytes, 0xee, sizeof bytes);
    put_u16(bytes + 1, 0);
    ck_assert_mem_eq(bytes, "\xee\0\0\xee", 4);
    memset(bytes, 0xee, sizeof bytes);
    put_u32(bytes + 1, 0);
    ck_assert_mem_eq(bytes, "\xee\0\0\0\0\xee", 6);
    memset(bytes, 0xee, sizeof bytes);
    put_u64(bytes + 1, 0);
    ck_assert_mem_eq(bytes, "\xee\0\0\0\0\0\0\0\0\xee", 10);
}
