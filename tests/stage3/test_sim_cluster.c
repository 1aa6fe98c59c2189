// test_sim_cluster.c -- tests of tests/sim/stage3: some seeds, under the
// sanitizers; and that each rule is broken by what it forbids.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/server/command.h"
#include "stage3-sharding/slot.h"
#include "tests/sim/stage3/cluster.h"
#include "tests/sim/stage3/stage3.h"
#include "tests/test.h"

enum { SEEDS = 5, SECOND_US = 1000 * 1000, NODES = 3 };

TEST_FOR(a_cluster_breaks_no_rule_and_does_the_same_twice, SEEDS)
{
    struct trace trace = {0};
    struct seed_result result;
    ck_assert(seed_run_twice(&stage3_seeds, (uint64_t)_i + 1, &trace, &result));
    ck_assert_uint_gt(result.asked, 50);
}

TEST(other_seeds_are_other_runs)
{
    struct trace trace = {0};
    struct seed_result one, other;
    stage3_seeds.run(1, &trace, &one);
    stage3_seeds.run(2, &trace, &other);
    ck_assert_uint_ne(one.hash, other.hash);
}

// ---- Rules

// A cluster of three without faults, in which something forbidden happens at
// one time.
struct crime {
    struct env_timer timer;
    struct plan plan;
    struct cluster *cluster;
    void (*commit)(struct cluster *cluster);
};

static void crime_happens(struct env_timer *timer)
{
    struct crime *crime = container_of(timer, struct crime, timer);
    crime->commit(crime->cluster);
}

// What the judge says, in `verdict`.
static void judge_crime(void (*commit)(struct cluster *cluster), int64_t at_us,
                        char verdict[SEED_FAILURE_SIZE])
{
    struct crime crime = {.commit = commit,
                          .timer.fire = crime_happens,
                          .cluster = xmalloc(sizeof *crime.cluster)};
    plan_draw(&crime.plan, 1);
    crime.plan.fault_count = 0;
    crime.plan.member_count = NODES;
    crime.plan.options.lists_all = true;
    crime.plan.options.fsync = "always";
    crime.plan.mourns = true;
    cluster_init(crime.cluster, &crime.plan);
    sim_start(&crime.cluster->sim, &crime.timer, at_us);
    cluster_run(crime.cluster);
    memcpy(verdict, crime.cluster->failure, SEED_FAILURE_SIZE);
    cluster_deinit(crime.cluster);
    free(crime.cluster);
}

#define EXPECT_VERDICT(crime, at_us, begins)                                   \
    do {                                                                       \
        char verdict[SEED_FAILURE_SIZE];                                       \
        judge_crime((crime), (at_us), verdict);                                \
        ck_assert_msg(strncmp(verdict, (begins), strlen(begins)) == 0 &&       \
                          !verdict[0] == !*(begins),                           \
                      "%s", verdict);                                          \
    } while (0)

static struct member *owner_of(struct cluster *cluster, const char *key)
{
    uint16_t slot = slot_of_key(slice_of(key));
    return &cluster->members[cluster->ledger.base[slot]];
}

static struct member *neighbour_of(struct cluster *cluster,
                                   const struct member *member)
{
    return &cluster->members[(member->index + 1) % NODES];
}

static void run_by_hand(struct member *member, const struct slice *argv,
                        uint32_t argc)
{
    internal_requests_submit(&member->hands,
                             command_find(member->server->commands, argv[0]),
                             argv, argc, member->server->now_ms);
}

static void nothing(struct cluster *cluster)
{
    (void)cluster;
}

TEST(a_cluster_without_faults_is_found_innocent)
{
    EXPECT_VERDICT(nothing, SECOND_US, "");
}

// By a map that nobody made: its neighbours will hear of it, too.
static void claim_a_slot(struct cluster *cluster)
{
    struct member *thief = neighbour_of(cluster, owner_of(cluster, "k1"));
    topology_learn(&thief->map, slot_of_key(SLICE("k1")), thief->index, 2);
}

TEST(a_node_that_claims_a_slot_is_found)
{
    EXPECT_VERDICT(claim_a_slot, 3 * SECOND_US, "S");
}

static void serve_a_foreign_slot(struct cluster *cluster)
{
    struct member *thief = neighbour_of(cluster, owner_of(cluster, "k1"));
    struct slice set[] = {SLICE("set"), SLICE("k1"), SLICE("x")};
    run_by_hand(thief, set, 3);
}

TEST(a_foreign_key_in_a_store_is_found)
{
    EXPECT_VERDICT(serve_a_foreign_slot, 3 * SECOND_US, "S2: ");
}

static void write_by_hand(struct cluster *cluster)
{
    struct slice set[] = {SLICE("set"), SLICE("{t0}a"), SLICE("x")};
    run_by_hand(owner_of(cluster, "{t0}a"), set, 3);
}

TEST(a_value_that_nobody_wrote_is_found)
{
    EXPECT_VERDICT(write_by_hand, PLAN_QUIET_US + SECOND_US, "S3: ");
}

static void cut_for_good(struct cluster *cluster)
{
    sim_network_cut(cluster->network, 1, 2);
}

TEST(a_node_that_is_not_heard_at_last_is_found)
{
    EXPECT_VERDICT(cut_for_good, PLAN_QUIET_US + 1, "S5: to n2 n1 is silent");
}

// As if it had slept on a map that is old.
static void forget_a_move(struct cluster *cluster)
{
    struct member *member = owner_of(cluster, "{t0}a");
    uint16_t to = neighbour_of(cluster, member)->index;
    ck_assert(mover_move(&cluster->mover, 0, to, SIM_HOSTS_ALL));
    cluster->ledger.moves[0].epoch++;
}

TEST(a_map_that_is_not_the_newest_at_last_is_found)
{
    EXPECT_VERDICT(forget_a_move, PLAN_QUIET_US + SECOND_US, "S5: ");
}

// It speaks of itself even when nobody lives there.
static void speak_for_the_dead(struct cluster *cluster)
{
    cluster->members[0].shard->membership.known[NODES - 1].heard_us =
        INT64_MAX / 2;
}

TEST(a_dead_node_that_is_taken_for_alive_is_found)
{
    EXPECT_VERDICT(speak_for_the_dead,
                   PLAN_QUIET_US + CLUSTER_CONVERGES_US + SECOND_US, "S9: ");
}

static void go_back_in_epochs(struct cluster *cluster)
{
    cluster->epochs[0][0] = 7;
}

TEST(an_epoch_that_falls_is_found)
{
    EXPECT_VERDICT(go_back_in_epochs, 3 * SECOND_US, "S6: ");
}

static void move_without_a_note(struct cluster *cluster)
{
    uint16_t slot = slot_of_key(SLICE("k1"));
    struct member *member = owner_of(cluster, "k1");
    topology_learn(&member->map, slot, neighbour_of(cluster, member)->index, 2);
}

TEST(a_redirection_from_a_slot_that_never_moved_is_found)
{
    EXPECT_VERDICT(move_without_a_note, 3 * SECOND_US, "S");
}

static void move_back_and_forth(struct cluster *cluster)
{
    struct member *member = owner_of(cluster, "{t0}a");
    uint16_t to = neighbour_of(cluster, member)->index;
    ck_assert(mover_move(&cluster->mover, 0, to, SIM_HOSTS_ALL));
    ck_assert(mover_move(&cluster->mover, 0, member->index, 0));
}

TEST(a_move_by_hand_breaks_no_rule)
{
    EXPECT_VERDICT(move_back_and_forth, 3 * SECOND_US, "");
}
