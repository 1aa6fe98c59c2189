// snapshot_harness.c -- stores, their snapshots as bytes, and a simulated disk.
// SPDX-License-Identifier: MIT
#include "tests/stage2/snapshot_harness.h"

#include <stdio.h>
#include <string.h>

#include "stage1-singlenode/hash.h"
#include "stage1-singlenode/quicklist.h"
#include "stage1-singlenode/set.h"
#include "stage1-singlenode/zset.h"
#include "tests/test.h"

const char snapshot_name[] = "00000000000000000042.snapshot";

void snapshot_harness_init(struct snapshot_harness *harness)
{
    *harness = (struct snapshot_harness){0};
    sim_init(&harness->sim, 1);
    harness->disk = sim_disk_create(&harness->sim);
    harness->process =
        sim_process_start(&harness->sim, harness->disk, "reader");
}

static void drop_store(struct snapshot_harness *harness)
{
    if (harness->store)
        store_destroy(harness->store);
    harness->store = NULL;
}

void snapshot_harness_deinit(struct snapshot_harness *harness)
{
    drop_store(harness);
    sim_process_free(harness->process);
    sim_disk_destroy(harness->disk);
    sim_deinit(&harness->sim);
}

struct store *snapshot_store(int secret_byte)
{
    struct hash_secret secret;
    memset(&secret, secret_byte, sizeof secret);
    struct store *store = store_create(&secret);
    store_begin(store, 1700000000000, 1);
    return store;
}

void snapshot_put(struct store *store, const char *key, const char *value)
{
    store_set_string(store, store_key(store, slice_of(key)), slice_of(value),
                     ENTRY_NO_EXPIRY);
}

// `name` followed by the number.
static struct slice numbered(char text[32], const char *name, int number)
{
    return (struct slice){text,
                          (size_t)snprintf(text, 32, "%s%d", name, number)};
}

static void put_list(struct store *store, struct key key, int count)
{
    struct quicklist *list = quicklist_create(store_limits(store));
    char text[32];
    for (int i = 0; i < count; i++)
        quicklist_push(list, QUICKLIST_TAIL, numbered(text, "element", i));
    store_put_object(store, key, &list->object);
}

static void put_set(struct store *store, struct key key, int count)
{
    struct object *set = set_create(store_secret(store), store_limits(store));
    char text[32];
    for (int i = 0; i < count; i++)
        set_add(set, numbered(text, count % 2 ? "" : "member", i));
    store_put_object(store, key, set);
}

static void put_hash(struct store *store, struct key key, int count)
{
    struct object *hash = hash_create(store_secret(store), store_limits(store));
    char field[32], value[32];
    for (int i = 0; i < count; i++)
        hash_set(hash, numbered(field, "field", i), numbered(value, "v", i));
    store_put_object(store, key, hash);
}

static void put_zset(struct store *store, struct key key, int count)
{
    struct zset *zset = zset_create(store_secret(store), store_limits(store));
    char text[32];
    for (int i = 0; i < count; i++)
        zset_put(zset, numbered(text, "member", i), i * 0.5);
    store_put_object(store, key, zset_object(zset));
}

void snapshot_fill(struct store *store)
{
    static void (*const put[])(struct store * store, struct key key,
                               int count) = {put_list, put_set, put_hash,
                                             put_zset};
    enum { KINDS = sizeof put / sizeof *put, LARGE = 3000 };
    char text[32];
    for (int i = 0; i < 1000; i++) {
        struct key key = store_key(store, numbered(text, "key", i));
        char value[32];
        store_set_string(store, key, numbered(value, "value", i),
                         i % 3 ? ENTRY_NO_EXPIRY : 1700000000000 + i);
    }
    for (int i = 0; i < 3 * KINDS; i++) {
        static const int counts[] = {3, LARGE, LARGE + 1};
        struct key key = store_key(store, numbered(text, "object", i));
        put[i % KINDS](store, key, counts[i / KINDS]);
    }
    size_t size = 1 << 20; // More than a block.
    char *bytes;
    store_resize_string(store, store_key(store, SLICE("large")), size, &bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * i >> 7);
}

struct collector {
    struct env_output output;
    struct buffer *bytes;
    uint64_t progress;
};

static enum status collector_put(struct env_output *output, struct slice bytes)
{
    struct collector *collector =
        container_of(output, struct collector, output);
    buffer_append_slice(collector->bytes, bytes);
    return STATUS_OK;
}

static void collector_progress(struct env_output *output, uint64_t done)
{
    struct collector *collector =
        container_of(output, struct collector, output);
    ck_assert_uint_ge(done, collector->progress);
    collector->progress = done;
}

void snapshot_bytes(const struct store *store, bool compress,
                    struct buffer *bytes)
{
    struct collector collector = {
        .output = {.put = collector_put, .progress = collector_progress},
        .bytes = bytes,
    };
    struct snapshot snapshot = {
        .lsn = 42,
        .term = 7,
        .now_ms = 1700000000000,
        .compressed = compress,
        .key_count = store_count(store),
    };
    buffer_clear(bytes);
    ck_assert_int_eq(snapshot_write(store, &snapshot, &collector.output),
                     STATUS_OK);
    ck_assert_uint_le(collector.progress, snapshot.key_count);
}

enum snapshot_result snapshot_load(struct snapshot_harness *harness,
                                   const char *name, struct slice bytes,
                                   uint64_t entries)
{
    drop_store(harness);
    harness->store = snapshot_store(9);
    sim_disk_put(harness->disk, name, bytes);
    enum status status;
    struct snapshot_reader *reader = snapshot_reader_create(
        &harness->process->env, name, harness->store, &status);
    ck_assert_ptr_nonnull(reader);
    enum snapshot_result result;
    do {
        result = snapshot_read_some(reader, entries);
        ck_assert_uint_le(snapshot_reader_offset(reader), bytes.size);
    } while (result == SNAPSHOT_MORE);
    ck_assert_int_eq(snapshot_read_some(reader, entries), result);
    snprintf(harness->error, sizeof harness->error, "%s",
             snapshot_reader_error(reader));
    ck_assert((result == SNAPSHOT_DONE) == (harness->error[0] == '\0'));
    ck_assert_uint_eq(snapshot_reader_info(reader)->size, bytes.size);
    snapshot_reader_destroy(reader);
    return result;
}
