// test_store_object.c -- values that are structures, as the store sees them.
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "stage1-singlenode/store.h"

#include "tests/stage1/fake_object.h"
#include "tests/test.h"

enum { START_MS = 1000 };

// A store, the fakes in it, and what was said of keys that appeared.
struct fixture {
    struct store *store;
    size_t alive;
    int appeared;
    struct slice last_appeared;
};

static void note_appeared(void *context, struct slice key)
{
    struct fixture *f = context;
    f->appeared++;
    f->last_appeared = key;
}

static void fixture_init(struct fixture *f)
{
    struct hash_secret secret = {{3}};
    *f = (struct fixture){.store = store_create(&secret)};
    store_begin(f->store, START_MS, 1);
    store_on_object(f->store, note_appeared, f);
}

static void fixture_deinit(struct fixture *f)
{
    store_check_invariants(f->store);
    store_destroy(f->store);
    ck_assert_uint_eq(f->alive, 0);
}

static struct key key_of(const struct fixture *f, const char *name)
{
    return store_key(f->store, slice_of(name));
}

static void put(struct fixture *f, const char *name, size_t count)
{
    store_put_object(f->store, key_of(f, name),
                     fake_object_create(count, &f->alive));
}

// Elements of the key's object; 0: no such key.
static size_t count_of(const struct fixture *f, const char *name)
{
    struct entry *entry = store_peek(f->store, key_of(f, name));
    if (!entry)
        return 0;
    ck_assert(entry->flags & ENTRY_OBJECT);
    return entry_object(entry)->type->count(entry_object(entry));
}

static size_t object_memory(const struct fixture *f)
{
    struct store_stats stats;
    store_stats(f->store, &stats);
    return stats.object_memory;
}

TEST(an_object_has_its_own_type_and_encoding)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, "k", 3);
    const struct entry *entry = store_peek(f.store, key_of(&f, "k"));
    ck_assert_str_eq(entry_type_name(entry), "set");
    ck_assert_str_eq(entry_encoding_name(entry), "listpack");
    ck_assert_uint_eq(count_of(&f, "k"), 3);
    ck_assert_int_eq(f.appeared, 1);
    ck_assert(slice_equal(f.last_appeared, SLICE("k")));
    fixture_deinit(&f);
}

TEST(objects_and_strings_replace_each_other)
{
    struct fixture f;
    fixture_init(&f);
    store_set_string(f.store, key_of(&f, "k"), SLICE("01234567"), START_MS + 9);
    put(&f, "k", 3);
    ck_assert_int_eq(store_expiring_count(f.store), 0);
    store_check_invariants(f.store);
    put(&f, "k", 4);
    ck_assert_uint_eq(f.alive, 1);
    store_set_string(f.store, key_of(&f, "k"), SLICE("01234567"),
                     ENTRY_NO_EXPIRY);
    ck_assert_uint_eq(f.alive, 0);
    ck_assert_uint_eq(object_memory(&f), 0);
    fixture_deinit(&f);
}

TEST(a_change_in_place_is_counted_and_the_last_element_takes_the_key)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, "k", 3);
    struct entry *entry = store_peek(f.store, key_of(&f, "k"));
    uint64_t version = entry->version;
    size_t memory = object_memory(&f);
    fake_object_resize(entry_object(entry), 5);
    ck_assert(!store_object_changed(f.store, key_of(&f, "k"), entry));
    ck_assert_uint_eq(object_memory(&f), memory + 200);
    ck_assert_uint_gt(entry->version, version);
    store_check_invariants(f.store);
    fake_object_resize(entry_object(entry), 0);
    ck_assert(store_object_changed(f.store, key_of(&f, "k"), entry));
    ck_assert_uint_eq(store_count(f.store), 0);
    ck_assert_uint_eq(object_memory(&f), 0);
    fixture_deinit(&f);
}

TEST(an_expiry_comes_and_goes_without_touching_the_object)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, "k", 3);
    ck_assert(store_set_expiry(f.store, key_of(&f, "k"), START_MS + 9));
    ck_assert_uint_eq(count_of(&f, "k"), 3);
    ck_assert(store_set_expiry(f.store, key_of(&f, "k"), ENTRY_NO_EXPIRY));
    ck_assert_uint_eq(count_of(&f, "k"), 3);
    ck_assert(store_set_expiry(f.store, key_of(&f, "k"), START_MS + 9));
    ck_assert_uint_eq(f.alive, 1);
    store_begin(f.store, START_MS + 9, 1);
    ck_assert_uint_eq(count_of(&f, "k"), 0);
    ck_assert_uint_eq(f.alive, 0);
    fixture_deinit(&f);
}

TEST(a_rename_moves_an_object_and_a_copy_makes_another)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, "a", 3);
    put(&f, "b", 4);
    store_rename(f.store, key_of(&f, "a"), key_of(&f, "b"));
    ck_assert_uint_eq(f.alive, 1);
    ck_assert_uint_eq(count_of(&f, "a"), 0);
    ck_assert_uint_eq(count_of(&f, "b"), 3);
    ck_assert(slice_equal(f.last_appeared, SLICE("b")));
    store_copy(f.store, key_of(&f, "b"), key_of(&f, "c"));
    ck_assert_uint_eq(f.alive, 2);
    ck_assert(slice_equal(f.last_appeared, SLICE("c")));
    struct entry *entry = store_peek(f.store, key_of(&f, "b"));
    fake_object_resize(entry_object(entry), 9);
    store_object_changed(f.store, key_of(&f, "b"), entry);
    ck_assert_uint_eq(count_of(&f, "c"), 3);
    fixture_deinit(&f);
}

TEST(a_huge_object_is_gone_at_once_and_freed_by_ticks)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, "k", 100000);
    size_t memory = object_memory(&f);
    ck_assert(store_delete(f.store, key_of(&f, "k")));
    ck_assert_uint_eq(count_of(&f, "k"), 0);
    ck_assert_uint_eq(f.alive, 1);
    // But for the few that went at once.
    ck_assert_uint_le(object_memory(&f), memory);
    ck_assert_uint_ge(object_memory(&f), memory / 100 * 99);
    for (int i = 0; store_tick(f.store); i++)
        ck_assert_int_lt(i, 1000);
    ck_assert_uint_eq(f.alive, 0);
    ck_assert_uint_eq(object_memory(&f), 0);
    fixture_deinit(&f);
}

// Whatever the number and the size of the objects that go.
TEST_FOR(no_step_frees_more_than_its_share, 4)
{
    static const size_t sizes[] = {1, 8, 20, 600};
    struct fixture f;
    fixture_init(&f);
    char name[16];
    for (size_t i = 0; i < 100000 / (sizes[_i] + 4); i++) {
        snprintf(name, sizeof name, "%zu", i);
        put(&f, name, sizes[_i]);
    }
    size_t before = object_memory(&f);
    bool more = true;
    store_clear(f.store);
    for (int i = 0; more; i++) {
        ck_assert_int_lt(i, 5000);
        size_t elements = (before - object_memory(&f)) / 100;
        ck_assert_uint_le(elements, 5000);
        before = object_memory(&f);
        more = store_tick(f.store);
    }
    ck_assert_uint_eq(f.alive, 0);
    ck_assert_uint_eq(object_memory(&f), 0);
    fixture_deinit(&f);
}

TEST(a_store_may_be_destroyed_with_huge_objects_in_it_and_in_the_trash)
{
    struct fixture f;
    fixture_init(&f);
    put(&f, "a", 100000);
    put(&f, "b", 100000);
    store_clear(f.store);
    put(&f, "c", 100000);
    put(&f, "d", 100000);
    fixture_deinit(&f);
}
