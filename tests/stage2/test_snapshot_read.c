// test_snapshot_read.c -- whatever is not a valid snapshot is refused, and says
// where.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "common/base/codec.h"
#include "common/base/crc32c.h"
#include "common/base/digest.h"
#include "stage2-persistence/snapshot_private.h"
#include "tests/stage2/snapshot_harness.h"
#include "tests/test.h"

// A snapshot of a few keys, as bytes to be damaged.
struct victim {
    struct snapshot_harness harness;
    struct buffer bytes;
};

static void victim_init(struct victim *victim, bool compress)
{
    snapshot_harness_init(&victim->harness);
    victim->bytes = (struct buffer){0};
    struct store *store = snapshot_store(1);
    snapshot_put(store, "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    snapshot_put(store, "b", "bb");
    snapshot_bytes(store, compress, &victim->bytes);
    store_destroy(store);
}

static void victim_deinit(struct victim *victim)
{
    buffer_deinit(&victim->bytes);
    snapshot_harness_deinit(&victim->harness);
}

static enum snapshot_result victim_load(struct victim *victim, size_t size)
{
    return snapshot_load(&victim->harness, snapshot_name,
                         (struct slice){victim->bytes.data, size}, 1);
}

// Makes checksum and digest of what there is now.
static void victim_sign(struct victim *victim)
{
    char *at = victim->bytes.data, *end = at + victim->bytes.size;
    char *block = at + SNAPSHOT_HEADER_SIZE;
    struct slice stored = {block + SNAPSHOT_HEAD_SIZE, get_u32(block + 4)};
    put_u32(block + 8, snapshot_checksum(block, stored));
    struct digest digest;
    digest_init(&digest);
    digest_update(&digest, at, (size_t)(end - at) - DIGEST_SIZE);
    digest_final(&digest, (unsigned char *)end - DIGEST_SIZE);
    digest_deinit(&digest);
}

static void expect_error(const struct victim *victim, size_t at,
                         const char *what)
{
    char error[256];
    snprintf(error, sizeof error, "%s, byte %zu: %s", snapshot_name, at, what);
    ck_assert_str_eq(victim->harness.error, error);
}

// _i: compressed.
TEST_FOR(every_truncation_is_refused, 2)
{
    struct victim victim;
    victim_init(&victim, _i);
    for (size_t size = 0; size < victim.bytes.size; size++) {
        ck_assert_int_eq(victim_load(&victim, size), SNAPSHOT_INVALID);
        expect_error(&victim, size, "the file ends too early");
    }
    ck_assert_int_eq(victim_load(&victim, victim.bytes.size), SNAPSHOT_DONE);
    victim_deinit(&victim);
}

TEST_FOR(every_flipped_bit_is_refused, 2)
{
    struct victim victim;
    victim_init(&victim, _i);
    for (size_t bit = 0; bit < 8 * victim.bytes.size; bit++) {
        victim.bytes.data[bit / 8] ^= (char)(1 << bit % 8);
        ck_assert_int_eq(victim_load(&victim, victim.bytes.size),
                         SNAPSHOT_INVALID);
        victim.bytes.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    victim_deinit(&victim);
}

TEST(bytes_behind_the_end_are_refused)
{
    struct victim victim;
    victim_init(&victim, false);
    size_t size = victim.bytes.size;
    buffer_append_byte(&victim.bytes, 0);
    ck_assert_int_eq(victim_load(&victim, size + 1), SNAPSHOT_INVALID);
    expect_error(&victim, size, "the file goes on behind its end");
    victim_deinit(&victim);
}

TEST(the_name_must_carry_the_lsn)
{
    struct victim victim;
    victim_init(&victim, false);
    struct slice bytes = buffer_slice(&victim.bytes);
    static const char *const others[] = {"00000000000000000043.snapshot",
                                         "snapshot"};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(snapshot_load(&victim.harness, others[i], bytes, 1),
                         SNAPSHOT_INVALID);
        ck_assert(strstr(victim.harness.error,
                         ", byte 0: the header says LSN 42, unlike the name"));
    }
    victim_deinit(&victim);
}

TEST(a_newer_version_is_told)
{
    struct victim victim;
    victim_init(&victim, false);
    char header[SNAPSHOT_HEADER_SIZE];
    memcpy(header, victim.bytes.data, sizeof header);
    put_u32(header + 8, SNAPSHOT_VERSION + 1);
    put_u32(header + 60, crc32c(0, header, 60));
    memcpy(victim.bytes.data, header, sizeof header);
    ck_assert_int_eq(victim_load(&victim, victim.bytes.size), SNAPSHOT_NEWER);
    // Even one that consists of nothing else.
    ck_assert_int_eq(victim_load(&victim, sizeof header), SNAPSHOT_NEWER);
    expect_error(&victim, 0, "this was written by a newer version");
    victim_deinit(&victim);
}

// With right checksums: what a faulty or hostile writer could make.
TEST(sizes_that_make_no_sense_are_refused)
{
    static const struct {
        uint32_t raw_size, stored_size;
    } rows[] = {
        {0, 1},
        {1, 2},
        {UINT32_MAX, 8},
        {UINT32_MAX, UINT32_MAX},
        {(uint32_t)SNAPSHOT_BLOCK_MAX, 8}, // More than LZ4 could make of it.
        {3000, 8},
    };
    struct victim victim;
    victim_init(&victim, true);
    char *block = victim.bytes.data + SNAPSHOT_HEADER_SIZE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put_u32(block, rows[i].raw_size);
        put_u32(block + 4, rows[i].stored_size);
        ck_assert_int_eq(victim_load(&victim, victim.bytes.size),
                         SNAPSHOT_INVALID);
        expect_error(&victim, SNAPSHOT_HEADER_SIZE,
                     "the sizes of the block make no sense");
    }
    victim_deinit(&victim);
}

TEST(a_block_larger_than_the_file_is_refused)
{
    struct victim victim;
    victim_init(&victim, false);
    char *block = victim.bytes.data + SNAPSHOT_HEADER_SIZE;
    put_u32(block, 1 << 30);
    put_u32(block + 4, 1 << 30);
    ck_assert_int_eq(victim_load(&victim, victim.bytes.size), SNAPSHOT_INVALID);
    expect_error(&victim, victim.bytes.size, "the file ends too early");
    victim_deinit(&victim);
}

TEST(compression_never_writes_beyond_what_was_announced)
{
    struct victim victim;
    victim_init(&victim, true);
    char *block = victim.bytes.data + SNAPSHOT_HEADER_SIZE;
    uint32_t raw_size = get_u32(block), stored_size = get_u32(block + 4);
    ck_assert_uint_lt(stored_size, raw_size);
    for (uint32_t size = stored_size + 1; size < raw_size + 20; size++) {
        put_u32(block, size);
        victim_sign(&victim);
        enum snapshot_result result = victim_load(&victim, victim.bytes.size);
        ck_assert_int_eq(result,
                         size == raw_size ? SNAPSHOT_DONE : SNAPSHOT_INVALID);
    }
    victim_deinit(&victim);
}

// Each byte of the block changed, with right checksums: it is refused, or it is
// another store; the sanitizers look on.
TEST(a_block_of_nonsense_does_no_harm)
{
    struct victim victim;
    victim_init(&victim, false);
    char *block = victim.bytes.data + SNAPSHOT_HEADER_SIZE;
    uint32_t size = get_u32(block);
    for (uint32_t i = 0; i < size; i++) {
        char *byte = block + SNAPSHOT_HEAD_SIZE + i, before = *byte;
        static const int values[] = {0, 1, 0x7f, 0x80, 0xff};
        for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
            *byte = (char)values[j];
            victim_sign(&victim);
            if (victim_load(&victim, victim.bytes.size) == SNAPSHOT_DONE)
                store_check_invariants(victim.harness.store);
        }
        *byte = before;
    }
    victim_deinit(&victim);
}

TEST(more_data_than_keys_is_refused)
{
    struct victim victim;
    victim_init(&victim, false);
    struct buffer *bytes = &victim.bytes;
    size_t ending = SNAPSHOT_HEAD_SIZE + SNAPSHOT_FOOTER_SIZE;
    char *block = bytes->data + SNAPSHOT_HEADER_SIZE;
    size_t block_size = bytes->size - ending - SNAPSHOT_HEADER_SIZE;
    // The block once more, where the end should be.
    struct buffer longer = {0};
    buffer_append(&longer, bytes->data, bytes->size - ending);
    buffer_append(&longer, block, block_size);
    buffer_append(&longer, block + block_size, ending);
    ck_assert_int_eq(snapshot_load(&victim.harness, snapshot_name,
                                   buffer_slice(&longer), 10),
                     SNAPSHOT_INVALID);
    expect_error(&victim, SNAPSHOT_HEADER_SIZE + block_size,
                 "this should be the end of the blocks");
    buffer_deinit(&longer);
    victim_deinit(&victim);
}

TEST(an_error_of_the_disk_is_no_damage)
{
    struct victim victim;
    victim_init(&victim, false);
    victim.harness.disk->knobs.fail[SIM_CALL_READ] =
        (struct sim_failure){.times = 1, .status = STATUS_IO};
    ck_assert_int_eq(victim_load(&victim, victim.bytes.size), SNAPSHOT_IO);
    expect_error(&victim, 0, "cannot be read: input/output error");
    victim_deinit(&victim);
}

TEST(a_file_that_is_not_there_is_told)
{
    struct snapshot_harness harness;
    snapshot_harness_init(&harness);
    enum status status = STATUS_OK;
    ck_assert_ptr_null(snapshot_reader_create(&harness.process->env,
                                              snapshot_name, NULL, &status));
    ck_assert_int_eq(status, STATUS_NOT_FOUND);
    snapshot_harness_deinit(&harness);
}

TEST(reading_may_be_given_up)
{
    struct victim victim;
    victim_init(&victim, true);
    ck_assert_int_eq(victim_load(&victim, victim.bytes.size), SNAPSHOT_DONE);
    enum status status;
    struct store *store = snapshot_store(2);
    struct snapshot_reader *reader = snapshot_reader_create(
        &victim.harness.process->env, snapshot_name, store, &status);
    ck_assert_ptr_nonnull(reader);
    ck_assert_int_eq(snapshot_read_some(reader, 1), SNAPSHOT_MORE);
    ck_assert_uint_eq(snapshot_reader_info(reader)->lsn, 42);
    ck_assert_uint_eq(snapshot_reader_info(reader)->key_count, 2);
    snapshot_reader_destroy(reader);
    store_destroy(store);
    victim_deinit(&victim);
}
