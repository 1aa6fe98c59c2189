// zset.h -- a sorted set: members with scores, in the order of both.
//
// While it is small, pairs of member and score in order, packed. When it is
// large, a table that finds a member and a skip list that keeps the order.
//
// Ranks count from 0, the lowest score first. A range of scores or members is
// asked for as the two cuts (skiplist.h) that bound it: their ranks say where
// it begins and how long it is, whichever way the set is kept.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_ZSET_H
#define VEGA_STAGE1_ZSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash.h"
#include "common/base/slice.h"
#include "stage1-singlenode/image.h"
#include "stage1-singlenode/limits.h"
#include "stage1-singlenode/object.h"
#include "stage1-singlenode/skiplist.h"

struct zset; // Begins with a struct object.

struct zset_item {
    struct slice member; // Borrowed until the set changes.
    double score;
    size_t at;              // The set's: where it is while packed,
    struct skip_node *node; // and when large.
};

// Both are borrowed for the set's life: the secret of the table of members, and
// the limits beyond which the set is no longer packed, and stays so.
struct zset *zset_create(const struct hash_secret *secret,
                         const struct limits *limits); // Owned by the
                                                       // caller, until
struct object *zset_object(struct zset *zset); // it is given to a store.
void zset_destroy(struct zset *zset);          // At once.

// Of an image; NULL on damage. Owned by the caller.
struct object *zset_load(struct image_reader *reader,
                         const struct hash_secret *secret,
                         const struct limits *limits);

// Of an entry of type ENTRY_ZSET. Borrowed until the entry goes.
struct zset *zset_of(const struct entry *entry);

size_t zset_count(const struct zset *zset);

// Sets *score if the member is there.
bool zset_find(const struct zset *zset, struct slice member, double *score);

// Gives the member that score, which is not a NaN; true if the member is new.
// `member` must not be a part of the set.
bool zset_put(struct zset *zset, struct slice member, double score);
bool zset_remove(struct zset *zset, struct slice member); // True: was there.
// Removes `count` items from that rank on; they must be there.
void zset_remove_range(struct zset *zset, size_t rank, size_t count);

// How many items lie before the cut.
size_t zset_rank(const struct zset *zset, const struct cut *cut);

// Each sets *item and returns true, or returns false when there is none.
bool zset_at(const struct zset *zset, size_t rank, struct zset_item *item);
bool zset_next(const struct zset *zset, struct zset_item *item);
bool zset_previous(const struct zset *zset, struct zset_item *item);

// The item at `index` < count in an order of the set's own, which depends on
// its history alone: the quickest way to a random one. O(1) when large.
void zset_pick(const struct zset *zset, size_t index, struct zset_item *item);

// True if the set is small enough that ZSCAN returns it in one go, as Redis
// does.
bool zset_is_small(const struct zset *zset);

void zset_check_invariants(const struct zset *zset);

#endif
