// test_quicklist.c -- the structure of a list, against an array of strings that
// can't be wrong.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/quicklist.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/random.h"
#include "tests/test.h"

enum { NO_LIMIT = 1 << 30 };

static const struct limits limits = LIMITS_DEFAULT;

static void destroy(struct quicklist *list)
{
    ck_assert(quicklist_type.release(&list->object, NO_LIMIT));
}

static struct slice numbered(char text[INT64_TEXT_MAX], int64_t number)
{
    return (struct slice){text, int64_format(text, number)};
}

static struct quicklist *make_numbers(int64_t count)
{
    struct quicklist *list = quicklist_create(&limits);
    char text[INT64_TEXT_MAX];
    for (int64_t i = 0; i < count; i++)
        quicklist_push(list, QUICKLIST_TAIL, numbered(text, i));
    return list;
}

TEST(an_empty_list_has_no_places)
{
    struct quicklist *list = quicklist_create(&limits);
    struct quicklist_place place;
    ck_assert(!quicklist_at_end(list, QUICKLIST_HEAD, &place));
    ck_assert(!quicklist_at_end(list, QUICKLIST_TAIL, &place));
    ck_assert(!quicklist_at(list, 0, &place));
    ck_assert(!quicklist_at(list, -1, &place));
    quicklist_trim(list, QUICKLIST_HEAD, 3);
    quicklist_check_invariants(list);
    ck_assert_str_eq(quicklist_type.encoding(&list->object), "quicklist");
    destroy(list);
}

enum { MANY = 20000 };

TEST(any_index_of_many_nodes_is_found_from_either_end)
{
    struct quicklist *list = make_numbers(MANY);
    struct quicklist_place place;
    char text[INT64_TEXT_MAX];
    for (int64_t i = 0; i < MANY; i += 37) {
        ck_assert(quicklist_at(list, i, &place));
        ck_assert(slice_equal(place.item.value, numbered(text, i)));
        ck_assert(quicklist_at(list, i - MANY, &place));
        ck_assert(slice_equal(place.item.value, numbered(text, i)));
    }
    ck_assert(!quicklist_at(list, MANY, &place));
    ck_assert(!quicklist_at(list, -MANY - 1, &place));
    ck_assert(!quicklist_at(list, INT64_MIN, &place));
    quicklist_check_invariants(list);
    destroy(list);
}

TEST(many_short_elements_take_little_memory)
{
    struct quicklist *list = make_numbers(MANY);
    ck_assert_uint_lt(list->object.memory, (size_t)MANY * 10);
    destroy(list);
}

TEST(a_large_element_has_a_node_to_itself)
{
    struct quicklist *list = make_numbers(3);
    size_t size = 3 * 1000 * 1000;
    struct slice large = {xcalloc(size, 1), size};
    struct quicklist_place place;
    quicklist_at(list, 1, &place);
    quicklist_insert(list, place, true, large);
    quicklist_push(list, QUICKLIST_HEAD, large);
    quicklist_push(list, QUICKLIST_TAIL, SLICE("small"));
    quicklist_check_invariants(list);
    ck_assert_uint_gt(list->object.memory, 2 * size);
    quicklist_at(list, 3, &place);
    ck_assert(slice_equal(place.item.value, large));
    quicklist_replace(list, place, SLICE("x"));
    quicklist_check_invariants(list);
    quicklist_trim(list, QUICKLIST_HEAD, 1);
    ck_assert_uint_lt(list->object.memory, 10000); // glibc gives back pages.
    quicklist_at(list, 2, &place);
    ck_assert(slice_equal(place.item.value, SLICE("x")));
    free((void *)(uintptr_t)large.data);
    destroy(list);
}

TEST(it_is_released_in_slices)
{
    struct quicklist *list = make_numbers(MANY);
    int slices = 1;
    while (!quicklist_type.release(&list->object, 2))
        slices++;
    ck_assert_int_gt(slices, 3);
}

TEST(a_copy_is_equal_and_its_own)
{
    struct quicklist *list = make_numbers(MANY);
    struct object *object = quicklist_type.copy(&list->object);
    struct quicklist *copy = (struct quicklist *)object;
    destroy(list);
    quicklist_check_invariants(copy);
    ck_assert_uint_eq(quicklist_type.count(object), MANY);
    struct quicklist_place place;
    char text[INT64_TEXT_MAX];
    bool more = quicklist_at_end(copy, QUICKLIST_HEAD, &place);
    for (int64_t i = 0; i < MANY; i++) {
        ck_assert(more);
        ck_assert(slice_equal(place.item.value, numbered(text, i)));
        more = quicklist_step(copy, QUICKLIST_HEAD, &place);
    }
    ck_assert(!more);
    destroy(copy);
}

// The model: an array of owned strings. Values are long, so that there are
// several nodes.

enum { MODEL_MAX = 150, MODEL_STEPS = 6000, VALUE_MAX = 10000 };

struct model {
    struct slice values[MODEL_MAX];
    size_t count;
};

static void model_insert(struct model *model, size_t index, struct slice value)
{
    memmove(model->values + index + 1, model->values + index,
            (model->count - index) * sizeof *model->values);
    char *bytes = xmalloc(value.size + 1);
    memcpy(bytes, value.data, value.size);
    model->values[index] = (struct slice){bytes, value.size};
    model->count++;
}

static void model_remove(struct model *model, size_t index)
{
    free((void *)(uintptr_t)model->values[index].data);
    model->count--;
    memmove(model->values + index, model->values + index + 1,
            (model->count - index) * sizeof *model->values);
}

static void model_compare(const struct model *model,
                          const struct quicklist *list)
{
    quicklist_check_invariants(list);
    ck_assert_uint_eq(list->count, model->count);
    for (int from = QUICKLIST_HEAD; from <= QUICKLIST_TAIL; from++) {
        struct quicklist_place place;
        bool more = quicklist_at_end(list, (enum quicklist_end)from, &place);
        for (size_t i = 0; i < model->count; i++) {
            size_t index = from == QUICKLIST_HEAD ? i : model->count - 1 - i;
            ck_assert(more);
            ck_assert(slice_equal(place.item.value, model->values[index]));
            more = quicklist_step(list, (enum quicklist_end)from, &place);
        }
        ck_assert(!more);
    }
}

static void random_change(struct random *random, struct model *model,
                          struct quicklist *list, struct slice value)
{
    size_t index = random_below(random, model->count);
    enum quicklist_end from = (enum quicklist_end)random_below(random, 2);
    struct quicklist_place place;
    ck_assert(quicklist_at(list, (int64_t)index, &place));
    switch (random_below(random, model->count < MODEL_MAX ? 4 : 2)) {
    case 0: {
        bool more = quicklist_remove(list, from, &place);
        model_remove(model, index);
        if (from == QUICKLIST_TAIL)
            index--;
        ck_assert_int_eq(more, index < model->count);
        if (more)
            ck_assert(slice_equal(place.item.value, model->values[index]));
        return;
    }
    case 1:
        quicklist_replace(list, place, value);
        model_remove(model, index);
        model_insert(model, index, value);
        return;
    default:
        quicklist_insert(list, place, from == QUICKLIST_TAIL, value);
        model_insert(model, index + (from == QUICKLIST_TAIL), value);
    }
}

static void random_end(struct random *random, struct model *model,
                       struct quicklist *list, struct slice value)
{
    enum quicklist_end end = (enum quicklist_end)random_below(random, 2);
    if (random_below(random, 40) == 0) {
        size_t count = random_below(random, model->count + 2);
        quicklist_trim(list, end, count);
        while (count-- > 0 && model->count > 0)
            model_remove(model, end == QUICKLIST_HEAD ? 0 : model->count - 1);
    } else if (model->count < MODEL_MAX) {
        quicklist_push(list, end, value);
        model_insert(model, end == QUICKLIST_HEAD ? 0 : model->count, value);
    }
}

static struct slice random_value(struct random *random, char *bytes)
{
    static const size_t sizes[] = {3, 3, 300, 300, 300, 3000, VALUE_MAX};
    size_t size = random_below(random, sizes[random_below(random, 7)]);
    memset(bytes, (int)random_below(random, 256), size);
    return (struct slice){bytes, size};
}

TEST_FOR(it_does_what_an_array_of_strings_does, 3)
{
    struct random random;
    random_init(&random, (uint64_t)_i);
    struct model model = {0};
    struct quicklist *list = quicklist_create(&limits);
    char bytes[VALUE_MAX];
    for (int i = 0; i < MODEL_STEPS; i++) {
        struct slice value = random_value(&random, bytes);
        if (model.count > 0 && random_below(&random, 3) > 0)
            random_change(&random, &model, list, value);
        else
            random_end(&random, &model, list, value);
        if (i % 10 == 0)
            model_compare(&model, list);
    }
    model_compare(&model, list);
    while (model.count > 0)
        model_remove(&model, 0);
    destroy(list);
}

static size_t count_nodes(const struct quicklist *list)
{
    size_t count = 0;
    list_for_each (link, &list->nodes)
        count++;
    return count;
}

TEST(nodes_are_as_large_as_the_limits_say)
{
    const struct {
        int64_t limit;
        size_t nodes_min, nodes_max;
    } rows[] = {
        {1, 1000, 1000}, {50, 20, 20}, {100000, 12, 14},
        {-1, 24, 28},    {-2, 12, 14}, {-5, 2, 2},
    };
    char text[100] = {0};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct limits changed = limits;
        changed.list_max_listpack_size = rows[row].limit;
        struct quicklist *list = quicklist_create(&changed);
        for (int i = 0; i < 1000; i++)
            quicklist_push(list, QUICKLIST_TAIL,
                           (struct slice){text, sizeof text});
        ck_assert_uint_ge(count_nodes(list), rows[row].nodes_min);
        ck_assert_uint_le(count_nodes(list), rows[row].nodes_max);
        quicklist_check_invariants(list);
        destroy(list);
    }
}
