// dict_walk.c -- the ways through all entries of a dict: in turn, at random,
// and to check them.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "stage1-singlenode/dict_private.h"
#include "stage1-singlenode/entry.h"

enum {
    RANDOM_CHAIN_MAX = 12, // Entries; in longer chains they are drawn less.
    RANDOM_TRIES_MAX = 1024,
    SAMPLE_TRIES_MIN = 16,
    WALK_AHEAD = 3, // Buckets whose entries are on their way: about twelve.
};

static uint64_t reverse_bits(uint64_t x)
{
    x = (x & 0x5555555555555555) << 1 | (x >> 1 & 0x5555555555555555);
    x = (x & 0x3333333333333333) << 2 | (x >> 2 & 0x3333333333333333);
    x = (x & 0x0f0f0f0f0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0f);
    return __builtin_bswap64(x);
}

// The cursor after `cursor` among those that differ within `mask`: its highest
// bit counts fastest. Buckets which a resize joins or splits share their low
// bits, so they are neighbours in this order, and a turn that has passed one
// half of a pair passes the other next, whatever the size is by then.
static uint64_t cursor_next(uint64_t cursor, size_t mask)
{
    return reverse_bits(reverse_bits(cursor | ~(uint64_t)mask) + 1);
}

uint64_t dict_scan(const struct dict *dict, uint64_t cursor,
                   void (*each)(void *context, struct entry *entry),
                   void *context)
{
    const struct table *table = &dict->table, *old = &dict->old;
    if (!is_resizing(dict)) {
        chain_scan(&table->buckets[cursor & table->mask], each, context);
        return cursor_next(cursor, table->mask);
    }

    // One bucket of the smaller table and all of the larger one that hold, or
    // will hold, the same hashes.
    size_t small = table->mask < old->mask ? table->mask : old->mask;
    size_t large = table->mask ^ old->mask ^ small;
    uint64_t at = cursor & small;
    do {
        size_t from = at & old->mask;
        if (from >= dict->moved && (large == old->mask || at <= small))
            chain_scan(&old->buckets[from], each, context);
        if (large == table->mask || at <= small)
            chain_scan(&table->buckets[at & table->mask], each, context);
        at = cursor_next(at, large);
    } while (at & (small ^ large));
    return cursor_next(cursor, small);
}

static size_t bucket_total(const struct dict *dict)
{
    size_t buckets = dict->table.mask + 1;
    if (is_resizing(dict))
        buckets += dict->old.mask + 1 - dict->moved;
    return buckets;
}

// The i-th of all buckets that may hold entries: those of `table`, then those
// of `old` that have not been moved.
static const struct bucket *bucket_at(const struct dict *dict, size_t i)
{
    size_t in_table = dict->table.mask + 1;
    return i < in_table ? &dict->table.buckets[i]
                        : &dict->old.buckets[dict->moved + i - in_table];
}

// always_inline: see prefetch_entry in dict.c.
__attribute__((always_inline)) static inline void
walk_prefetch(const struct bucket *bucket)
{
    for (unsigned i = 0; i < bucket_count(bucket); i++) {
        const char *entry = (const char *)bucket->slots[i].entry;
        __builtin_prefetch(entry);
        __builtin_prefetch(entry + BUCKET_SIZE);
    }
}

bool dict_walk(const struct dict *dict, size_t *place, size_t buckets,
               void (*each)(void *context, struct entry *entry), void *context)
{
    size_t total = bucket_total(dict);
    for (; buckets > 0 && *place < total; buckets--) {
        if (*place + WALK_AHEAD < total)
            walk_prefetch(bucket_at(dict, *place + WALK_AHEAD));
        chain_scan(bucket_at(dict, *place), each, context);
        ++*place;
    }
    return *place < total;
}

// A bucket is kept in proportion to its entries, so that those in full ones
// are not slighted. When that fails too often, because the table is nearly
// empty, the next entry from a random place on has to do.
struct entry *dict_random(const struct dict *dict, struct random *random)
{
    if (dict->count == 0)
        return NULL;
    size_t buckets = bucket_total(dict);
    for (int tries = 0; tries < RANDOM_TRIES_MAX; tries++) {
        const struct bucket *bucket =
            bucket_at(dict, random_below(random, buckets));
        size_t count = chain_count(bucket);
        size_t choice = random_below(random, RANDOM_CHAIN_MAX);
        if (count > RANDOM_CHAIN_MAX)
            choice = random_below(random, count);
        if (choice < count)
            return chain_entry(bucket, choice);
    }
    size_t i = random_below(random, buckets);
    while (!bucket_at(dict, i)->bits)
        i = (i + 1) % buckets;
    return chain_entry(bucket_at(dict, i), 0);
}

static void prefetch_chain(const struct bucket *bucket)
{
    for (; bucket; bucket = bucket_child(bucket)) {
        for (unsigned i = 0; i < bucket_count(bucket); i++)
            __builtin_prefetch(bucket->slots[i].entry);
    }
}

// All entries of a bucket, or none, so that all are equally likely. The misses
// of one bucket overlap.
void dict_sample(const struct dict *dict, struct random *random, size_t count,
                 void (*each)(void *context, struct entry *entry),
                 void *context)
{
    if (dict->count == 0)
        return;
    size_t found = 0, buckets = bucket_total(dict);
    size_t tries_max = SAMPLE_TRIES_MIN + 2 * count;
    for (size_t tries = 0; found < count && tries < tries_max; tries++) {
        const struct bucket *bucket =
            bucket_at(dict, random_below(random, buckets));
        found += chain_count(bucket);
        prefetch_chain(bucket);
        chain_scan(bucket, each, context);
    }
    if (found == 0)
        each(context, dict_random(dict, random));
}

// Counts the entries and the children of a chain while it checks them.
static void check_chain(const struct dict *dict, const struct bucket *root,
                        size_t *count, size_t *children)
{
    for (const struct bucket *bucket = root; bucket;
         bucket = bucket_child(bucket)) {
        unsigned present = bucket->bits & BUCKET_PRESENT;
        check((present & (present + 1)) == 0);
        if (bucket->bits & BUCKET_CHAINED)
            check(bucket_count(bucket) == BUCKET_LAST);
        else if (bucket != root)
            check(bucket_count(bucket) >= 2);
        for (unsigned i = 0; i < bucket_count(bucket); i++) {
            struct slice key = entry_key(bucket->slots[i].entry);
            uint64_t hash = hash_bytes(dict->secret, key);
            check(bucket->tags[i] == tag_of(hash));
            check(bucket_of(dict, hash) == root);
            check(dict_find(dict, key, hash) == &bucket->slots[i].entry);
        }
        *count += bucket_count(bucket);
        *children += bucket != root;
    }
}

void dict_check_invariants(const struct dict *dict)
{
    size_t count = 0, children = 0;
    for (size_t i = 0; i <= dict->table.mask; i++)
        check_chain(dict, &dict->table.buckets[i], &count, &children);
    if (is_resizing(dict)) {
        check(dict->moved <= dict->old.mask);
        check(dict->old.mask != dict->table.mask);
        for (size_t i = dict->moved; i <= dict->old.mask; i++)
            check_chain(dict, &dict->old.buckets[i], &count, &children);
    }
    check(dict->count == count);
    check(dict->child_count == children);
    check(dict->count_max > 0 || count == 0);
}
