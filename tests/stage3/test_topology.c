// test_topology.c -- the map: nodes, owners, epochs, addresses.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/topology.h"

#include "tests/test.h"

static struct topology topology;

static void setup(int nodes)
{
    static const struct slice ids[] = {{"n1", 2}, {"n2", 2}, {"n3", 2}};
    topology_init(&topology);
    for (int i = 0; i < nodes; i++) {
        struct topology_node *node = topology_add(&topology, ids[i]);
        node->weight = 1;
        node->client = (struct topology_address){"127.0.0.1", 7001};
    }
    topology.self = 0;
}

static void teardown(void)
{
    topology_check_invariants(&topology);
    topology_deinit(&topology);
}

static const struct {
    const char *text, *host;
    uint16_t port;
} addresses[] = {
    {"127.0.0.1:7001", "127.0.0.1", 7001},
    {"db-1.example:1", "db-1.example", 1},
    {"[::1]:65535", "::1", 65535},
    {"", NULL, 0},
    {":7001", NULL, 0},
    {"localhost", NULL, 0},
    {"localhost:", NULL, 0},
    {"localhost:0", NULL, 0},
    {"localhost:65536", NULL, 0},
    {"localhost:70x", NULL, 0},
    {"localhost:007", NULL, 0},
    {"::1:7001", NULL, 0},
    {"[::1:7001", NULL, 0},
    {"[]:7001", NULL, 0},
    {"a b:7001", NULL, 0},
    {"a,b:7001", NULL, 0},
};

TEST_FOR(an_address_is_a_host_and_a_port, sizeof addresses / sizeof *addresses)
{
    struct topology_address address = {"old", 1};
    bool good = topology_address_parse(slice_of(addresses[_i].text), &address);
    ck_assert(good == (addresses[_i].host != NULL));
    ck_assert_str_eq(address.host, good ? addresses[_i].host : "old");
    ck_assert_uint_eq(address.port, good ? addresses[_i].port : 1);
}

TEST(an_address_is_written_as_it_is_read)
{
    static const char *const texts[] = {"127.0.0.1:7001", "db1.example:1",
                                        "[::1]:65535"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct topology_address address;
        char text[TOPOLOGY_ADDRESS_MAX];
        ck_assert(topology_address_parse(slice_of(texts[i]), &address));
        topology_address_format(&address, text);
        ck_assert_str_eq(text, texts[i]);
    }
}

TEST(an_id_is_a_word_of_up_to_32_letters)
{
    ck_assert(topology_id_is_valid(SLICE("n1")));
    ck_assert(topology_id_is_valid(SLICE("A-b_c.9")));
    ck_assert(topology_id_is_valid(SLICE("12345678901234567890123456789012")));
    ck_assert(
        !topology_id_is_valid(SLICE("123456789012345678901234567890123")));
    ck_assert(!topology_id_is_valid(SLICE("")));
    ck_assert(!topology_id_is_valid(SLICE("n/1")));
    ck_assert(!topology_id_is_valid(SLICE("n@1")));
    ck_assert(!topology_id_is_valid(SLICE("n\0")));
}

TEST(a_node_has_the_name_that_its_id_gives_it_everywhere)
{
    setup(3);
    // sha256sum of "n2".
    const char *name = "0480a93d2e9b094b89e08e01976089ac18193af8";
    ck_assert_str_eq(topology.nodes[1].name, name);
    ck_assert_uint_eq(topology.nodes[1].number, 0x0480a93d);
    ck_assert_uint_eq(topology_find(&topology, SLICE("n2")), 1);
    ck_assert_uint_eq(topology_find_name(&topology, slice_of(name)), 1);
    ck_assert_uint_eq(topology_find_number(&topology, 0x0480a93d), 1);
    ck_assert_uint_eq(topology_find(&topology, SLICE("n4")), TOPOLOGY_NOBODY);
    ck_assert_uint_eq(topology_find_name(&topology, SLICE("04")),
                      TOPOLOGY_NOBODY);
    ck_assert_uint_eq(topology_find_number(&topology, 4), TOPOLOGY_NOBODY);
    ck_assert_ptr_null(topology_add(&topology, SLICE("n2")));
    teardown();
}

TEST(slots_are_given_out_when_every_weight_is_known)
{
    setup(3);
    topology.nodes[2].weight = 0;
    ck_assert(!topology_plan(&topology));
    ck_assert_uint_eq(topology_epoch(&topology), 0);
    ck_assert_uint_eq(topology_share(&topology, 0), 0);
    uint32_t at = 0;
    struct topology_range range;
    ck_assert(!topology_next_range(&topology, &at, &range));

    topology.nodes[2].weight = 1;
    ck_assert(topology_plan(&topology));
    // Those of test_ring.c.
    ck_assert_uint_eq(topology_share(&topology, 0), 5172);
    ck_assert_uint_eq(topology_share(&topology, 1), 5705);
    ck_assert_uint_eq(topology_share(&topology, 2), 5507);
    ck_assert_uint_eq(topology_epoch(&topology), 1);
    teardown();
}

TEST(ranges_hold_every_slot_once_in_order)
{
    setup(3);
    topology_plan(&topology);
    struct topology_range range;
    uint32_t next = 0, count = 0;
    uint16_t last_owner = TOPOLOGY_NOBODY;
    for (uint32_t at = 0; topology_next_range(&topology, &at, &range);
         count++) {
        ck_assert_uint_eq(range.first, next);
        ck_assert_uint_eq(range.epoch, 1);
        ck_assert(range.owner != last_owner);
        for (uint32_t slot = range.first; slot <= range.last; slot++)
            ck_assert_uint_eq(topology.slots[slot].owner, range.owner);
        last_owner = range.owner;
        next = range.last + 1u;
        ck_assert_uint_eq(at, next);
    }
    ck_assert_uint_eq(next, SLOT_COUNT);
    ck_assert_uint_eq(count, 290); // Counted by a second program.
    teardown();
}

TEST(the_higher_epoch_wins_whoever_says_it_first)
{
    setup(3);
    topology_plan(&topology);
    ck_assert_int_eq(topology_learn(&topology, 9, 1, 5), TOPOLOGY_NEWER);
    ck_assert_int_eq(topology_learn(&topology, 9, 1, 5), TOPOLOGY_KNOWN);
    ck_assert_int_eq(topology_learn(&topology, 9, 2, 4), TOPOLOGY_OLDER);
    ck_assert_int_eq(topology_learn(&topology, 9, 2, 5), TOPOLOGY_DISPUTED);
    ck_assert_uint_eq(topology.slots[9].owner, 1);
    ck_assert_uint_eq(topology_epoch(&topology), 5);
    ck_assert_uint_eq(topology_node_epoch(&topology, 1), 5);
    ck_assert_uint_eq(topology_node_epoch(&topology, 0), 1);
    teardown();
}

TEST(maps_that_say_the_same_have_one_digest_however_they_came_to_it)
{
    setup(2);
    static struct topology other;
    topology_init(&other);
    topology_add(&other, SLICE("n2")); // Indexes are a matter of their own.
    topology_add(&other, SLICE("n1"));
    ck_assert(topology.digest == 0 && other.digest == 0);
    topology_learn(&topology, 1, 0, 1);
    topology_learn(&topology, 1, 1, 3);
    topology_learn(&topology, 2, 0, 1);
    topology_learn(&other, 2, 1, 1);
    ck_assert(topology.digest != other.digest);
    topology_learn(&other, 1, 0, 3);
    ck_assert(topology.digest == other.digest);
    topology_learn(&other, 1, 0, 4);
    ck_assert(topology.digest != other.digest);
    topology_deinit(&other);
    teardown();
}

TEST(a_plan_takes_nothing_back)
{
    setup(3);
    ck_assert_int_eq(topology_learn(&topology, 9, 1, 5), TOPOLOGY_NEWER);
    topology_plan(&topology);
    ck_assert_uint_eq(topology.slots[9].owner, 1);
    ck_assert_uint_eq(topology.slots[9].epoch, 5);
    ck_assert_uint_eq(topology.slots[8].epoch, 1);
    teardown();
}

TEST(a_move_ends_when_its_outcome_is_heard)
{
    setup(2);
    for (uint16_t slot = 0; slot < SLOT_COUNT; slot++)
        topology_learn(&topology, slot, slot % 2, 1);
    topology_set_state(&topology, 10, TOPOLOGY_MIGRATING, 1);
    topology_set_state(&topology, 11, TOPOLOGY_IMPORTING, 1);
    topology_check_invariants(&topology);
    ck_assert_int_eq(topology_learn(&topology, 10, 0, 1), TOPOLOGY_KNOWN);
    ck_assert_int_eq(topology.slots[10].state, TOPOLOGY_MIGRATING);

    topology_learn(&topology, 10, 1, 2);
    topology_learn(&topology, 11, 0, 2);
    ck_assert_int_eq(topology.slots[10].state, TOPOLOGY_STABLE);
    ck_assert_int_eq(topology.slots[11].state, TOPOLOGY_STABLE);
    topology_set_state(&topology, 11, TOPOLOGY_MIGRATING, 1);
    topology_set_state(&topology, 11, TOPOLOGY_STABLE, 0);
    ck_assert_int_eq(topology.slots[11].state, TOPOLOGY_STABLE);
    teardown();
}
