// test_packed.c -- the packed sequence, also against an array of strings that
// can't be wrong.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/packed.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/random.h"
#include "tests/test.h"

static struct packed *make(const char *const *values, size_t count)
{
    struct packed *packed = packed_create();
    for (size_t i = 0; i < count; i++)
        packed_append(&packed, slice_of(values[i]));
    return packed;
}

static const char *const letters[] = {"a", "b", "", "d", "b", "a"};
enum { LETTERS = sizeof letters / sizeof *letters };

TEST(an_empty_one_has_no_items)
{
    struct packed *packed = packed_create();
    struct packed_item item = {0};
    ck_assert_uint_eq(packed_count(packed), 0);
    ck_assert_uint_eq(packed_size(packed), 0);
    ck_assert(!packed_first(packed, &item));
    ck_assert(!packed_last(packed, &item));
    ck_assert(!packed_get(packed, 0, &item));
    ck_assert(!packed_get(packed, -1, &item));
    ck_assert(!packed_find(packed, SLICE(""), 1, &item));
    packed_remove(&packed, 0, 0);
    packed_check_invariants(packed);
    free(packed);
}

TEST(it_is_walked_from_both_ends)
{
    struct packed *packed = make(letters, LETTERS);
    struct packed_item item;
    size_t i = 0;
    for (bool more = packed_first(packed, &item); more;
         more = packed_next(packed, &item))
        ck_assert(slice_equal(item.value, slice_of(letters[i++])));
    ck_assert_uint_eq(i, LETTERS);
    for (bool more = packed_last(packed, &item); more;
         more = packed_previous(packed, &item))
        ck_assert(slice_equal(item.value, slice_of(letters[--i])));
    ck_assert_uint_eq(i, 0);
    free(packed);
}

TEST(an_index_counts_from_either_end)
{
    struct packed *packed = make(letters, LETTERS);
    struct packed_item item;
    for (int i = 0; i < LETTERS; i++) {
        ck_assert(packed_get(packed, i, &item));
        ck_assert(slice_equal(item.value, slice_of(letters[i])));
        ck_assert(packed_get(packed, i - LETTERS, &item));
        ck_assert(slice_equal(item.value, slice_of(letters[i])));
    }
    ck_assert(!packed_get(packed, LETTERS, &item));
    ck_assert(!packed_get(packed, -LETTERS - 1, &item));
    ck_assert(!packed_get(packed, INT64_MIN, &item));
    ck_assert(!packed_get(packed, INT64_MAX, &item));
    free(packed);
}

TEST(find_goes_on_from_where_it_was_and_looks_at_every_other_item)
{
    struct packed *packed = make(letters, LETTERS);
    struct packed_item item = {0};
    struct packed_item place;
    ck_assert(packed_find(packed, SLICE("b"), 1, &item));
    packed_get(packed, 1, &place);
    ck_assert_uint_eq(item.at, place.at);
    packed_next(packed, &item);
    ck_assert(packed_find(packed, SLICE("b"), 1, &item));
    packed_get(packed, 4, &place);
    ck_assert_uint_eq(item.at, place.at);

    // As the fields of pairs, "b" is the third: its first place is a value.
    item.at = 0;
    ck_assert(packed_find(packed, SLICE("b"), 2, &item));
    ck_assert_uint_eq(item.at, place.at);
    item.at = 0;
    ck_assert(!packed_find(packed, SLICE("d"), 2, &item));
    ck_assert(packed_find(packed, SLICE(""), 2, &item));
    ck_assert(!packed_find(packed, SLICE("c"), 1, &item));
    free(packed);
}

TEST(a_value_may_be_a_part_of_the_same)
{
    struct packed *packed = make((const char *[]){"0123456789", "x"}, 2);
    struct packed_item item;
    packed_first(packed, &item);
    struct slice part = {item.value.data + 2, 3};
    packed_prepend(&packed, part);
    packed_get(packed, 1, &item);
    packed_append(&packed, item.value);
    packed_get(packed, 1, &item);
    packed_replace(&packed, item.at, (struct slice){item.value.data + 8, 2});
    const char *expected[] = {"234", "89", "x", "0123456789"};
    for (int i = 0; i < 4; i++) {
        ck_assert(packed_get(packed, i, &item));
        ck_assert(slice_equal(item.value, slice_of(expected[i])));
    }
    packed_check_invariants(packed);
    free(packed);
}

TEST(removing_several_leaves_the_place_at_what_followed)
{
    struct packed *packed = make(letters, LETTERS);
    struct packed_item item;
    packed_get(packed, 1, &item);
    packed_remove(&packed, item.at, 3);
    ck_assert_uint_eq(packed_count(packed), 3);
    size_t at = item.at;
    packed_get(packed, 1, &item);
    ck_assert_uint_eq(item.at, at);
    ck_assert(slice_equal(item.value, SLICE("b")));
    packed_first(packed, &item);
    packed_remove(&packed, item.at, 3);
    ck_assert_uint_eq(packed_size(packed), 0);
    packed_check_invariants(packed);
    free(packed);
}

// Around every change of the width of a size.
static const size_t sizes[] = {0,     1,     127,     128,     129,
                               16383, 16384, 2097151, 2097152, 5000000};
enum { SIZES = sizeof sizes / sizeof *sizes };

TEST(values_of_every_width_come_back_from_both_sides)
{
    char *bytes = xmalloc(sizes[SIZES - 1]);
    memset(bytes, 0xff, sizes[SIZES - 1]); // What looks like "more follows".
    struct packed *packed = packed_create();
    for (int i = 0; i < SIZES; i++)
        packed_append(&packed, (struct slice){bytes, sizes[i]});
    packed_check_invariants(packed);
    struct packed_item item;
    ck_assert(packed_last(packed, &item));
    for (int i = SIZES - 1; i >= 0; i--) {
        ck_assert(slice_equal(item.value, (struct slice){bytes, sizes[i]}));
        ck_assert_int_eq(packed_previous(packed, &item), i > 0);
    }
    ck_assert(packed_first(packed, &item));
    for (int i = 0; i < SIZES; i++) {
        ck_assert_uint_eq(item.value.size, sizes[i]);
        ck_assert_int_eq(packed_next(packed, &item), i < SIZES - 1);
    }
    free(packed);
    free(bytes);
}

TEST_FOR(a_value_is_replaced_by_one_of_any_width, SIZES)
{
    char *bytes = xcalloc(sizes[SIZES - 1], 1);
    struct packed *packed = make((const char *[]){"<", "x", ">"}, 3);
    struct packed_item item;
    for (int i = 0; i < SIZES; i++) {
        packed_get(packed, 1, &item);
        packed_replace(&packed, item.at, (struct slice){bytes, sizes[_i]});
        packed_replace(&packed, item.at, (struct slice){bytes, sizes[i]});
        packed_check_invariants(packed);
        ck_assert_uint_eq(packed_count(packed), 3);
        packed_get(packed, 1, &item);
        ck_assert_uint_eq(item.value.size, sizes[i]);
        packed_get(packed, -1, &item);
        ck_assert(slice_equal(item.value, SLICE(">")));
    }
    free(packed);
    free(bytes);
}

TEST(short_values_cost_two_bytes_more)
{
    struct packed *packed = make((const char *[]){"", "a", "field"}, 3);
    ck_assert_uint_eq(packed_size(packed), 6 + 3 * 2);
    ck_assert_uint_ge(packed_memory(packed), packed_size(packed));
    free(packed);
}

TEST(there_is_room_up_to_less_than_four_gigabytes)
{
    struct packed *packed = packed_create();
    ck_assert(packed_has_room(packed, 0));
    ck_assert(packed_has_room(packed, (size_t)2 << 30));
    ck_assert(!packed_has_room(packed, UINT32_MAX));
    ck_assert(!packed_has_room(packed, SIZE_MAX));
    free(packed);
}

TEST(what_shrinks_gives_memory_back)
{
    char *bytes = xcalloc(1000000, 1);
    struct packed *packed = make((const char *[]){"a"}, 1);
    packed_prepend(&packed, (struct slice){bytes, 1000000});
    ck_assert_uint_ge(packed_memory(packed), 1000000);
    packed_remove(&packed, 0, 1);
    ck_assert_uint_lt(packed_memory(packed), 10000); // glibc keeps a page.
    free(packed);
    free(bytes);
}

TEST(a_copy_is_equal_and_its_own)
{
    struct packed *packed = make(letters, LETTERS);
    struct packed *copy = packed_copy(packed);
    packed_append(&copy, SLICE("more"));
    packed_remove(&packed, 0, LETTERS);
    packed_check_invariants(copy);
    ck_assert_uint_eq(packed_count(copy), LETTERS + 1);
    struct packed_item item;
    packed_first(copy, &item);
    for (int i = 0; i < LETTERS; i++, packed_next(copy, &item))
        ck_assert(slice_equal(item.value, slice_of(letters[i])));
    free(packed);
    free(copy);
}

// The model: an array of owned strings.

enum { MODEL_MAX = 200, MODEL_STEPS = 4000, VALUE_MAX = 400 };

struct model {
    struct slice values[MODEL_MAX];
    size_t count;
};

static void model_splice(struct model *model, size_t index, size_t removed,
                         const struct slice *added)
{
    for (size_t i = 0; i < removed; i++)
        free((void *)(uintptr_t)model->values[index + i].data);
    size_t shift = added ? 1 : 0;
    memmove(model->values + index + shift, model->values + index + removed,
            (model->count - index - removed) * sizeof *model->values);
    model->count = model->count - removed + shift;
    if (added) {
        char *bytes = xmalloc(added->size + 1);
        memcpy(bytes, added->data, added->size);
        model->values[index] = (struct slice){bytes, added->size};
    }
}

static void model_compare(const struct model *model,
                          const struct packed *packed)
{
    packed_check_invariants(packed);
    ck_assert_uint_eq(packed_count(packed), model->count);
    struct packed_item item;
    bool more = packed_first(packed, &item);
    for (size_t i = 0; i < model->count; i++) {
        ck_assert(more);
        ck_assert(slice_equal(item.value, model->values[i]));
        more = packed_next(packed, &item);
    }
    ck_assert(!more);
}

static struct slice random_value(struct random *random, char *bytes)
{
    bool is_long = random_below(random, 8) == 0;
    size_t size = random_below(random, is_long ? VALUE_MAX : 4);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)random_below(random, 256);
    return (struct slice){bytes, size};
}

static size_t place_of(const struct packed *packed, size_t index)
{
    struct packed_item item = {.at = packed_size(packed)};
    packed_get(packed, (int64_t)index, &item);
    return item.at;
}

static void random_step(struct random *random, struct model *model,
                        struct packed **packed)
{
    char bytes[VALUE_MAX];
    struct slice value = random_value(random, bytes);
    size_t index = random_below(random, model->count + 1);
    size_t rest = model->count - index;
    switch (random_below(random, model->count < MODEL_MAX ? 5 : 2)) {
    case 0: { // Rarely everything that follows.
        size_t count = random_below(random, (rest < 3 ? rest : 3) + 1);
        if (random_below(random, 100) == 0)
            count = rest;
        packed_remove(packed, place_of(*packed, index), count);
        model_splice(model, index, count, NULL);
        return;
    }
    case 1:
        if (rest == 0)
            return;
        packed_replace(packed, place_of(*packed, index), value);
        model_splice(model, index, 1, &value);
        return;
    case 2:
        packed_insert(packed, place_of(*packed, index), value);
        model_splice(model, index, 0, &value);
        return;
    case 3:
        packed_append(packed, value);
        model_splice(model, model->count, 0, &value);
        return;
    default:
        packed_prepend(packed, value);
        model_splice(model, 0, 0, &value);
    }
}

TEST_FOR(it_does_what_an_array_of_strings_does, 4)
{
    struct random random;
    random_init(&random, (uint64_t)_i);
    struct model model = {0};
    struct packed *packed = packed_create();
    for (int i = 0; i < MODEL_STEPS; i++) {
        random_step(&random, &model, &packed);
        model_compare(&model, packed);
    }
    model_splice(&model, 0, model.count, NULL);
    free(packed);
}
