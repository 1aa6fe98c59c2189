// store_upkeep.c -- what the store does in slices: reclaiming what has expired,
// freeing what was removed, resizing tables.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "common/base/memory.h"
#include "stage1-singlenode/store_private.h"

enum {
    TICK_BUCKETS = 128,      // Moved by one slice of a tick.
    TICK_FREED_BUCKETS = 64, // Freed by it,
    TICK_ELEMENTS = 128,     // and of huge values.
    SOME_BUCKETS = 4,        // Freed with one write.
    SOME_ELEMENTS = 32,
    TRASH_MANY = 64, // Huge values that go before more of them come.
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

// The next bucket of what was cleared. First those of the entries that expire,
// so that no dict holds an entry that is gone.
static void free_bucket(struct store *store, struct doomed *doomed)
{
    if (doomed->expiring) {
        if (!dict_drain(doomed->expiring, 1, forget_entry, store)) {
            dict_destroy(doomed->expiring);
            doomed->expiring = NULL;
        }
    } else if (!dict_drain(doomed->keys, 1, free_entry, store)) {
        dict_destroy(doomed->keys);
        store->doomed = doomed->next;
        free(doomed);
    }
}

bool store_free_slice(struct store *store, size_t buckets, size_t elements)
{
    bool more = trash_empty(&store->trash, elements);
    for (; buckets > 0 && store->doomed; buckets--) {
        if (store->trash.count >= TRASH_MANY)
            break;
        free_bucket(store, store->doomed);
    }
    return more || store->trash.count > 0 || store->doomed;
}

void store_clear(struct store *store)
{
    struct doomed *doomed = xmalloc(sizeof *doomed);
    *doomed = (struct doomed){store->keys, store->expire.entries,
                              .next = store->doomed};
    // All that there is: the new part and what was doomed before.
    store->doomed_memory = store->entry_memory + store->object_memory;
    store->doomed = doomed;
    store->keys = dict_create(&store->secret);
    expire_init(&store->expire, &store->secret);
    if (store->index)
        store->index->cleared(store->index);
    store->writes++;
    store_free_slice(store, TICK_FREED_BUCKETS, TICK_ELEMENTS);
}

void store_reset(struct store *store)
{
    store_clear(store);
    while (store_free_slice(store, SIZE_MAX, SIZE_MAX))
        ;
    store->writes = 0;
    store->now_ms = 0;
    store->limits = (struct limits)LIMITS_DEFAULT;
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
    store_free_slice(store, SOME_BUCKETS, SOME_ELEMENTS);
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
    bool freeing = store_free_slice(store, TICK_FREED_BUCKETS, TICK_ELEMENTS);
    return expiring || resizing || freeing;
}

void store_set_active_expiry(struct store *store, bool on)
{
    store->active_expiry = on;
}
