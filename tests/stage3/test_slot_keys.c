// test_slot_keys.c -- which keys of the store are in which slot: the ways in
// and out, and a model test.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/slot_keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "tests/test.h"

enum { KEYS = 300 };

static struct store *store;
static struct slot_keys *keys;

static void setup(void)
{
    struct hash_secret secret;
    hash_secret_derive(&secret, SLICE("slots"));
    store = store_create(&secret);
    keys = xcalloc(1, sizeof *keys);
    slot_keys_init(keys, store);
    store_begin(store, 1000, 1);
}

static void teardown(void)
{
    slot_keys_check_invariants(keys);
    store_check_invariants(store);
    slot_keys_deinit(keys);
    store_destroy(store);
    free(keys);
}

static struct key key_of(const char *name)
{
    return store_key(store, slice_of(name));
}

static size_t count_of(const char *name)
{
    return slot_keys_count(keys, slot_of_key(slice_of(name)));
}

static void append_key(void *context, struct slice key)
{
    buffer_append_slice(context, key);
    buffer_append_byte(context, ' ');
}

TEST(a_slot_has_the_keys_of_its_tag)
{
    setup();
    struct buffer names = {0};
    ck_assert_uint_eq(slot_keys_memory(keys), 0);
    store_set_string(store, key_of("{a}1"), SLICE("x"), ENTRY_NO_EXPIRY);
    store_set_string(store, key_of("b"), SLICE("x"), ENTRY_NO_EXPIRY);
    ck_assert_uint_eq(count_of("a"), 1);
    ck_assert_uint_eq(count_of("b"), 1);
    ck_assert_uint_eq(count_of("c"), 0);
    uint16_t slot = slot_of_key(SLICE("a"));
    ck_assert_uint_eq(slot_keys_list(keys, slot, 9, append_key, &names), 1);
    ck_assert(slice_equal(buffer_slice(&names), SLICE("{a}1 ")));
    ck_assert_uint_eq(slot_keys_list(keys, slot, 0, append_key, &names), 0);
    ck_assert_uint_gt(slot_keys_memory(keys), 0);

    store_rename(store, key_of("{a}1"), key_of("{b}2"));
    ck_assert_uint_eq(count_of("a"), 0);
    ck_assert_uint_eq(count_of("b"), 2);
    buffer_deinit(&names);
    teardown();
}

TEST(a_listing_ends_at_its_maximum)
{
    setup();
    struct buffer names = {0};
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "{a}%d", i);
        store_set_string(store, key_of(name), SLICE("x"), ENTRY_NO_EXPIRY);
    }
    uint16_t slot = slot_of_key(SLICE("a"));
    ck_assert_uint_eq(slot_keys_list(keys, slot, 7, append_key, &names), 7);
    ck_assert_uint_eq(slot_keys_list(keys, slot, 1000, append_key, &names),
                      100);
    buffer_deinit(&names);
    teardown();
}

TEST(an_entry_that_moves_in_memory_is_followed)
{
    setup();
    char large[4096];
    memset(large, 'x', sizeof large);
    store_set_string(store, key_of("a"), SLICE("x"), ENTRY_NO_EXPIRY);
    store_set_string(store, key_of("a"), (struct slice){large, sizeof large},
                     5000);
    ck_assert_uint_eq(count_of("a"), 1);
    slot_keys_check_invariants(keys);
    store_delete(store, key_of("a")); // Checks that it is that one.
    ck_assert_uint_eq(count_of("a"), 0);
    teardown();
}

TEST(what_expires_or_is_cleared_is_gone)
{
    setup();
    store_set_string(store, key_of("a"), SLICE("x"), 1500);
    store_set_string(store, key_of("b"), SLICE("x"), ENTRY_NO_EXPIRY);
    store_begin(store, 2000, 1);
    ck_assert_ptr_null(store_find(store, key_of("a")));
    ck_assert_uint_eq(count_of("a"), 0);
    store_clear(store);
    ck_assert_uint_eq(count_of("b"), 0);
    ck_assert_uint_eq(slot_keys_memory(keys), 0);
    store_set_string(store, key_of("b"), SLICE("x"), ENTRY_NO_EXPIRY);
    ck_assert_uint_eq(count_of("b"), 1);
    teardown();
}

static int operations(void)
{
    const char *text = getenv("OPERATIONS");
    return text ? atoi(text) : 100000;
}

static void change(struct random *random, bool present[KEYS])
{
    char name[24], value[200];
    size_t number = random_next(random) % KEYS;
    // Many keys a slot, and some alone in theirs.
    snprintf(name, sizeof name, "{%zu}%zu", number % 7 * (number % 2), number);
    struct key key = key_of(name);
    size_t size = random_next(random) % sizeof value;
    memset(value, 'v', sizeof value);
    switch (random_next(random) % 3) {
    case 0:
        ck_assert(store_delete(store, key) == present[number]);
        present[number] = false;
        break;
    default:
        store_set_string(store, key, (struct slice){value, size},
                         ENTRY_NO_EXPIRY);
        present[number] = true;
    }
    if (random_next(random) % 5000 == 0) {
        store_clear(store);
        memset(present, 0, KEYS * sizeof *present);
    }
}

TEST(counts_agree_with_a_table_whatever_happens)
{
    setup();
    struct random random;
    bool present[KEYS] = {false};
    random_init(&random, 5);
    for (int i = operations(); i > 0; i--) {
        change(&random, present);
        if (i % 1000)
            continue;
        slot_keys_check_invariants(keys);
        size_t tagged = 0;
        for (size_t number = 0; number < KEYS; number++)
            tagged += present[number] && number % 7 * (number % 2) == 3;
        ck_assert_uint_eq(count_of("3"), tagged);
    }
    teardown();
}
