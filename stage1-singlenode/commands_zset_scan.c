// commands_zset_scan.c -- members that the caller does not name: ZRANDMEMBER,
// ZSCAN.
//
// Random picks go by the set's order and the request's randomness alone.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/sample.h"
#include "stage1-singlenode/scan.h"
#include "stage1-singlenode/zset_arguments.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "stage1-singlenode/gather.h"

// ---- ZRANDMEMBER

// `count` members, the same one perhaps more than once.
static void reply_repeated(struct store *store, struct request *request,
                           const struct zset *zset, uint64_t count,
                           bool with_scores)
{
    struct reply *reply = &request->reply;
    if (!reply_fits(request, count))
        return;
    zset_reply_head(reply, count, with_scores);
    // A reply that has passed its limit will not be sent.
    for (uint64_t i = 0; i < count && !reply->out->overflowed; i++) {
        struct zset_item item;
        zset_pick(zset, random_below(store_random(store), zset_count(zset)),
                  &item);
        zset_reply_item(reply, &item, with_scores);
    }
}

// `count` different members, or all if there are not more.
static void reply_different(struct store *store, struct reply *reply,
                            const struct zset *zset, uint64_t count,
                            bool with_scores)
{
    if (count >= zset_count(zset)) {
        struct zset_span all = {0, zset_count(zset)};
        zset_reply_span(reply, zset, all, false, with_scores);
        return;
    }
    size_t *indexes =
        sample_indexes(store_random(store), zset_count(zset), count);
    zset_reply_head(reply, count, with_scores);
    for (uint64_t i = 0; i < count; i++) {
        struct zset_item item;
        zset_pick(zset, indexes[i], &item);
        zset_reply_item(reply, &item, with_scores);
    }
    free(indexes);
}

static bool random_count_read(struct request *request, int64_t *count,
                              bool *with_scores)
{
    if (!argument_between(request, 2, -INT64_MAX, INT64_MAX, count))
        return false;
    *with_scores = argument_is(request, 3, "WITHSCORES");
    if (request->argc > 4 || (request->argc == 4 && !*with_scores)) {
        reply_syntax_error(&request->reply);
        return false;
    }
    if (*with_scores && (*count < -INT64_MAX / 2 || *count > INT64_MAX / 2)) {
        reply_error(&request->reply, "ERR value is out of range");
        return false;
    }
    return true;
}

static void zrandmember_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct reply *reply = &request->reply;
    struct entry *entry;
    int64_t count = 1;
    bool with_scores = false, one = request->argc == 2;
    if ((!one && !random_count_read(request, &count, &with_scores)) ||
        !typed_find(store, request, key, ENTRY_ZSET, &entry))
        return;
    if (one && entry) {
        struct zset_item item;
        const struct zset *zset = zset_of(entry);
        zset_pick(zset, random_below(store_random(store), zset_count(zset)),
                  &item);
        reply_bulk(reply, item.member);
    } else if (one) {
        reply_null(reply);
    } else if (!entry) {
        reply_array(reply, 0);
    } else if (count < 0) {
        reply_repeated(store, request, zset_of(entry), (uint64_t)-count,
                       with_scores);
    } else {
        reply_different(store, reply, zset_of(entry), (uint64_t)count,
                        with_scores);
    }
}

// ---- ZSCAN

#define WHOLE_MAX 0x1p62 // Within int64, with a margin; Redis' limit.

// A string in either protocol, other than everywhere else; and as Redis does
// it, a whole number is written out as long as the set is small.
static void gather_item(struct gather *gather, const struct zset_item *item,
                        bool small)
{
    char text[32];
    size_t size;
    double score = item->score;
    if (small && fabs(score) <= WHOLE_MAX && score == trunc(score))
        size = int64_format(text, (int64_t)score);
    else
        size =
            (size_t)snprintf(text, sizeof text, "%.*g", DBL_DECIMAL_DIG, score);
    gather_add(gather, item->member);
    gather_add(gather, (struct slice){text, size});
}

// The items of one call. Returns the next cursor.
static uint64_t scan_items(const struct zset *zset, uint64_t cursor,
                           const struct scan_options *options,
                           struct gather *gather)
{
    size_t size = zset_count(zset);
    struct scan_range range = scan_dense(options, cursor, size);
    bool small = zset_is_small(zset);
    if (small)
        range = (struct scan_range){.end = size};
    for (size_t i = range.first; i < range.end; i++) {
        struct zset_item item;
        zset_pick(zset, i, &item);
        if (scan_matches(options, item.member))
            gather_item(gather, &item, small);
    }
    return range.cursor;
}

static void zscan_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct gather gather = gather_start(&request->reply);
    struct scan_options options;
    struct entry *entry;
    uint64_t cursor;
    // As in Redis, nobody looks at the options when there is no set.
    if (!scan_read_cursor(request, 2, &cursor) ||
        !typed_find(store, request, key, ENTRY_ZSET, &entry) ||
        (entry && !scan_read_options(request, 3, false, &options)))
        return;
    cursor = entry ? scan_items(zset_of(entry), cursor, &options, &gather) : 0;
    reply_array(&request->reply, 2);
    reply_bulk_integer(&request->reply, (int64_t)cursor);
    reply_array(&request->reply, gather.count);
    gather_finish(&gather, &request->reply);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_zset_scan[] = {
    {"zrandmember", -2, READ, 1, 1, 1, "Returns random members of a sorted set",
     "key [count [WITHSCORES]]", "sorted-set", "6.2.0", .run = zrandmember_run,
     .tips = "nondeterministic_output"},
    {"zscan", -3, READ, 1, 1, 1,
     "Walks over a sorted set, some members at each call; start and end at "
     "cursor 0",
     "key cursor [MATCH pattern] [COUNT count]", "sorted-set", "2.8.0",
     .run = zscan_run, .tips = "nondeterministic_output"},
    {0},
};
