// bench_image.c -- how fast a store becomes an image and comes back.
//
//     bench_image [KEYS...]      default: 1000000 5000000
//
// Strings: keys of 16 bytes, values of 64. Structures: as many elements in all
// as keys, in one large set, hash and sorted set each. From memory to memory,
// without a disk, checksums or compression. CPU time of the thread.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage1-singlenode/hash.h"
#include "stage1-singlenode/image.h"
#include "stage1-singlenode/set.h"
#include "stage1-singlenode/store.h"
#include "stage1-singlenode/zset.h"

enum { KEY_SIZE = 16, VALUE_SIZE = 64, ENTRIES_STEP = 10000 };

// The whole image in one piece.
struct image {
    struct image_writer writer;
    struct buffer bytes;
};

static double thread_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static enum status keep_block(struct image_writer *writer, struct slice block)
{
    struct image *image = container_of(writer, struct image, writer);
    buffer_append_slice(&image->bytes, block);
    return STATUS_OK;
}

// The i-th key: scattered, so that neighbours in number are strangers.
static struct slice make_name(char bytes[KEY_SIZE], uint32_t i)
{
    uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(bytes, &mixed, sizeof mixed);
    memcpy(bytes + sizeof mixed, "-a--key-", sizeof mixed);
    return (struct slice){bytes, KEY_SIZE};
}

static struct store *make_store(const char *secret_seed)
{
    struct hash_secret secret;
    hash_secret_derive(&secret, slice_of(secret_seed));
    struct store *store = store_create(&secret);
    store_begin(store, 1000, 1);
    return store;
}

static void fill_strings(struct store *store, uint32_t count)
{
    char name[KEY_SIZE], value[VALUE_SIZE];
    memset(value, 'v', sizeof value);
    for (uint32_t i = 0; i < count; i++)
        store_set_string(store, store_key(store, make_name(name, i)),
                         (struct slice){value, sizeof value}, ENTRY_NO_EXPIRY);
}

static void fill_set(struct store *store, uint32_t count)
{
    char name[KEY_SIZE];
    struct object *set = set_create(store_secret(store), store_limits(store));
    for (uint32_t i = 0; i < count; i++)
        set_add(set, make_name(name, i));
    store_put_object(store, store_key(store, SLICE("set")), set);
}

static void fill_hash(struct store *store, uint32_t count)
{
    char name[KEY_SIZE], value[VALUE_SIZE];
    memset(value, 'v', sizeof value);
    struct object *hash = hash_create(store_secret(store), store_limits(store));
    for (uint32_t i = 0; i < count; i++)
        hash_set(hash, make_name(name, i), (struct slice){value, sizeof value});
    store_put_object(store, store_key(store, SLICE("hash")), hash);
}

static void fill_zset(struct store *store, uint32_t count)
{
    char name[KEY_SIZE];
    struct zset *zset = zset_create(store_secret(store), store_limits(store));
    for (uint32_t i = 0; i < count; i++)
        zset_put(zset, make_name(name, i), i % 1000);
    store_put_object(store, store_key(store, SLICE("zset")), zset_object(zset));
}

// The same as before, from where the image is in memory already.
static double save(const struct store *store, struct image *image)
{
    image->bytes.size = 0;
    double start = thread_seconds();
    check(store_save(store, &image->writer, NULL, NULL) == STATUS_OK);
    return thread_seconds() - start;
}

static double load(struct store *store, const struct image *image)
{
    struct image_reader reader = {.block = buffer_slice(&image->bytes)};
    struct image_load state;
    double start = thread_seconds();
    check(image_load_begin(&state, store, &reader));
    do
        check(image_load_some(&state, ENTRIES_STEP));
    while (state.loaded < state.count);
    return thread_seconds() - start;
}

static void measure(const char *what, uint32_t count,
                    void (*fill)(struct store *store, uint32_t count))
{
    struct image image = {.writer.full = keep_block};
    struct store *store = make_store("saved");
    fill(store, count);
    save(store, &image); // Touches the memory of the image.
    double saving = save(store, &image);
    double start = thread_seconds();
    uint64_t digest = store_digest(store);
    double digesting = thread_seconds() - start;
    store_destroy(store);

    store = make_store("loaded");
    double loading = load(store, &image);
    check(store_digest(store) == digest);
    store_destroy(store);
    printf("%-8s %9u: save %.2f s, load %.2f s, digest %.2f s, %.0f MB\n", what,
           count, saving, loading, digesting, (double)image.bytes.size / 1e6);
    buffer_deinit(&image.writer.block);
    buffer_deinit(&image.bytes);
}

static void run(uint32_t count)
{
    measure("strings", count, fill_strings);
    measure("set", count, fill_set);
    measure("hash", count, fill_hash);
    measure("zset", count, fill_zset);
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        run(1000000);
        run(5000000);
    }
    for (int i = 1; i < argc; i++) {
        char *end;
        unsigned long count = strtoul(argv[i], &end, 10);
        if (*end || count == 0 || count > UINT32_MAX) {
            fprintf(stderr, "usage: bench_image [KEYS...]\n");
            return 2;
        }
        run((uint32_t)count);
    }
    return 0;
}
