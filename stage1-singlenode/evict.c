// evict.c -- which key goes when memory is full.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/evict.h"

#include <string.h>

#include "common/base/check.h"
#include "stage1-singlenode/access.h"

enum {
    // Times that a sample is taken before giving up: what is met may have
    // expired, or been used since it came into the pool.
    EVICT_ROUNDS = 64,
    EVICT_KEY_KEPT = 256, // Bytes of a key's copy that stay allocated.
};

const char *const evict_policy_names[] = {
    [EVICT_NOTHING] = "noeviction",
    [EVICT_ALLKEYS_LRU] = "allkeys-lru",
    [EVICT_VOLATILE_LRU] = "volatile-lru",
    [EVICT_ALLKEYS_LFU] = "allkeys-lfu",
    [EVICT_VOLATILE_LFU] = "volatile-lfu",
    [EVICT_ALLKEYS_RANDOM] = "allkeys-random",
    [EVICT_VOLATILE_RANDOM] = "volatile-random",
    [EVICT_VOLATILE_TTL] = "volatile-ttl",
    NULL,
};

bool evict_policy_is_lru(enum evict_policy policy)
{
    return policy == EVICT_ALLKEYS_LRU || policy == EVICT_VOLATILE_LRU;
}

bool evict_policy_is_lfu(enum evict_policy policy)
{
    return policy == EVICT_ALLKEYS_LFU || policy == EVICT_VOLATILE_LFU;
}

static bool takes_only_expiring(enum evict_policy policy)
{
    return policy == EVICT_VOLATILE_LRU || policy == EVICT_VOLATILE_LFU ||
           policy == EVICT_VOLATILE_RANDOM || policy == EVICT_VOLATILE_TTL;
}

void evict_deinit(struct evict *evict)
{
    for (size_t i = 0; i < EVICT_POOL_SIZE; i++)
        buffer_deinit(&evict->pool[i].key);
}

static uint64_t score_of(enum evict_policy policy, const struct store *store,
                         const struct entry *entry)
{
    switch (policy) {
    case EVICT_ALLKEYS_LRU:
    case EVICT_VOLATILE_LRU:
        return (uint64_t)store_idle_ms(store, entry);
    case EVICT_ALLKEYS_LFU:
    case EVICT_VOLATILE_LFU:
        return ACCESS_COUNT_MAX - store_frequency(store, entry);
    case EVICT_VOLATILE_TTL:
        return INT64_MAX - (uint64_t)entry_expires_ms(entry);
    case EVICT_ALLKEYS_RANDOM:
    case EVICT_VOLATILE_RANDOM:
        return 0;
    case EVICT_NOTHING:
        break;
    }
    check(!"a policy that evicts");
}

// Frees the place of a candidate: those above it move down.
static void pool_remove(struct evict *evict, size_t index)
{
    struct evict_candidate removed = evict->pool[index];
    evict->count--;
    memmove(&evict->pool[index], &evict->pool[index + 1],
            (evict->count - index) * sizeof removed);
    evict->pool[evict->count] = removed;
}

static void pool_forget(struct evict *evict, struct slice key)
{
    for (size_t i = 0; i < evict->count; i++) {
        if (slice_equal(buffer_slice(&evict->pool[i].key), key)) {
            pool_remove(evict, i);
            return;
        }
    }
}

static void pool_add(struct evict *evict, uint64_t score, struct slice key)
{
    pool_forget(evict, key);
    if (evict->count == EVICT_POOL_SIZE) {
        if (score <= evict->pool[0].score)
            return;
        pool_remove(evict, 0);
    }
    struct evict_candidate added = evict->pool[evict->count];
    added.score = score;
    if (added.key.capacity > EVICT_KEY_KEPT)
        buffer_deinit(&added.key);
    buffer_clear(&added.key);
    buffer_append_slice(&added.key, key);

    size_t place = evict->count++;
    for (; place > 0 && evict->pool[place - 1].score > score; place--)
        evict->pool[place] = evict->pool[place - 1];
    evict->pool[place] = added;
}

struct evict_search {
    struct evict *evict;
    const struct store *store;
};

static void consider(void *context, struct entry *entry)
{
    const struct evict_search *search = context;
    pool_add(search->evict,
             score_of(search->evict->policy, search->store, entry),
             entry_key(entry));
}

// Takes the best candidate out. False if it is none any more: it has gone, or
// was used since.
static bool pool_take(struct evict *evict, struct store *store,
                      struct slice *key)
{
    // The place is free, but the copy in it stays until the next addition.
    const struct evict_candidate *best = &evict->pool[--evict->count];
    *key = buffer_slice(&best->key);
    const struct entry *entry = store_peek(store, store_key(store, *key));
    if (!entry ||
        (takes_only_expiring(evict->policy) && !entry_has_expiry(entry)))
        return false;
    return score_of(evict->policy, store, entry) >= best->score;
}

bool evict_pick(struct evict *evict, struct store *store,
                enum evict_policy policy, size_t samples, struct random *random,
                struct slice *key)
{
    if (policy == EVICT_NOTHING)
        return false;
    if (policy != evict->policy)
        evict->count = 0; // Scores of two policies do not compare.
    evict->policy = policy;
    bool expiring = takes_only_expiring(policy);
    struct evict_search search = {evict, store};
    for (int round = 0; round < EVICT_ROUNDS; round++) {
        if (expiring ? !store_expiring_count(store) : !store_count(store))
            return false;
        store_sample(store, random, expiring, samples, consider, &search);
        while (evict->count > 0) {
            if (pool_take(evict, store, key))
                return true;
        }
    }
    return false;
}
