// store_image.c -- the store as an image, and back.
//
//     header      one part
//         u64     now_ms     the store's time
//         count   writes     the version counter
//         count   6 times    the limits, in their order, the first one plus 5
//         count   entries
//         count   expiring   those of them that have an expiry
//     entries, in any order; of each one part, which begins with
//         u8      type       enum entry_type
//         u8      flags      1: has an expiry, 2: ENTRY_RAW
//         count   version
//         u64     expires_ms if it has one
//         bytes   key
//         bytes   value      of a string; of other types what their files
//                            say: quicklist.c, set.c, hash.c, zset.c
//
// Versions are not above `writes`, and no key is there twice.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/base/list.h"
#include "stage1-singlenode/hash.h"
#include "stage1-singlenode/image.h"
#include "stage1-singlenode/object.h"
#include "stage1-singlenode/quicklist.h"
#include "stage1-singlenode/set.h"
#include "stage1-singlenode/store_private.h"
#include "stage1-singlenode/zset.h"

enum {
    FLAG_EXPIRES = 1,
    FLAG_RAW = 2,
    ENTRY_SIZE_MIN = 5,  // In an image: an empty key with an empty string.
    SAVE_BUCKETS = 1024, // Between two reports of progress.
    // Entries whose buckets are fetched before the first of them is inserted.
    LOAD_BATCH = 32,
    LIMITS_COUNT = 6,
    LIST_LIMIT_MIN = -5,
};

static const uint64_t limit_max = (uint64_t)INT32_MAX - LIST_LIMIT_MIN;
static const uint64_t writes_max = ((uint64_t)1 << 48) - 1;

// Where they are, in the order in which they are written.
static void limits_each(struct limits *limits, int64_t *each[LIMITS_COUNT])
{
    each[0] = &limits->list_max_listpack_size;
    each[1] = &limits->hash_max_listpack_entries;
    each[2] = &limits->hash_max_listpack_value;
    each[3] = &limits->set_max_intset_entries;
    each[4] = &limits->zset_max_listpack_entries;
    each[5] = &limits->zset_max_listpack_value;
}

// ---- Saving

static void put_limits(struct image_writer *writer, struct limits limits)
{
    int64_t *each[LIMITS_COUNT];
    limits_each(&limits, each);
    limits.list_max_listpack_size -= LIST_LIMIT_MIN;
    for (int i = 0; i < LIMITS_COUNT; i++)
        image_put_count(writer, (uint64_t)*each[i]);
}

void image_put_entry(struct image_writer *writer, const struct entry *entry)
{
    bool expires = entry_has_expiry(entry);
    image_put_u8(writer, entry->type);
    image_put_u8(writer, (uint8_t)((expires ? FLAG_EXPIRES : 0) |
                                   (entry->flags & ENTRY_RAW ? FLAG_RAW : 0)));
    image_put_count(writer, entry->version);
    if (expires)
        image_put_u64(writer, (uint64_t)entry_expires_ms(entry));
    image_put_bytes(writer, entry_key(entry));
    if (entry->flags & ENTRY_OBJECT) {
        const struct object *object = entry_object(entry);
        object->type->save(object, writer);
    } else {
        image_put_bytes(writer, entry_string(entry));
        image_end_part(writer);
    }
}

struct save {
    const struct store *store;
    struct image_writer *writer;
    uint64_t done;
};

static void save_live(void *context, struct entry *entry)
{
    struct save *save = context;
    if (is_expired(save->store, entry))
        return;
    image_put_entry(save->writer, entry);
    save->done++;
}

static void count_live(void *context, struct entry *entry)
{
    struct save *save = context;
    save->done += !is_expired(save->store, entry);
}

// Only what can expire has to be looked at to know how many entries live.
static void put_header(const struct store *store, struct image_writer *writer)
{
    size_t place = 0;
    struct save expiring = {.store = store};
    dict_walk(store->expire.entries, &place, SIZE_MAX, count_live, &expiring);
    uint64_t dead = store_expiring_count(store) - expiring.done;

    image_put_u64(writer, (uint64_t)store->now_ms);
    image_put_count(writer, store->writes);
    put_limits(writer, store->limits);
    image_put_count(writer, store_count(store) - dead);
    image_put_count(writer, expiring.done);
    image_end_part(writer);
}

enum status store_save(const struct store *store, struct image_writer *writer,
                       void (*progress)(void *context, uint64_t done),
                       void *context)
{
    put_header(store, writer);
    struct save save = {.store = store, .writer = writer};
    size_t place = 0;
    bool more = true;
    while (more && writer->status == STATUS_OK) {
        more = dict_walk(store->keys, &place, SAVE_BUCKETS, save_live, &save);
        if (progress)
            progress(context, save.done);
    }
    image_flush(writer);
    return writer->status;
}

// ---- The digest

struct digest {
    struct image_writer writer;
    const struct store *store;
    XXH3_state_t hash; // Of what was put since the last sum.
    uint64_t sum;
};

static enum status digest_block(struct image_writer *writer, struct slice block)
{
    struct digest *digest = container_of(writer, struct digest, writer);
    XXH3_64bits_update(&digest->hash, block.data, block.size);
    return STATUS_OK;
}

// A sum, so that the order does not matter.
static void digest_add(struct digest *digest)
{
    image_flush(&digest->writer);
    digest->sum += XXH3_64bits_digest(&digest->hash);
    XXH3_64bits_reset(&digest->hash);
}

static void digest_live(void *context, struct entry *entry)
{
    struct digest *digest = context;
    if (is_expired(digest->store, entry))
        return;
    image_put_entry(&digest->writer, entry);
    digest_add(digest);
}

uint64_t store_digest(const struct store *store)
{
    struct digest digest = {.writer.full = digest_block, .store = store};
    XXH3_64bits_reset(&digest.hash);
    image_put_count(&digest.writer, store->writes);
    put_limits(&digest.writer, store->limits);
    digest_add(&digest);
    size_t place = 0;
    dict_walk(store->keys, &place, SIZE_MAX, digest_live, &digest);
    buffer_deinit(&digest.writer.block);
    return digest.sum;
}

// ---- Loading

static struct limits get_limits(struct image_reader *reader)
{
    struct limits limits = {0};
    int64_t *each[LIMITS_COUNT];
    limits_each(&limits, each);
    for (int i = 0; i < LIMITS_COUNT; i++) {
        uint64_t limit = image_get_count(reader);
        if (limit > limit_max)
            image_refuse(reader);
        *each[i] = (int64_t)limit;
    }
    limits.list_max_listpack_size += LIST_LIMIT_MIN;
    return limits;
}

bool image_load_begin(struct image_load *load, struct store *store,
                      struct image_reader *reader)
{
    check(store_count(store) == 0 && store->writes == 0);
    image_begin_part(reader);
    uint64_t now_ms = image_get_u64(reader);
    uint64_t writes = image_get_count(reader);
    struct limits limits = get_limits(reader);
    size_t count = image_get_count_of(reader, ENTRY_SIZE_MIN);
    size_t expiring = image_get_count_of(reader, ENTRY_SIZE_MIN);
    if (now_ms > INT64_MAX || writes > writes_max || expiring > count)
        image_refuse(reader);
    if (reader->invalid)
        return false;

    if ((int64_t)now_ms > store->now_ms)
        store->now_ms = (int64_t)now_ms;
    store->writes = writes;
    store->limits = limits;
    dict_reserve(store->keys, count);
    dict_reserve(store->expire.entries, expiring);
    *load = (struct image_load){store, reader, count, 0};
    return true;
}

// NULL, with reader->invalid, on damage.
static struct object *load_object(struct store *store,
                                  struct image_reader *reader, uint8_t type)
{
    const struct hash_secret *secret = &store->secret;
    const struct limits *limits = &store->limits;
    switch (type) {
    case ENTRY_LIST:
        return quicklist_load(reader, limits);
    case ENTRY_SET:
        return set_load(reader, secret, limits);
    case ENTRY_ZSET:
        return zset_load(reader, secret, limits);
    case ENTRY_HASH:
        return hash_load(reader, secret, limits);
    default:
        image_refuse(reader);
        return NULL;
    }
}

struct object *image_check_object(struct image_reader *reader,
                                  struct object *taken)
{
    const struct object_type *type = taken->type;
    if (!reader->invalid && type->count(taken) > 0)
        return taken;
    image_refuse(reader);
    check(type->release(taken, SIZE_MAX));
    return NULL;
}

// The store's part of an entry with a structure, whose key was read.
static struct entry *load_structure(struct store *store,
                                    struct image_reader *reader, uint8_t type,
                                    struct slice key, int64_t expires_ms)
{
    // Before the object, whose parts may lie in later blocks than the key.
    struct object *object = NULL;
    struct entry *entry =
        entry_create(key, sizeof object, sizeof object, expires_ms);
    object = load_object(store, reader, type);
    if (!object) {
        entry_destroy(entry);
        return NULL;
    }
    entry->flags |= ENTRY_OBJECT;
    memcpy(entry_value(entry), &object, sizeof object);
    return entry;
}

static struct entry *load_string(struct image_reader *reader, struct slice key,
                                 int64_t expires_ms)
{
    struct slice value = image_get_bytes(reader);
    if (reader->invalid)
        return NULL;
    struct entry *entry =
        entry_create(key, (uint32_t)value.size, value.size, expires_ms);
    if (value.size > 0)
        memcpy(entry_value(entry), value.data, value.size);
    return entry;
}

// NULL, with reader->invalid, on damage. Owned by the caller.
static struct entry *load_entry(struct store *store,
                                struct image_reader *reader)
{
    image_begin_part(reader);
    uint8_t type = image_get_u8(reader);
    uint8_t flags = image_get_u8(reader);
    uint64_t version = image_get_count(reader);
    int64_t expires_ms = ENTRY_NO_EXPIRY;
    if (flags & FLAG_EXPIRES)
        expires_ms = (int64_t)image_get_u64(reader);
    struct slice key = image_get_bytes(reader);
    if (flags > (FLAG_EXPIRES | FLAG_RAW) || version > store->writes ||
        (flags & FLAG_EXPIRES && expires_ms < 0) ||
        (flags & FLAG_RAW && type != ENTRY_STRING))
        image_refuse(reader);
    if (reader->invalid)
        return NULL;

    struct entry *entry =
        type == ENTRY_STRING
            ? load_string(reader, key, expires_ms)
            : load_structure(store, reader, type, key, expires_ms);
    if (!entry)
        return NULL;
    entry->type = type;
    entry->version = version;
    entry->flags |= flags & FLAG_RAW ? ENTRY_RAW : 0;
    access_note(&store->access, entry, store->now_ms);
    return entry;
}

// Puts the entry into the store. Tells nobody: no command made it.
static void insert_loaded(struct store *store, struct image_reader *reader,
                          struct entry *entry, uint64_t hash)
{
    store->entry_memory += entry_memory(entry);
    if (entry->flags & ENTRY_OBJECT)
        store_count_object(store, entry_object(entry));
    if (dict_find(store->keys, entry_key(entry), hash)) {
        image_refuse(reader);
        store_free_entry(store, entry);
        return;
    }
    dict_insert(store->keys, entry, hash);
    expire_replace(&store->expire, NULL, entry, hash);
    if (store->index)
        store->index->replaced(store->index, NULL, entry, hash);
}

bool image_load_some(struct image_load *load, uint64_t entries_max)
{
    struct entry *entries[LOAD_BATCH];
    uint64_t hashes[LOAD_BATCH];
    struct store *store = load->store;
    uint64_t end = load->count - load->loaded;
    end = load->loaded + (entries_max < end ? entries_max : end);
    while (load->loaded < end && !load->reader->invalid) {
        size_t count = 0;
        for (; count < LOAD_BATCH && load->loaded + count < end; count++) {
            entries[count] = load_entry(store, load->reader);
            if (!entries[count])
                break;
            hashes[count] = store_key(store, entry_key(entries[count])).hash;
            dict_prefetch_bucket(store->keys, hashes[count]);
        }
        for (size_t i = 0; i < count; i++)
            insert_loaded(store, load->reader, entries[i], hashes[i]);
        load->loaded += count;
    }
    if (load->loaded == load->count && load->reader->block.size > 0)
        image_refuse(load->reader);
    return !load->reader->invalid;
}
