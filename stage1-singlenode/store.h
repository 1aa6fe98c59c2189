// store.h -- the keyspace: typed values by key, with expiry and versions.
//
// The store reads no clock and draws no random numbers: store_begin hands it
// the time and the seed of the request that runs. A key whose expiry is <= now
// is absent for every caller, whether or not its memory was reclaimed.
//
// Pointers to entries and slices of them are valid until the next call that
// changes the same key, and across other reads.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_STORE_H
#define VEGA_STAGE1_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash.h"
#include "common/base/random.h"
#include "common/base/slice.h"
#include "common/server/notify.h"
#include "stage1-singlenode/entry.h"
#include "stage1-singlenode/limits.h"

struct object;
struct request;
struct store;

// A key's name with its hash, computed once a request.
struct key {
    struct slice name;
    uint64_t hash;
};

struct store *store_create(const struct hash_secret *secret); // Copied.
void store_destroy(struct store *store);

// Sets the time and the randomness of what follows. `now_ms` never goes back.
void store_begin(struct store *store, int64_t now_ms, uint64_t seed);
int64_t store_now_ms(const struct store *store);
struct random *store_random(struct store *store); // Of this request.

struct key store_key(const struct store *store, struct slice name);

// For the tables of members within values: nobody outside knows it. Borrowed
// for the store's life.
const struct hash_secret *store_secret(const struct store *store);

// From which size on values change their encoding. Borrowed for the store's
// life; every family reads it when it needs it.
const struct limits *store_limits(const struct store *store);
void store_set_limits(struct store *store, const struct limits *limits);

// Fetch ahead for keys that come next; see dict.h.
void store_prefetch_bucket(const struct store *store, uint64_t hash);
void store_prefetch_entry(const struct store *store, uint64_t hash);

// The live entry, or NULL. Reclaims one that has expired. Notes the access
// (and the hit or miss) for LRU, LFU and INFO; store_peek does not.
struct entry *store_find(struct store *store, struct key key);
struct entry *store_peek(struct store *store, struct key key);

// Makes `value` the key's string, whatever was there, in place if it fits.
// `expires_ms` may be ENTRY_NO_EXPIRY. Returns the entry.
struct entry *store_set_string(struct store *store, struct key key,
                               struct slice value, int64_t expires_ms);

// Keeps the expiry that the key has. Otherwise as store_set_string.
struct entry *store_update_string(struct store *store, struct key key,
                                  struct slice value);

// The key's string with `size` bytes and the old ones in place, new ones
// zeroed; made if absent; may move. For APPEND, SETRANGE, SETBIT: marks it
// ENTRY_RAW. Write through *bytes. Spare room grows with repeated use.
struct entry *store_resize_string(struct store *store, struct key key,
                                  size_t size, char **bytes);

// Makes `taken` the key's value, whatever was there, without an expiry.
struct entry *store_put_object(struct store *store, struct key key,
                               struct object *taken);

// After an object was changed in place: counts the write and the memory. An
// object without elements is deleted with its key; true if it was.
bool store_object_changed(struct store *store, struct key key,
                          struct entry *entry);

// Called whenever a key gets an object, by whatever command, with its name,
// borrowed for the call; for commands that wait for one. It must not change the
// store.
void store_on_object(struct store *store,
                     void (*appeared)(void *context, struct slice key),
                     void *context);

// Has `heard` called, with names borrowed for the call, for every event of the
// classes in *wanted (enum notify_class), which is borrowed for good and may
// change. It must not change the store.
void store_on_event(struct store *store, const int64_t *wanted,
                    void (*heard)(void *context, enum notify_class class,
                                  const char *event, struct slice key),
                    void *context);

// Somebody who keeps the entries in an order of its own, too.
struct store_index {
    // Where `before` was, `after` is now; either may be NULL: nothing was
    // there, or nothing comes. `before` lives until the call returns.
    void (*replaced)(struct store_index *index, struct entry *before,
                     struct entry *after, uint64_t hash);
    void (*cleared)(struct store_index *index); // All are gone.
};

// Of an empty store; borrowed until it is NULL again.
void store_set_index(struct store *store, struct store_index *index);

// Says in Redis' word what happened to a key. Families say it of their own
// commands ("lpush"), before store_object_changed and after anything else; the
// store itself says what can happen to a key of any type: "del", "expire",
// "persist", "expired", "rename_from", "rename_to", "copy_to", "new",
// "keymiss".
void store_notify(const struct store *store, enum notify_class class,
                  const char *event, struct slice key);

// True if a live key was there. The second is told as "evicted" instead of
// "del".
bool store_delete(struct store *store, struct key key);
bool store_evict(struct store *store, struct key key);

// Sets, moves or (ENTRY_NO_EXPIRY) removes the expiry of a live key. A time at
// or before now deletes the key. False when there is no such key.
bool store_set_expiry(struct store *store, struct key key, int64_t expires_ms);

// Moves a live entry, with expiry, over whatever `to` holds.
void store_rename(struct store *store, struct key from, struct key to);
// Copies value and expiry over whatever `to` holds.
void store_copy(struct store *store, struct key from, struct key to);

// Live or not yet reclaimed, as Redis' DBSIZE counts.
size_t store_count(const struct store *store);
size_t store_expiring_count(const struct store *store);
void store_clear(struct store *store); // Memory follows in slices.
// As it was created: empty, no writes counted, its time not begun, the limits
// those that all stores begin with. What it takes is a stop.
void store_reset(struct store *store);

// SCAN; skips expired entries. See dict_scan.
uint64_t store_scan(struct store *store, uint64_t cursor,
                    void (*each)(void *context, struct entry *entry),
                    void *context);
// A random live entry, or NULL.
struct entry *store_random_entry(struct store *store);

// What accesses are noted for: how recent they are, or (`frequency`) how
// frequent, as an LFU policy needs it; see access.h. What was noted before is
// misread after a change, for as long as it is not noted anew.
void store_note_recency(struct store *store);
void store_note_frequency(struct store *store, int64_t log_factor,
                          int64_t decay_minutes);
bool store_notes_frequency(const struct store *store);
// OBJECT REFCOUNT tells of integers that all keys share, as in Redis, which
// cannot share them while it must know when each key was used. It does so
// unless told not to.
void store_share_integers(struct store *store, bool share);
bool store_shares_integers(const struct store *store);
// Milliseconds since the entry was last noted, or how often it was.
int64_t store_idle_ms(const struct store *store, const struct entry *entry);
uint8_t store_frequency(const struct store *store, const struct entry *entry);

// Calls `each` for some `count` entries, expired ones too, all about equally
// likely; `expiring`: only of those with an expiry. Fewer if there are few.
// `each` must not change the store.
void store_sample(const struct store *store, struct random *random,
                  bool expiring, size_t count,
                  void (*each)(void *context, struct entry *entry),
                  void *context);

// Bytes for the key, its value and its share of the table (MEMORY USAGE).
size_t store_entry_memory(const struct store *store, const struct entry *entry);

// Bytes of everything that the store holds, and of that in it which nobody can
// see any more and which is being freed in slices. O(1).
size_t store_memory(const struct store *store);
size_t store_memory_freeing(const struct store *store);
// Frees a small slice of the latter: about what one write needs.
void store_free_some(struct store *store);

struct store_stats {
    uint64_t hits, misses;
    uint64_t expired;       // Keys reclaimed after their time.
    uint64_t evicted;       // Keys that had to go for want of memory.
    uint64_t writes;        // The version counter.
    size_t table_memory;    // Bytes of the tables.
    size_t entry_memory;    // Bytes of the entries, as the allocator counts.
    size_t object_memory;   // Of the objects, those being freed included.
    size_t lazy_free_count; // Objects and entries being freed in slices.
    int64_t average_ttl_ms; // Estimated over expiring keys; 0: none.
};
void store_stats(const struct store *store, struct store_stats *stats);
void store_reset_stats(struct store *store); // All that is counted.

// A bounded slice of reclaiming what has expired, of freeing huge values and of
// resizing tables; the caller repeats while it returns true and time is left.
// DEBUG SET-ACTIVE-EXPIRE turns the first half off.
bool store_tick(struct store *store);
void store_set_active_expiry(struct store *store, bool on);

void store_check_invariants(const struct store *store);

// Of a request: argv[index] as a key, with the hash that was prepared if it is
// the first one.
struct key request_key(const struct store *store, const struct request *request,
                       uint32_t index);

// Marks that the request changed the store; see REQUEST_CHANGED.
void request_changed(struct request *request);

#endif
