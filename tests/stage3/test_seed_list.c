// test_seed_list.c -- question and answer, byte by byte, and what is none.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/seed_list.h"

#include <stdio.h>

#include "common/env/env.h"
#include "tests/test.h"

static struct topology topology;
static struct buffer question, message;

static void add_node(const char *id, const char *peer)
{
    struct topology_node *node = topology_add(&topology, slice_of(id));
    ck_assert(topology_address_parse(slice_of(peer), &node->peer));
}

static void setup(void)
{
    topology_init(&topology);
    add_node("n1", "127.0.0.1:17001");
    add_node("n2", "[::1]:17002");
    topology.self = 1;
}

static void teardown(void)
{
    topology_deinit(&topology);
    buffer_deinit(&question);
    buffer_deinit(&message);
}

static bool ask(const char *id, uint16_t first, struct seed_answer *answer)
{
    buffer_clear(&question);
    buffer_clear(&message);
    seed_question_encode(slice_of(id), first, &question);
    seed_answer_encode(&topology, buffer_slice(&question), &message);
    ck_assert_uint_le(message.size, ENV_ANSWER_MAX);
    return seed_answer_decode(buffer_slice(&message), answer);
}

TEST(who_asks_for_nodes_behind_the_last_is_told_of_none)
{
    struct seed_answer answer;
    setup();
    ck_assert(ask("n1", 3, &answer));
    ck_assert_uint_eq(answer.first, 2);
    ck_assert_uint_eq(answer.nodes.size, 0);
    teardown();
}

TEST(the_bytes_are_those_that_are_written_down)
{
    static const char asked[] = "\2\1\0\0\2n1";
    static const char told[] = "\3\1\1\0\2\0\1\0\0\0"
                               "\2n1\x09"
                               "127.0.0.1\x69\x42"
                               "\2n2\3::1\x6a\x42";
    struct seed_answer answer;
    setup();
    ck_assert(ask("n1", 0, &answer));
    ck_assert(slice_equal(buffer_slice(&question),
                          (struct slice){asked, sizeof asked - 1}));
    ck_assert(slice_equal(buffer_slice(&message),
                          (struct slice){told, sizeof told - 1}));
    teardown();
}

TEST(a_node_of_the_list_is_told_all_of_it)
{
    struct seed_answer answer;
    struct slice id;
    struct topology_address peer;
    setup();
    ck_assert(ask("n1", 0, &answer));
    ck_assert(answer.is_known);
    ck_assert_uint_eq(answer.count, 2);
    ck_assert_uint_eq(answer.seed, 1);
    ck_assert(seed_next_node(&answer.nodes, &id, &peer));
    ck_assert(slice_equal(id, SLICE("n1")));
    ck_assert_str_eq(peer.host, "127.0.0.1");
    ck_assert_uint_eq(peer.port, 17001);
    ck_assert(seed_next_node(&answer.nodes, &id, &peer));
    ck_assert(slice_equal(id, SLICE("n2")));
    ck_assert(!seed_next_node(&answer.nodes, &id, &peer));
    teardown();
}

TEST(any_other_node_is_told_that_it_is_not_in_the_list)
{
    struct seed_answer answer;
    setup();
    ck_assert(ask("n3", 0, &answer));
    ck_assert(!answer.is_known);
    ck_assert_uint_eq(answer.nodes.size, 0);
    teardown();
}

TEST(a_long_list_comes_in_parts)
{
    char host[TOPOLOGY_HOST_MAX + 1] = {0}, id[16], peer[300];
    memset(host, 'h', TOPOLOGY_HOST_MAX);
    snprintf(peer, sizeof peer, "%s:1", host);
    topology_init(&topology);
    for (int i = 0; i < TOPOLOGY_NODES_MAX; i++) {
        snprintf(id, sizeof id, "n%d", i);
        add_node(id, peer);
    }
    topology.self = 0;
    uint16_t next = 0;
    int parts = 0;
    while (next < TOPOLOGY_NODES_MAX) {
        struct seed_answer answer;
        struct topology_address address;
        struct slice named;
        ck_assert(ask("n7", next, &answer));
        ck_assert_uint_eq(answer.first, next);
        uint16_t before = next;
        while (seed_next_node(&answer.nodes, &named, &address)) {
            ck_assert(slice_equal(named, slice_of(topology.nodes[next].id)));
            next++;
        }
        ck_assert_uint_gt(next, before);
        parts++;
    }
    ck_assert_int_gt(parts, 30);
    teardown();
}

TEST(what_is_no_question_gets_no_answer)
{
    setup();
    seed_question_encode(SLICE("n1"), 0, &question);
    for (size_t size = 0; size < question.size; size++)
        seed_answer_encode(&topology, (struct slice){question.data, size},
                           &message);
    buffer_append_byte(&question, 'x'); // Too much.
    seed_answer_encode(&topology, buffer_slice(&question), &message);
    question.size--;
    question.data[1] = 2; // Of a later version.
    seed_answer_encode(&topology, buffer_slice(&question), &message);
    ck_assert_uint_eq(message.size, 0);
    teardown();
}

TEST(what_is_no_answer_is_not_taken_for_one)
{
    struct seed_answer answer;
    setup();
    ck_assert(ask("n1", 0, &answer));
    enum { KIND, VERSION, COUNT = 4, SEED = 6, FIRST = 8, HEAD = 10 };
    for (size_t size = 0; size < message.size; size++) {
        // Between two nodes a shorter list is a part like any other.
        bool is_part = size == HEAD || size == HEAD + 15;
        ck_assert_int_eq(
            seed_answer_decode((struct slice){message.data, size}, &answer),
            is_part);
    }
    static const struct {
        size_t at;
        char byte;
    } wrong[] = {
        {KIND, 2}, {VERSION, 2}, {SEED, 2}, {FIRST, 1}, {COUNT, 1}, {COUNT, 0},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char was = message.data[wrong[i].at];
        message.data[wrong[i].at] = wrong[i].byte;
        ck_assert(!seed_answer_decode(buffer_slice(&message), &answer));
        message.data[wrong[i].at] = was;
    }
    ck_assert(seed_answer_decode(buffer_slice(&message), &answer));
    teardown();
}
