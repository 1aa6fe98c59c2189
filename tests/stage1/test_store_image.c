// test_store_image.c -- stores as images: what comes back, and what damage
// does. SPDX-License-Identifier: MIT
#include <stdio.h>

#include "stage1-singlenode/image.h"
#include "stage1-singlenode/store.h"
#include "tests/stage1/command_harness.h"
#include "tests/stage1/image_harness.h"
#include "tests/test.h"

// As harness_init, with another hash secret.
static void init_with_secret(struct harness *harness, int byte)
{
    struct hash_secret secret;
    memset(&secret, byte, sizeof secret);
    harness_init(harness, 2);
    store_destroy(harness->store);
    harness->store = store_create(&secret);
}

static void save(const struct harness *harness, struct image_bytes *image)
{
    image_bytes_init(image);
    ck_assert_int_eq(store_save(harness->store, &image->writer, NULL, NULL),
                     STATUS_OK);
}

// True if it was valid; then the store is as its rules say.
static bool load(struct store *store, const struct image_bytes *image,
                 uint64_t step)
{
    struct image_source source;
    struct image_load state = {0};
    image_source_init(&source, image);
    bool valid = image_load_begin(&state, store, &source.reader);
    while (valid && state.loaded < state.count)
        valid = image_load_some(&state, step);
    if (valid)
        valid = image_load_some(&state, step);
    ck_assert(valid != source.reader.invalid);
    if (valid)
        store_check_invariants(store);
    image_source_deinit(&source);
    return valid;
}

// A second node with what the first one saved.
static void reload(const struct harness *from, struct harness *to, int secret)
{
    struct image_bytes image;
    save(from, &image);
    init_with_secret(to, secret);
    ck_assert(load(to->store, &image, 10));
    to->now_ms = from->now_ms;
    to->seed = from->seed;
    image_bytes_deinit(&image);
    ck_assert_uint_eq(store_digest(to->store), store_digest(from->store));
}

// Runs the lines up to the first that is "RELOAD"; the rest on what was loaded.
static void expect_reloaded(const struct golden *rows)
{
    struct harness first, second;
    init_with_secret(&first, 1);
    for (; strcmp(rows->line, "RELOAD"); rows++)
        harness_run(&first, rows->line);
    reload(&first, &second, 2);
    for (rows++; rows->line; rows++) {
        struct slice reply = harness_run(&second, rows->line);
        ck_assert_msg(slice_equal(reply, slice_of(rows->reply)),
                      "%s\nwanted: %s\ncame:   %.*s", rows->line, rows->reply,
                      SLICE_PRINT(reply));
    }
    harness_deinit(&first);
    harness_deinit(&second);
}

TEST(an_empty_store_comes_back)
{
    expect_reloaded((const struct golden[]){
        {"RELOAD", ""},
        {"DBSIZE", INTEGER(0)},
        {0},
    });
}

TEST(strings_come_back_with_expiry_and_encoding)
{
    expect_reloaded((const struct golden[]){
        {"SET a 1", OK},
        {"SET b 1", OK},
        {"APPEND b 2", OK},
        {"SET c word PX 5000", OK},
        {"SET \"\" \"\"", OK},
        {"RELOAD", ""},
        {"DBSIZE", INTEGER(4)},
        {"OBJECT ENCODING a", "$3\r\nint\r\n"},
        {"OBJECT ENCODING b", "$3\r\nraw\r\n"},
        {"PTTL c", INTEGER(5000)},
        {"PTTL a", INTEGER(-1)},
        {"GET c", "$4\r\nword\r\n"},
        {"GET \"\"", "$0\r\n\r\n"},
        {0},
    });
}

TEST(what_has_expired_is_left_out)
{
    struct harness first, second;
    init_with_secret(&first, 1);
    harness_run(&first, "SET a 1 PX 10");
    harness_run(&first, "SET b 1 PX 11");
    first.now_ms += 10;
    harness_run(&first, "SET c 1");
    ck_assert_uint_eq(store_count(first.store), 3);
    reload(&first, &second, 1);
    ck_assert_uint_eq(store_count(second.store), 2);
    ck_assert_uint_eq(store_expiring_count(second.store), 1);
    ck_assert_int_eq(store_now_ms(second.store), first.now_ms);
    harness_deinit(&first);
    harness_deinit(&second);
}

static struct key key_of(const struct harness *harness, const char *name)
{
    return store_key(harness->store, slice_of(name));
}

TEST(versions_the_count_of_writes_and_limits_come_back)
{
    struct harness first, second;
    struct limits limits = LIMITS_DEFAULT;
    limits.list_max_listpack_size = -5;
    limits.zset_max_listpack_value = 3;
    init_with_secret(&first, 1);
    store_set_limits(first.store, &limits);
    harness_run(&first, "SET a 1");
    harness_run(&first, "SET b 1");
    harness_run(&first, "DEL a");
    reload(&first, &second, 2);
    ck_assert_uint_eq(store_peek(second.store, key_of(&second, "b"))->version,
                      2);
    ck_assert(!memcmp(store_limits(second.store), &limits, sizeof limits));
    harness_run(&second, "SET c 1");
    ck_assert_uint_eq(store_peek(second.store, key_of(&second, "c"))->version,
                      4);
    harness_deinit(&first);
    harness_deinit(&second);
}

static void note_progress(void *context, uint64_t done)
{
    uint64_t *last = context;
    ck_assert_uint_ge(done, *last);
    *last = done;
}

TEST(a_store_of_many_blocks_comes_back)
{
    struct harness first, second;
    struct image_bytes image;
    char line[512];
    init_with_secret(&first, 1);
    for (int i = 0; i < 20000; i++) {
        snprintf(line, sizeof line, "SET key:%d %0*d", i, 1 + i % 200, i);
        harness_run(&first, line);
    }
    uint64_t done = 0;
    image_bytes_init(&image);
    store_save(first.store, &image.writer, note_progress, &done);
    ck_assert_uint_eq(done, 20000);
    ck_assert_uint_gt(image.count, 3);
    init_with_secret(&second, 2);
    ck_assert(load(second.store, &image, UINT64_MAX));
    second.now_ms = first.now_ms;
    ck_assert_uint_eq(store_digest(first.store), store_digest(second.store));
    image_bytes_deinit(&image);
    harness_deinit(&first);
    harness_deinit(&second);
}

static enum status no_space(struct image_writer *writer, struct slice block)
{
    (void)writer;
    (void)block;
    return STATUS_FULL;
}

TEST(saving_reports_a_failure)
{
    struct harness harness;
    struct image_writer writer = {.full = no_space};
    init_with_secret(&harness, 1);
    ck_assert_int_eq(store_save(harness.store, &writer, NULL, NULL),
                     STATUS_FULL);
    buffer_deinit(&writer.block);
    harness_deinit(&harness);
}
