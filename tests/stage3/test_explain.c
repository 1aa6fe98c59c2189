// test_explain.c -- from a key to its node, with what is known.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/explain.h"

#include <jansson.h>

#include "tests/test.h"

static struct topology topology;

// n1 to n3, without a map.
static void setup(void)
{
    static const char *const ids[] = {"n1", "n2", "n3"};
    topology_init(&topology);
    for (uint16_t i = 0; i < 3; i++) {
        struct topology_node *node = topology_add(&topology, slice_of(ids[i]));
        node->weight = 1;
        topology_address_parse(SLICE("127.0.0.1:7001"), &node->client);
        node->client.port = (uint16_t)(7001 + i);
    }
}

static void expect(const struct explanation *explanation, const char *text)
{
    struct buffer out = {0};
    explain_text(&topology, explanation, &out);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq(out.data, text);
    buffer_deinit(&out);
}

#define STAR                                                                   \
    "key            \"{star}:x\", of which only the tag counts: \"star\"\n"    \
    "CRC-16         48047 (0xbbaf)\n"                                          \
    "slot           15279, CRC-16 mod 16384\n"                                 \
    "ring position  0xeebc000000000000, slot << 50\n"
#define STAR_TOKEN                                                             \
    "token          0xef6bdcc16ae47694, the first from there on: n1/68\n"      \
    "by the ring    n1 at 127.0.0.1:7001\n"

TEST(map_and_ring_name_one_node)
{
    struct explanation explanation;
    setup();
    topology_plan(&topology);
    explain_key(&topology, SLICE("{star}:x"), &explanation);
    ck_assert(explain_agrees(&explanation));
    expect(&explanation,
           STAR STAR_TOKEN "by the map     n1 at 127.0.0.1:7001, epoch 1\n");
    topology_deinit(&topology);
}

TEST(a_map_that_disagrees_with_the_ring_is_plainly_said)
{
    struct explanation explanation;
    setup();
    topology_learn(&topology, 15279, 1, 8);
    explain_key(&topology, SLICE("{star}:x"), &explanation);
    ck_assert(!explain_agrees(&explanation));
    expect(&explanation,
           STAR STAR_TOKEN "by the map     n2 at 127.0.0.1:7002, epoch 8\n"
                           "Map and ring disagree; the nodes follow the "
                           "map.\n");
    topology_deinit(&topology);
}

TEST(what_is_not_known_is_said_too)
{
    struct explanation explanation;
    setup();
    topology.nodes[2].weight = 0;
    explain_key(&topology, SLICE("{star}:x"), &explanation);
    ck_assert(explain_agrees(&explanation));
    expect(&explanation, STAR "by the ring    not known: the weight of a node "
                              "is missing\n"
                              "by the map     not known: no node told of it\n");
    topology_deinit(&topology);
}

static json_t *by(const struct explanation *explanation, const char *name)
{
    json_t *json = explain_json(&topology, explanation);
    json_t *value = json_incref(json_object_get(json, name));
    json_decref(json);
    return value;
}

TEST(json_says_the_same)
{
    struct explanation explanation;
    setup();
    topology_learn(&topology, 15279, 1, 8);
    explain_key(&topology, SLICE("{star}\xff"), &explanation);
    json_t *map = by(&explanation, "by_map"),
           *ring = by(&explanation, "by_ring");
    json_t *token = by(&explanation, "token"), *key = by(&explanation, "key");
    json_t *agree = by(&explanation, "agree");
    ck_assert_str_eq(json_string_value(json_object_get(map, "id")), "n2");
    ck_assert_str_eq(json_string_value(json_object_get(ring, "id")), "n1");
    ck_assert_int_eq(json_integer_value(json_object_get(token, "index")), 68);
    ck_assert_str_eq(json_string_value(key), "{star}\u00ff");
    ck_assert(json_is_false(agree));
    json_decref(map), json_decref(ring), json_decref(token);
    json_decref(key), json_decref(agree);
    topology_deinit(&topology);
}
