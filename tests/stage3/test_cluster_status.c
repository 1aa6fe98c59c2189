// test_cluster_status.c -- the table of all nodes, and the same as JSON.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_status.h"

#include <jansson.h>
#include <stdio.h>

#include "tests/stage3/view_maker.h"
#include "tests/test.h"

static struct cluster_view view;

static void setup(void)
{
    cluster_view_init(&view);
    struct cluster_view_node *node =
        view_hear(&view, (struct said[]){{"n1", 1, "myself", {0, 9999, 1}},
                                         {"n2", 1, "silent", {10000, 16383, 2}},
                                         {"n3", 0, "unknown", {0}},
                                         {0}});
    node->keys = 12;
    node->memory_bytes = 3 * 1024 * 1024;
    node->ops_per_second = 7;
    node->p99_us = 4.25;
    snprintf(view.nodes[1].problem, VIEW_TEXT_MAX, "gone");
    snprintf(view.nodes[2].problem, VIEW_TEXT_MAX, "never seen");
}

TEST(each_node_has_a_line)
{
    setup();
    struct buffer out = {0};
    cluster_status_text(&view, &out);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq(
        out.data,
        "id   address         slots  keys  memory  ops/s     p99  epoch  "
        "health\n"
        "n1   127.0.0.1:7001  10000    12  3.0 MB      7  4.2 us      1  ok\n"
        "n2   127.0.0.1:7002   6384     -       -      -       -      2  "
        "no answer: gone\n"
        "n3   -                   0     -       -      -       -      0  "
        "no answer: never seen\n"
        "all                  16384    12  3.0 MB      7  4.2 us      2  "
        "1 of 3 nodes answer\n");
    buffer_deinit(&out);
    cluster_view_deinit(&view);
}

TEST(json_says_null_where_nothing_is_known)
{
    setup();
    json_t *json = cluster_status_json(&view);
    json_t *nodes = json_object_get(json, "nodes");
    json_t *one = json_array_get(nodes, 0), *two = json_array_get(nodes, 1);
    json_t *all = json_object_get(json, "all");
    ck_assert_uint_eq(json_array_size(nodes), 3);
    ck_assert_str_eq(json_string_value(json_object_get(one, "id")), "n1");
    ck_assert_int_eq(json_integer_value(json_object_get(one, "keys")), 12);
    ck_assert_str_eq(json_string_value(json_object_get(one, "health")), "ok");
    ck_assert(json_is_null(json_object_get(two, "keys")));
    ck_assert(json_is_false(json_object_get(two, "answered")));
    ck_assert_str_eq(json_string_value(json_object_get(two, "problem")),
                     "gone");
    ck_assert_int_eq(json_integer_value(json_object_get(all, "slots")), 16384);
    ck_assert_int_eq(json_integer_value(json_object_get(all, "epoch")), 2);
    json_decref(json);
    cluster_view_deinit(&view);
}
