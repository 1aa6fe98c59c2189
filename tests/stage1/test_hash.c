// test_hash.c -- the hash against an array of values, in both encodings. (The
// keyed hash function is tested in tests/common/test_hash.c.)
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/hash.h"

#include <stdio.h>

#include "common/base/random.h"
#include "tests/test.h"

static const struct hash_secret secret = {{7}};
static const struct limits limits = LIMITS_DEFAULT;

static const char *encoding(const struct object *hash)
{
    return hash->type->encoding(hash);
}

static void destroy(struct object *hash)
{
    hash_check_invariants(hash);
    ck_assert(hash->type->release(hash, SIZE_MAX));
}

static void expect_value(const struct object *hash, struct slice field,
                         struct slice wanted)
{
    struct slice value;
    ck_assert(hash_get(hash, field, &value));
    ck_assert(slice_equal(value, wanted));
}

TEST(fields_keep_the_order_of_insertion_while_few)
{
    struct object *hash = hash_create(&secret, &limits);
    struct slice value;
    ck_assert(!hash_get(hash, SLICE("b"), &value));
    ck_assert(hash_set(hash, SLICE("b"), SLICE("1")));
    ck_assert(hash_set(hash, SLICE("a"), SLICE("b")));
    ck_assert(hash_set(hash, SLICE(""), SLICE("")));
    ck_assert(!hash_set(hash, SLICE("b"), SLICE("22")));
    ck_assert_uint_eq(hash_count(hash), 3);
    ck_assert_str_eq(encoding(hash), "listpack");
    ck_assert(slice_equal(hash_at(hash, 0).field, SLICE("b")));
    ck_assert(slice_equal(hash_at(hash, 0).value, SLICE("22")));
    ck_assert(slice_equal(hash_at(hash, 1).field, SLICE("a")));
    ck_assert_uint_eq(hash_at(hash, 2).field.size, 0);
    // "b" is a field and a value; only the field counts.
    ck_assert(hash_remove(hash, SLICE("b")));
    ck_assert(!hash_remove(hash, SLICE("b")));
    expect_value(hash, SLICE("a"), SLICE("b"));
    expect_value(hash, SLICE(""), SLICE(""));
    destroy(hash);
}

static struct slice text_of(char text[32], const char *format, size_t number)
{
    return (struct slice){text, (size_t)snprintf(text, 32, format, number)};
}

TEST(more_than_512_fields_make_it_a_table)
{
    struct object *hash = hash_create(&secret, &limits);
    char field[32];
    for (size_t i = 0; i < 512; i++)
        hash_set(hash, text_of(field, "f%zu", i), SLICE("v"));
    hash_set(hash, SLICE("f0"), SLICE("w"));
    ck_assert_str_eq(encoding(hash), "listpack");
    ck_assert(hash_is_small(hash));
    hash_set(hash, SLICE("f512"), SLICE("v"));
    ck_assert_str_eq(encoding(hash), "hashtable");
    ck_assert(!hash_is_small(hash));
    ck_assert_uint_eq(hash_count(hash), 513);
    expect_value(hash, SLICE("f0"), SLICE("w"));
    for (size_t i = 0; i < 513; i++)
        ck_assert(
            slice_equal(hash_at(hash, i).field, text_of(field, "f%zu", i)));
    destroy(hash);
}

TEST_FOR(a_long_field_or_value_makes_it_a_table, 2)
{
    static const char bytes[65] = {'x'};
    struct object *hash = hash_create(&secret, &limits);
    const struct slice small = {bytes, 64}, large = {bytes, 65};
    hash_set(hash, small, small);
    hash_set(hash, SLICE("f"), SLICE("v"));
    ck_assert_str_eq(encoding(hash), "listpack");
    if (_i == 0)
        ck_assert(hash_set(hash, large, SLICE("v")));
    else
        ck_assert(!hash_set(hash, SLICE("f"), large));
    ck_assert_str_eq(encoding(hash), "hashtable");
    expect_value(hash, small, small);
    expect_value(hash, SLICE("f"), _i == 0 ? SLICE("v") : large);
    destroy(hash);
}

TEST(a_copy_goes_its_own_way_in_both_encodings)
{
    struct object *hash = hash_create(&secret, &limits);
    char field[32];
    for (size_t count = 10; count <= 1000; count *= 100) {
        for (size_t i = 0; i < count; i++)
            hash_set(hash, text_of(field, "f%zu", i), SLICE("v"));
        struct object *copy = hash->type->copy(hash);
        ck_assert_str_eq(encoding(copy), encoding(hash));
        hash_set(copy, SLICE("f3"), SLICE("new"));
        hash_remove(copy, SLICE("f4"));
        ck_assert_uint_eq(hash_count(copy), count - 1);
        expect_value(hash, SLICE("f3"), SLICE("v"));
        expect_value(hash, SLICE("f4"), SLICE("v"));
        destroy(copy);
    }
    destroy(hash);
}

TEST(a_huge_hash_is_freed_in_slices)
{
    struct object *hash = hash_create(&secret, &limits);
    char field[32];
    for (size_t i = 0; i < 5000; i++)
        hash_set(hash, text_of(field, "f%zu", i), SLICE("v"));
    size_t full = hash->memory, left = full;
    int calls = 1;
    for (; !hash->type->release(hash, 100); calls++) {
        left = hash->memory;
        ck_assert_int_lt(calls, 100);
    }
    ck_assert_uint_lt(left, full / 2);
    ck_assert_int_ge(calls, 50);
}

// The values of a model: 0 for none, otherwise the value's length.
struct model {
    size_t lengths[700];
    size_t met;
};

static void meet(void *context, struct hash_pair pair)
{
    struct model *model = context;
    int64_t i;
    ck_assert(slice_to_int64(pair.field, &i));
    ck_assert_uint_eq(pair.value.size, model->lengths[i]);
    model->met++;
}

static void step(struct object *hash, struct model *model,
                 struct random *random, size_t fields, size_t length_max)
{
    static const char bytes[1000] = {'v'};
    char text[32];
    size_t i = random_below(random, fields);
    struct slice field = text_of(text, "%zu", i), value;
    size_t *length = &model->lengths[i];
    ck_assert(hash_get(hash, field, &value) == (*length > 0));
    if (*length > 0)
        ck_assert_uint_eq(value.size, *length);
    if (random_below(random, 3) == 0) {
        ck_assert(hash_remove(hash, field) == (*length > 0));
        *length = 0;
    } else {
        value = (struct slice){bytes, 1 + random_below(random, length_max)};
        ck_assert(hash_set(hash, field, value) == (*length == 0));
        *length = value.size;
    }
}

TEST_FOR(random_changes_match_an_array_of_values, 3)
{
    enum { STEPS = 20000 };
    // Small; then large by its fields; then by its values.
    static const size_t fields[] = {100, 700, 100};
    static const size_t lengths[] = {64, 64, 1000};
    struct model model = {0};
    struct object *hash = hash_create(&secret, &limits);
    struct random random;
    random_init(&random, (uint64_t)_i);
    for (int i = 0; i < STEPS; i++) {
        step(hash, &model, &random, fields[_i], lengths[_i]);
        if (i % 1000 == 0)
            hash_check_invariants(hash);
    }
    hash_each(hash, meet, &model);
    ck_assert_uint_eq(model.met, hash_count(hash));
    size_t count = 0;
    for (size_t i = 0; i < fields[_i]; i++)
        count += model.lengths[i] > 0;
    ck_assert_uint_eq(count, hash_count(hash));
    destroy(hash);
}
