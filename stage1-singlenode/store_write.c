// store_write.c -- making, changing, moving and deleting values.
// SPDX-License-Identifier: MIT
#include <string.h>

#include "common/base/check.h"
#include "stage1-singlenode/object.h"
#include "stage1-singlenode/store_private.h"

enum {
    // Spare room for a string that grows in place, as in Redis' sds.
    SPARE_SIZE_MAX = 1024 * 1024,
};

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
        if (place && *place) // It is as popular as it was.
            memcpy(entry->access, (*place)->access, sizeof entry->access);
        store_replace(store, place, entry, key.hash);
    }
    store_note_write(store, entry);
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
    store_note_write(store, entry);
    *bytes = entry_value(entry);
    return entry;
}

void store_count_object(struct store *store, struct object *object)
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
    store_count_object(store, taken);
    store_replace(store, store_place(store, key), entry, key.hash);
    store_note_write(store, entry);
    return entry;
}

bool store_object_changed(struct store *store, struct key key,
                          struct entry *entry)
{
    struct object *object = entry_object(entry);
    store_count_object(store, object);
    if (object->type->count(object) == 0)
        return store_delete(store, key);
    store_note_write(store, entry);
    return false;
}

void store_on_object(struct store *store,
                     void (*appeared)(void *context, struct slice key),
                     void *context)
{
    store->appeared = appeared;
    store->appeared_context = context;
}

static void remove_entry(struct store *store, struct entry **place,
                         uint64_t hash)
{
    store_replace(store, place, NULL, hash);
    store->writes++;
}

static bool delete_as(struct store *store, struct key key,
                      enum notify_class class, const char *event)
{
    struct entry **place = store_place(store, key);
    if (!place)
        return false;
    // First, for the name may lie in the entry.
    store_notify(store, class, event, key.name);
    remove_entry(store, place, key.hash);
    return true;
}

bool store_delete(struct store *store, struct key key)
{
    return delete_as(store, key, NOTIFY_GENERIC, "del");
}

bool store_evict(struct store *store, struct key key)
{
    bool was_there = delete_as(store, key, NOTIFY_EVICTED, "evicted");
    store->evicted += was_there;
    return was_there;
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
    store_notify(store, NOTIFY_GENERIC,
                 expires_ms == ENTRY_NO_EXPIRY ? "persist" : "expire",
                 key.name);
    return true;
}

// Makes `entry` the value of `to`, which is told as new even if there was one:
// Redis deletes that first.
static void settle_entry(struct store *store, struct key to,
                         struct entry *entry)
{
    struct entry **place = store_place(store, to);
    store_replace(store, place, entry, to.hash);
    if (place)
        store_notify(store, NOTIFY_NEW, "new", to.name);
    store_note_write(store, entry);
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
        store_count_object(store, object);
    }
    settle_entry(store, to, entry);
    store_notify(store, NOTIFY_GENERIC, "copy_to", to.name);
}

void store_rename(struct store *store, struct key from, struct key to)
{
    struct entry *source = store_peek(store, from);
    check(source);
    if (slice_equal(from.name, to.name))
        return;
    struct entry *entry = move_entry(source, to.name, entry_expires_ms(source));
    settle_entry(store, to, entry);
    remove_entry(store, store_place(store, from), from.hash);
    store_notify(store, NOTIFY_GENERIC, "rename_from", from.name);
    store_notify(store, NOTIFY_GENERIC, "rename_to", to.name);
}
