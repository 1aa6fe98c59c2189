// test_ring.c -- consistent hashing: golden owners, balance, movement.
//
// The last test prints what it has measured.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/ring.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/digest.h"
#include "tests/test.h"

static const struct ring_node five[] = {
    {"n1", 1}, {"n2", 1}, {"n3", 1}, {"n4", 1}, {"n5", 1}};

static void owners_of(const struct ring_node *nodes, uint32_t count,
                      uint32_t owners[SLOT_COUNT])
{
    struct ring ring;
    ring_init(&ring, nodes, count);
    ring_owners(&ring, owners);
    ring_deinit(&ring);
}

static uint32_t share_of(const uint32_t owners[SLOT_COUNT], uint32_t node)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        count += owners[slot] == node;
    return count;
}

// The first eight bytes of the SHA-256 of one byte a slot: its owner.
static uint64_t digest_of(const uint32_t owners[SLOT_COUNT])
{
    unsigned char sum[DIGEST_SIZE];
    struct digest digest;
    digest_init(&digest);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        unsigned char owner = (unsigned char)owners[slot];
        digest_update(&digest, &owner, 1);
    }
    digest_final(&digest, sum);
    digest_deinit(&digest);
    uint64_t head = 0;
    for (int i = 0; i < 8; i++)
        head = head << 8 | sum[i];
    return head;
}

// Made by a second program, in another language, from the prose of ring.c.
TEST(the_owners_are_the_golden_ones)
{
    static uint32_t owners[SLOT_COUNT];
    owners_of(five, 1, owners);
    ck_assert_uint_eq(share_of(owners, 0), SLOT_COUNT);

    owners_of(five, 3, owners);
    ck_assert_uint_eq(share_of(owners, 0), 5172);
    ck_assert_uint_eq(share_of(owners, 1), 5705);
    ck_assert_uint_eq(share_of(owners, 2), 5507);
    ck_assert_uint_eq(digest_of(owners), UINT64_C(0xb1525ebcd25f20c1));

    owners_of(five, 5, owners);
    ck_assert_uint_eq(digest_of(owners), UINT64_C(0x7fd0e1f8e2a4ab48));

    const struct ring_node unequal[] = {{"n1", 1}, {"n2", 2}};
    owners_of(unequal, 2, owners);
    ck_assert_uint_eq(digest_of(owners), UINT64_C(0xec22a8d03ab03bd5));
}

TEST(the_tokens_are_the_golden_ones_in_order)
{
    struct ring ring;
    ring_init(&ring, five, 1);
    ck_assert_uint_eq(ring.token_count, RING_TOKENS);
    ck_assert_uint_eq(ring.tokens[0].position, UINT64_C(0x02613b5d7249a7da));
    bool first = false, last = false; // "n1/0" and "n1/149"
    for (uint32_t i = 0; i < ring.token_count; i++) {
        uint64_t position = ring.tokens[i].position;
        ck_assert(i == 0 || position >= ring.tokens[i - 1].position);
        first |= position == UINT64_C(0xf8e09f80be48917e);
        last |= position == UINT64_C(0x4e3c0b776d1e7ce5);
    }
    ck_assert(first && last);
    ring_deinit(&ring);
}

TEST(a_token_is_where_its_number_says)
{
    static const struct ring_node node = {"n1", 1};
    struct ring ring;
    ring_init(&ring, &node, 1);
    for (uint32_t i = 0; i < RING_TOKENS; i++) {
        uint64_t position = ring_token_position("n1", i);
        uint32_t at = 0;
        while (at < ring.token_count && ring.tokens[at].position != position)
            at++;
        ck_assert_uint_lt(at, ring.token_count);
    }
    // The first eight bytes of SHA-256("n1/68").
    ck_assert_uint_eq(ring_token_position("n1", 68),
                      UINT64_C(0xef6bdcc16ae47694));
    ring_deinit(&ring);
}

TEST(one_slot_and_all_slots_have_the_same_owners)
{
    static uint32_t owners[SLOT_COUNT];
    struct ring ring;
    ring_init(&ring, five, 5);
    ring_owners(&ring, owners);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        const struct ring_token *token = ring_token_of(&ring, (uint16_t)slot);
        ck_assert_uint_eq(token->node, owners[slot]);
        ck_assert(token->position >= ring_position((uint16_t)slot) ||
                  token == ring.tokens); // It wraps.
    }
    ring_deinit(&ring);
}

TEST(the_order_in_which_nodes_are_named_changes_nothing)
{
    static uint32_t owners[SLOT_COUNT], shuffled_owners[SLOT_COUNT];
    const struct ring_node shuffled[] = {five[3], five[0], five[4], five[2],
                                         five[1]};
    owners_of(five, 5, owners);
    owners_of(shuffled, 5, shuffled_owners);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        ck_assert_str_eq(five[owners[slot]].id,
                         shuffled[shuffled_owners[slot]].id);
}

TEST(a_node_of_weight_3_has_thrice_the_tokens)
{
    const struct ring_node nodes[] = {{"small", 1}, {"large", 3}};
    struct ring ring;
    ring_init(&ring, nodes, 2);
    uint32_t large = 0;
    for (uint32_t i = 0; i < ring.token_count; i++)
        large += ring.tokens[i].node == 1;
    ck_assert_uint_eq(ring.token_count, 4 * RING_TOKENS);
    ck_assert_uint_eq(large, 3 * RING_TOKENS);
    ring_deinit(&ring);
}

enum { RINGS = 1000 };

// Memcheck is slow, and looks for other things than balance.
static int ring_count(void)
{
    return getenv("VALGRIND") ? 20 : RINGS;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double percentile(double *values, int count, int percent)
{
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return values[(count - 1) * percent / 100];
}

// The largest share over the mean one.
static double imbalance(const uint32_t owners[SLOT_COUNT], uint32_t nodes)
{
    uint32_t largest = 0;
    for (uint32_t node = 0; node < nodes; node++) {
        uint32_t share = share_of(owners, node);
        largest = share > largest ? share : largest;
    }
    return (double)largest * nodes / SLOT_COUNT;
}

// Of how many slots the owner changed when the last of six nodes came. Checks
// that it is the owner of all of them now.
static uint32_t moved_to_last(const uint32_t before[SLOT_COUNT],
                              const uint32_t after[SLOT_COUNT])
{
    uint32_t moved = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (before[slot] == after[slot])
            continue;
        ck_assert_uint_eq(after[slot], 5);
        moved++;
    }
    ck_assert_uint_eq(moved, share_of(after, 5));
    return moved;
}

TEST(a_thousand_rings_are_balanced_and_a_new_node_moves_its_own_share_only)
{
    static uint32_t before[SLOT_COUNT], after[SLOT_COUNT];
    static double balance[RINGS], moved[RINGS];
    int count = ring_count();
    for (int i = 0; i < count; i++) {
        struct ring_node nodes[6];
        char ids[6][32];
        for (int node = 0; node < 6; node++) {
            snprintf(ids[node], sizeof ids[node], "ring%d-node%d", i, node);
            nodes[node] = (struct ring_node){ids[node], 1};
        }
        owners_of(nodes, 5, before);
        owners_of(nodes, 6, after);
        balance[i] = imbalance(before, 5);
        moved[i] = (double)moved_to_last(before, after) / SLOT_COUNT;
    }
    double middle = percentile(balance, count, 50);
    double share = percentile(moved, count, 50);
    printf("ring: %d rings of 5 nodes, %d tokens each: largest / mean share "
           "%.3f (median), %.3f (99 %%); a sixth moves %.4f of the slots "
           "(median), 1/6 is %.4f\n",
           count, RING_TOKENS, middle, percentile(balance, count, 99), share,
           1.0 / 6);
    if (count < RINGS)
        return;
    ck_assert_double_le(middle, 1.10);
    ck_assert_double_le(share, 1.02 / 6);
}
