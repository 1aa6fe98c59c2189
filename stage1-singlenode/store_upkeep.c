// store_upkeep.c -- what the store does in slices: reclaiming what has expired,
// freeing what was removed, resizing tables.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "stage1-singlenode/store_private.h"

enum {
    TICK_BUCKETS = 128,  // Moved or freed by one slice of a tick.
    TICK_ELEMENTS = 256, // Of huge values, freed by it.
    SOME_BUCKETS = 4,    // Freed with one write.
    SOME_ELEMENTS = 32,
};

static void free_entry(void *context, struct entry *entry)
{
    struct store *store = context;
    size_t before = store->entry_memory + store->object_memory;
    store_free_entry(store, entry);
    size_t after = store->entry_memory + store->object_memory;
    store->doomed_memory -= before - after;
}

static void forget_entry(void *context, struct entry *entry)
{
    (void)context;
    (void)entry;
}

static bool drain(struct dict **dict, size_t buckets,
                  void (*each)(void *context, struct entry *entry),
                  struct store *store)
{
    if (!*dict || dict_drain(*dict, buckets, each, store))
        return *dict;
    dict_destroy(*dict);
    *dict = NULL;
    return false;
}

bool store_free_doomed(struct store *store, size_t buckets)
{
    // In this order no dict holds an entry that is gone.
    return drain(&store->doomed_expiring, buckets, forget_entry, store) ||
           drain(&store->doomed, buckets, free_entry, store);
}

void store_clear(struct store *store)
{
    // A second clear waits for what is left of the first.
    while (store_free_doomed(store, SIZE_MAX))
        ;
    store->doomed = store->keys;
    store->doomed_expiring = store->expire.entries;
    store->doomed_memory = store->entry_memory + store->object_memory;
    store->keys = dict_create(&store->secret);
    expire_init(&store->expire, &store->secret);
    store->writes++;
    store_free_doomed(store, TICK_BUCKETS);
}

void store_reset(struct store *store)
{
    store_clear(store);
    while (store_free_doomed(store, SIZE_MAX))
        ;
    while (trash_empty(&store->trash, SIZE_MAX))
        ;
    store->writes = 0;
}

void store_destroy(struct store *store)
{
    store_reset(store);
    dict_destroy(store->keys);
    expire_deinit(&store->expire);
    trash_deinit(&store->trash);
    free(store);
}

void store_free_some(struct store *store)
{
    store_free_doomed(store, SOME_BUCKETS);
    trash_empty(&store->trash, SOME_ELEMENTS);
}

void store_sample(const struct store *store, struct random *random,
                  bool expiring, size_t count,
                  void (*each)(void *context, struct entry *entry),
                  void *context)
{
    dict_sample(expiring ? store->expire.entries : store->keys, random, count,
                each, context);
}

static bool expire_some(struct store *store)
{
    struct expire_slice slice;
    bool more = expire_search(&store->expire, store->now_ms, &slice);
    // Looking for a key that has expired reclaims it.
    for (size_t i = 0; i < slice.count; i++)
        store_peek(store, store_key(store, entry_key(slice.due[i])));
    return more;
}

bool store_tick(struct store *store)
{
    bool expiring = store->active_expiry && expire_some(store);
    bool resizing = dict_step(store->keys, TICK_BUCKETS);
    resizing |= dict_step(store->expire.entries, TICK_BUCKETS);
    bool freeing = store_free_doomed(store, TICK_BUCKETS);
    freeing |= trash_empty(&store->trash, TICK_ELEMENTS);
    return expiring || resizing || freeing;
}

void store_set_active_expiry(struct store *store, bool on)
{
    store->active_expiry = on;
}
