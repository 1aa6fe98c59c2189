// test_crc32c.c -- published sums, both ways, in one piece and in many.
// SPDX-License-Identifier: MIT
#include "common/base/crc32c.h"

#include "common/base/random.h"
#include "common/base/slice.h"
#include "tests/test.h"

// RFC 3720, B.4 (which prints the bytes of the sum in the order of the wire).
static const struct {
    struct slice bytes;
    uint32_t sum;
} vectors[] = {
    {{"", 0}, 0},
    {{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32},
     0x8a9136aa},
    {{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
      32},
     0x62a8ab43},
    {{"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
      "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f",
      32},
     0x46dd794e},
    {{"\x1f\x1e\x1d\x1c\x1b\x1a\x19\x18\x17\x16\x15\x14\x13\x12\x11\x10"
      "\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08\x07\x06\x05\x04\x03\x02\x01\x00",
      32},
     0x113fdb5c},
    {{"\x01\xc0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x14\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x14\x00\x00\x00\x18"
      "\x28\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00",
      48},
     0xd9963a56},
    // The customary check value of the catalogues.
    {{"123456789", 9}, 0xe3069283},
};

TEST_FOR(sums_are_those_of_the_rfc, sizeof vectors / sizeof *vectors)
{
    struct slice bytes = vectors[_i].bytes;
    ck_assert_uint_eq(crc32c(0, bytes.data, bytes.size), vectors[_i].sum);
    ck_assert_uint_eq(crc32c_by_table(0, bytes.data, bytes.size),
                      vectors[_i].sum);
}

TEST(both_ways_agree_on_any_bytes_at_any_address)
{
    unsigned char bytes[256];
    struct random random;
    random_init(&random, 5);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)random_next(&random);
    for (size_t at = 0; at < 8; at++) {
        for (size_t size = 0; at + size <= sizeof bytes; size++) {
            uint32_t crc = (uint32_t)random_next(&random);
            ck_assert_uint_eq(crc32c(crc, bytes + at, size),
                              crc32c_by_table(crc, bytes + at, size));
        }
    }
}

TEST(pieces_sum_up_to_the_whole)
{
    static const char text[] = "the quick brown fox jumps over the lazy dog";
    uint32_t whole = crc32c(0, text, sizeof text);
    for (size_t cut = 0; cut <= sizeof text; cut++) {
        uint32_t crc = crc32c(0, text, cut);
        ck_assert_uint_eq(crc32c(crc, text + cut, sizeof text - cut), whole);
    }
}

TEST(every_flipped_bit_changes_the_sum)
{
    unsigned char bytes[40] = "a record of the log";
    uint32_t sum = crc32c(0, bytes, sizeof bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ck_assert_uint_ne(crc32c(0, bytes, sizeof bytes), sum);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}
