// zset_pairs.h -- a small sorted set: pairs of member and score, packed.
//
// Everything walks; that is fast for a hundred. Only zset.c includes this.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_ZSET_PAIRS_H
#define VEGA_STAGE1_ZSET_PAIRS_H

#include "stage1-singlenode/packed.h"
#include "stage1-singlenode/zset.h"

enum { PAIR = 2 }; // Items of `packed` for one of the set.

// Each sets *item and returns true, or returns false when there is none.
bool pairs_find(const struct packed *packed, struct slice member,
                struct zset_item *item);
bool pairs_at(const struct packed *packed, size_t rank, struct zset_item *item);
bool pairs_next(const struct packed *packed, struct zset_item *item);
bool pairs_previous(const struct packed *packed, struct zset_item *item);

// How many pairs lie before the cut; sets *at to where the next one begins.
size_t pairs_rank(const struct packed *packed, const struct cut *cut,
                  size_t *at);

// Inserts a pair whose member is not there.
void pairs_insert(struct packed **packed, struct slice member, double score);

// Appends a pair. False, and nothing is changed, if its member is there or the
// pair does not come after the last one.
bool pairs_append(struct packed **packed, struct slice member, double score);

#endif
