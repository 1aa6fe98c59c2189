// test_dict.c -- look-ups, chains, resizes both ways, scanning and sampling.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/dict.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "stage1-singlenode/bucket.h"
#include "stage1-singlenode/entry.h"
#include "tests/test.h"

// For loops: Check records every assertion that holds, and a hundred thousand
// of them would take longer than the dict.
static void must(bool holds)
{
    if (!holds)
        ck_abort();
}

// A dict and the entries with numbers 0 .. count - 1 that may be in it.
struct fixture {
    struct hash_secret secret;
    struct dict *dict;
    struct entry **entries;
    size_t count;
};

static struct fixture fixture_init(size_t count)
{
    struct fixture f = {.count = count};
    struct random random;
    random_init(&random, 42);
    for (int i = 0; i < HASH_SECRET_SIZE; i++)
        f.secret.bytes[i] = (unsigned char)random_next(&random);
    f.entries = xcalloc(count, sizeof(struct entry *));
    for (size_t i = 0; i < count; i++) {
        char name[32];
        int size = snprintf(name, sizeof name, "key-%zu", i);
        f.entries[i] = entry_create((struct slice){name, (size_t)size}, 0, 0,
                                    ENTRY_NO_EXPIRY);
    }
    return f;
}

// The secret must stay where it is, so the dict comes after the fixture.
static void fixture_start(struct fixture *f)
{
    f->dict = dict_create(&f->secret);
}

static void fixture_deinit(struct fixture *f)
{
    dict_destroy(f->dict);
    for (size_t i = 0; i < f->count; i++)
        entry_destroy(f->entries[i]);
    free(f->entries);
}

static uint64_t hash_of(const struct fixture *f, size_t i)
{
    return hash_bytes(&f->secret, entry_key(f->entries[i]));
}

static void insert(struct fixture *f, size_t i)
{
    dict_insert(f->dict, f->entries[i], hash_of(f, i));
}

static bool has(const struct fixture *f, size_t i)
{
    struct entry **place =
        dict_find(f->dict, entry_key(f->entries[i]), hash_of(f, i));
    return place && *place == f->entries[i];
}

static void take(struct fixture *f, size_t i)
{
    struct entry *taken =
        dict_remove(f->dict, entry_key(f->entries[i]), hash_of(f, i));
    must(taken == f->entries[i]);
}

static void finish_resize(struct fixture *f)
{
    while (dict_step(f->dict, 64))
        ;
}

// Numbers of `count` entries whose hashes agree in `mask`.
static void find_colliding(const struct fixture *f, uint64_t mask,
                           size_t *numbers, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < f->count && found < count; i++) {
        if ((hash_of(f, i) & mask) == (hash_of(f, 0) & mask))
            numbers[found++] = i;
    }
    ck_assert_uint_eq(found, count);
}

TEST(an_empty_dict_finds_nothing_and_takes_no_memory)
{
    struct fixture f = fixture_init(1);
    fixture_start(&f);
    ck_assert(!has(&f, 0));
    ck_assert_ptr_null(
        dict_remove(f.dict, entry_key(f.entries[0]), hash_of(&f, 0)));
    ck_assert_uint_eq(dict_count(f.dict), 0);
    ck_assert_uint_eq(dict_memory(f.dict), 0);
    ck_assert(!dict_step(f.dict, 10));
    struct random random;
    random_init(&random, 1);
    ck_assert_ptr_null(dict_random(f.dict, &random));
    dict_prefetch_bucket(f.dict, 1);
    dict_prefetch_entry(f.dict, 1);
    dict_check_invariants(f.dict);
    fixture_deinit(&f);
}

TEST(what_was_inserted_is_found_and_nothing_else_at_every_size)
{
    enum { COUNT = 2000 };
    struct fixture f = fixture_init(COUNT + 100);
    fixture_start(&f);
    for (size_t i = 0; i < COUNT; i++) {
        must(!has(&f, i));
        insert(&f, i);
        must(has(&f, i) && has(&f, i / 2) && has(&f, 0));
        must(dict_count(f.dict) == i + 1);
        if (i < 200 || i % 50 == 0)
            dict_check_invariants(f.dict);
    }
    for (size_t i = 0; i < COUNT + 100; i++)
        must(has(&f, i) == (i < COUNT));
    fixture_deinit(&f);
}

TEST(a_key_that_is_part_of_another_is_another_key)
{
    struct fixture f = fixture_init(1);
    fixture_start(&f);
    insert(&f, 0); // "key-0"
    ck_assert_ptr_null(dict_find(f.dict, SLICE("key-"), hash_of(&f, 0)));
    ck_assert_ptr_null(dict_find(f.dict, SLICE("key-00"), hash_of(&f, 0)));
    ck_assert_ptr_nonnull(dict_find(f.dict, SLICE("key-0"), hash_of(&f, 0)));
    fixture_deinit(&f);
}

TEST(writing_to_the_place_replaces_the_entry)
{
    struct fixture f = fixture_init(20);
    fixture_start(&f);
    for (size_t i = 0; i < 20; i++)
        insert(&f, i);
    struct entry *twin =
        entry_create(entry_key(f.entries[7]), 0, 0, ENTRY_NO_EXPIRY);
    *dict_find(f.dict, entry_key(f.entries[7]), hash_of(&f, 7)) = twin;
    entry_destroy(f.entries[7]);
    f.entries[7] = twin;
    ck_assert(has(&f, 7));
    dict_check_invariants(f.dict);
    fixture_deinit(&f);
}

// Chains of up to six buckets, emptied from the front, the back and the middle.
TEST_FOR(a_chain_survives_removals_in_any_order, 3)
{
    enum { CHAIN = 30 };
    struct fixture f = fixture_init(40000);
    fixture_start(&f);
    size_t numbers[CHAIN];
    find_colliding(&f, 0x3ff, numbers, CHAIN);
    for (size_t i = 0; i < CHAIN; i++) {
        insert(&f, numbers[i]);
        dict_check_invariants(f.dict);
    }
    for (size_t i = 0; i < CHAIN; i++) {
        size_t at = _i == 0 ? i : _i == 1 ? CHAIN - 1 - i : i * 7 % CHAIN;
        take(&f, numbers[at]);
        ck_assert(!has(&f, numbers[at]));
        dict_check_invariants(f.dict);
    }
    ck_assert_uint_eq(dict_count(f.dict), 0);
    fixture_deinit(&f);
}

TEST(keys_of_one_bucket_and_one_tag_are_told_apart)
{
    struct fixture f = fixture_init(200000);
    fixture_start(&f);
    size_t numbers[10];
    find_colliding(&f, UINT64_C(0xff0000000000003f), numbers, 10);
    for (size_t i = 0; i < 9; i++)
        insert(&f, numbers[i]);
    for (size_t i = 0; i < 9; i++)
        ck_assert(has(&f, numbers[i]));
    ck_assert(!has(&f, numbers[9]));
    take(&f, numbers[3]);
    ck_assert(!has(&f, numbers[3]));
    ck_assert(has(&f, numbers[8]));
    dict_check_invariants(f.dict);
    fixture_deinit(&f);
}

TEST(a_dict_that_was_emptied_shrinks_to_a_bucket)
{
    enum { COUNT = 5000 };
    struct fixture f = fixture_init(COUNT);
    fixture_start(&f);
    for (size_t i = 0; i < COUNT; i++)
        insert(&f, i);
    finish_resize(&f);
    size_t full = dict_memory(f.dict);
    for (size_t i = 1; i < COUNT; i++)
        take(&f, i);
    ck_assert_uint_ge(dict_memory(f.dict), full / 2);
    for (int i = 0; dict_step(f.dict, 10); i++) {
        must(i < COUNT && has(&f, 0));
        if (i % 20 == 0)
            dict_check_invariants(f.dict);
    }
    ck_assert(has(&f, 0));
    ck_assert_uint_le(dict_memory(f.dict), 128);
    dict_check_invariants(f.dict);
    fixture_deinit(&f);
}

TEST(insertions_while_a_table_shrinks_lose_nothing)
{
    enum { COUNT = 20000 };
    struct fixture f = fixture_init(COUNT);
    fixture_start(&f);
    for (size_t i = 0; i < COUNT; i++)
        insert(&f, i);
    finish_resize(&f);
    for (size_t i = 100; i < COUNT; i++)
        take(&f, i);
    ck_assert(dict_step(f.dict, 1));
    for (size_t i = 100; i < COUNT; i++) {
        insert(&f, i);
        if (i % 997 == 0)
            dict_check_invariants(f.dict);
    }
    for (size_t i = 0; i < COUNT; i++)
        must(has(&f, i));
    fixture_deinit(&f);
}

TEST(the_memory_of_an_old_table_is_given_back_while_it_is_emptied)
{
    // 32768 buckets hold 183500 entries; their 2 MB go in two slices.
    enum { COUNT = 183500, BUCKETS = 32768 };
    struct fixture f = fixture_init(COUNT + 1);
    fixture_start(&f);
    for (size_t i = 0; i < COUNT; i++)
        insert(&f, i);
    finish_resize(&f);
    size_t before = dict_memory(f.dict);
    insert(&f, COUNT);
    size_t both = dict_memory(f.dict);
    ck_assert_uint_ge(both - before, 2 * BUCKETS * 64);
    ck_assert(dict_step(f.dict, BUCKETS / 2 - 1));
    ck_assert_uint_ge(dict_memory(f.dict) + 4096, both - BUCKETS * 64);
    size_t middle = dict_memory(f.dict);
    ck_assert(dict_step(f.dict, 100));
    ck_assert_uint_lt(dict_memory(f.dict), middle);
    dict_check_invariants(f.dict);
    ck_assert(!dict_step(f.dict, BUCKETS));
    ck_assert_uint_lt(dict_memory(f.dict), both - BUCKETS * 64);
    dict_check_invariants(f.dict);
    fixture_deinit(&f);
}

TEST(a_dict_may_be_destroyed_in_the_middle_of_a_resize)
{
    enum { COUNT = 183600 };
    struct fixture f = fixture_init(COUNT);
    fixture_start(&f);
    for (size_t i = 0; i < COUNT; i++)
        insert(&f, i);
    ck_assert(dict_step(f.dict, 20000));
    fixture_deinit(&f);
}

static void note_drained(void *context, struct entry *entry)
{
    (void)entry;
    ++*(size_t *)context;
}

// At rest, in the middle of growing, and of shrinking.
TEST_FOR(a_dict_is_drained_in_slices_that_give_memory_back, 3)
{
    enum { COUNT = 200000 };
    struct fixture f = fixture_init(COUNT);
    fixture_start(&f);
    size_t present = _i == 1 ? 190000 : COUNT;
    for (size_t i = 0; i < present; i++)
        insert(&f, i);
    if (_i != 1)
        finish_resize(&f);
    if (_i == 2) {
        while (present > 10000)
            take(&f, --present);
        ck_assert(dict_step(f.dict, 20000));
    }
    size_t drained = 0, memory = dict_memory(f.dict);
    while (dict_drain(f.dict, 1000, note_drained, &drained)) {
        must(dict_count(f.dict) == present - drained);
        must(dict_memory(f.dict) <= memory);
        memory = dict_memory(f.dict);
    }
    ck_assert_uint_eq(drained, present);
    ck_assert_uint_eq(dict_count(f.dict), 0);
    ck_assert_uint_eq(dict_memory(f.dict), 0);
    fixture_deinit(&f);
}

TEST(reserved_room_is_there_without_another_resize)
{
    enum { COUNT = 3000 };
    struct fixture f = fixture_init(COUNT);
    fixture_start(&f);
    for (size_t i = 0; i < 10; i++)
        insert(&f, i);
    dict_reserve(f.dict, COUNT);
    dict_check_invariants(f.dict);
    ck_assert(has(&f, 9));
    dict_reserve(f.dict, 5);
    size_t reserved = dict_memory(f.dict);
    for (size_t i = 10; i < COUNT; i++)
        insert(&f, i);
    ck_assert(!dict_step(f.dict, 1));
    ck_assert_uint_ge(dict_memory(f.dict), reserved);
    ck_assert_uint_lt(dict_memory(f.dict), reserved * 3 / 2);
    dict_check_invariants(f.dict);
    fixture_deinit(&f);
}

// How often a scan saw each entry; numbers are read back from the keys.
struct seen {
    unsigned *times;
    size_t count;
};

static void note_seen(void *context, struct entry *entry)
{
    struct seen *seen = context;
    char text[32] = {0};
    struct slice key = entry_key(entry);
    memcpy(text, key.data, key.size);
    size_t number = strtoul(text + strlen("key-"), NULL, 10);
    must(number < seen->count);
    seen->times[number]++;
}

TEST_FOR(a_scan_of_an_unchanging_dict_sees_every_entry_once, 3)
{
    enum { COUNT = 3000 };
    struct fixture f = fixture_init(COUNT);
    fixture_start(&f);
    for (size_t i = 0; i < COUNT; i++)
        insert(&f, i);
    finish_resize(&f);
    size_t first = 0;
    if (_i == 1) { // In the middle of growing:
        while (!dict_step(f.dict, 0))
            take(&f, first++);
        dict_step(f.dict, 100);
    }
    if (_i == 2) { // of shrinking:
        for (; first < COUNT - 100; first++)
            take(&f, first);
        ck_assert(dict_step(f.dict, 30));
    }
    struct seen seen = {xcalloc(COUNT, sizeof(unsigned)), COUNT};
    uint64_t cursor = 0;
    do {
        cursor = dict_scan(f.dict, cursor, note_seen, &seen);
    } while (cursor != 0);
    for (size_t i = 0; i < COUNT; i++)
        must(seen.times[i] == (i >= first));
    // A walk sees the same, in slices of any size.
    size_t place = 0, slices = 1;
    for (; dict_walk(f.dict, &place, 7, note_seen, &seen); slices++)
        ck_assert_uint_eq(place, 7 * slices);
    for (size_t i = 0; i < COUNT; i++)
        must(seen.times[i] == 2 * (i >= first));
    free(seen.times);
    fixture_deinit(&f);
}

TEST(a_walk_through_an_empty_dict_ends_at_once)
{
    struct fixture f = fixture_init(0);
    fixture_start(&f);
    size_t place = 0;
    ck_assert(!dict_walk(f.dict, &place, SIZE_MAX, note_seen, NULL));
    fixture_deinit(&f);
}

// Between the calls of a turn the dict grows or shrinks a great deal, in both
// cases more than once, but the first hundred entries stay.
TEST_FOR(a_scan_sees_what_stays_whatever_resizes_happen_meanwhile, 40)
{
    enum { STAY = 100, COUNT = 6000 };
    struct fixture f = fixture_init(COUNT);
    fixture_start(&f);
    struct random random;
    random_init(&random, (uint64_t)_i);
    bool growing = _i % 2;
    size_t present = growing ? STAY : COUNT;
    for (size_t i = 0; i < present; i++)
        insert(&f, i);

    struct seen seen = {xcalloc(COUNT, sizeof(unsigned)), COUNT};
    uint64_t cursor = 0;
    size_t calls = 0;
    do {
        cursor = dict_scan(f.dict, cursor, note_seen, &seen);
        for (size_t n = random_below(&random, 200); n > 0; n--) {
            if (random_below(&random, 500) == 0)
                growing = !growing;
            if (growing && present < COUNT)
                insert(&f, present++);
            if (!growing && present > STAY)
                take(&f, --present);
        }
        dict_step(f.dict, random_below(&random, 60));
        must(++calls < 100000);
    } while (cursor != 0);
    for (size_t i = 0; i < STAY; i++)
        ck_assert_uint_ge(seen.times[i], 1);
    free(seen.times);
    fixture_deinit(&f);
}

TEST_FOR(random_entries_are_about_equally_likely, 3)
{
    enum { COUNT = 300, DRAWS = 100 * COUNT };
    struct fixture f = fixture_init(COUNT + 8000);
    fixture_start(&f);
    for (size_t i = 0; i < COUNT; i++)
        insert(&f, i);
    finish_resize(&f);
    if (_i == 1) { // In the middle of a resize,
        dict_reserve(f.dict, 4000);
        ck_assert(dict_step(f.dict, 100));
    }
    if (_i == 2) // in a nearly empty table.
        dict_reserve(f.dict, 8000);

    struct seen seen = {xcalloc(COUNT, sizeof(unsigned)), COUNT};
    struct random random;
    random_init(&random, 7);
    for (int i = 0; i < DRAWS; i++)
        note_seen(&seen, dict_random(f.dict, &random));
    // 100 expected each; six standard deviations are 60.
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_ge(seen.times[i], 40);
        ck_assert_uint_le(seen.times[i], 160);
    }
    free(seen.times);
    fixture_deinit(&f);
}

TEST(the_last_entry_of_a_huge_table_is_still_drawn)
{
    struct fixture f = fixture_init(2);
    fixture_start(&f);
    dict_reserve(f.dict, 1000000);
    insert(&f, 1);
    struct random random;
    random_init(&random, 7);
    for (int i = 0; i < 20; i++)
        ck_assert_ptr_eq(dict_random(f.dict, &random), f.entries[1]);
    fixture_deinit(&f);
}

TEST(all_ways_to_compare_tags_agree)
{
    struct random random;
    random_init(&random, 3);
    for (int i = 0; i < 100000; i++) {
        struct bucket bucket = {.bits = (uint8_t)random_next(&random)};
        // Few values, and the edges of a byte, so that many agree.
        static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
        unsigned expected = 0;
        uint8_t tag = values[random_below(&random, sizeof values)];
        for (unsigned j = 0; j < BUCKET_SLOTS; j++) {
            bucket.tags[j] = values[random_below(&random, sizeof values)];
            expected |= (unsigned)(bucket.tags[j] == tag) << j;
        }
        must((bucket_compare(&bucket, tag) & BUCKET_PRESENT) == expected);
        must(bucket_compare_portable(&bucket, tag) == expected);
        must(bucket_match(&bucket, tag) == (expected & bucket.bits));
    }
}
