// ring.c -- consistent hashing: which node owns which slot.
//
// Token i of a node, i = 0, 1, ..., is the first eight bytes, big endian, of
//
//     SHA-256("ID/i")        the id as configured, i as a decimal
//
// A slot belongs to the first token at or after its position, or to the first
// of all when there is none. Where tokens of two nodes meet, the one whose id
// comes first in the order of bytes wins. Nothing here depends on a machine's
// byte order, nor on the order in which nodes were named.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/ring.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/digest.h"
#include "common/base/memory.h"

// While the ring is made: a token with what decides where two meet.
struct placed_token {
    struct ring_token token;
    const char *id;
};

uint64_t ring_token_position(const char *id, uint32_t i)
{
    unsigned char sum[DIGEST_SIZE];
    char number[INT64_TEXT_MAX];
    struct digest digest;
    digest_init(&digest);
    digest_update(&digest, id, strlen(id));
    digest_update(&digest, "/", 1);
    digest_update(&digest, number, int64_format(number, i));
    digest_final(&digest, sum);
    digest_deinit(&digest);

    uint64_t position = 0;
    for (int byte = 0; byte < 8; byte++)
        position = position << 8 | sum[byte];
    return position;
}

static int placed_compare(const void *a, const void *b)
{
    const struct placed_token *left = a, *right = b;
    if (left->token.position != right->token.position)
        return left->token.position < right->token.position ? -1 : 1;
    return strcmp(left->id, right->id);
}

static uint32_t ring_place(const struct ring_node *nodes, uint32_t count,
                           struct placed_token *placed)
{
    uint32_t at = 0;
    for (uint32_t node = 0; node < count; node++) {
        for (uint32_t i = 0; i < nodes[node].weight * RING_TOKENS; i++)
            placed[at++] = (struct placed_token){
                {ring_token_position(nodes[node].id, i), node}, nodes[node].id};
    }
    return at;
}

void ring_init(struct ring *ring, const struct ring_node *nodes, uint32_t count)
{
    check(count >= 1 && count <= RING_NODES_MAX);
    size_t tokens = 0;
    for (uint32_t i = 0; i < count; i++) {
        check(nodes[i].weight >= 1 && nodes[i].weight <= RING_WEIGHT_MAX);
        tokens += nodes[i].weight * RING_TOKENS;
    }
    struct placed_token *placed = xcalloc(tokens, sizeof *placed);
    *ring = (struct ring){
        .nodes = nodes,
        .node_count = count,
        .tokens = xcalloc(tokens, sizeof *ring->tokens),
        .token_count = ring_place(nodes, count, placed),
    };
    qsort(placed, tokens, sizeof *placed, placed_compare);
    for (size_t i = 0; i < tokens; i++)
        ring->tokens[i] = placed[i].token;
    free(placed);
}

void ring_deinit(struct ring *ring)
{
    free(ring->tokens);
    ring->tokens = NULL;
}

uint64_t ring_position(uint16_t slot)
{
    return (uint64_t)slot << (64 - SLOT_BITS);
}

const struct ring_token *ring_token_of(const struct ring *ring, uint16_t slot)
{
    uint64_t position = ring_position(slot);
    uint32_t low = 0, high = ring->token_count; // The first is in [low, high].
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ring->tokens[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    return &ring->tokens[low == ring->token_count ? 0 : low];
}

void ring_owners(const struct ring *ring, uint32_t owners[SLOT_COUNT])
{
    uint32_t token = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        uint64_t position = ring_position((uint16_t)slot);
        while (token < ring->token_count &&
               ring->tokens[token].position < position)
            token++;
        owners[slot] =
            ring->tokens[token == ring->token_count ? 0 : token].node;
    }
}
