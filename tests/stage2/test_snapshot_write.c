// test_snapshot_write.c -- the bytes of a snapshot, and that they bring back
// the store.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot.h"

#include <stdio.h>

#include "common/base/codec.h"
#include "stage1-singlenode/image.h"
#include "stage2-persistence/snapshot_private.h"
#include "tests/stage2/snapshot_harness.h"
#include "tests/test.h"

// Whoever changes these bytes makes a new version of the format.
static const char golden[] =
    // Header: magic, version, flags,
    "56454741534e41500100000000000000"
    // lsn, term,
    "2a000000000000000700000000000000"
    // now_ms, key_count,
    "0068e5cf8b0100000100000000000000"
    // zero, CRC-32C.
    "000000000000000000000000d1ca5713"
    // Block: raw size, stored size, CRC-32C.
    "2100000021000000304c04c4"
    // Its image: now_ms, writes, limits, entries, expiring;
    "0068e5cf8b010000010380044080048001400100"
    // type, flags, version, key, value.
    "000001036b65790576616c7565"
    // The end.
    "00000000000000008ab2288c"
    // Footer: blocks, SHA-256.
    "0100000000000000"
    "931f0af01582fa41c427cb6c53c93d021b5c2b8d9b4ed90ba5179323296fcac4";

static void to_hex(struct slice bytes, struct buffer *hex)
{
    for (size_t i = 0; i < bytes.size; i++)
        buffer_printf(hex, "%02x", (unsigned char)bytes.data[i]);
    buffer_append(hex, "", 1);
}

TEST(the_bytes_of_a_snapshot_do_not_change)
{
    struct store *store = snapshot_store(1);
    struct buffer bytes = {0}, hex = {0};
    snapshot_put(store, "key", "value");
    snapshot_bytes(store, false, &bytes);
    to_hex(buffer_slice(&bytes), &hex);
    ck_assert_str_eq(hex.data, golden);
    buffer_deinit(&bytes);
    buffer_deinit(&hex);
    store_destroy(store);
}

// _i: compressed.
TEST_FOR(a_store_comes_back_with_all_its_types, 2)
{
    struct snapshot_harness harness;
    snapshot_harness_init(&harness);
    struct store *store = snapshot_store(1);
    snapshot_fill(store);
    struct buffer bytes = {0};
    snapshot_bytes(store, _i, &bytes);
    static const uint64_t steps[] = {1, 64, UINT64_MAX};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        ck_assert_int_eq(snapshot_load(&harness, snapshot_name,
                                       buffer_slice(&bytes), steps[i]),
                         SNAPSHOT_DONE);
        store_check_invariants(harness.store);
        ck_assert_uint_eq(store_digest(harness.store), store_digest(store));
    }
    buffer_deinit(&bytes);
    store_destroy(store);
    snapshot_harness_deinit(&harness);
}

TEST_FOR(an_empty_store_comes_back, 2)
{
    struct snapshot_harness harness;
    snapshot_harness_init(&harness);
    struct store *store = snapshot_store(1);
    struct buffer bytes = {0};
    snapshot_bytes(store, _i, &bytes);
    ck_assert_int_eq(
        snapshot_load(&harness, snapshot_name, buffer_slice(&bytes), 1),
        SNAPSHOT_DONE);
    ck_assert_uint_eq(store_digest(harness.store), store_digest(store));
    buffer_deinit(&bytes);
    store_destroy(store);
    snapshot_harness_deinit(&harness);
}

// As dense as LZ4 can make it: what bounds the sizes must not refuse it.
TEST(a_value_of_nothing_but_zeros_comes_back)
{
    struct snapshot_harness harness;
    snapshot_harness_init(&harness);
    struct store *store = snapshot_store(1);
    struct buffer bytes = {0};
    for (size_t size = 100; size < 4000000; size = size * 3 / 2) {
        char *zeros;
        store_resize_string(store, store_key(store, SLICE("k")), size, &zeros);
        snapshot_bytes(store, true, &bytes);
        ck_assert_int_eq(
            snapshot_load(&harness, snapshot_name, buffer_slice(&bytes), 1),
            SNAPSHOT_DONE);
        ck_assert_uint_eq(store_digest(harness.store), store_digest(store));
    }
    ck_assert_uint_lt(bytes.size, 4000000 / 200);
    buffer_deinit(&bytes);
    store_destroy(store);
    snapshot_harness_deinit(&harness);
}

TEST(compression_makes_it_smaller)
{
    struct store *store = snapshot_store(1);
    snapshot_fill(store);
    struct buffer raw = {0}, packed = {0};
    snapshot_bytes(store, false, &raw);
    snapshot_bytes(store, true, &packed);
    ck_assert_uint_lt(packed.size, raw.size);
    buffer_deinit(&raw);
    buffer_deinit(&packed);
    store_destroy(store);
}

// Random bytes do not shrink: their block is announced as stored as it is.
TEST(a_block_that_does_not_shrink_is_stored_as_it_is)
{
    struct store *store = snapshot_store(1);
    char *value;
    store_resize_string(store, store_key(store, SLICE("k")), 4096, &value);
    struct random random;
    random_init(&random, 1);
    for (size_t i = 0; i < 4096; i++)
        value[i] = (char)random_next(&random);
    struct buffer bytes = {0};
    snapshot_bytes(store, true, &bytes);
    struct snapshot_head head =
        snapshot_decode_head(bytes.data + SNAPSHOT_HEADER_SIZE);
    ck_assert_uint_eq(head.raw_size, head.stored_size);
    buffer_deinit(&bytes);
    store_destroy(store);
}

struct failing {
    struct env_output output;
    size_t room;
    bool failed;
};

static enum status failing_put(struct env_output *output, struct slice bytes)
{
    struct failing *failing = container_of(output, struct failing, output);
    ck_assert(!failing->failed); // Nothing more comes after that.
    failing->failed = bytes.size > failing->room;
    if (failing->failed)
        return STATUS_FULL;
    failing->room -= bytes.size;
    return STATUS_OK;
}

static void failing_progress(struct env_output *output, uint64_t done)
{
    (void)output;
    (void)done;
}

TEST(writing_gives_up_when_the_disk_is_full)
{
    struct store *store = snapshot_store(1);
    snapshot_fill(store);
    struct buffer bytes = {0};
    snapshot_bytes(store, false, &bytes);
    for (size_t room = 0; room < bytes.size; room += 1 + bytes.size / 40) {
        struct failing failing = {
            .output = {.put = failing_put, .progress = failing_progress},
            .room = room,
        };
        ck_assert_int_eq(snapshot_write(store, &(struct snapshot){.lsn = 1},
                                        &failing.output),
                         STATUS_FULL);
        ck_assert(failing.failed);
    }
    buffer_deinit(&bytes);
    store_destroy(store);
}
