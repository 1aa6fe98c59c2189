// store_private.h -- what the files of the store share.
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
//      include what is doomed, and doomed_memory is its share.
// (I3) No version is above `writes`. Reclaiming expired entries counts no
//      write: when it happens depends on who looked, and versions must not.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_STORE_PRIVATE_H
#define VEGA_STAGE1_STORE_PRIVATE_H

#include "stage1-singlenode/access.h"
#include "stage1-singlenode/dict.h"
#include "stage1-singlenode/expire.h"
#include "stage1-singlenode/store.h"
#include "stage1-singlenode/trash.h"

// A keyspace that store_clear has taken out of sight.
struct doomed {
    struct dict *keys;     // The entries are its own,
    struct dict *expiring; // and these are some of them; NULL: done.
    struct doomed *next;
};

struct store {
    struct hash_secret secret;
    struct dict *keys;
    struct expire expire;
    struct doomed *doomed; // The latest first, freed in slices. NULL: none.
    size_t doomed_memory;  // Of their entries, with their objects.
    bool active_expiry;
    struct limits limits;
    struct access access;
    bool unshares_integers;
    int64_t now_ms;
    uint64_t seed;
    bool seeded; // `random` was made from `seed`.
    struct random random;
    uint64_t hits, misses, expired, evicted;
    uint64_t writes;
    size_t entry_memory;
    size_t object_memory;
    struct trash trash;
    struct store_index *index; // NULL: nobody keeps one.
    void (*appeared)(void *context, struct slice key);
    void *appeared_context;
    const int64_t *wanted; // Classes of events that somebody listens to.
    void (*heard)(void *context, enum notify_class class, const char *event,
                  struct slice key);
    void *heard_context;
};

// Where the pointer to the live entry is, or NULL. Reclaims one that has
// expired.
struct entry **store_place(struct store *store, struct key key);

// Puts `after` where the key's entry at `place` was, and destroys that. Either
// may be NULL: nothing was there, or nothing comes. Upholds (I1) and (I2).
void store_replace(struct store *store, struct entry **place,
                   struct entry *after, uint64_t hash);

// Brings the count of memory up to date with the object's. Upholds (I2).
void store_count_object(struct store *store, struct object *object);

// Frees an entry that no dict holds any more, and its object at once or, if it
// is large, in slices.
void store_free_entry(struct store *store, struct entry *entry);

// Frees a slice of what nobody can see any more: up to `buckets` of what
// store_clear left, and about `elements` of huge values. True while something
// is left.
bool store_free_slice(struct store *store, size_t buckets, size_t elements);

// Counts a write and stamps the entry with it. Upholds (I3).
void store_note_write(struct store *store, struct entry *entry);

static inline bool is_expired(const struct store *store,
                              const struct entry *entry)
{
    return entry_has_expiry(entry) && entry_expires_ms(entry) <= store->now_ms;
}

#endif
