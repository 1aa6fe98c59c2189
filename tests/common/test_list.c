// test_list.c -- order, and removal while walking.
// SPDX-License-Identifier: MIT
#include "common/base/list.h"

#include "tests/test.h"

struct item {
    int name;
    struct list_link link; // Not first, so that container_of has work to do.
};

static int name_of(struct list_link *link)
{
    return container_of(link, struct item, link)->name;
}

// The names in order as the digits of one number: 1 2 3 is 123.
static int digits(struct list_link *list)
{
    int forward = 0, backward = 0, weight = 1;
    list_for_each (link, list) {
        forward = forward * 10 + name_of(link);
    }
    for (struct list_link *link = list->previous; link != list;
         link = link->previous) {
        backward += name_of(link) * weight;
        weight *= 10;
    }
    ck_assert_int_eq(forward, backward);
    return forward;
}

TEST(a_new_list_is_empty)
{
    struct list_link list;
    list_init(&list);
    ck_assert(list_is_empty(&list));
    ck_assert_ptr_null(list_first(&list));
    ck_assert_int_eq(digits(&list), 0);
}

TEST(elements_stand_where_they_were_put)
{
    struct list_link list;
    struct item one = {.name = 1}, two = {.name = 2}, three = {.name = 3},
                four = {.name = 4};
    list_init(&list);
    list_push_back(&list, &two.link);
    list_push_back(&list, &four.link);
    list_push_front(&list, &one.link);
    list_insert_before(&four.link, &three.link);
    ck_assert_int_eq(digits(&list), 1234);
    ck_assert_ptr_eq(list_first(&list), &one.link);
    ck_assert(!list_is_empty(&list));
}

TEST(removing_twice_is_harmless)
{
    struct list_link list;
    struct item one = {.name = 1}, two = {.name = 2}, three = {.name = 3};
    list_init(&list);
    list_push_back(&list, &one.link);
    list_push_back(&list, &two.link);
    list_push_back(&list, &three.link);
    list_remove(&two.link);
    list_remove(&two.link);
    ck_assert_int_eq(digits(&list), 13);
    ck_assert(list_is_empty(&two.link));
    list_remove(&one.link);
    list_remove(&three.link);
    ck_assert(list_is_empty(&list));
}

TEST(the_safe_walk_lets_its_element_go)
{
    struct list_link list, others;
    struct item items[5];
    list_init(&list);
    list_init(&others);
    for (int i = 0; i < 5; i++) {
        items[i].name = i + 1;
        list_push_back(&list, &items[i].link);
    }
    list_for_each_safe (link, &list) {
        if (name_of(link) % 2) {
            list_remove(link);
            list_push_back(&others, link);
        }
    }
    ck_assert_int_eq(digits(&list), 24);
    ck_assert_int_eq(digits(&others), 135);
}
