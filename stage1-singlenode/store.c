// store.c -- the keyspace: finding, and the one way in which entries come and
// go. The invariants are in store_private.h.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/store.h"

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/command.h"
#include "common/server/request.h"
#include "stage1-singlenode/object.h"
#include "stage1-singlenode/store_private.h"

// Freed with an insertion; the buckets hold some 11 entries.
enum { INSERT_BUCKETS = 2, INSERT_ELEMENTS = 32 };

static const int64_t no_events = 0;

struct store *store_create(const struct hash_secret *secret)
{
    struct store *store = xcalloc(1, sizeof *store);
    store->secret = *secret;
    store->keys = dict_create(&store->secret);
    expire_init(&store->expire, &store->secret);
    store->active_expiry = true;
    store->wanted = &no_events;
    store->limits = (struct limits)LIMITS_DEFAULT;
    random_init(&store->access.random, 0);
    return store;
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

const struct limits *store_limits(const struct store *store)
{
    return &store->limits;
}

void store_set_limits(struct store *store, const struct limits *limits)
{
    store->limits = *limits;
}

void store_prefetch_bucket(const struct store *store, uint64_t hash)
{
    dict_prefetch_bucket(store->keys, hash);
}

void store_prefetch_entry(const struct store *store, uint64_t hash)
{
    dict_prefetch_entry(store->keys, hash);
}

void store_on_event(struct store *store, const int64_t *wanted,
                    void (*heard)(void *context, enum notify_class class,
                                  const char *event, struct slice key),
                    void *context)
{
    store->wanted = wanted;
    store->heard = heard;
    store->heard_context = context;
}

void store_notify(const struct store *store, enum notify_class class,
                  const char *event, struct slice key)
{
    if (__builtin_expect((*store->wanted & class) != 0, 0))
        store->heard(store->heard_context, class, event, key);
}

void store_set_index(struct store *store, struct store_index *index)
{
    check(!index || store_count(store) == 0);
    store->index = index;
}

void store_note_write(struct store *store, struct entry *entry)
{
    entry->version = ++store->writes;
    access_note(&store->access, entry, store->now_ms);
}

void store_free_entry(struct store *store, struct entry *entry)
{
    if (entry->flags & ENTRY_OBJECT) {
        struct object *object = entry_object(entry);
        store->object_memory -= object->counted;
        trash_add(&store->trash, object);
    }
    store->entry_memory -= entry_memory(entry);
    entry_destroy(entry);
}

void store_replace(struct store *store, struct entry **place,
                   struct entry *after, uint64_t hash)
{
    struct entry *before = place ? *place : NULL;
    expire_replace(&store->expire, before, after, hash);
    if (after)
        store->entry_memory += entry_memory(after);

    if (__builtin_expect(store->index != NULL, 0))
        store->index->replaced(store->index, before, after, hash);
    if (before && after) {
        *place = after;
    } else if (before) {
        dict_remove(store->keys, entry_key(before), hash);
    } else {
        dict_insert(store->keys, after, hash);
        // Who fills the store anew frees what it held, so that memory does not
        // double.
        if (__builtin_expect(store->doomed != NULL, 0))
            store_free_slice(store, INSERT_BUCKETS, INSERT_ELEMENTS);
        store_notify(store, NOTIFY_NEW, "new", entry_key(after));
    }
    if (before)
        store_free_entry(store, before);
    if (after && after->flags & ENTRY_OBJECT && store->appeared)
        store->appeared(store->appeared_context, entry_key(after));
}

struct entry **store_place(struct store *store, struct key key)
{
    struct entry **place = dict_find(store->keys, key.name, key.hash);
    if (!place || __builtin_expect(!is_expired(store, *place), 1))
        return place;
    store_notify(store, NOTIFY_EXPIRED, "expired", entry_key(*place));
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
        store_notify(store, NOTIFY_MISS, "keymiss", key.name);
        return NULL;
    }
    store->hits++;
    access_note(&store->access, entry, store->now_ms);
    return entry;
}

size_t store_count(const struct store *store)
{
    return dict_count(store->keys);
}

size_t store_expiring_count(const struct store *store)
{
    return dict_count(store->expire.entries);
}

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

struct entry *store_random_entry(struct store *store)
{
    for (;;) {
        struct entry *entry = dict_random(store->keys, store_random(store));
        if (!entry || !is_expired(store, entry))
            return entry;
        check(store_peek(store, store_key(store, entry_key(entry))) == NULL);
    }
}

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
