// test_store.c -- values, expiry, versions, walking and accounting.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/store.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/server/command.h"
#include "common/server/request.h"
#include "tests/test.h"

enum { START_MS = 1000000 };

static struct store *make_store(void)
{
    struct hash_secret secret = {{7, 7, 7}};
    struct store *store = store_create(&secret);
    store_begin(store, START_MS, 1);
    return store;
}

static struct key key_of(const struct store *store, const char *name)
{
    return store_key(store, slice_of(name));
}

static struct entry *set(struct store *store, const char *name,
                         const char *value, int64_t expires_ms)
{
    return store_set_string(store, key_of(store, name), slice_of(value),
                            expires_ms);
}

static void assert_holds(struct store *store, const char *name,
                         struct slice expected)
{
    struct entry *entry = store_peek(store, key_of(store, name));
    ck_assert_ptr_nonnull(entry);
    ck_assert(slice_equal(entry_key(entry), slice_of(name)));
    ck_assert(slice_equal(entry_string(entry), expected));
}

static bool is_there(struct store *store, const char *name)
{
    return store_peek(store, key_of(store, name));
}

static int64_t expiry(struct store *store, const char *name)
{
    return entry_expires_ms(store_peek(store, key_of(store, name)));
}

static struct store_stats stats_of(const struct store *store)
{
    struct store_stats stats;
    store_stats(store, &stats);
    return stats;
}

static void finish(struct store *store)
{
    store_check_invariants(store);
    store_destroy(store);
}

TEST(a_value_is_found_until_it_is_deleted)
{
    struct store *store = make_store();
    ck_assert(!is_there(store, "k"));
    ck_assert(!store_delete(store, key_of(store, "k")));
    set(store, "k", "value", ENTRY_NO_EXPIRY);
    set(store, "", "empty name", ENTRY_NO_EXPIRY);
    assert_holds(store, "k", SLICE("value"));
    assert_holds(store, "", SLICE("empty name"));
    ck_assert_uint_eq(store_count(store), 2);
    ck_assert(store_delete(store, key_of(store, "k")));
    ck_assert(!is_there(store, "k"));
    ck_assert_uint_eq(store_count(store), 1);
    finish(store);
}

TEST(a_value_of_the_same_size_is_written_in_place)
{
    struct store *store = make_store();
    struct entry *entry = set(store, "k", "first", ENTRY_NO_EXPIRY);
    ck_assert_ptr_eq(set(store, "k", "again", ENTRY_NO_EXPIRY), entry);
    assert_holds(store, "k", SLICE("again"));
    ck_assert_ptr_eq(set(store, "k", "", ENTRY_NO_EXPIRY), entry);
    assert_holds(store, "k", SLICE(""));
    finish(store);
}

TEST(a_big_value_that_became_small_gives_its_memory_back)
{
    struct store *store = make_store();
    char *big = xmalloc(100000);
    memset(big, 'b', 100000);
    store_set_string(store, key_of(store, "k"), (struct slice){big, 100000},
                     ENTRY_NO_EXPIRY);
    ck_assert_uint_ge(stats_of(store).entry_memory, 100000);
    set(store, "k", "small", ENTRY_NO_EXPIRY);
    ck_assert_uint_le(stats_of(store).entry_memory, 1000);
    assert_holds(store, "k", SLICE("small"));
    free(big);
    finish(store);
}

TEST(a_value_may_be_made_of_a_part_of_itself)
{
    struct store *store = make_store();
    struct entry *entry = set(store, "k", "0123456789", ENTRY_NO_EXPIRY);
    struct slice part = entry_string(entry);
    part.data += 3, part.size = 5;
    store_set_string(store, key_of(store, "k"), part, ENTRY_NO_EXPIRY);
    assert_holds(store, "k", SLICE("34567"));
    part = entry_string(store_peek(store, key_of(store, "k")));
    store_set_string(store, key_of(store, "k"), part, START_MS + 50);
    assert_holds(store, "k", SLICE("34567"));
    finish(store);
}

TEST(an_expired_key_is_absent_for_everyone)
{
    struct store *store = make_store();
    set(store, "k", "value", START_MS + 10);
    store_begin(store, START_MS + 9, 1);
    ck_assert(is_there(store, "k"));
    store_begin(store, START_MS + 10, 1);
    ck_assert_uint_eq(store_count(store), 1);
    ck_assert_ptr_null(store_find(store, key_of(store, "k")));
    ck_assert_uint_eq(store_count(store), 0);
    ck_assert_uint_eq(stats_of(store).expired, 1);

    set(store, "k", "value", START_MS + 20);
    store_begin(store, START_MS + 20, 1);
    ck_assert(!store_delete(store, key_of(store, "k")));
    set(store, "k", "value", START_MS + 30);
    store_begin(store, START_MS + 30, 1);
    ck_assert(!store_set_expiry(store, key_of(store, "k"), START_MS + 99));
    set(store, "k", "value", START_MS + 40);
    store_begin(store, START_MS + 40, 1);
    ck_assert_ptr_null(store_random_entry(store));
    ck_assert_uint_eq(stats_of(store).expired, 4);
    finish(store);
}

TEST(set_forgets_the_expiry_and_update_keeps_it)
{
    struct store *store = make_store();
    set(store, "k", "a", START_MS + 10);
    store_update_string(store, key_of(store, "k"), SLICE("bb"));
    ck_assert_int_eq(expiry(store, "k"), START_MS + 10);
    ck_assert_uint_eq(store_expiring_count(store), 1);
    set(store, "k", "c", ENTRY_NO_EXPIRY);
    ck_assert_int_eq(expiry(store, "k"), ENTRY_NO_EXPIRY);
    ck_assert_uint_eq(store_expiring_count(store), 0);
    // What has expired has no expiry to keep.
    set(store, "k", "d", START_MS + 10);
    store_begin(store, START_MS + 10, 1);
    store_update_string(store, key_of(store, "k"), SLICE("e"));
    ck_assert_int_eq(expiry(store, "k"), ENTRY_NO_EXPIRY);
    finish(store);
}

TEST(an_expiry_is_set_moved_and_removed)
{
    struct store *store = make_store();
    struct key key = key_of(store, "k");
    ck_assert(!store_set_expiry(store, key, START_MS + 5));
    set(store, "k", "value", ENTRY_NO_EXPIRY);
    ck_assert(store_set_expiry(store, key, START_MS + 5));
    ck_assert_int_eq(expiry(store, "k"), START_MS + 5);
    ck_assert(store_set_expiry(store, key, START_MS + 7));
    ck_assert_int_eq(expiry(store, "k"), START_MS + 7);
    store_check_invariants(store);
    ck_assert(store_set_expiry(store, key, ENTRY_NO_EXPIRY));
    ck_assert_int_eq(expiry(store, "k"), ENTRY_NO_EXPIRY);
    ck_assert_uint_eq(store_expiring_count(store), 0);
    assert_holds(store, "k", SLICE("value"));
    ck_assert(store_set_expiry(store, key, START_MS));
    ck_assert(!is_there(store, "k"));
    ck_assert_uint_eq(stats_of(store).expired, 0);
    finish(store);
}

TEST(an_expiry_does_not_move_a_large_value)
{
    struct store *store = make_store();
    char *bytes;
    const struct entry *entry =
        store_resize_string(store, key_of(store, "k"), 100000, &bytes);
    ck_assert(store_set_expiry(store, key_of(store, "k"), START_MS + 5));
    ck_assert_ptr_eq(store_peek(store, key_of(store, "k")), entry);
    ck_assert_uint_eq(store_expiring_count(store), 1);
    store_check_invariants(store);
    ck_assert(store_set_expiry(store, key_of(store, "k"), ENTRY_NO_EXPIRY));
    ck_assert_ptr_eq(store_peek(store, key_of(store, "k")), entry);
    ck_assert_uint_eq(store_expiring_count(store), 0);
    finish(store);
}

TEST(a_resized_string_keeps_its_bytes_and_gains_zeros)
{
    struct store *store = make_store();
    char *bytes;
    store_resize_string(store, key_of(store, "k"), 3, &bytes);
    assert_holds(store, "k", SLICE("\0\0\0"));
    memcpy(bytes, "abc", 3);
    store_resize_string(store, key_of(store, "k"), 5, &bytes);
    assert_holds(store, "k", SLICE("abc\0\0"));
    store_resize_string(store, key_of(store, "k"), 2, &bytes);
    store_resize_string(store, key_of(store, "k"), 4, &bytes);
    assert_holds(store, "k", SLICE("ab\0\0"));
    store_set_expiry(store, key_of(store, "k"), START_MS + 9);
    struct entry *entry =
        store_resize_string(store, key_of(store, "k"), 3000, &bytes);
    ck_assert_uint_eq(entry->value_size, 3000);
    ck_assert_int_eq(bytes[0] + bytes[1], 'a' + 'b');
    for (int i = 2; i < 3000; i++)
        ck_assert_int_eq(bytes[i], 0);
    ck_assert_int_eq(entry_expires_ms(entry), START_MS + 9);
    ck_assert_str_eq(entry_encoding_name(entry), "raw");
    finish(store);
}

TEST(a_string_that_grows_often_moves_seldom)
{
    struct store *store = make_store();
    const struct entry *last = NULL;
    int moves = 0;
    for (size_t size = 1; size <= 20000; size++) {
        char *bytes;
        const struct entry *entry =
            store_resize_string(store, key_of(store, "k"), size, &bytes);
        bytes[size - 1] = (char)size;
        moves += entry != last;
        last = entry;
    }
    ck_assert_int_le(moves, 30);
    struct slice value = entry_string(last);
    for (size_t size = 1; size <= 20000; size++)
        ck_assert_int_eq(value.data[size - 1], (char)size);
    finish(store);
}

TEST(a_plain_set_after_a_change_in_place_is_no_longer_raw)
{
    struct store *store = make_store();
    char *bytes;
    set(store, "k", "1", ENTRY_NO_EXPIRY);
    struct entry *entry =
        store_resize_string(store, key_of(store, "k"), 2, &bytes);
    bytes[1] = '2';
    ck_assert_str_eq(entry_encoding_name(entry), "raw");
    ck_assert(store_set_expiry(store, key_of(store, "k"), START_MS + 9));
    entry = store_peek(store, key_of(store, "k"));
    ck_assert_str_eq(entry_encoding_name(entry), "raw");
    entry = store_update_string(store, key_of(store, "k"), SLICE("12"));
    ck_assert_str_eq(entry_encoding_name(entry), "int");
    finish(store);
}

TEST(rename_moves_value_and_expiry_over_what_was_there)
{
    struct store *store = make_store();
    set(store, "from", "value", START_MS + 10);
    set(store, "to", "other", ENTRY_NO_EXPIRY);
    store_rename(store, key_of(store, "from"), key_of(store, "to"));
    ck_assert(!is_there(store, "from"));
    assert_holds(store, "to", SLICE("value"));
    ck_assert_int_eq(expiry(store, "to"), START_MS + 10);
    ck_assert_uint_eq(store_count(store), 1);
    store_rename(store, key_of(store, "to"), key_of(store, "to"));
    assert_holds(store, "to", SLICE("value"));
    finish(store);
}

TEST(copy_leaves_the_source)
{
    struct store *store = make_store();
    set(store, "from", "value", START_MS + 10);
    set(store, "to", "other", START_MS + 99);
    store_copy(store, key_of(store, "from"), key_of(store, "to"));
    store_copy(store, key_of(store, "from"), key_of(store, "new"));
    set(store, "from", "later", ENTRY_NO_EXPIRY);
    assert_holds(store, "from", SLICE("later"));
    assert_holds(store, "to", SLICE("value"));
    assert_holds(store, "new", SLICE("value"));
    ck_assert_int_eq(expiry(store, "to"), START_MS + 10);
    ck_assert_uint_eq(store_expiring_count(store), 2);
    finish(store);
}

TEST(every_write_has_a_version_of_its_own_and_reads_have_none)
{
    struct store *store = make_store();
    struct key key = key_of(store, "k");
    uint64_t last = 0;
    char *bytes;
    struct entry *entry = set(store, "k", "a", ENTRY_NO_EXPIRY);
    ck_assert_uint_gt(entry->version, last);
    last = entry->version;
    store_find(store, key);
    store_peek(store, key);
    ck_assert_uint_eq(stats_of(store).writes, last);
    ck_assert_uint_eq(store_peek(store, key)->version, last);

    entry = store_update_string(store, key, SLICE("b"));
    ck_assert_uint_gt(entry->version, last);
    last = entry->version;
    entry = store_resize_string(store, key, 2, &bytes);
    ck_assert_uint_gt(entry->version, last);
    last = entry->version;
    store_set_expiry(store, key, START_MS + 9);
    ck_assert_uint_gt(store_peek(store, key)->version, last);
    last = stats_of(store).writes;
    store_delete(store, key);
    ck_assert_uint_gt(stats_of(store).writes, last);
    finish(store);
}

// When memory is reclaimed depends on who looks, and versions must not.
TEST(reclaiming_is_no_write)
{
    struct store *store = make_store();
    set(store, "a", "value", START_MS + 1);
    set(store, "b", "value", START_MS + 1);
    uint64_t writes = stats_of(store).writes;
    store_begin(store, START_MS + 1, 1);
    ck_assert(!is_there(store, "a"));
    store_tick(store);
    ck_assert_uint_eq(store_count(store), 0);
    ck_assert_uint_eq(stats_of(store).writes, writes);
    finish(store);
}

static void fill(struct store *store, int count)
{
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        set(store, name, "value", i % 2 ? START_MS + 5 : ENTRY_NO_EXPIRY);
    }
}

TEST(clear_leaves_a_store_that_works)
{
    struct store *store = make_store();
    fill(store, 1000);
    uint64_t writes = stats_of(store).writes;
    store_clear(store);
    ck_assert_uint_eq(store_count(store), 0);
    ck_assert_uint_eq(store_expiring_count(store), 0);
    ck_assert_uint_gt(stats_of(store).writes, writes);
    store_check_invariants(store);
    set(store, "k", "value", ENTRY_NO_EXPIRY);
    assert_holds(store, "k", SLICE("value"));
    finish(store);
}

TEST(after_a_reset_all_is_as_at_the_start)
{
    struct hash_secret secret = {{7, 7, 7}};
    struct store *store = make_store(), *fresh = store_create(&secret);
    struct limits limits = *store_limits(store);
    limits.set_max_intset_entries++;
    store_set_limits(store, &limits);
    fill(store, 1000);
    store_reset(store);
    ck_assert_uint_eq(store_count(store), 0);
    ck_assert_uint_eq(stats_of(store).writes, 0);
    ck_assert_mem_eq(store_limits(store), store_limits(fresh), sizeof limits);
    ck_assert_int_eq(store_now_ms(store), store_now_ms(fresh));
    store_begin(store, START_MS / 2, 1); // Time begins again.
    set(store, "k", "value", ENTRY_NO_EXPIRY);
    assert_holds(store, "k", SLICE("value"));
    finish(fresh);
    finish(store);
}

TEST(what_was_cleared_is_freed_by_ticks)
{
    struct store *store = make_store();
    fill(store, 5000);
    size_t memory = stats_of(store).entry_memory;
    store_clear(store);
    ck_assert_uint_eq(store_count(store), 0);
    ck_assert_uint_gt(stats_of(store).entry_memory, memory / 2);
    ck_assert_uint_gt(stats_of(store).lazy_free_count, 2500);
    for (int i = 0; store_tick(store); i++) {
        ck_assert_int_lt(i, 1000);
        store_check_invariants(store);
    }
    ck_assert_uint_eq(stats_of(store).entry_memory, 0);
    ck_assert_uint_eq(stats_of(store).table_memory, 0);
    ck_assert_uint_eq(stats_of(store).lazy_free_count, 0);
    finish(store);
}

TEST(filling_a_cleared_store_frees_what_it_held)
{
    struct store *store = make_store();
    fill(store, 50000);
    size_t memory = stats_of(store).entry_memory;
    store_clear(store);
    fill(store, 25000);
    ck_assert_uint_le(stats_of(store).entry_memory, memory * 3 / 5);
    ck_assert_uint_eq(stats_of(store).lazy_free_count, 0);
    finish(store);
}

TEST(a_small_store_is_cleared_at_once)
{
    struct store *store = make_store();
    fill(store, 100);
    store_clear(store);
    ck_assert_uint_eq(stats_of(store).entry_memory, 0);
    ck_assert_uint_eq(stats_of(store).table_memory, 0);
    finish(store);
}

TEST(a_store_may_be_cleared_again_while_memory_is_being_freed)
{
    struct store *store = make_store();
    fill(store, 5000);
    store_clear(store);
    fill(store, 4000);
    store_clear(store);
    store_tick(store);
    fill(store, 10);
    ck_assert_uint_eq(store_count(store), 10);
    ck_assert_uint_eq(store_expiring_count(store), 5);
    finish(store);
}

TEST(a_second_clear_does_not_wait_for_what_the_first_left)
{
    struct store *store = make_store();
    fill(store, 10000);
    store_clear(store);
    fill(store, 2000);
    size_t left = stats_of(store).lazy_free_count;
    store_clear(store);
    store_clear(store);
    ck_assert_uint_gt(stats_of(store).lazy_free_count, left);
    store_check_invariants(store);
    for (int i = 0; store_tick(store); i++) {
        ck_assert_int_lt(i, 1000);
        store_check_invariants(store);
    }
    ck_assert_uint_eq(store_memory_freeing(store), 0);
    ck_assert_uint_eq(stats_of(store).lazy_free_count, 0);
    finish(store);
}

static void count_entry(void *context, struct entry *entry)
{
    (void)entry;
    ++*(size_t *)context;
}

TEST(a_scan_skips_what_has_expired)
{
    struct store *store = make_store();
    for (int i = 0; i < 500; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        set(store, name, "v", i % 5 ? ENTRY_NO_EXPIRY : START_MS + 1);
    }
    store_begin(store, START_MS + 1, 1);
    size_t seen = 0;
    uint64_t cursor = 0;
    do {
        cursor = store_scan(store, cursor, count_entry, &seen);
    } while (cursor != 0);
    ck_assert_uint_eq(seen, 400);
    finish(store);
}

TEST(a_tick_reclaims_unless_it_is_told_not_to)
{
    struct store *store = make_store();
    for (int i = 0; i < 500; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        set(store, name, "v", i < 400 ? START_MS + 1 : START_MS + 5000);
    }
    store_begin(store, START_MS + 1000, 1);
    store_set_active_expiry(store, false);
    for (int i = 0; i < 100; i++)
        store_tick(store);
    ck_assert_uint_eq(store_count(store), 500);
    store_set_active_expiry(store, true);
    for (int i = 0; i < 100; i++)
        store_tick(store);
    ck_assert_uint_eq(store_count(store), 100);
    ck_assert_uint_eq(stats_of(store).expired, 400);
    ck_assert_int_eq(stats_of(store).average_ttl_ms, 4000);
    finish(store);
}

TEST(a_find_counts_hits_and_misses_and_a_peek_does_not)
{
    struct store *store = make_store();
    set(store, "k", "v", ENTRY_NO_EXPIRY);
    store_find(store, key_of(store, "k"));
    store_find(store, key_of(store, "k"));
    store_find(store, key_of(store, "absent"));
    store_peek(store, key_of(store, "k"));
    store_peek(store, key_of(store, "absent"));
    ck_assert_uint_eq(stats_of(store).hits, 2);
    ck_assert_uint_eq(stats_of(store).misses, 1);
    store_reset_stats(store);
    ck_assert_uint_eq(stats_of(store).hits + stats_of(store).misses, 0);
    ck_assert_uint_eq(stats_of(store).writes, 1);
    finish(store);
}

TEST(idle_time_counts_from_the_last_find)
{
    struct store *store = make_store();
    const struct entry *entry = set(store, "k", "v", ENTRY_NO_EXPIRY);
    store_begin(store, START_MS + 5000, 1);
    store_peek(store, key_of(store, "k"));
    ck_assert_int_eq(store_idle_ms(store, entry), 5000);
    store_find(store, key_of(store, "k"));
    ck_assert_int_eq(store_idle_ms(store, entry), 0);
    finish(store);
}

TEST(what_is_being_freed_is_told_apart_from_what_is_alive)
{
    struct store *store = make_store();
    char key[16];
    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof key, "key%d", i);
        set(store, key, "value", ENTRY_NO_EXPIRY);
    }
    size_t full = store_memory(store);
    ck_assert_uint_eq(store_memory_freeing(store), 0);
    ck_assert_uint_gt(full, 5000 * sizeof(struct entry));

    store_clear(store);
    set(store, "k", "value", ENTRY_NO_EXPIRY);
    ck_assert_uint_gt(store_memory_freeing(store), full / 2);
    ck_assert_uint_lt(store_memory(store) - store_memory_freeing(store), 4096);
    int slices = 0;
    for (; store_memory_freeing(store) > 0; slices++) {
        store_check_invariants(store);
        store_free_some(store);
    }
    ck_assert_int_gt(slices, 10);
    ck_assert_uint_lt(store_memory(store), 4096);
    finish(store);
}

TEST(a_string_that_is_overwritten_is_as_popular_as_before)
{
    struct store *store = make_store();
    store_note_frequency(store, 0, 1);
    const struct entry *entry = set(store, "k", "v", ENTRY_NO_EXPIRY);
    ck_assert_uint_eq(store_frequency(store, entry), 5);
    for (int i = 0; i < 10; i++)
        store_find(store, key_of(store, "k"));
    char large[200] = {0};
    memset(large, 'x', sizeof large - 1);
    entry = set(store, "k", large, ENTRY_NO_EXPIRY);
    ck_assert_uint_eq(store_frequency(store, entry), 16);
    finish(store);
}

TEST(memory_of_an_entry_is_its_own_and_a_share_of_the_table)
{
    struct store *store = make_store();
    const struct entry *entry = set(store, "k", "value", ENTRY_NO_EXPIRY);
    size_t own = entry_memory(entry);
    ck_assert_uint_eq(stats_of(store).entry_memory, own);
    ck_assert_uint_gt(store_entry_memory(store, entry), own);
    ck_assert_uint_ge(stats_of(store).table_memory, 64);
    finish(store);
}

TEST(equal_seeds_draw_equal_numbers)
{
    struct store *store = make_store();
    store_begin(store, START_MS, 5);
    uint64_t first = random_next(store_random(store));
    uint64_t second = random_next(store_random(store));
    ck_assert_uint_ne(first, second);
    store_begin(store, START_MS, 5);
    ck_assert_uint_eq(random_next(store_random(store)), first);
    store_begin(store, START_MS, 6);
    ck_assert_uint_ne(random_next(store_random(store)), first);
    finish(store);
}

TEST(random_entry_is_never_an_expired_one)
{
    struct store *store = make_store();
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        set(store, name, "v", i == 77 ? ENTRY_NO_EXPIRY : START_MS + 1);
    }
    store_begin(store, START_MS + 1, 3);
    struct entry *entry = store_random_entry(store);
    ck_assert(slice_equal(entry_key(entry), SLICE("77")));
    finish(store);
}

TEST(the_prepared_hash_of_a_request_is_used_for_its_first_key_only)
{
    struct store *store = make_store();
    struct command command = {.name = "mset", .first_key = 1};
    struct slice argv[] = {SLICE("mset"), SLICE("a"), SLICE("1"), SLICE("b")};
    struct request request = {
        .command = &command, .argv = argv, .argc = 4, .key_hash = 12345};
    uint64_t a = key_of(store, "a").hash, b = key_of(store, "b").hash;
    ck_assert_uint_eq(request_key(store, &request, 1).hash, a);
    request.flags = REQUEST_HASHED;
    ck_assert_uint_eq(request_key(store, &request, 1).hash, 12345);
    ck_assert_uint_eq(request_key(store, &request, 3).hash, b);
    ck_assert(slice_equal(request_key(store, &request, 3).name, SLICE("b")));
    request_changed(&request);
    ck_assert_uint_eq(request.flags, REQUEST_HASHED | REQUEST_CHANGED);
    finish(store);
}
