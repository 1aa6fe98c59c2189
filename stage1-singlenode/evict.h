// evict.h -- which key goes when memory is full.
//
// Exact LRU would cost two pointers an entry and a write to two others at each
// use. As in Redis, a few entries are looked at instead, and the best of them
// are remembered in a pool from one time to the next: that comes close to the
// exact order. Here a sample is a bucket of the table, so that its entries cost
// less than as many at random.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_EVICT_H
#define VEGA_STAGE1_EVICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/random.h"
#include "stage1-singlenode/store.h"

enum evict_policy {
    EVICT_NOTHING,
    EVICT_ALLKEYS_LRU,
    EVICT_VOLATILE_LRU,
    EVICT_ALLKEYS_LFU,
    EVICT_VOLATILE_LFU,
    EVICT_ALLKEYS_RANDOM,
    EVICT_VOLATILE_RANDOM,
    EVICT_VOLATILE_TTL,
};

// The names of the policies by their number, as in Redis; ended by NULL.
extern const char *const evict_policy_names[];

bool evict_policy_is_lru(enum evict_policy policy);
bool evict_policy_is_lfu(enum evict_policy policy);

enum { EVICT_POOL_SIZE = 16 };

struct evict_candidate {
    uint64_t score;    // The greater, the sooner it goes.
    struct buffer key; // A copy: the entry may be gone when its turn comes.
};

struct evict {                // Zeroed: empty.
    enum evict_policy policy; // That the scores were made by.
    // By ascending score. Those from `count` on are free but keep their memory.
    struct evict_candidate pool[EVICT_POOL_SIZE];
    size_t count;
};

void evict_deinit(struct evict *evict);

// The next key to go under the policy; borrowed until the next call. False when
// there is none. Looks at `samples` entries or a few more. Entries that have
// expired are reclaimed when they are met; it changes nothing else.
bool evict_pick(struct evict *evict, struct store *store,
                enum evict_policy policy, size_t samples, struct random *random,
                struct slice *key);

#endif
