// store.c -- the keyspace: typed values by key, with expiry and versions.
//
// Two dicts: one of all entries, and within `expire` one of those that have an
// expiry. An entry belongs to the first; whatever replaces, adds or removes one
// goes through store_replace, which keeps both dicts and the count of memory in
// step.
//
// Invariants
// (I1) An entry has an expiry if and only if `expire` holds it, by the same
//      pointer.
// (I2) entry_memory is the sum of what the allocator holds for the entries,
//      object_memory that of `counted` of all objects outside the trash. Both
//      include what is doomed.
// (I3) No version is above `writes`. Reclaiming expired entries counts no
//      write: when it happens depends on who looked, and versions must not.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/command.h"
#include "common/server/request.h"
#include "stage1-singlenode/dict.h"
#include "stage1-singlenode/expire.h"
#include "stage1-singlenode/object.h"
#include "stage1-singlenode/trash.h"

enum {
    ACCESS_BITS = 24,
    TICK_BUCKETS = 128,  // Moved by one slice of a tick.
    TICK_ELEMENTS = 256, // Of huge values, freed by it.
    // Spare room for a string that grows in place, as in Redis' sds.
    SPARE_SIZE_MAX = 1024 * 1024,
};

struct store {
    struct hash_secret secret;
    struct dict *keys;
    struct expire expire;
    // What store_clear has taken out of sight, freed in slices; else NULL.
    struct dict *doomed;          // The entries are its own,
    struct dict *doomed_expiring; // and these are some of them.
    bool active_expiry;
    int64_t now_ms;
    uint64_t seed;
    bool seeded; // `random` was made from `seed`.
    struct random random;
    uint64_t hits, misses, expired;
    uint64_t writes;
    size_t entry_memory;
    size_t object_memory;
    struct trash trash;
    void (*appeared)(void *context, struct slice key);
    void *appeared_context;
};

struct store *store_create(const struct hash_secret *secret)
{
    struct store *store = xcalloc(1, sizeof *store);
    store->secret = *secret;
    store->keys = dict_create(&store->secret);
    expire_init(&store->expire, &store->secret);
    store->active_expiry = true;
    return store;
}

// Frees the entry, and its object at once or, if it is large, in slices.
static void destroy_entry(void *context, struct entry *entry)
{
    struct store *store = context;
    if (entry->flags & ENTRY_OBJECT) {
        struct object *object = entry_object(entry);
        store->object_memory -= object->counted;
        trash_add(&store->trash, object);
    }
    store->entry_memory -= entry_memory(entry);
    entry_destroy(entry);
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

// True while something is left.
static bool free_doomed(struct store *store, size_t buckets)
{
    // In this order no dict holds an entry that is gone.
    return drain(&store->doomed_expiring, buckets, forget_entry, store) ||
           drain(&store->doomed, buckets, destroy_entry, store);
}

void store_clear(struct store *store)
{
    // A second clear waits for what is left of the first.
    while (free_doomed(store, SIZE_MAX))
        ;
    store->doomed = store->keys;
    store->doomed_expiring = store->expire.entries;
    store->keys = dict_create(&store->secret);
    expire_init(&store->expire, &store->secret);
    store->writes++;
    free_doomed(store, TICK_BUCKETS);
}

void store_destroy(struct store *store)
{
    store_clear(store);
    while (free_doomed(store, SIZE_MAX))
        ;
    while (trash_empty(&store->trash, SIZE_MAX))
        ;
    dict_destroy(store->keys);
    expire_deinit(&store->expire);
    trash_deinit(&store->trash);
    free(store);
}

void store_begin(struct store *store, int64_t now_ms, uint64_t seed)
{
    check(now_ms >= store->now_ms);
    store->now_ms = now_ms;
    store->seed = seed;
    store->seeded = false;
}

int64_t store_now_ms(const struct store *store)
{
    return store->now_ms;
}

struct random *store_random(struct store *store)
{
    // Few commands ask, so the generator is made for those alone.
    if (!store->seeded)
        random_init(&store->random, store->seed);
    store->seeded = true;
    return &store->random;
}

struct key store_key(const struct store *store, struct slice name)
{
    return (struct key){name, hash_bytes(&store->secret, name)};
}

const struct hash_secret *store_secret(const struct store *store)
{
    return &store->secret;
}

void store_prefetch_bucket(const struct store *store, uint64_t hash)
{
    dict_prefetch_bucket(store->keys, hash);
}

void store_prefetch_entry(const struct store *store, uint64_t hash)
{
    dict_prefetch_entry(store->keys, hash);
}

// ---- Entries

static bool is_expired(const struct store *store, const struct entry *entry)
{
    return entry_has_expiry(entry) && entry_expires_ms(entry) <= store->now_ms;
}

static uint32_t access_clock(const struct store *store)
{
    return (uint32_t)(store->now_ms / 1000) & ((1u << ACCESS_BITS) - 1);
}

static uint32_t access_get(const struct entry *entry)
{
    return entry->access[0] | (uint32_t)entry->access[1] << 8 |
           (uint32_t)entry->access[2] << 16;
}

static void note_access(const struct store *store, struct entry *entry)
{
    uint32_t clock = access_clock(store);
    // Most reads of a hot key come within one second; they leave the line
    // of memory clean.
    if (access_get(entry) == clock)
        return;
    entry->access[0] = (uint8_t)clock;
    entry->access[1] = (uint8_t)(clock >> 8);
    entry->access[2] = (uint8_t)(clock >> 16);
}

static void note_write(struct store *store, struct entry *entry)
{
    entry->version = ++store->writes;
    note_access(store, entry);
}

// Puts `after` where the key's entry at `place` was, and destroys that. Either
// may be NULL: nothing was there, or nothing comes. Upholds (I1) and (I2).
static void store_replace(struct store *store, struct entry **place,
                          struct entry *after, uint64_t hash)
{
    struct entry *before = place ? *place : NULL;
    expire_replace(&store->expire, before, after, hash);
    if (after)
        store->entry_memory += entry_memory(after);

    if (before && after)
        *place = after;
    else if (before)
        dict_remove(store->keys, entry_key(before), hash);
    else
        dict_insert(store->keys, after, hash);
    if (before)
        destroy_entry(store, before);
    if (after && after->flags & ENTRY_OBJECT && store->appeared)
        store->appeared(store->appeared_context, entry_key(after));
}

// Where the pointer to the live entry is, or NULL.
static struct entry **store_place(struct store *store, struct key key)
{
    struct entry **place = dict_find(store->keys, key.name, key.hash);
    if (!place || __builtin_expect(!is_expired(store, *place), 1))
        return place;
    store_replace(store, place, NULL, key.hash);
    store->expired++;
    return NULL;
}

struct entry *store_peek(struct store *store, struct key key)
{
    struct entry **place = store_place(store, key);
    return place ? *place : NULL;
}

struct entry *store_find(struct store *store, struct key key)
{
    struct entry *entry = store_peek(store, key);
    if (!entry) {
        store->misses++;
        return NULL;
    }
    store->hits++;
    note_access(store, entry);
    return entry;
}

// ---- Writing

// Sets, moves or removes the expiry without moving the entry, if it has the
// field. Upholds (I1).
static bool change_expiry(struct store *store, struct entry *entry,
                          uint64_t hash, int64_t expires_ms)
{
    bool has = entry_has_expiry(entry);
    bool changes = has != (expires_ms != ENTRY_NO_EXPIRY);
    if (changes && has)
        expire_replace(&store->expire, entry, NULL, hash);
    if (!entry_set_expires(entry, expires_ms))
        return false;
    if (changes && !has)
        expire_replace(&store->expire, NULL, entry, hash);
    return true;
}

static struct entry *put_string(struct store *store, struct entry **place,
                                struct key key, struct slice value,
                                int64_t expires_ms)
{
    check(value.size <= UINT32_MAX);
    struct entry *entry = place ? *place : NULL;
    if (entry && entry->type == ENTRY_STRING && entry_fits(entry, value.size) &&
        change_expiry(store, entry, key.hash, expires_ms)) {
        entry->flags &= (uint8_t)~ENTRY_RAW;
        entry->value_size = (uint32_t)value.size;
        // The value may be a part of the one that it replaces.
        if (value.size > 0)
            memmove(entry_value(entry), value.data, value.size);
    } else {
        entry = entry_create(key.name, (uint32_t)value.size, value.size,
                             expires_ms);
        if (value.size > 0)
            memcpy(entry_value(entry), value.data, value.size);
        store_replace(store, place, entry, key.hash);
    }
    note_write(store, entry);
    return entry;
}

struct entry *store_set_string(struct store *store, struct key key,
                               struct slice value, int64_t expires_ms)
{
    return put_string(store, store_place(store, key), key, value, expires_ms);
}

struct entry *store_update_string(struct store *store, struct key key,
                                  struct slice value)
{
    struct entry **place = store_place(store, key);
    int64_t expires_ms = place ? entry_expires_ms(*place) : ENTRY_NO_EXPIRY;
    return put_string(store, place, key, value, expires_ms);
}

// A copy of `before` under the name `key` with another room and expiry; of
// `key` alone when `before` is NULL.
static struct entry *copy_entry(const struct entry *before, struct slice key,
                                size_t size, size_t room, int64_t expires_ms)
{
    struct entry *entry = entry_create(key, (uint32_t)size, room, expires_ms);
    size_t kept = 0;
    if (before) {
        struct slice value = entry_string(before);
        kept = value.size < size ? value.size : size;
        memcpy(entry_value(entry), value.data, kept);
        entry->type = before->type;
        entry->encoding = before->encoding;
        entry->flags |= before->flags & (ENTRY_RAW | ENTRY_OBJECT);
        memcpy(entry->access, before->access, sizeof entry->access);
    }
    memset(entry_value(entry) + kept, 0, size - kept);
    return entry;
}

struct entry *store_resize_string(struct store *store, struct key key,
                                  size_t size, char **bytes)
{
    check(size <= UINT32_MAX);
    struct entry **place = store_place(store, key);
    struct entry *entry = place ? *place : NULL;
    if (entry && entry_fits(entry, size)) {
        if (size > entry->value_size)
            memset(entry_value(entry) + entry->value_size, 0,
                   size - entry->value_size);
        entry->value_size = (uint32_t)size;
    } else {
        // Who grows a second time will grow a third time.
        size_t spare = 0;
        if (entry && entry->flags & ENTRY_RAW && size > entry->value_size)
            spare = size < SPARE_SIZE_MAX ? size : SPARE_SIZE_MAX;
        entry = copy_entry(entry, key.name, size, size + spare,
                           entry ? entry_expires_ms(entry) : ENTRY_NO_EXPIRY);
        store_replace(store, place, entry, key.hash);
    }
    entry->flags |= ENTRY_RAW;
    note_write(store, entry);
    *bytes = entry_value(entry);
    return entry;
}

static void count_object(struct store *store, struct object *object)
{
    store->object_memory += object->memory - object->counted;
    object->counted = object->memory;
}

struct entry *store_put_object(struct store *store, struct key key,
                               struct object *taken)
{
    struct entry *entry =
        entry_create(key.name, sizeof taken, sizeof taken, ENTRY_NO_EXPIRY);
    entry->type = taken->type->type;
    entry->flags |= ENTRY_OBJECT;
    memcpy(entry_value(entry), &taken, sizeof taken);
    count_object(store, taken);
    store_replace(store, store_place(store, key), entry, key.hash);
    note_write(store, entry);
    return entry;
}

bool store_object_changed(struct store *store, struct key key,
                          struct entry *entry)
{
    struct object *object = entry_object(entry);
    count_object(store, object);
    if (object->type->count(object) == 0)
        return store_delete(store, key);
    note_write(store, entry);
    return false;
}

void store_on_object(struct store *store,
                     void (*appeared)(void *context, struct slice key),
                     void *context)
{
    store->appeared = appeared;
    store->appeared_context = context;
}

bool store_delete(struct store *store, struct key key)
{
    struct entry **place = store_place(store, key);
    if (!place)
        return false;
    store_replace(store, place, NULL, key.hash);
    store->writes++;
    return true;
}

// As copy_entry, but takes an object over: `before` is left without one and is
// to be destroyed.
static struct entry *move_entry(struct entry *before, struct slice key,
                                int64_t expires_ms)
{
    struct entry *entry = copy_entry(before, key, before->value_size,
                                     before->value_size, expires_ms);
    before->flags &= (uint8_t)~ENTRY_OBJECT;
    return entry;
}

bool store_set_expiry(struct store *store, struct key key, int64_t expires_ms)
{
    struct entry **place = store_place(store, key);
    if (!place)
        return false;
    struct entry *entry = *place;
    if (expires_ms != ENTRY_NO_EXPIRY && expires_ms <= store->now_ms)
        return store_delete(store, key);
    if (!change_expiry(store, entry, key.hash, expires_ms)) {
        entry = move_entry(entry, key.name, expires_ms);
        store_replace(store, place, entry, key.hash);
    }
    entry->version = ++store->writes;
    return true;
}

void store_copy(struct store *store, struct key from, struct key to)
{
    const struct entry *source = store_peek(store, from);
    check(source);
    if (slice_equal(from.name, to.name))
        return;
    struct entry *entry =
        copy_entry(source, to.name, source->value_size, source->value_size,
                   entry_expires_ms(source));
    if (entry->flags & ENTRY_OBJECT) {
        struct object *object = entry_object(source);
        object = object->type->copy(object);
        memcpy(entry_value(entry), &object, sizeof object);
        count_object(store, object);
    }
    store_replace(store, store_place(store, to), entry, to.hash);
    note_write(store, entry);
}

void store_rename(struct store *store, struct key from, struct key to)
{
    struct entry *source = store_peek(store, from);
    check(source);
    if (slice_equal(from.name, to.name))
        return;
    struct entry *entry = move_entry(source, to.name, entry_expires_ms(source));
    store_replace(store, store_place(store, to), entry, to.hash);
    note_write(store, entry);
    check(store_delete(store, from));
}

size_t store_count(const struct store *store)
{
    return dict_count(store->keys);
}

size_t store_expiring_count(const struct store *store)
{
    return dict_count(store->expire.entries);
}

// ---- Walking

struct store_scan {
    const struct store *store;
    void (*each)(void *context, struct entry *entry);
    void *context;
};

static void scan_live(void *context, struct entry *entry)
{
    const struct store_scan *scan = context;
    if (!is_expired(scan->store, entry))
        scan->each(scan->context, entry);
}

uint64_t store_scan(struct store *store, uint64_t cursor,
                    void (*each)(void *context, struct entry *entry),
                    void *context)
{
    struct store_scan scan = {store, each, context};
    return dict_scan(store->keys, cursor, scan_live, &scan);
}

static void reclaim(struct store *store, struct entry *entry)
{
    struct key key = store_key(store, entry_key(entry));
    check(store_place(store, key) == NULL);
}

struct entry *store_random_entry(struct store *store)
{
    for (;;) {
        struct entry *entry = dict_random(store->keys, store_random(store));
        if (!entry || !is_expired(store, entry))
            return entry;
        reclaim(store, entry);
    }
}

// ---- What is known about it

int64_t store_idle_seconds(const struct store *store, const struct entry *entry)
{
    uint32_t idle = access_clock(store) - access_get(entry);
    return idle & ((1u << ACCESS_BITS) - 1);
}

size_t store_entry_memory(const struct store *store, const struct entry *entry)
{
    size_t object =
        entry->flags & ENTRY_OBJECT ? entry_object(entry)->memory : 0;
    return entry_memory(entry) + object +
           dict_memory(store->keys) / dict_count(store->keys);
}

static size_t table_memory(const struct store *store)
{
    size_t size = dict_memory(store->keys) + dict_memory(store->expire.entries);
    if (store->doomed)
        size += dict_memory(store->doomed);
    if (store->doomed_expiring)
        size += dict_memory(store->doomed_expiring);
    return size;
}

void store_stats(const struct store *store, struct store_stats *stats)
{
    *stats = (struct store_stats){
        .hits = store->hits,
        .misses = store->misses,
        .expired = store->expired,
        .writes = store->writes,
        .table_memory = table_memory(store),
        .entry_memory = store->entry_memory,
        .object_memory = store->object_memory + store->trash.memory,
        .lazy_free_count = store->trash.count +
                           (store->doomed ? dict_count(store->doomed) : 0),
        .average_ttl_ms = store->expire.average_ttl_ms,
    };
}

void store_reset_stats(struct store *store)
{
    store->hits = store->misses = store->expired = 0;
}

// ---- In the background

static bool expire_some(struct store *store)
{
    struct expire_slice slice;
    bool more = expire_search(&store->expire, store->now_ms, &slice);
    for (size_t i = 0; i < slice.count; i++)
        reclaim(store, slice.due[i]);
    return more;
}

bool store_tick(struct store *store)
{
    bool expiring = store->active_expiry && expire_some(store);
    bool resizing = dict_step(store->keys, TICK_BUCKETS);
    resizing |= dict_step(store->expire.entries, TICK_BUCKETS);
    bool freeing = free_doomed(store, TICK_BUCKETS);
    freeing |= trash_empty(&store->trash, TICK_ELEMENTS);
    return expiring || resizing || freeing;
}

void store_set_active_expiry(struct store *store, bool on)
{
    store->active_expiry = on;
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
    if (store->doomed)
        scan_all(store->doomed, sum_entry, &sum);
    check(sum.memory == store->entry_memory);
    check(sum.object_memory == store->object_memory);
    check(sum.expiring == dict_count(store->expire.entries));
}

// ---- Requests

struct key request_key(const struct store *store, const struct request *request,
                       uint32_t index)
{
    struct slice name = request->argv[index];
    if (request->flags & REQUEST_HASHED &&
        index == (uint32_t)request->command->first_key)
        return (struct key){name, request->key_hash};
    return store_key(store, name);
}

void request_changed(struct request *request)
{
    request->flags |= REQUEST_CHANGED;
}
