// commands_zset_range.c -- ranges of sorted sets: ZRANGE and its many names.
//
// A range by score or by member becomes one by rank before anything is done
// with it (zset_range_resolve). So counting never walks, and what replies,
// stores or removes knows one kind.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/zset_arguments.h"

// ---- Reading

// Which words a command understands.
enum zrange_words {
    ZRANGE_KIND = 1,    // BYSCORE, BYLEX.
    ZRANGE_REVERSE = 2, // REV.
    ZRANGE_SCORES = 4,  // WITHSCORES.
};

struct zrange {
    struct zset_range range;
    uint32_t words; // enum zrange_words
    bool with_scores;
};

// Reads the option at argv[*index] and goes past it.
static bool zrange_option_read(struct request *request, struct zrange *zrange,
                               uint32_t *index)
{
    struct zset_range *range = &zrange->range;
    uint32_t i = (*index)++;
    if (zrange->words & ZRANGE_SCORES &&
        argument_is(request, i, "WITHSCORES")) {
        zrange->with_scores = true;
    } else if (argument_is(request, i, "LIMIT") && i + 2 < request->argc) {
        *index += 2;
        return argument_int64(request, i + 1, &range->offset) &&
               argument_int64(request, i + 2, &range->limit);
    } else if (zrange->words & ZRANGE_REVERSE &&
               argument_is(request, i, "REV")) {
        range->reverse = true;
    } else if (zrange->words & ZRANGE_KIND &&
               argument_is(request, i, "BYLEX")) {
        range->kind = ZSET_BY_LEX;
    } else if (zrange->words & ZRANGE_KIND &&
               argument_is(request, i, "BYSCORE")) {
        range->kind = ZSET_BY_SCORE;
    } else {
        reply_syntax_error(&request->reply);
        return false;
    }
    return true;
}

// Reads the bounds at argv[first] and the one behind it, and what follows.
static bool zrange_read(struct request *request, struct zrange *zrange,
                        uint32_t first)
{
    struct zset_range *range = &zrange->range;
    range->limit = -1;
    for (uint32_t i = first + 2; i < request->argc;) {
        if (!zrange_option_read(request, zrange, &i))
            return false;
    }
    if (range->limit != -1 && range->kind == ZSET_BY_RANK) {
        reply_error(&request->reply,
                    "ERR syntax error, LIMIT is only supported in combination "
                    "with either BYSCORE or BYLEX");
        return false;
    }
    if (zrange->with_scores && range->kind == ZSET_BY_LEX) {
        reply_error(&request->reply,
                    "ERR syntax error, WITHSCORES not supported in combination "
                    "with BYLEX");
        return false;
    }
    // Reversed, the higher bound comes first, but ranks count from there.
    bool swapped = range->reverse && range->kind != ZSET_BY_RANK;
    return zset_range_read(request, first + swapped, first + !swapped, range);
}

static void zrange_reply(struct store *store, struct request *request,
                         struct zrange zrange)
{
    struct entry *entry;
    if (!zrange_read(request, &zrange, 2) ||
        !typed_find(store, request, request_key(store, request, 1), ENTRY_ZSET,
                    &entry))
        return;
    struct zset_span span = {0};
    const struct zset *zset = entry ? zset_of(entry) : NULL;
    if (zset)
        span = zset_range_resolve(&zrange.range, zset);
    zset_reply_span(&request->reply, zset, span, zrange.range.reverse,
                    zrange.with_scores);
}

static void zrange_run(struct store *store, struct request *request)
{
    zrange_reply(
        store, request,
        (struct zrange){.words = ZRANGE_KIND | ZRANGE_REVERSE | ZRANGE_SCORES});
}

static void zrevrange_run(struct store *store, struct request *request)
{
    struct zset_range range = {.kind = ZSET_BY_RANK, .reverse = true};
    zrange_reply(store, request, (struct zrange){range, ZRANGE_SCORES, false});
}

static void zrangebyscore_run(struct store *store, struct request *request)
{
    struct zset_range range = {.kind = ZSET_BY_SCORE};
    zrange_reply(store, request, (struct zrange){range, ZRANGE_SCORES, false});
}

static void zrevrangebyscore_run(struct store *store, struct request *request)
{
    struct zset_range range = {.kind = ZSET_BY_SCORE, .reverse = true};
    zrange_reply(store, request, (struct zrange){range, ZRANGE_SCORES, false});
}

static void zrangebylex_run(struct store *store, struct request *request)
{
    struct zset_range range = {.kind = ZSET_BY_LEX};
    zrange_reply(store, request, (struct zrange){range, ZRANGE_SCORES, false});
}

static void zrevrangebylex_run(struct store *store, struct request *request)
{
    struct zset_range range = {.kind = ZSET_BY_LEX, .reverse = true};
    zrange_reply(store, request, (struct zrange){range, ZRANGE_SCORES, false});
}

static void put_each(void *context, const struct zset_item *item)
{
    zset_put(context, item->member, item->score);
}

static void zrangestore_run(struct store *store, struct request *request)
{
    struct zrange zrange = {.words = ZRANGE_KIND | ZRANGE_REVERSE};
    struct entry *entry;
    if (!zrange_read(request, &zrange, 3) ||
        !typed_find(store, request, request_key(store, request, 2), ENTRY_ZSET,
                    &entry))
        return;
    struct zset *stored = zset_create(store_secret(store), store_limits(store));
    if (entry)
        zset_walk(zset_of(entry),
                  zset_range_resolve(&zrange.range, zset_of(entry)), false,
                  put_each, stored);
    zset_store(store, request, request_key(store, request, 1), stored);
}

// ---- Counting and removing

static void reply_count(struct store *store, struct request *request,
                        enum zset_range_kind kind)
{
    struct zset_range range = {.kind = kind, .limit = -1};
    struct entry *entry;
    if (!zset_range_read(request, 2, 3, &range) ||
        !typed_find(store, request, request_key(store, request, 1), ENTRY_ZSET,
                    &entry))
        return;
    struct zset_span span = {0};
    if (entry)
        span = zset_range_resolve(&range, zset_of(entry));
    reply_integer(&request->reply, (int64_t)span.count);
}

static void zcount_run(struct store *store, struct request *request)
{
    reply_count(store, request, ZSET_BY_SCORE);
}

static void zlexcount_run(struct store *store, struct request *request)
{
    reply_count(store, request, ZSET_BY_LEX);
}

static void remove_range(struct store *store, struct request *request,
                         enum zset_range_kind kind)
{
    struct zset_range range = {.kind = kind, .limit = -1};
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    if (!zset_range_read(request, 2, 3, &range) ||
        !typed_peek(store, request, key, ENTRY_ZSET, &entry))
        return;
    struct zset_span span = {0};
    if (entry)
        span = zset_range_resolve(&range, zset_of(entry));
    // The command and the event have one name.
    zset_remove_span(store, request, key, entry, span, request->command->name);
    reply_integer(&request->reply, (int64_t)span.count);
}

static void zremrangebyrank_run(struct store *store, struct request *request)
{
    remove_range(store, request, ZSET_BY_RANK);
}

static void zremrangebyscore_run(struct store *store, struct request *request)
{
    remove_range(store, request, ZSET_BY_SCORE);
}

static void zremrangebylex_run(struct store *store, struct request *request)
{
    remove_range(store, request, ZSET_BY_LEX);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_zset_range[] = {
    {"zrange", -4, READ, 1, 1, 1,
     "Returns the members in a range of ranks, scores or members",
     "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] "
     "[WITHSCORES]",
     "sorted-set", "1.2.0", .run = zrange_run},
    {"zrevrange", -4, READ, 1, 1, 1,
     "Returns the members in a range of ranks, the highest score first",
     "key start stop [WITHSCORES]", "sorted-set", "1.2.0",
     .run = zrevrange_run},
    {"zrangebyscore", -4, READ, 1, 1, 1,
     "Returns the members in a range of scores",
     "key min max [WITHSCORES] [LIMIT offset count]", "sorted-set", "1.0.5",
     .run = zrangebyscore_run},
    {"zrevrangebyscore", -4, READ, 1, 1, 1,
     "Returns the members in a range of scores, the highest first",
     "key max min [WITHSCORES] [LIMIT offset count]", "sorted-set", "2.2.0",
     .run = zrevrangebyscore_run},
    {"zrangebylex", -4, READ, 1, 1, 1,
     "Returns the members between two, where all scores are equal",
     "key min max [LIMIT offset count]", "sorted-set", "2.8.9",
     .run = zrangebylex_run},
    {"zrevrangebylex", -4, READ, 1, 1, 1,
     "Returns the members between two, the greatest first",
     "key max min [LIMIT offset count]", "sorted-set", "2.8.9",
     .run = zrevrangebylex_run},
    {"zrangestore", -5, STORE, 1, 2, 1,
     "Keeps the members in a range as another sorted set",
     "dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
     "sorted-set", "6.2.0", .run = zrangestore_run,
     .access = "OW update; RO access"},
    {"zcount", 4, READ | FAST, 1, 1, 1,
     "Counts the members in a range of scores", "key min max", "sorted-set",
     "2.0.0", .run = zcount_run},
    {"zlexcount", 4, READ | FAST, 1, 1, 1,
     "Counts the members between two, where all scores are equal",
     "key min max", "sorted-set", "2.8.9", .run = zlexcount_run},
    {"zremrangebyrank", 4, WRITE, 1, 1, 1,
     "Removes the members in a range of ranks", "key start stop", "sorted-set",
     "2.0.0", .run = zremrangebyrank_run, .access = "RW delete"},
    {"zremrangebyscore", 4, WRITE, 1, 1, 1,
     "Removes the members in a range of scores", "key min max", "sorted-set",
     "1.2.0", .run = zremrangebyscore_run, .access = "RW delete"},
    {"zremrangebylex", 4, WRITE, 1, 1, 1,
     "Removes the members between two, where all scores are equal",
     "key min max", "sorted-set", "2.8.9", .run = zremrangebylex_run,
     .access = "RW delete"},
    {0},
};
