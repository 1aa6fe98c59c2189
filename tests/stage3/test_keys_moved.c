// test_keys_moved.c -- what a change of the ring would move.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/keys_moved.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/test.h"

static struct topology today;
static struct keys_moved *moved;
static char why[VIEW_TEXT_MAX];

// n1 to n5, as the ring gives.
static void setup(void)
{
    static const char *const ids[] = {"n1", "n2", "n3", "n4", "n5"};
    topology_init(&today);
    for (int i = 0; i < 5; i++)
        topology_add(&today, slice_of(ids[i]))->weight = 1;
    topology_plan(&today);
    moved = xcalloc(1, sizeof *moved);
    keys_moved_init(moved, &today);
}

static void teardown(void)
{
    keys_moved_deinit(moved);
    free(moved);
    topology_deinit(&today);
}

static bool change(enum keys_change kind, const char *text)
{
    return keys_moved_change(moved, kind, slice_of(text), why);
}

static uint32_t moved_from(uint16_t node)
{
    bool wanted[SLOT_COUNT];
    return keys_moved_from(moved, node, wanted);
}

static uint32_t moved_slots(void)
{
    uint32_t count = 0;
    for (uint16_t i = 0; i < today.count; i++)
        count += moved_from(i);
    return count;
}

TEST(a_new_node_takes_from_all_and_moves_nothing_between_them)
{
    setup();
    ck_assert(change(KEYS_ADD, "n6"));
    keys_moved_plan(moved);
    for (uint16_t i = 0; i < today.count; i++)
        ck_assert_uint_gt(moved_from(i), 0);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (moved->moves[slot])
            ck_assert_uint_eq(moved->to[slot], 5);
    }
    ck_assert_double_eq_tol(moved->optimum, SLOT_COUNT / 6.0, 0.001);
    ck_assert_double_eq_tol(moved_slots(), moved->optimum, 600);
    teardown();
}

TEST(a_node_that_leaves_gives_all_that_it_has_and_nobody_else_does)
{
    setup();
    ck_assert(change(KEYS_REMOVE, "n2"));
    keys_moved_plan(moved);
    ck_assert_uint_eq(moved_from(1), topology_share(&today, 1));
    ck_assert_uint_eq(moved_slots(), topology_share(&today, 1));
    ck_assert_double_eq_tol(moved->optimum, SLOT_COUNT / 5.0, 0.001);
    teardown();
}

TEST(more_weight_takes_and_less_gives)
{
    setup();
    ck_assert(change(KEYS_WEIGHT, "n2=2"));
    keys_moved_plan(moved);
    ck_assert_uint_eq(moved_from(1), 0);
    ck_assert_uint_gt(moved_slots(), 1000);
    ck_assert_double_eq_tol(moved->optimum, SLOT_COUNT * (2 / 6.0 - 1 / 5.0),
                            0.001);
    teardown();
}

TEST(several_changes_are_one)
{
    setup();
    ck_assert(change(KEYS_ADD, "n6=2"));
    ck_assert(change(KEYS_REMOVE, "n6"));
    keys_moved_plan(moved);
    ck_assert_uint_eq(moved_slots(), 0);
    ck_assert_double_eq_tol(moved->optimum, 0, 0.001);
    teardown();
}

TEST(slots_that_are_not_where_the_ring_wants_them_move_too)
{
    setup();
    uint16_t owner = today.slots[7].owner;
    topology_learn(&today, 7, owner == 0 ? 1 : 0, 9);
    keys_moved_plan(moved);
    ck_assert_uint_eq(moved_slots(), 1);
    ck_assert(moved->moves[7]);
    ck_assert_uint_eq(moved->to[7], owner);
    teardown();
}

static const struct {
    enum keys_change change;
    const char *text, *why;
} refused[] = {
    {KEYS_ADD, "n1", "there is a node n1 already"},
    {KEYS_ADD, "n6=0", "n6=0: an id, or id=weight, is needed"},
    {KEYS_ADD, "n6=101", "n6=101: an id, or id=weight, is needed"},
    {KEYS_ADD, "n 6", "n 6: an id, or id=weight, is needed"},
    {KEYS_REMOVE, "n7", "there is no node n7"},
    {KEYS_REMOVE, "n1=1", "n1=1: the id of a node is needed"},
    {KEYS_WEIGHT, "n1", "n1: id=weight, from 1 to 100, is needed"},
    {KEYS_WEIGHT, "n1=x", "n1=x: id=weight, from 1 to 100, is needed"},
    {KEYS_WEIGHT, "n9=2", "there is no node n9"},
};

TEST(a_change_that_cannot_be_is_refused)
{
    setup();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ck_assert(!change(refused[i].change, refused[i].text));
        ck_assert_str_eq(why, refused[i].why);
    }
    for (const char *const *id =
             (const char *const[]){"n1", "n2", "n3", "n4", NULL};
         *id; id++)
        ck_assert(change(KEYS_REMOVE, *id));
    ck_assert(!change(KEYS_REMOVE, "n5"));
    ck_assert_str_eq(why, "n5 is the last node");
    teardown();
}

// Two nodes with a map by hand; all that n1 has goes.
static void setup_small(void)
{
    topology_init(&today);
    topology_add(&today, SLICE("n1"))->weight = 1;
    topology_add(&today, SLICE("n2"))->weight = 1;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        topology_learn(&today, (uint16_t)slot, slot >= 4096, 1);
    moved = xcalloc(1, sizeof *moved);
    keys_moved_init(moved, &today);
    ck_assert(change(KEYS_REMOVE, "n1"));
    keys_moved_plan(moved);
    moved->keys[0] = 5;
    moved->keys[4095] = 2;
}

static void expect_text(const char *text)
{
    struct buffer out = {0};
    keys_moved_text(moved, &out);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq(out.data, text);
    buffer_deinit(&out);
}

TEST(the_text_has_a_line_for_each_that_gives)
{
    setup_small();
    moved->counted[0] = true;
    expect_text("from  to  slots  keys\n"
                "n1    n2   4096     7\n"
                "all        4096     7\n"
                "25.0 % of all slots would move; the optimum, by the weights, "
                "is 8192 slots (50.0 %).\n"
                "Nothing was changed.\n");
    teardown();
}

TEST(keys_that_were_not_counted_are_unknown)
{
    setup_small();
    json_t *json = keys_moved_json(moved);
    json_t *all = json_object_get(json, "all");
    json_t *one = json_array_get(json_object_get(json, "moves"), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(all, "slots")), 4096);
    ck_assert(json_is_null(json_object_get(all, "keys")));
    ck_assert_str_eq(json_string_value(json_object_get(one, "to")), "n2");
    ck_assert(json_is_null(json_object_get(one, "keys")));
    json_decref(json);
    teardown();
}
