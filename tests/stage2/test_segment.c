// test_segment.c -- the header of a file of the log, and its name.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/segment.h"

#include "common/base/codec.h"
#include "common/base/crc32c.h"
#include "tests/test.h"

static const struct segment golden = {
    .salt = 0xdeadbeef,
    .first_lsn = UINT64_C(0x0102030405060708),
    .durable = UINT64_C(0x0102030405060700),
    .term = 9,
    .vote = 3,
    .segment_size = 64 << 20,
};

static const struct slice golden_bytes = {
    "\x56\x45\x47\x41\x20\x4c\x4f\x47\x01\x00\x00\x00\xef\xbe\xad\xde"
    "\x08\x07\x06\x05\x04\x03\x02\x01\x00\x07\x06\x05\x04\x03\x02\x01"
    "\x09\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x04\x00\x00\x00\x00\xc1\xfa\x2b\x72",
    60};

static enum segment_result decode(const void *bytes, size_t size)
{
    struct segment segment;
    uint32_t version;
    return segment_decode((struct slice){bytes, size}, &segment, &version);
}

TEST(the_bytes_are_those_that_are_documented)
{
    char bytes[SEGMENT_HEADER_SIZE];
    segment_encode(bytes, &golden);
    ck_assert(slice_equal((struct slice){bytes, 60}, golden_bytes));
    for (size_t i = 60; i < sizeof bytes; i++)
        ck_assert_int_eq(bytes[i], 0);

    struct segment read;
    uint32_t version;
    ck_assert_int_eq(segment_decode(golden_bytes, &read, &version), SEGMENT_OK);
    ck_assert_uint_eq(read.salt, golden.salt);
    ck_assert_uint_eq(read.first_lsn, golden.first_lsn);
    ck_assert_uint_eq(read.durable, golden.durable);
    ck_assert_uint_eq(read.term, golden.term);
    ck_assert_uint_eq(read.vote, golden.vote);
    ck_assert_uint_eq(read.segment_size, golden.segment_size);
}

TEST(every_cut_and_every_flipped_bit_is_found_out)
{
    for (size_t size = 0; size < golden_bytes.size; size++)
        ck_assert_int_eq(decode(golden_bytes.data, size), SEGMENT_INVALID);
    char bytes[60];
    memcpy(bytes, golden_bytes.data, sizeof bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        ck_assert_int_eq(decode(bytes, sizeof bytes), SEGMENT_INVALID);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    ck_assert_int_eq(decode(bytes, sizeof bytes), SEGMENT_OK);
}

// Sums up what was changed by hand.
static enum segment_result decode_signed(char bytes[60], uint32_t *version)
{
    put_u32(bytes + 56, crc32c(0, bytes, 56));
    struct segment segment;
    return segment_decode((struct slice){bytes, 60}, &segment, version);
}

TEST(a_newer_version_is_named)
{
    char bytes[60];
    memcpy(bytes, golden_bytes.data, sizeof bytes);
    uint32_t version = 0;
    put_u32(bytes + 8, 2);
    ck_assert_int_eq(decode_signed(bytes, &version), SEGMENT_NEWER);
    ck_assert_uint_eq(version, 2);
    put_u32(bytes + 8, 0);
    ck_assert_int_eq(decode_signed(bytes, &version), SEGMENT_INVALID);
}

TEST(what_no_writer_writes_is_invalid)
{
    char bytes[60];
    memcpy(bytes, golden_bytes.data, sizeof bytes);
    uint32_t version;
    put_u64(bytes + 24, golden.first_lsn); // Durable before it was written.
    ck_assert_int_eq(decode_signed(bytes, &version), SEGMENT_INVALID);
    put_u64(bytes + 16, 0); // LSNs begin at 1.
    put_u64(bytes + 24, 0);
    ck_assert_int_eq(decode_signed(bytes, &version), SEGMENT_INVALID);
}

TEST(names_carry_the_first_lsn)
{
    static const struct {
        uint64_t lsn;
        const char *name;
    } names[] = {
        {1, "00000000000000000001.log"},
        {1234567890, "00000000001234567890.log"},
        {UINT64_MAX, "18446744073709551615.log"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[SEGMENT_NAME_SIZE];
        segment_format_name(name, names[i].lsn);
        ck_assert_str_eq(name, names[i].name);
        uint64_t lsn = 0;
        ck_assert(segment_parse_name(name, &lsn));
        ck_assert_uint_eq(lsn, names[i].lsn);
    }
}

TEST(other_names_are_no_segments)
{
    static const char *const names[] = {
        "",
        "1.log",
        "00000000000000000000.log",
        "18446744073709551616.log",
        "99999999999999999999.log",
        "00000000000000000001.logs",
        "00000000000000000001.lo",
        "00000000000000000001",
        "00000000000000000001.log.draft",
        "0000000000000000000a.log",
        "-0000000000000000001.log",
        "000000000000000000001.log",
        "00000000000000000001.snapshot",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t lsn = 42;
        ck_assert_msg(!segment_parse_name(names[i], &lsn), "%s", names[i]);
        ck_assert_uint_eq(lsn, 42);
    }
}
