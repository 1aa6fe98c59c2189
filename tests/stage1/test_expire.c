// test_expire.c -- the search for entries whose time has come.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/expire.h"

#include <stdio.h>

#include "tests/test.h"

enum { COUNT = 4000 };

// Entries 0 .. COUNT - 1, and how many were found due.
struct fixture {
    struct hash_secret secret;
    struct expire expire;
    struct entry *entries[COUNT];
    size_t found;
    bool overflowed; // A slice could not hold all that was due.
};

static void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.secret = {{1}}};
    expire_init(&f->expire, &f->secret);
}

static void fixture_deinit(struct fixture *f)
{
    expire_deinit(&f->expire);
    for (size_t i = 0; i < COUNT; i++)
        entry_destroy(f->entries[i]);
}

static uint64_t hash_of(const struct fixture *f, const struct entry *entry)
{
    return hash_bytes(&f->secret, entry_key(entry));
}

// Makes entry i anew with another expiry, in the place of the one it was.
static void put(struct fixture *f, size_t i, int64_t expires_ms)
{
    char name[32];
    int size = snprintf(name, sizeof name, "%zu", i);
    struct entry *entry =
        entry_create((struct slice){name, (size_t)size}, 0, 0, expires_ms);
    expire_replace(&f->expire, f->entries[i], entry, hash_of(f, entry));
    entry_destroy(f->entries[i]);
    f->entries[i] = entry;
}

// One slice; what is due is taken out, as the store does.
static bool search(struct fixture *f, int64_t now_ms)
{
    struct expire_slice slice;
    bool more = expire_search(&f->expire, now_ms, &slice);
    for (size_t i = 0; i < slice.count; i++) {
        struct entry *entry = slice.due[i];
        ck_assert_int_le(entry_expires_ms(entry), now_ms);
        int64_t number;
        ck_assert(slice_to_int64(entry_key(entry), &number));
        ck_assert_ptr_eq(f->entries[number], entry);
        expire_replace(&f->expire, entry, NULL, hash_of(f, entry));
        entry_destroy(entry);
        f->entries[number] = NULL;
    }
    ck_assert_uint_le(slice.count, slice.seen);
    f->found += slice.count;
    f->overflowed |= slice.overflowed;
    return more;
}

TEST(nothing_is_found_where_nothing_expires)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, 0, ENTRY_NO_EXPIRY);
    ck_assert(!search(&f, INT64_MAX));
    ck_assert_uint_eq(f.found, 0);
    ck_assert_uint_eq(dict_count(f.expire.entries), 0);
    fixture_deinit(&f);
}

TEST(an_entry_is_due_at_its_time_and_not_before)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, 0, 1000);
    search(&f, 999);
    ck_assert_uint_eq(f.found, 0);
    ck_assert(search(&f, 1000));
    ck_assert_uint_eq(f.found, 1);
    ck_assert(!search(&f, 1000));
    fixture_deinit(&f);
}

TEST(a_replacement_takes_over_gains_or_loses_the_expiry)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, 0, 1000);
    put(&f, 0, 3000);
    ck_assert_uint_eq(dict_count(f.expire.entries), 1);
    search(&f, 2000);
    ck_assert_uint_eq(f.found, 0);
    put(&f, 0, ENTRY_NO_EXPIRY);
    ck_assert_uint_eq(dict_count(f.expire.entries), 0);
    put(&f, 0, 1500);
    search(&f, 2000);
    ck_assert_uint_eq(f.found, 1);
    dict_check_invariants(f.expire.entries);
    fixture_deinit(&f);
}

TEST(slices_find_all_that_is_due_and_nothing_else)
{
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < COUNT; i++)
        put(&f, i, i % 2 ? 1000 : 5000);
    for (int slices = 0; f.found < COUNT / 2; slices++) {
        ck_assert_int_lt(slices, 200);
        search(&f, 1000);
    }
    ck_assert_uint_eq(dict_count(f.expire.entries), COUNT / 2);
    while (search(&f, 1000))
        ;
    ck_assert_uint_eq(f.found, COUNT / 2);
    fixture_deinit(&f);
}

TEST(a_slice_is_small_and_says_whether_to_go_on)
{
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < COUNT; i++)
        put(&f, i, i % 2 ? 1000 : 5000);
    ck_assert(search(&f, 1000));
    ck_assert_uint_le(f.found, EXPIRE_DUE_MAX);
    ck_assert_uint_gt(f.found, 0);
    for (size_t i = 0; i < COUNT; i++)
        put(&f, i, i % 100 == 0 ? 1000 : 5000);
    // With one in a hundred due, most slices leave it at that.
    int go_on = 0;
    for (int i = 0; i < 30; i++)
        go_on += search(&f, 1000);
    ck_assert_int_lt(go_on, 10);
    fixture_deinit(&f);
}

// Hashes that agree in their low bits lie in few buckets with long chains, and
// the first of these that a search meets are already too many.
TEST(more_than_a_slice_can_hold_is_found_by_the_next)
{
    struct fixture f;
    fixture_init(&f);
    size_t inserted = 0;
    for (size_t i = 0; i < COUNT; i++) {
        put(&f, i, 1);
        if (hash_of(&f, f.entries[i]) % 4 == 0)
            inserted++;
        else
            put(&f, i, ENTRY_NO_EXPIRY);
    }
    while (dict_step(f.expire.entries, 100))
        ;
    search(&f, 1000);
    ck_assert(f.overflowed);
    ck_assert_uint_eq(f.found, EXPIRE_DUE_MAX);
    // One turn finds all: what did not fit was not passed over.
    do {
        search(&f, 1000);
    } while (f.expire.cursor != 0);
    ck_assert_uint_eq(f.found, inserted);
    ck_assert_uint_eq(dict_count(f.expire.entries), 0);
    fixture_deinit(&f);
}

TEST(the_average_time_to_live_follows_the_entries)
{
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < COUNT; i++)
        put(&f, i, 61000);
    search(&f, 1000);
    ck_assert_int_eq(f.expire.average_ttl_ms, 60000);
    for (int i = 0; i < 1000; i++)
        search(&f, 31000);
    ck_assert_int_ge(f.expire.average_ttl_ms, 29000);
    ck_assert_int_le(f.expire.average_ttl_ms, 31000);
    for (size_t i = 0; i < COUNT; i++)
        put(&f, i, INT64_MAX);
    search(&f, 31000);
    ck_assert_int_gt(f.expire.average_ttl_ms, 31000);
    for (size_t i = 0; i < COUNT; i++)
        put(&f, i, ENTRY_NO_EXPIRY);
    search(&f, 31000);
    ck_assert_int_eq(f.expire.average_ttl_ms, 0);
    fixture_deinit(&f);
}
