// model_slot.c -- slots and rings as they should be, in the plainest way.
// SPDX-License-Identifier: MIT
#include "labs/lab3-ring/tests/model_slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"

unsigned model_crc16(struct bytes bytes)
{
    unsigned crc = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        crc ^= (unsigned)(unsigned char)bytes.data[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
    return crc;
}

struct bytes model_tag(struct bytes key)
{
    for (size_t open = 0; open < key.size; open++) {
        if (key.data[open] != '{')
            continue;
        for (size_t close = open + 1; close < key.size; close++) {
            if (key.data[close] == '}')
                return close == open + 1 ? key
                                         : (struct bytes){key.data + open + 1,
                                                          close - open - 1};
        }
        return key;
    }
    return key;
}

unsigned model_slot(struct bytes key)
{
    return model_crc16(model_tag(key)) % MODEL_SLOTS;
}

uint64_t model_mask(unsigned bits)
{
    return bits == 0 ? 0 : UINT64_MAX << (64 - bits);
}

uint64_t model_token(const char *id, unsigned i, unsigned bits)
{
    char text[MODEL_ID_SIZE + 16], hex[17];
    unsigned char sum[DIGEST_SIZE];
    struct digest digest;
    int size = snprintf(text, sizeof text, "%s/%u", id, i);
    digest_init(&digest);
    digest_update(&digest, text, (size_t)size);
    digest_final(&digest, sum);
    for (int byte = 0; byte < 8; byte++)
        snprintf(hex + 2 * byte, 3, "%02x", sum[byte]);
    digest_deinit(&digest);
    return strtoull(hex, NULL, 16) & model_mask(bits);
}

bool model_ring_read(struct model_ring *ring, const char *text)
{
    *ring = (struct model_ring){0};
    int size;
    while (ring->count < MODEL_NODES_MAX &&
           sscanf(text, " %23[^: ]:%u%n", ring->ids[ring->count],
                  &ring->weights[ring->count], &size) == 2) {
        ring->count++;
        text += size;
    }
    return ring->count > 0 && *text == '\0';
}

struct nearest {
    uint64_t position;
    unsigned node;
    bool is_there;
};

static bool is_nearer(const struct model_ring *ring, const struct nearest *best,
                      uint64_t position, unsigned node)
{
    if (!best->is_there || position != best->position)
        return !best->is_there || position < best->position;
    return strcmp(ring->ids[node], ring->ids[best->node]) < 0;
}

void model_ring_owners(const struct model_ring *ring, unsigned bits,
                       uint8_t owners[MODEL_SLOTS])
{
    // The first token from each slot's place to before that of the next one.
    static struct nearest nearest[MODEL_SLOTS];
    memset(nearest, 0, sizeof nearest);
    for (unsigned node = 0; node < ring->count; node++) {
        for (unsigned i = 0; i < ring->weights[node] * MODEL_TOKENS; i++) {
            uint64_t position = model_token(ring->ids[node], i, bits);
            struct nearest *best = &nearest[position >> 50];
            if (is_nearer(ring, best, position, node))
                *best = (struct nearest){position, node, true};
        }
    }
    // Twice around: what stands first is there for what has none behind it.
    unsigned next = 0;
    for (int at = 2 * MODEL_SLOTS - 1; at >= 0; at--) {
        int slot = at % MODEL_SLOTS;
        if (nearest[slot].is_there)
            next = nearest[slot].node;
        owners[slot] = (uint8_t)next;
    }
}
