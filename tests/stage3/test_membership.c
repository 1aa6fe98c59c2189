// test_membership.c -- nodes that keep each other up to date.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/membership.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "stage3-sharding/hello.h"
#include "stage3-sharding/seed_list.h"

#include "tests/stage3/talkers.h"
#include "tests/test.h"

static struct talkers *talkers;

static void setup(void)
{
    talkers = xcalloc(1, sizeof *talkers);
    talkers_init(talkers);
}

static void teardown(void)
{
    talkers_deinit(talkers);
    free(talkers);
}

static struct topology *map_of(int node)
{
    return &talkers->all[node].topology;
}

static bool is_alive(int to_whom, uint16_t node)
{
    return membership_is_alive(&talkers->all[to_whom].membership, node);
}

static void expect_same_maps(void)
{
    for (int node = 0; node < TALKERS; node++) {
        for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
            const struct topology_slot *here = &map_of(node)->slots[slot];
            ck_assert(here->epoch > 0);
            ck_assert_uint_eq(here->owner, map_of(0)->slots[slot].owner);
            ck_assert_uint_eq(here->epoch, map_of(0)->slots[slot].epoch);
        }
        ck_assert(!membership_is_disputed(&talkers->all[node].membership));
    }
}

TEST(nodes_that_know_only_ids_come_to_one_map)
{
    setup();
    map_of(2)->nodes[2].weight = 2;
    talkers_start(talkers);
    ck_assert_uint_eq(topology_epoch(map_of(0)), 0);
    talkers_run_ms(talkers, 1000);
    expect_same_maps();
    ck_assert_uint_eq(map_of(0)->nodes[2].weight, 2);
    ck_assert_uint_eq(map_of(0)->nodes[3].client.port, 7003);
    ck_assert_str_eq(map_of(0)->nodes[3].client.host, "127.0.0.1");
    ck_assert(topology_share(map_of(1), 2) > topology_share(map_of(1), 1));
    teardown();
}

static size_t greeting_size(int from, bool with_ranges)
{
    struct buffer message = {0};
    hello_encode(map_of(from), with_ranges, &message);
    size_t size = message.size;
    buffer_deinit(&message);
    return size;
}

TEST(who_has_the_same_map_is_told_no_more_than_that)
{
    setup();
    talkers_start(talkers);
    talkers_run_ms(talkers, 1600);
    ck_assert_uint_eq(talkers->all[0].last_size, greeting_size(0, false));
    topology_learn(map_of(0), 77, 1, 2);
    talkers_run_ms(talkers, 500);
    ck_assert_uint_eq(talkers->all[0].last_size, greeting_size(0, true));
    talkers_run_ms(talkers, 1500);
    ck_assert_uint_eq(talkers->all[0].last_size, greeting_size(0, false));
    teardown();
}

TEST(the_newest_owner_is_heard_everywhere)
{
    setup();
    talkers_start(talkers);
    talkers_run_ms(talkers, 1000);
    topology_learn(map_of(3), 77, 1, 2);
    talkers_run_ms(talkers, 1000);
    expect_same_maps();
    ck_assert_uint_eq(map_of(0)->slots[77].owner, 1);
    teardown();
}

TEST(it_is_heard_through_others_too)
{
    setup();
    talkers_start(talkers);
    talkers_run_ms(talkers, 1000);
    talkers->cut[3][0] = talkers->cut[3][1] = true;
    topology_learn(map_of(3), 77, 1, 2);
    talkers_run_ms(talkers, 1500);
    expect_same_maps();
    teardown();
}

TEST(a_peer_that_says_nothing_is_down_until_it_speaks)
{
    setup();
    talkers_start(talkers);
    talkers_run_ms(talkers, 1000);
    ck_assert(is_alive(0, 1) && is_alive(0, 0));
    talkers->cut[1][0] = true;
    talkers_run_ms(talkers, MEMBERSHIP_SILENT_US / 1000 - 600);
    ck_assert(is_alive(0, 1));
    talkers_run_ms(talkers, 700);
    ck_assert(!is_alive(0, 1));
    ck_assert(is_alive(1, 0)); // It goes on hearing.
    ck_assert(is_alive(0, 2));
    talkers->cut[1][0] = false;
    talkers_run_ms(talkers, MEMBERSHIP_GREET_US / 1000);
    ck_assert(is_alive(0, 1));
    teardown();
}

TEST(a_peer_that_never_spoke_has_its_time_to_start)
{
    setup();
    talkers->all[2].asleep = true;
    talkers_start(talkers);
    talkers_run_ms(talkers, MEMBERSHIP_SILENT_US / 1000 - 100);
    ck_assert(is_alive(0, 2));
    talkers_run_ms(talkers, 200);
    ck_assert(!is_alive(0, 2));
    ck_assert_uint_eq(topology_epoch(map_of(0)), 0); // Nor is there a map.
    talkers->all[2].asleep = false;
    talkers_run_ms(talkers, 600);
    ck_assert(is_alive(0, 2));
    expect_same_maps();
    teardown();
}

TEST(who_has_slept_does_not_take_the_others_for_dead)
{
    setup();
    talkers_start(talkers);
    talkers_run_ms(talkers, 1000);
    struct fake_env *sleeper = &talkers->all[0].fake;
    sleeper->now_us += 60 * 1000 * 1000; // A minute of which it knows nothing.
    talkers->cut[1][0] = talkers->cut[2][0] = talkers->cut[3][0] = true;
    talkers_run_ms(talkers, 20);
    for (uint16_t node = 1; node < TALKERS; node++)
        ck_assert(is_alive(0, node));
    talkers_run_ms(talkers, MEMBERSHIP_SILENT_US / 1000 + 600);
    ck_assert(!is_alive(0, 1));
    teardown();
}

TEST(two_maps_at_odds_are_noticed)
{
    setup();
    topology_learn(map_of(0), 5, 0, 1);
    topology_learn(map_of(1), 5, 1, 1);
    talkers_start(talkers);
    talkers_run_ms(talkers, 1000);
    ck_assert(membership_is_disputed(&talkers->all[0].membership));
    ck_assert(membership_is_disputed(&talkers->all[1].membership));
    ck_assert_uint_eq(map_of(0)->slots[5].owner, 0); // Nobody gives in.
    ck_assert_uint_eq(map_of(1)->slots[5].owner, 1);
    topology_learn(map_of(2), 5, 2, 7); // What is newer settles it.
    talkers_run_ms(talkers, 1000);
    expect_same_maps();
    teardown();
}

TEST(what_is_no_greeting_of_a_known_peer_changes_nothing)
{
    setup();
    talkers_start(talkers);
    struct env_peers *peers = &talkers->all[0].membership.peers;
    uint32_t number = map_of(0)->nodes[1].number;
    struct buffer message = {0};
    hello_encode(map_of(1), true, &message);
    peers->receive(peers, number + 1, buffer_slice(&message)); // Another's.
    peers->receive(peers, number, SLICE("nonsense"));
    ck_assert_uint_eq(map_of(0)->nodes[1].weight, 0);
    ck_assert_uint_eq(talkers->all[0].membership.received, 0);
    peers->receive(peers, number, buffer_slice(&message));
    ck_assert_uint_eq(map_of(0)->nodes[1].weight, 1);
    buffer_deinit(&message);
    teardown();
}

TEST(a_guest_that_asks_is_told_the_list)
{
    setup();
    talkers_start(talkers);
    struct env_peers *peers = &talkers->all[1].membership.peers;
    struct buffer question = {0}, message = {0};
    struct seed_answer answer;
    seed_question_encode(SLICE("n3"), 0, &question);
    for (uint16_t i = 0; i < TALKERS; i++)
        topology_address_parse(SLICE("127.0.0.1:1"), &map_of(1)->nodes[i].peer);
    peers->answer(peers, buffer_slice(&question), &message);
    ck_assert(seed_answer_decode(buffer_slice(&message), &answer));
    ck_assert(answer.is_known);
    ck_assert_uint_eq(answer.count, TALKERS);
    ck_assert_uint_eq(answer.seed, 1);
    buffer_deinit(&question);
    buffer_deinit(&message);
    teardown();
}
