// fuzz_peer_messages.c -- what nodes tell each other, from somebody who says
// anything: a greeting changes the map by its rules alone, a question gets an
// answer that can be read, and an answer has nothing that a node cannot use.
// SPDX-License-Identifier: MIT
#include <stdint.h>

#include "common/base/check.h"
#include "common/env/env.h"
#include "stage3-sharding/hello.h"
#include "stage3-sharding/seed_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_node(struct topology *topology, const char *id,
                     const char *address)
{
    struct topology_node *node = topology_add(topology, slice_of(id));
    node->weight = 1;
    check(topology_address_parse(slice_of(address), &node->client));
    node->peer = node->client;
}

static bool hear_hello(struct topology *topology, struct slice message)
{
    struct hello hello;
    struct hello_range range;
    char text[TOPOLOGY_ADDRESS_MAX];
    if (!hello_decode(message, &hello))
        return false;
    check(topology_id_is_valid(hello.id));
    topology_address_format(&hello.client, text);
    while (hello_next_range(&hello.ranges, &range)) {
        uint16_t owner = topology_find_number(topology, range.owner);
        if (owner == TOPOLOGY_NOBODY)
            continue;
        uint64_t before = topology->slots[range.first].epoch;
        topology_learn(topology, range.first, owner, range.epoch);
        check(topology->slots[range.first].epoch >= before);
    }
    check(hello.ranges.size == 0);
    return true;
}

static void hear_question(const struct topology *topology, struct slice message)
{
    struct buffer answer = {0};
    struct seed_answer read;
    seed_answer_encode(topology, message, &answer);
    check(answer.size <= ENV_ANSWER_MAX);
    if (answer.size)
        check(seed_answer_decode(buffer_slice(&answer), &read));
    buffer_deinit(&answer);
}

static void hear_answer(struct slice message)
{
    struct seed_answer answer;
    struct topology_address peer;
    struct slice id;
    uint16_t count = 0;
    if (!seed_answer_decode(message, &answer))
        return;
    while (seed_next_node(&answer.nodes, &id, &peer)) {
        check(topology_id_is_valid(id));
        check(peer.port != 0);
        count++;
    }
    check(answer.first + count <= answer.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct topology fresh, topology;
    struct slice message = {(const char *)data, size};
    if (!fresh.count) {
        topology_init(&fresh);
        add_node(&fresh, "n1", "127.0.0.1:7001");
        add_node(&fresh, "n2", "[::1]:7002");
        fresh.self = 0;
        check(topology_plan(&fresh));
    }
    topology = fresh;
    if (hear_hello(&topology, message))
        topology_check_invariants(&topology);
    hear_question(&fresh, message);
    hear_answer(message);
    return 0;
}
