// test_snapshot.c -- names and headers of snapshots; the rest of their bytes
// is in test_snapshot_write.c, and what is refused in test_snapshot_read.c.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot.h"

#include <string.h>

#include "common/base/codec.h"
#include "common/base/crc32c.h"
#include "stage2-persistence/snapshot_private.h"
#include "tests/test.h"

static const struct snapshot example = {
    .lsn = 42,
    .term = 7,
    .now_ms = 1700000000123,
    .compressed = true,
    .key_count = 3,
};

TEST(names_carry_the_lsn_and_say_whether_it_is_a_draft)
{
    static const struct {
        uint64_t lsn;
        bool draft;
        const char *name;
    } rows[] = {
        {0, false, "00000000000000000000.snapshot"},
        {42, false, "00000000000000000042.snapshot"},
        {42, true, "00000000000000000042.snapshot.draft"},
        {UINT64_MAX, true, "18446744073709551615.snapshot.draft"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[SNAPSHOT_NAME_SIZE];
        uint64_t lsn;
        bool draft;
        snapshot_format_name(name, rows[i].lsn, rows[i].draft);
        ck_assert_str_eq(name, rows[i].name);
        ck_assert(snapshot_parse_name(name, &lsn, &draft));
        ck_assert_uint_eq(lsn, rows[i].lsn);
        ck_assert_int_eq(draft, rows[i].draft);
    }
}

TEST(other_names_are_no_snapshots)
{
    static const char *const names[] = {
        "",
        "42.snapshot",
        "00000000000000000042",
        "00000000000000000042.log",
        "00000000000000000042.snapshots",
        "00000000000000000042.snapshot.draft2",
        "000000000000000000042.snapshot",
        "0000000000000000004x.snapshot",
        "+0000000000000000042.snapshot",
        "18446744073709551616.snapshot",
        "99999999999999999999.snapshot",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t lsn = 5;
        bool draft = true;
        ck_assert(!snapshot_parse_name(names[i], &lsn, &draft));
        ck_assert_uint_eq(lsn, 5);
        ck_assert(draft);
    }
}

TEST(a_header_is_read_as_it_was_written)
{
    char bytes[SNAPSHOT_HEADER_SIZE];
    struct snapshot read;
    const char *wrong;
    snapshot_encode_header(bytes, &example);
    ck_assert_int_eq(snapshot_decode_header(bytes, &read, &wrong),
                     SNAPSHOT_MORE);
    ck_assert_uint_eq(read.lsn, example.lsn);
    ck_assert_uint_eq(read.term, example.term);
    ck_assert_int_eq(read.now_ms, example.now_ms);
    ck_assert(read.compressed);
    ck_assert_uint_eq(read.key_count, example.key_count);
}

static void put_checksum(char bytes[SNAPSHOT_HEADER_SIZE])
{
    enum { AT_CRC = SNAPSHOT_HEADER_SIZE - 4 };
    put_u32(&bytes[AT_CRC], crc32c(0, bytes, AT_CRC));
}

TEST(a_newer_version_is_told_from_damage)
{
    char bytes[SNAPSHOT_HEADER_SIZE];
    struct snapshot read;
    const char *wrong = NULL;
    snapshot_encode_header(bytes, &example);
    put_u32(bytes + 8, SNAPSHOT_VERSION + 1);
    ck_assert_int_eq(snapshot_decode_header(bytes, &read, &wrong),
                     SNAPSHOT_INVALID);
    ck_assert_str_eq(wrong, "the checksum of the header does not match");
    put_checksum(bytes);
    ck_assert_int_eq(snapshot_decode_header(bytes, &read, &wrong),
                     SNAPSHOT_NEWER);
}

TEST(a_header_with_a_right_checksum_must_make_sense)
{
    static const struct {
        int at;
        uint32_t value;
    } rows[] = {{0, 1}, {8, 0}, {12, 2}, {12, UINT32_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char bytes[SNAPSHOT_HEADER_SIZE];
        struct snapshot read;
        const char *wrong = NULL;
        snapshot_encode_header(bytes, &example);
        put_u32(bytes + rows[i].at, rows[i].value);
        put_checksum(bytes);
        ck_assert_int_eq(snapshot_decode_header(bytes, &read, &wrong),
                         SNAPSHOT_INVALID);
        ck_assert_ptr_nonnull(wrong);
    }
}
