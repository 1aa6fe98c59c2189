// dict.c -- a hash table of entries in buckets of one cache line.
//
// The low bits of a hash choose the bucket and its top byte is the tag, so the
// two say different things. A resize empties `old` into `table`, bucket by
// bucket in the order of their indexes. At every moment a hash has exactly one
// place: its bucket in `old` as long as that has not been moved, afterwards its
// bucket in `table`. So a look-up never searches both, an insertion during a
// resize goes to either, and a removal needs no special case.
//
// Invariants
// (I1) Slots of a bucket are filled from 0 up. A chained bucket has six entries
//      and a child, and below it are at least two more: the shape of a chain
//      depends on the number of its entries alone.
// (I2) old.buckets is NULL, or `moved` of its buckets are empty and those below
//      the last multiple of TABLE_SLICE may be unmapped: nobody reads them.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/dict.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/dict_private.h"
#include "stage1-singlenode/entry.h"

enum {
    // Entries per 100 slots above which the table grows. At 80 one look-up in
    // ten meets a child bucket; below, the table costs more than it saves.
    LOAD_PERCENT_MAX = 80,
    LOAD_PERCENT_MIN = 10, // Below it dict_step halves the table.

    TABLE_MAPPED_MIN = 4096 / BUCKET_SIZE, // Buckets; smaller: from the heap.
    TABLE_SLICE = (1 << 20) / BUCKET_SIZE, // Buckets unmapped at once.

    // How many buckets ahead of a move their entries are fetched, so that the
    // misses of one bucket overlap with each other and with other work.
    MOVE_AHEAD = 2,
};

// What a dict without a table points at, so that dict_find needs no test.
static const struct bucket empty_bucket;

// ---- Memory of tables and buckets

static void *bucket_allocate(size_t count)
{
    struct bucket *buckets = aligned_alloc(BUCKET_SIZE, count * BUCKET_SIZE);
    check(buckets);
    return memset(buckets, 0, count * BUCKET_SIZE);
}

static struct table table_create(size_t count)
{
    struct table table = {.mask = count - 1};
    table.buckets = count < TABLE_MAPPED_MIN ? bucket_allocate(count)
                                             : memory_map(count * BUCKET_SIZE);
    return table;
}

// Gives back the buckets from `first` on; those before it are gone already.
static void table_release(struct table *table, size_t first)
{
    size_t count = table->mask + 1;
    if (count < TABLE_MAPPED_MIN)
        free(table->buckets);
    else if (first < count)
        memory_unmap(table->buckets + first, (count - first) * BUCKET_SIZE);
    table->buckets = NULL;
}

// The first bucket of `old` whose memory is still there.
static size_t released_until(const struct dict *dict)
{
    return dict->moved / TABLE_SLICE * TABLE_SLICE;
}

// ---- Chains

static void chain_insert(struct dict *dict, struct bucket *bucket,
                         struct entry *entry, uint8_t tag)
{
    while (bucket->bits & BUCKET_CHAINED)
        bucket = bucket_child(bucket);
    if (bucket->bits == BUCKET_PRESENT) {
        struct bucket *child = bucket_allocate(1);
        bucket_put(child, bucket->slots[BUCKET_LAST].entry,
                   bucket->tags[BUCKET_LAST]);
        bucket->slots[BUCKET_LAST].child = child;
        bucket->bits ^= BUCKET_CHAINED | 1u << BUCKET_LAST;
        dict->child_count++;
        bucket = child;
    }
    bucket_put(bucket, entry, tag);
}

// Fills the hole at `slot` of `bucket` with the last entry of the chain and
// folds a child that is left with one entry into its parent. Upholds (I1).
static void chain_remove(struct dict *dict, struct bucket *bucket,
                         unsigned slot, struct bucket *parent)
{
    struct bucket *last = bucket;
    for (; last->bits & BUCKET_CHAINED; last = bucket_child(last))
        parent = last;

    unsigned end = bucket_count(last) - 1;
    bucket->tags[slot] = last->tags[end];
    bucket->slots[slot] = last->slots[end];
    last->bits ^= (uint8_t)(1u << end);

    if (parent && end == 1) {
        parent->bits ^= BUCKET_CHAINED;
        bucket_put(parent, last->slots[0].entry, last->tags[0]);
        free(last);
        dict->child_count--;
    }
}

// ---- Resizing

// always_inline: gcc 12 finds that a static function which only prefetches
// has no effect, and drops its calls.
__attribute__((always_inline)) static inline void
prefetch_entry(const struct entry *entry)
{
    // An entry of up to 96 bytes lies on two lines, and its key on the first.
    __builtin_prefetch(entry);
    __builtin_prefetch((const char *)entry + BUCKET_SIZE);
}

__attribute__((always_inline)) static inline void
move_prefetch(const struct dict *dict)
{
    size_t ahead = dict->moved + MOVE_AHEAD;
    if (ahead + MOVE_AHEAD > dict->old.mask)
        return;
    const struct bucket *bucket = &dict->old.buckets[ahead];
    __builtin_prefetch(bucket + MOVE_AHEAD);
    unsigned count = bucket_count(bucket);
    for (unsigned i = 0; i < count; i++)
        __builtin_prefetch(bucket->slots[i].entry);
}

static void chain_free_children(struct dict *dict, const struct bucket *root)
{
    struct bucket *child = bucket_child(root);
    while (child) {
        struct bucket *next = bucket_child(child);
        free(child);
        dict->child_count--;
        child = next;
    }
}

// Done with the next bucket of `old`. The memory goes in slices.
static void old_advance(struct dict *dict)
{
    struct table *old = &dict->old;
    chain_free_children(dict, &old->buckets[dict->moved]);
    dict->moved++;
    if (dict->moved % TABLE_SLICE == 0)
        memory_unmap(old->buckets + dict->moved - TABLE_SLICE,
                     TABLE_SLICE * BUCKET_SIZE);
    if (dict->moved > old->mask)
        table_release(old, released_until(dict));
}

static void move_entry(void *context, struct entry *entry)
{
    struct dict *dict = context;
    uint64_t hash = hash_bytes(dict->secret, entry_key(entry));
    chain_insert(dict, &dict->table.buckets[hash & dict->table.mask], entry,
                 tag_of(hash));
}

// Moves the next `buckets` buckets of the resize that is under way.
static void resize_step(struct dict *dict, size_t buckets)
{
    for (; buckets && is_resizing(dict); buckets--) {
        move_prefetch(dict);
        chain_scan(&dict->old.buckets[dict->moved], move_entry, dict);
        old_advance(dict);
    }
}

static void resize_start(struct dict *dict, size_t bucket_count)
{
    check(!is_resizing(dict));
    dict->old = dict->table;
    dict->moved = 0;
    dict->table = table_create(bucket_count);
    dict->count_max = bucket_count * BUCKET_SLOTS * LOAD_PERCENT_MAX / 100;
    if (dict->old.buckets == &empty_bucket)
        dict->old.buckets = NULL;
}

// ---- Public functions

static void table_clear(struct dict *dict)
{
    // Never written to: with count_max 0 an insertion makes a table first.
    dict->table = (struct table){.buckets = (struct bucket *)&empty_bucket};
    dict->count_max = 0;
}

struct dict *dict_create(const struct hash_secret *secret)
{
    struct dict *dict = xcalloc(1, sizeof *dict);
    dict->secret = secret;
    table_clear(dict);
    return dict;
}

bool dict_drain(struct dict *dict, size_t buckets,
                void (*each)(void *context, struct entry *entry), void *context)
{
    for (; buckets > 0; buckets--) {
        if (!is_resizing(dict) && dict->count_max == 0)
            return false;
        if (!is_resizing(dict)) {
            dict->old = dict->table;
            dict->moved = 0;
            table_clear(dict);
        }
        move_prefetch(dict);
        const struct bucket *next = &dict->old.buckets[dict->moved];
        dict->count -= chain_count(next);
        chain_scan(next, each, context);
        old_advance(dict);
    }
    return is_resizing(dict) || dict->count_max > 0;
}

static void leave_entry(void *context, struct entry *entry)
{
    (void)context;
    (void)entry;
}

void dict_destroy(struct dict *dict)
{
    while (dict_drain(dict, SIZE_MAX, leave_entry, NULL))
        ;
    free(dict);
}

size_t dict_count(const struct dict *dict)
{
    return dict->count;
}

size_t dict_memory(const struct dict *dict)
{
    size_t buckets = dict->child_count;
    if (dict->count_max)
        buckets += dict->table.mask + 1;
    if (is_resizing(dict))
        buckets += dict->old.mask + 1 - released_until(dict);
    return buckets * BUCKET_SIZE;
}

void dict_prefetch_bucket(const struct dict *dict, uint64_t hash)
{
    __builtin_prefetch(bucket_of(dict, hash));
}

void dict_prefetch_entry(const struct dict *dict, uint64_t hash)
{
    const struct bucket *bucket = bucket_of(dict, hash);
    unsigned match = bucket_match(bucket, tag_of(hash));
    if (match)
        prefetch_entry(bucket->slots[__builtin_ctz(match)].entry);
    else if (bucket->bits & BUCKET_CHAINED)
        __builtin_prefetch(bucket->slots[BUCKET_LAST].child);
}

struct entry **dict_find(const struct dict *dict, struct slice key,
                         uint64_t hash)
{
    struct bucket *bucket = bucket_of(dict, hash);
    for (; bucket; bucket = bucket_child(bucket)) {
        unsigned match = bucket_match(bucket, tag_of(hash));
        for (; match; match &= match - 1) {
            struct entry **place = &bucket->slots[__builtin_ctz(match)].entry;
            if (slice_equal(entry_key(*place), key))
                return place;
        }
    }
    return NULL;
}

void dict_insert(struct dict *dict, struct entry *entry, uint64_t hash)
{
    if (is_resizing(dict))
        resize_step(dict, 1);
    else if (dict->count >= dict->count_max)
        resize_start(dict, dict->count_max ? 2 * (dict->table.mask + 1) : 1);
    chain_insert(dict, bucket_of(dict, hash), entry, tag_of(hash));
    dict->count++;
}

struct entry *dict_remove(struct dict *dict, struct slice key, uint64_t hash)
{
    struct bucket *bucket = bucket_of(dict, hash), *parent = NULL;
    for (; bucket; parent = bucket, bucket = bucket_child(bucket)) {
        unsigned match = bucket_match(bucket, tag_of(hash));
        for (; match; match &= match - 1) {
            unsigned slot = (unsigned)__builtin_ctz(match);
            struct entry *entry = bucket->slots[slot].entry;
            if (!slice_equal(entry_key(entry), key))
                continue;
            chain_remove(dict, bucket, slot, parent);
            dict->count--;
            return entry;
        }
    }
    return NULL;
}

void dict_reserve(struct dict *dict, size_t count)
{
    size_t buckets = 1;
    while (buckets * BUCKET_SLOTS * LOAD_PERCENT_MAX / 100 < count)
        buckets *= 2;
    if (is_resizing(dict))
        resize_step(dict, SIZE_MAX);
    if (count <= dict->count_max)
        return;
    resize_start(dict, buckets);
    if (is_resizing(dict))
        resize_step(dict, SIZE_MAX);
}

static bool is_sparse(const struct dict *dict)
{
    size_t slots = (dict->table.mask + 1) * BUCKET_SLOTS;
    return dict->table.mask > 0 && dict->count < slots * LOAD_PERCENT_MIN / 100;
}

bool dict_step(struct dict *dict, size_t buckets)
{
    if (!is_resizing(dict) && is_sparse(dict))
        resize_start(dict, (dict->table.mask + 1) / 2);
    if (is_resizing(dict))
        resize_step(dict, buckets);
    return is_resizing(dict) || is_sparse(dict);
}
