// dict.h -- a hash table of entries in buckets of one cache line.
//
//     bucket (64 bytes):  7 one-byte tags, 1 byte of bits, 7 pointers
//
// A look-up compares the tag of the key with the seven of its bucket at once
// (SSE2, NEON, or plain C) and follows only pointers whose tag matches: almost
// always one line of the table and one entry. A full bucket turns its last
// pointer into one to a child bucket and says so in its bits (the chain bit),
// so there are no tombstones, and removal refills from the end of the chain.
//
// Growing is incremental: a table twice as large is mapped (the kernel zeroes
// its pages when they are touched), every insertion moves one bucket, and the
// old table's memory is given back in slices. No single call does work
// proportional to the table.
//
// The dict stores pointers and owns no entries. Hashes are the caller's; equal
// keys must have equal ones.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_DICT_H
#define VEGA_STAGE1_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash.h"
#include "common/base/random.h"
#include "common/base/slice.h"

struct entry;
struct dict;

// The secret is borrowed; it is needed to rehash entries that move.
struct dict *dict_create(const struct hash_secret *secret);
// Entries are not freed.
void dict_destroy(struct dict *dict);

// Takes a dict apart that is of no more use, in slices: hands the entries of up
// to `buckets` buckets to `each`, which may free them, and gives their memory
// back. True while something is left. Nothing but scanning, draining and
// destroying may follow.
bool dict_drain(struct dict *dict, size_t buckets,
                void (*each)(void *context, struct entry *entry),
                void *context);

size_t dict_count(const struct dict *dict);
size_t dict_memory(const struct dict *dict); // Bytes of buckets.

// Fetches what a look-up will need; first for many keys the buckets, then for
// the same keys the entries. Neither changes anything.
void dict_prefetch_bucket(const struct dict *dict, uint64_t hash);
void dict_prefetch_entry(const struct dict *dict, uint64_t hash);

// The place of the pointer to the key's entry, or NULL. Valid until the next
// insertion, removal or step; writing to it replaces the entry by one of the
// same key.
struct entry **dict_find(const struct dict *dict, struct slice key,
                         uint64_t hash);

// Inserts an entry whose key is not in the dict.
void dict_insert(struct dict *dict, struct entry *entry, uint64_t hash);

// Takes the key's entry out and returns it, or NULL.
struct entry *dict_remove(struct dict *dict, struct slice key, uint64_t hash);

// Makes room for `count` entries at once, for loading.
void dict_reserve(struct dict *dict, size_t count);

// Moves up to `buckets` buckets if a resize is under way, and starts to shrink
// a table that has become much too large. True while there is more to do.
bool dict_step(struct dict *dict, size_t buckets);

// SCAN: calls `each` for all entries of the bucket (with children) that
// `cursor` stands for, in both tables while a resize is under way, and returns
// the next cursor; 0: a full turn is done. Every entry that is there from the
// first to the last call of a turn is seen at least once, whatever resizes
// happen in between: the cursor counts up with its bits reversed. `each` must
// not change the dict.
uint64_t dict_scan(const struct dict *dict, uint64_t cursor,
                   void (*each)(void *context, struct entry *entry),
                   void *context);

// Calls `each` for every entry of the next `buckets` buckets, fetching ahead;
// moves *place, which begins at 0, behind them. True while there are more. The
// cheapest way through all entries, once each, as long as nothing changes.
bool dict_walk(const struct dict *dict, size_t *place, size_t buckets,
               void (*each)(void *context, struct entry *entry), void *context);

// A random entry, all about equally likely; NULL when empty.
struct entry *dict_random(const struct dict *dict, struct random *random);

// Calls `each` for the entries of buckets at random until `count` were met, or
// a few more: they come by buckets, so it is cheaper than as many random ones.
// Gives up when the table is nearly empty, after one entry at least.
void dict_sample(const struct dict *dict, struct random *random, size_t count,
                 void (*each)(void *context, struct entry *entry),
                 void *context);

// For tests and the simulator: every rule that holds between calls.
void dict_check_invariants(const struct dict *dict);

#endif
