// test_map.c -- the map against a plain array, while it grows and shrinks.
// SPDX-License-Identifier: MIT
#include "common/base/map.h"

#include <stdio.h>

#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "tests/test.h"

enum { ELEMENTS = 500 };

struct element {
    struct map_link link;
    char name[24];
    bool inside;
};

static struct hash_secret secret;
static struct map map;
static struct element elements[ELEMENTS];

static void setup(void)
{
    hash_secret_derive(&secret, SLICE("test"));
    map_init(&map, &secret);
    for (int i = 0; i < ELEMENTS; i++) {
        elements[i] = (struct element){.inside = false};
        snprintf(elements[i].name, sizeof elements[i].name, "name %d", i);
        elements[i].link.name = slice_of(elements[i].name);
    }
}

static void insert(struct element *element)
{
    map_insert(&map, &element->link);
    element->inside = true;
}

static void drop(struct element *element)
{
    map_remove(&map, &element->link);
    element->inside = false;
}

static void expect_all(void)
{
    size_t count = 0;
    for (int i = 0; i < ELEMENTS; i++) {
        struct map_link *found = map_find(&map, slice_of(elements[i].name));
        ck_assert_ptr_eq(found, elements[i].inside ? &elements[i].link : NULL);
        count += elements[i].inside;
    }
    ck_assert_uint_eq(map.count, count);
    map_check_invariants(&map);
}

TEST(an_empty_map_finds_nothing_and_holds_no_memory)
{
    setup();
    ck_assert_ptr_null(map_find(&map, SLICE("name 0")));
    ck_assert_ptr_null(map.buckets);
    map_check_invariants(&map);
    map_deinit(&map);
}

TEST(what_went_in_is_found_until_it_goes)
{
    setup();
    for (int i = 0; i < ELEMENTS; i++)
        insert(&elements[i]);
    expect_all();
    for (int i = 0; i < ELEMENTS; i += 2)
        drop(&elements[i]);
    expect_all();
    for (int i = 1; i < ELEMENTS; i += 2)
        drop(&elements[i]);
    expect_all();
    ck_assert_ptr_null(map.buckets);
}

TEST(names_are_bytes)
{
    setup();
    struct element nameless = {.link.name = SLICE("")};
    struct element zero = {.link.name = SLICE("a\0b")};
    insert(&nameless);
    insert(&zero);
    ck_assert_ptr_eq(map_find(&map, SLICE("")), &nameless.link);
    ck_assert_ptr_eq(map_find(&map, SLICE("a\0b")), &zero.link);
    ck_assert_ptr_null(map_find(&map, SLICE("a\0c")));
    ck_assert_ptr_null(map_find(&map, SLICE("a")));
    map_deinit(&map);
}

TEST(the_table_follows_the_count_both_ways)
{
    setup();
    for (int i = 0; i < ELEMENTS; i++) {
        insert(&elements[i]);
        ck_assert_uint_ge(map.bucket_count, map.count);
    }
    for (int i = 0; i < ELEMENTS - 4; i++)
        drop(&elements[i]);
    ck_assert_uint_le(map.bucket_count, 2 * map.count + 1);
    expect_all();
    map_deinit(&map);
}

TEST(random_changes_agree_with_an_array)
{
    setup();
    struct random random;
    random_init(&random, 7);
    for (int step = 0; step < 4000; step++) {
        struct element *element = &elements[random_next(&random) % ELEMENTS];
        if (element->inside)
            drop(element);
        else
            insert(element);
        if (step % 200 == 0)
            expect_all();
    }
    expect_all();
    map_deinit(&map);
}
