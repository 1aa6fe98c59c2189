// test_trash.c -- huge values are freed in slices, small ones at once.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/trash.h"

#include "tests/stage1/fake_object.h"
#include "tests/test.h"

static void throw_away(struct trash *trash, size_t count, size_t *alive)
{
    struct object *object = fake_object_create(count, alive);
    object->counted = object->memory; // As the store does.
    trash_add(trash, object);
}

TEST(a_small_object_is_freed_at_once)
{
    struct trash trash = {0};
    size_t alive = 0;
    throw_away(&trash, 8, &alive);
    ck_assert_uint_eq(alive, 0);
    ck_assert_uint_eq(trash.count + trash.memory, 0);
    ck_assert(!trash_empty(&trash, 1));
    trash_deinit(&trash);
}

TEST(a_large_object_goes_slice_by_slice)
{
    struct trash trash = {0};
    size_t alive = 0;
    throw_away(&trash, 1000, &alive);
    ck_assert_uint_eq(alive, 1);
    ck_assert_uint_eq(trash.count, 1);
    size_t memory = trash.memory;
    ck_assert_uint_ge(memory, 90000);
    int slices = 1;
    for (; trash_empty(&trash, 100); slices++) {
        ck_assert_uint_eq(trash.memory, memory - 10000);
        memory = trash.memory;
    }
    ck_assert_int_ge(slices, 9);
    ck_assert_int_le(slices, 10);
    ck_assert_uint_eq(alive, 0);
    ck_assert_uint_eq(trash.memory, 0);
    trash_deinit(&trash);
}

TEST(many_objects_wait_for_their_turn)
{
    struct trash trash = {0};
    size_t alive = 0;
    for (size_t i = 0; i < 100; i++)
        throw_away(&trash, 1000 + i, &alive);
    ck_assert_uint_eq(trash.count, 100);
    while (trash_empty(&trash, 5000))
        ck_assert_uint_eq(trash.count, alive);
    ck_assert_uint_eq(alive, 0);
    ck_assert_uint_eq(trash.memory, 0);
    trash_deinit(&trash);
}

TEST(a_slice_takes_as_many_objects_as_fit_into_it)
{
    struct trash trash = {0};
    size_t alive = 0;
    for (size_t i = 0; i < 100; i++)
        throw_away(&trash, 18, &alive); // 10 of them are left.
    ck_assert(trash_empty(&trash, 110));
    ck_assert_uint_ge(alive, 85);
    ck_assert_uint_le(alive, 91);
    ck_assert(!trash_empty(&trash, 10000));
    ck_assert_uint_eq(alive, 0);
    trash_deinit(&trash);
}
