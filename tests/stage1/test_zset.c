// test_zset.c -- sorted sets against a model that can't be wrong: an array that
// is kept in order by looking at all of it.
//
//     make -C tests run ONLY=test_zset SEED=123 OPERATIONS=1000000
//
// A failure names the run after the test: its seed is SEED (default 0) plus
// that.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/zset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/random.h"
#include "tests/test.h"

static const struct hash_secret secret = {{1, 2, 3}};
static const struct limits limits = LIMITS_DEFAULT;

static struct slice name_of(int number, char text[24])
{
    int size = snprintf(text, 24, "member:%d", number);
    return (struct slice){text, (size_t)size};
}

static struct zset *make(int count)
{
    struct zset *zset = zset_create(&secret, &limits);
    char text[24];
    for (int i = 0; i < count; i++)
        ck_assert(zset_put(zset, name_of(i, text), i));
    zset_check_invariants(zset);
    return zset;
}

static const char *encoding(struct zset *zset)
{
    struct object *object = zset_object(zset);
    return object->type->encoding(object);
}

TEST(a_set_is_packed_up_to_128_members)
{
    struct zset *zset = make(128);
    ck_assert_str_eq(encoding(zset), "listpack");
    ck_assert(!zset_put(zset, SLICE("member:7"), 3));
    ck_assert_str_eq(encoding(zset), "listpack");
    ck_assert(zset_put(zset, SLICE("one more"), 3));
    ck_assert_str_eq(encoding(zset), "skiplist");
    zset_check_invariants(zset);
    zset_remove_range(zset, 1, 128);
    ck_assert_str_eq(encoding(zset), "skiplist");
    ck_assert_uint_eq(zset_count(zset), 1);
    zset_check_invariants(zset);
    zset_destroy(zset);
}

TEST(a_member_of_more_than_64_bytes_ends_packing)
{
    static const char bytes[65] = {0};
    struct zset *zset = make(1);
    zset_put(zset, (struct slice){bytes, 64}, 1);
    ck_assert_str_eq(encoding(zset), "listpack");
    zset_put(zset, (struct slice){bytes, 65}, 1);
    ck_assert_str_eq(encoding(zset), "skiplist");
    ck_assert_uint_eq(zset_count(zset), 3);
    zset_check_invariants(zset);
    zset_destroy(zset);
}

TEST(members_may_be_empty_or_hold_any_bytes)
{
    struct zset *zset = make(0);
    double score;
    zset_put(zset, SLICE(""), INFINITY);
    zset_put(zset, SLICE("\0\r\n"), -INFINITY);
    ck_assert(zset_find(zset, SLICE(""), &score) && isinf(score));
    ck_assert(zset_find(zset, SLICE("\0\r\n"), &score) && score < 0);
    ck_assert(!zset_find(zset, SLICE("\0"), &score));
    ck_assert(zset_remove(zset, SLICE("")) && !zset_remove(zset, SLICE("")));
    zset_destroy(zset);
}

TEST(a_score_is_not_mistaken_for_a_member)
{
    struct zset *zset = make(0);
    double score = 0x1.6161616161616p+1000, other;
    zset_put(zset, SLICE("a"), score);
    ck_assert(
        !zset_find(zset, (struct slice){(char *)&score, sizeof score}, &other));
    zset_destroy(zset);
}

TEST_FOR(a_copy_is_a_set_of_its_own, 2)
{
    struct zset *zset = make(_i ? 1000 : 100);
    struct object *object = zset_object(zset);
    struct object *copied = object->type->copy(object);
    zset_put(zset, SLICE("member:5"), 77);
    zset_remove(zset, SLICE("member:6"));

    struct entry *entry =
        entry_create(SLICE("k"), sizeof copied, sizeof copied, ENTRY_NO_EXPIRY);
    memcpy(entry_value(entry), &copied, sizeof copied);
    struct zset *copy = zset_of(entry);
    double score;
    ck_assert(zset_find(copy, SLICE("member:5"), &score) && score == 5);
    ck_assert(zset_find(copy, SLICE("member:6"), &score) && score == 6);
    zset_check_invariants(copy);
    zset_check_invariants(zset);
    for (size_t i = 0; i < 100; i++) { // The same order of picks.
        struct zset_item item;
        char text[24];
        zset_pick(copy, i, &item);
        ck_assert(slice_equal(item.member, name_of((int)i, text)));
    }
    zset_destroy(zset);
    zset_destroy(copy);
    entry_destroy(entry);
}

TEST(a_huge_set_is_released_in_slices)
{
    struct object *object = zset_object(make(5000));
    size_t whole = object->memory, left = whole;
    int calls = 1;
    for (; !object->type->release(object, 100); calls++)
        left = object->memory;
    ck_assert_uint_lt(left, whole / 4);
    // Nodes and members count each.
    ck_assert_int_ge(calls, 50);
    ck_assert_int_le(calls, 110);
}

TEST(memory_grows_and_shrinks_with_the_members)
{
    struct zset *zset = make(10000);
    size_t full = zset_object(zset)->memory;
    ck_assert_uint_gt(full, 10000 * 50);
    zset_remove_range(zset, 0, 9990);
    ck_assert_uint_lt(zset_object(zset)->memory, full / 4);
    zset_destroy(zset);
}

// ---- The model

enum { MEMBERS = 260, RUNS = 4, OPERATIONS_DEFAULT = 20 * 1000 };

// Check records every assertion that holds, which takes longer than the sets.
#define agree(condition)                                                       \
    do {                                                                       \
        if (!(condition))                                                      \
            ck_abort_msg("disagree: " #condition);                             \
    } while (0)

struct item {
    char text[80];
    size_t size;
    double score;
};

struct model {
    struct zset *zset;
    struct random random;
    struct item items[MEMBERS]; // In order.
    size_t count;
    size_t members; // How many different ones are in use.
};

static struct slice item_member(const struct item *item)
{
    return (struct slice){item->text, item->size};
}

static size_t below(struct model *model, size_t bound)
{
    return random_below(&model->random, bound);
}

static double any_score(struct model *model)
{
    static const double edges[] = {INFINITY, -INFINITY, 1e300, -0.5, 5e-324};
    if (below(model, 20) == 0)
        return edges[below(model, sizeof edges / sizeof *edges)];
    return (double)below(model, 12) - 3;
}

static struct item any_item(struct model *model)
{
    struct item item = {.score = any_score(model)};
    int number = (int)below(model, model->members);
    item.size = (size_t)snprintf(item.text, sizeof item.text, "%s%d",
                                 number % 2 ? "a" : "longer:", number);
    return item;
}

// Where the member is, or the count.
static size_t place_of(const struct model *model, const struct item *item)
{
    size_t i = 0;
    while (i < model->count &&
           !slice_equal(item_member(&model->items[i]), item_member(item)))
        i++;
    return i;
}

static void take_out(struct model *model, size_t place, size_t count)
{
    model->count -= count;
    memmove(&model->items[place], &model->items[place + count],
            (model->count - place) * sizeof(struct item));
}

static size_t count_before(const struct model *model, const struct cut *cut)
{
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++)
        count += cut_is_after(cut, model->items[i].score,
                              item_member(&model->items[i]));
    return count;
}

static void do_put(struct model *model)
{
    struct item item = any_item(model);
    size_t place = place_of(model, &item);
    bool found = place < model->count;
    if (found)
        take_out(model, place, 1);
    struct cut cut = {CUT_ITEM, item.score, item_member(&item), false};
    place = count_before(model, &cut);
    memmove(&model->items[place + 1], &model->items[place],
            (model->count - place) * sizeof item);
    model->items[place] = item;
    model->count++;
    agree(zset_put(model->zset, item_member(&item), item.score) == !found);
}

static void do_remove(struct model *model)
{
    struct item item = any_item(model);
    size_t place = place_of(model, &item);
    bool found = place < model->count;
    agree(zset_remove(model->zset, item_member(&item)) == found);
    if (found)
        take_out(model, place, 1);
}

static void do_remove_range(struct model *model)
{
    size_t place = below(model, model->count + 1);
    size_t count = below(model, model->count - place + 1);
    if (count > 20)
        count = 20;
    zset_remove_range(model->zset, place, count);
    take_out(model, place, count);
}

static void do_find(struct model *model)
{
    struct item item = any_item(model);
    size_t place = place_of(model, &item);
    double score;
    bool found = zset_find(model->zset, item_member(&item), &score);
    agree(found == (place < model->count));
    if (!found)
        return;
    agree(score == model->items[place].score);
    struct cut cut = {CUT_ITEM, score, item_member(&item), false};
    agree(zset_rank(model->zset, &cut) == place);
}

static void do_rank(struct model *model)
{
    struct item item = any_item(model);
    struct cut cut = {below(model, 2) ? CUT_SCORE : CUT_ITEM, item.score,
                      item_member(&item), below(model, 2)};
    agree(zset_rank(model->zset, &cut) == count_before(model, &cut));
}

static void do_walk(struct model *model)
{
    struct zset_item item;
    size_t place = below(model, MEMBERS);
    bool back = below(model, 2);
    bool more = zset_at(model->zset, place, &item);
    agree(more == (place < model->count));
    while (more) {
        agree(slice_equal(item.member, item_member(&model->items[place])));
        agree(item.score == model->items[place].score);
        more = back ? zset_previous(model->zset, &item)
                    : zset_next(model->zset, &item);
        place += back ? (size_t)-1 : 1;
    }
    agree(place >= model->count);
}

static void do_copy(struct model *model)
{
    struct object *object = zset_object(model->zset);
    struct object *copy = object->type->copy(object);
    zset_destroy(model->zset);
    model->zset = (struct zset *)(void *)copy;
}

static void operate(struct model *model)
{
    size_t choice = below(model, 100);
    if (choice < 45)
        do_put(model);
    else if (choice < 65)
        do_remove(model);
    else if (choice < 67)
        do_remove_range(model);
    else if (choice < 80)
        do_find(model);
    else if (choice < 92)
        do_rank(model);
    else if (choice < 99)
        do_walk(model);
    else
        do_copy(model);
    agree(zset_count(model->zset) == model->count);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

// Half of the runs stay small enough to be packed.
TEST_FOR(a_sorted_set_answers_as_the_model_does, RUNS)
{
    struct model *model = xcalloc(1, sizeof *model);
    random_init(&model->random, setting("SEED", 0) + (uint64_t)_i);
    model->zset = zset_create(&secret, &limits);
    model->members = _i % 2 ? MEMBERS - 1 : 60;
    uint64_t operations = setting("OPERATIONS", OPERATIONS_DEFAULT);
    for (uint64_t i = 0; i < operations; i++) {
        operate(model);
        if (i % 200 == 0)
            zset_check_invariants(model->zset);
    }
    ck_assert_str_eq(encoding(model->zset), _i % 2 ? "skiplist" : "listpack");
    zset_check_invariants(model->zset);
    zset_destroy(model->zset);
    free(model);
}
