// store_stats.c -- what the store knows about itself, and the rules that hold
// between calls.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/object.h"
#include "stage1-singlenode/store_private.h"

void store_note_recency(struct store *store)
{
    store->access.frequency = false;
}

void store_note_frequency(struct store *store, int64_t log_factor,
                          int64_t decay_minutes)
{
    store->access.frequency = true;
    store->access.log_factor = log_factor;
    store->access.decay_minutes = decay_minutes;
}

bool store_notes_frequency(const struct store *store)
{
    return store->access.frequency;
}

void store_share_integers(struct store *store, bool share)
{
    store->unshares_integers = !share;
}

bool store_shares_integers(const struct store *store)
{
    return !store->unshares_integers;
}

int64_t store_idle_ms(const struct store *store, const struct entry *entry)
{
    return access_idle_ms(entry, store->now_ms);
}

uint8_t store_frequency(const struct store *store, const struct entry *entry)
{
    return access_count(&store->access, entry, store->now_ms);
}

size_t store_entry_memory(const struct store *store, const struct entry *entry)
{
    size_t object =
        entry->flags & ENTRY_OBJECT ? entry_object(entry)->memory : 0;
    return entry_memory(entry) + object +
           dict_memory(store->keys) / dict_count(store->keys);
}

static size_t doomed_tables(const struct store *store)
{
    size_t size = 0;
    for (const struct doomed *at = store->doomed; at; at = at->next) {
        size += memory_size(at) + dict_memory(at->keys);
        if (at->expiring)
            size += dict_memory(at->expiring);
    }
    return size;
}

static size_t doomed_count(const struct store *store)
{
    size_t count = 0;
    for (const struct doomed *at = store->doomed; at; at = at->next)
        count += dict_count(at->keys);
    return count;
}

static size_t table_memory(const struct store *store)
{
    return dict_memory(store->keys) + dict_memory(store->expire.entries) +
           doomed_tables(store);
}

size_t store_memory(const struct store *store)
{
    return table_memory(store) + store->entry_memory + store->object_memory +
           store->trash.memory;
}

size_t store_memory_freeing(const struct store *store)
{
    return store->doomed_memory + store->trash.memory + doomed_tables(store);
}

void store_stats(const struct store *store, struct store_stats *stats)
{
    *stats = (struct store_stats){
        .hits = store->hits,
        .misses = store->misses,
        .expired = store->expired,
        .evicted = store->evicted,
        .writes = store->writes,
        .table_memory = table_memory(store),
        .entry_memory = store->entry_memory,
        .object_memory = store->object_memory + store->trash.memory,
        .lazy_free_count = store->trash.count + doomed_count(store),
        .average_ttl_ms = store->expire.average_ttl_ms,
    };
}

void store_reset_stats(struct store *store)
{
    store->hits = store->misses = store->expired = store->evicted = 0;
}

struct store_check {
    const struct store *store;
    size_t memory, object_memory;
    size_t expiring;
};

static void sum_entry(void *context, struct entry *entry)
{
    struct store_check *sum = context;
    sum->memory += entry_memory(entry);
    if (entry->flags & ENTRY_OBJECT) {
        const struct object *object = entry_object(entry);
        check(object->type->type == (enum entry_type)entry->type);
        check(object->counted == object->memory);
        check(object->type->count(object) > 0);
        sum->object_memory += object->memory;
    }
}

static void check_entry(void *context, struct entry *entry)
{
    struct store_check *sum = context;
    const struct store *store = sum->store;
    sum_entry(sum, entry);
    check(entry->version <= store->writes);
    if (!entry_has_expiry(entry))
        return;
    sum->expiring++;
    struct key key = store_key(store, entry_key(entry));
    struct entry **place = dict_find(store->expire.entries, key.name, key.hash);
    check(place && *place == entry);
}

static void scan_all(const struct dict *dict,
                     void (*each)(void *context, struct entry *entry),
                     struct store_check *sum)
{
    uint64_t cursor = 0;
    do {
        cursor = dict_scan(dict, cursor, each, sum);
    } while (cursor != 0);
}

void store_check_invariants(const struct store *store)
{
    dict_check_invariants(store->keys);
    dict_check_invariants(store->expire.entries);
    struct store_check sum = {.store = store};
    scan_all(store->keys, check_entry, &sum);
    size_t live = sum.memory + sum.object_memory;
    for (const struct doomed *at = store->doomed; at; at = at->next)
        scan_all(at->keys, sum_entry, &sum);
    check(sum.memory + sum.object_memory - live == store->doomed_memory);
    check(sum.memory == store->entry_memory);
    check(sum.object_memory == store->object_memory);
    check(sum.expiring == dict_count(store->expire.entries));
}
