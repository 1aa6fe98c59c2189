// test_skiplist.c -- the order of a large sorted set.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/skiplist.h"

#include <stdio.h>

#include "tests/test.h"

enum { NODES = 500 };

struct list {
    struct skiplist list;
    struct skip_node *nodes[NODES]; // By the number that the member says.
};

// Members m000, m001, ... with scores that go up in groups of ten, inserted in
// a scattered order.
static void fill(struct list *list)
{
    skiplist_init(&list->list);
    for (int i = 0; i < NODES; i++) {
        int number = i * 7 % NODES;
        char member[16];
        snprintf(member, sizeof member, "m%03d", number);
        struct entry *entry =
            entry_create(slice_of(member), 0, 0, ENTRY_NO_EXPIRY);
        list->nodes[number] = skiplist_insert(&list->list, entry, number / 10);
    }
    skiplist_check_invariants(&list->list);
}

static void empty(struct list *list)
{
    size_t budget = 99;
    for (int i = 0; i < NODES; i++) {
        if (list->nodes[i])
            entry_destroy(list->nodes[i]->entry);
    }
    while (!skiplist_release(&list->list, &budget)) {
        ck_assert_uint_eq(budget, 0);
        budget = 99;
    }
    ck_assert_uint_gt(budget, 0);
    ck_assert_uint_eq(list->list.memory, 0);
}

static void drop(struct list *list, int number)
{
    struct entry *entry = list->nodes[number]->entry;
    skiplist_remove(&list->list, list->nodes[number]);
    entry_destroy(entry);
    list->nodes[number] = NULL;
}

static size_t rank_of_score(struct list *list, double score, bool after)
{
    struct cut cut = {CUT_SCORE, score, {0}, after};
    return skiplist_rank(&list->list, &cut);
}

static size_t rank_of_item(struct list *list, double score, const char *member)
{
    struct cut cut = {CUT_ITEM, score, slice_of(member), false};
    return skiplist_rank(&list->list, &cut);
}

TEST(an_empty_list_has_nothing_anywhere)
{
    struct skiplist list;
    size_t budget = 0;
    struct cut cut = {.kind = CUT_SCORE, .after = true};
    skiplist_init(&list);
    ck_assert_ptr_null(skiplist_first(&list));
    ck_assert_ptr_null(skiplist_at(&list, 0));
    ck_assert_uint_eq(skiplist_rank(&list, &cut), 0);
    skiplist_check_invariants(&list);
    ck_assert(skiplist_release(&list, &budget));
}

TEST(nodes_are_found_by_rank_and_rank_by_node)
{
    struct list list;
    fill(&list);
    for (int i = 0; i < NODES; i++) {
        ck_assert_ptr_eq(skiplist_at(&list.list, (size_t)i), list.nodes[i]);
        char member[16];
        snprintf(member, sizeof member, "m%03d", i);
        ck_assert_uint_eq(rank_of_item(&list, i / 10, member), (size_t)i);
    }
    ck_assert_ptr_null(skiplist_at(&list.list, NODES));
    ck_assert_ptr_null(skiplist_at(&list.list, SIZE_MAX));
    empty(&list);
}

TEST(a_cut_lies_before_or_after_its_score)
{
    struct list list;
    fill(&list);
    ck_assert_uint_eq(rank_of_score(&list, 3, false), 30);
    ck_assert_uint_eq(rank_of_score(&list, 3, true), 40);
    ck_assert_uint_eq(rank_of_score(&list, 2.5, false), 30);
    ck_assert_uint_eq(rank_of_score(&list, 2.5, true), 30);
    ck_assert_uint_eq(rank_of_score(&list, -1, true), 0);
    ck_assert_uint_eq(rank_of_score(&list, 1e300, false), NODES);
    empty(&list);
}

TEST(a_cut_by_item_compares_members_within_a_score_alone)
{
    struct list list;
    fill(&list);
    ck_assert_uint_eq(rank_of_item(&list, 3, "m035"), 35);
    ck_assert_uint_eq(rank_of_item(&list, 3, "m0355"), 36);
    ck_assert_uint_eq(rank_of_item(&list, 3, ""), 30);
    ck_assert_uint_eq(rank_of_item(&list, 3, "z"), 40);
    empty(&list);
}

TEST(members_alone_count_where_a_cut_says_so)
{
    struct cut cut = {CUT_MEMBER, 0, SLICE("m"), false};
    ck_assert(cut_is_after(&cut, 5, SLICE("a")));
    ck_assert(!cut_is_after(&cut, 5, SLICE("m")));
    ck_assert(!cut_is_after(&cut, 5, SLICE("mm")));
    cut.after = true;
    ck_assert(cut_is_after(&cut, 5, SLICE("m")));
    ck_assert(!cut_is_after(&cut, 5, SLICE("mm")));
}

TEST(removal_keeps_ranks_and_spans)
{
    struct list list;
    fill(&list);
    for (int i = 0; i < NODES; i += 2)
        drop(&list, i * 3 % NODES);
    skiplist_check_invariants(&list.list);
    ck_assert_uint_eq(list.list.count, NODES / 2);
    ck_assert_uint_eq(rank_of_score(&list, 3, false), 15);
    ck_assert_ptr_eq(skiplist_at(&list.list, 7), list.nodes[15]);
    for (int i = 1; i < NODES; i += 2)
        drop(&list, i);
    skiplist_check_invariants(&list.list);
    ck_assert_int_eq(list.list.height, 1);
    ck_assert_ptr_null(list.list.last);
    empty(&list);
}

TEST(a_node_moves_with_its_score)
{
    struct list list;
    fill(&list);
    struct skip_node *node = list.nodes[100];
    skiplist_move(&list.list, node, 1000);
    ck_assert_ptr_eq(list.list.last, node);
    skiplist_move(&list.list, node, -5);
    ck_assert_ptr_eq(skiplist_first(&list.list), node);
    skiplist_move(&list.list, node, -6); // Stays where it is.
    ck_assert_ptr_eq(skiplist_at(&list.list, 0), node);
    ck_assert_double_eq(node->score, -6);
    skiplist_move(&list.list, node, 20); // Among equals: by member.
    ck_assert_uint_eq(rank_of_item(&list, 20, "m100"), 199);
    skiplist_check_invariants(&list.list);
    empty(&list);
}

TEST(a_list_is_built_in_order_without_a_search)
{
    static struct list list;
    skiplist_init(&list.list);
    struct skip_path end = {.nodes = {list.list.head}};
    for (int i = 0; i < NODES; i++) {
        char member[16];
        snprintf(member, sizeof member, "m%03d", i);
        struct entry *entry =
            entry_create(slice_of(member), 0, 0, ENTRY_NO_EXPIRY);
        list.nodes[i] =
            skiplist_append(&list.list, &end, entry, (double)(i / 10));
        ck_assert(list.nodes[i]);
        // Neither the same once more nor what comes before it.
        ck_assert(!skiplist_append(&list.list, &end, entry, (double)(i / 10)));
        ck_assert(!skiplist_append(&list.list, &end, entry, -1));
    }
    skiplist_check_invariants(&list.list);
    ck_assert_int_gt(list.list.height, 2);
    for (int i = 0; i < NODES; i++)
        ck_assert_ptr_eq(skiplist_at(&list.list, (size_t)i), list.nodes[i]);
    ck_assert_uint_eq(rank_of_score(&list, 3, false), 30);
    empty(&list);
}

TEST(neighbours_are_linked_both_ways)
{
    struct list list;
    fill(&list);
    ck_assert_ptr_null(list.nodes[0]->previous);
    ck_assert_ptr_eq(list.nodes[250]->previous, list.nodes[249]);
    ck_assert_ptr_eq(list.nodes[250]->links[0].next, list.nodes[251]);
    ck_assert_ptr_eq(list.list.last, list.nodes[NODES - 1]);
    empty(&list);
}
