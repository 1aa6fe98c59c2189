// zset_arguments.h -- what the commands on sorted sets share: reading
// ranges, replying and storing items.
//
// Where a function returns false, it has written the error reply, in Redis'
// words, and the command is over.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_ZSET_ARGUMENTS_H
#define VEGA_STAGE1_ZSET_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/zset.h"

// Which items a command means.
enum zset_range_kind { ZSET_BY_RANK, ZSET_BY_SCORE, ZSET_BY_LEX };

struct zset_range {
    enum zset_range_kind kind;
    bool reverse;           // Ranks, and offset, count from the highest score.
    int64_t first, last;    // By rank: positions, negative from the end.
    struct cut from, until; // Otherwise.
    int64_t offset;         // Of the items in the range, so many are left out;
    int64_t limit;          // and of the rest so many taken, negative: all.
};

// Reads the bounds, lower and upper, according to range->kind. The slices of
// the request are borrowed.
bool zset_range_read(struct request *request, uint32_t lower, uint32_t upper,
                     struct zset_range *range);

// The items of a range: `count` of them from `rank` on, whichever way they
// will be walked.
struct zset_span {
    size_t rank, count;
};
struct zset_span zset_range_resolve(const struct zset_range *range,
                                    const struct zset *zset);

// Calls `each` for the items of a span, from its low or from its high end.
void zset_walk(const struct zset *zset, struct zset_span span, bool reverse,
               void (*each)(void *context, const struct zset_item *item),
               void *context);

// Takes a span's items out of the set of that key, and notes the change, which
// is told as `event`.
void zset_remove_span(struct store *store, struct request *request,
                      struct key key, struct entry *entry,
                      struct zset_span span, const char *event);

// The head of `count` items, with or without scores; then each of them. In
// RESP3 an item with its score is an array.
void zset_reply_head(struct reply *reply, size_t count, bool with_scores);
void zset_reply_item(struct reply *reply, const struct zset_item *item,
                     bool with_scores);
void zset_reply_span(struct reply *reply, const struct zset *zset,
                     struct zset_span span, bool reverse, bool with_scores);

// Makes `taken` the key's value, or deletes the key if it is empty; replies how
// many items there are. The event has the name of the command.
void zset_store(struct store *store, struct request *request, struct key key,
                struct zset *taken);

#endif
