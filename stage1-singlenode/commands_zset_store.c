// commands_zset_store.c -- sorted sets combined: ZUNION, ZINTER, ZDIFF, what
// they store, and ZINTERCARD.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/zset_arguments.h"
#include "stage1-singlenode/zset_combine.h"

#include "common/base/memory.h"
#include "stage1-singlenode/set.h"

// Which options a command knows.
enum combine_words { WORD_WEIGHTS = 1, WORD_SCORES = 2, WORD_LIMIT = 4 };

struct combine {
    struct zset_combination combination;
    uint32_t words;   // enum combine_words
    uint32_t numkeys; // The argument that says how many keys follow.
    bool with_scores;
    int64_t limit; // 0: none.
};

// ---- Arguments

static bool numkeys_read(struct request *request, struct combine *combine)
{
    int64_t count;
    if (!argument_int64(request, combine->numkeys, &count))
        return false;
    if (count < 1) {
        reply_error(&request->reply,
                    "ERR at least 1 input key is needed for '%s' command",
                    request->command->full_name);
        return false;
    }
    if (count > request->argc - combine->numkeys - 1) {
        reply_syntax_error(&request->reply);
        return false;
    }
    combine->combination.count = (uint32_t)count;
    return true;
}

static bool source_read(struct store *store, struct request *request,
                        uint32_t index, struct zset_source *source)
{
    const struct entry *entry =
        store_find(store, request_key(store, request, index));
    if (entry && entry->type == ENTRY_ZSET) {
        source->zset = zset_of(entry);
        source->count = zset_count(source->zset);
    } else if (entry && entry->type == ENTRY_SET) {
        source->set = entry_object(entry);
        source->count = set_count(source->set);
    } else if (entry) {
        reply_wrong_type(&request->reply);
        return false;
    }
    return true;
}

static bool weights_read(struct request *request,
                         struct zset_combination *combination, uint32_t first)
{
    for (uint32_t i = 0; i < combination->count; i++) {
        if (!slice_to_double(request->argv[first + i],
                             &combination->sources[i].weight)) {
            reply_error(&request->reply, "ERR weight value is not a float");
            return false;
        }
    }
    return true;
}

static bool aggregate_read(struct request *request, uint32_t index,
                           enum zset_aggregate *aggregate)
{
    if (argument_is(request, index, "SUM")) {
        *aggregate = ZSET_SUM;
    } else if (argument_is(request, index, "MIN")) {
        *aggregate = ZSET_MIN;
    } else if (argument_is(request, index, "MAX")) {
        *aggregate = ZSET_MAX;
    } else {
        reply_syntax_error(&request->reply);
        return false;
    }
    return true;
}

static bool limit_read(struct request *request, uint32_t index, int64_t *limit)
{
    if (slice_to_int64(request->argv[index], limit) && *limit >= 0)
        return true;
    reply_error(&request->reply, "ERR LIMIT can't be negative");
    return false;
}

// Reads the option at argv[*index] and goes past it.
static bool option_read(struct request *request, struct combine *combine,
                        uint32_t *index)
{
    struct zset_combination *combination = &combine->combination;
    uint32_t i = (*index)++;
    uint32_t left = request->argc - *index;
    if (combine->words & WORD_WEIGHTS && left >= combination->count &&
        argument_is(request, i, "WEIGHTS")) {
        *index += combination->count;
        return weights_read(request, combination, i + 1);
    }
    if (combine->words & WORD_WEIGHTS && left > 0 &&
        argument_is(request, i, "AGGREGATE")) {
        *index += 1;
        return aggregate_read(request, i + 1, &combination->aggregate);
    }
    if (combine->words & WORD_LIMIT && left > 0 &&
        argument_is(request, i, "LIMIT")) {
        *index += 1;
        return limit_read(request, i + 1, &combine->limit);
    }
    combine->with_scores =
        combine->words & WORD_SCORES && argument_is(request, i, "WITHSCORES");
    if (!combine->with_scores)
        reply_syntax_error(&request->reply);
    return combine->with_scores;
}

static bool sources_read(struct store *store, struct request *request,
                         struct combine *combine)
{
    struct zset_combination *combination = &combine->combination;
    uint32_t i = combine->numkeys + 1;
    for (uint32_t s = 0; s < combination->count; s++, i++) {
        combination->sources[s] =
            (struct zset_source){.weight = 1, .position = s};
        if (!source_read(store, request, i, &combination->sources[s]))
            return false;
    }
    while (i < request->argc) {
        if (!option_read(request, combine, &i))
            return false;
    }
    return true;
}

// ---- Commands

// Reads the arguments, and lets `finish` reply.
static void combine_run(struct store *store, struct request *request,
                        struct combine combine,
                        void (*finish)(struct store *store,
                                       struct request *request,
                                       struct combine *combine))
{
    struct zset_combination *combination = &combine.combination;
    if (!numkeys_read(request, &combine))
        return;
    combination->sources =
        xmalloc(combination->count * sizeof *combination->sources);
    if (sources_read(store, request, &combine))
        finish(store, request, &combine);
    free(combination->sources);
}

static void finish_reply(struct store *store, struct request *request,
                         struct combine *combine)
{
    struct zset *result = zset_combine(
        &combine->combination, store_secret(store), store_limits(store));
    struct zset_span all = {0, zset_count(result)};
    zset_reply_span(&request->reply, result, all, false, combine->with_scores);
    zset_destroy(result);
}

static void finish_store(struct store *store, struct request *request,
                         struct combine *combine)
{
    zset_store(store, request, request_key(store, request, 1),
               zset_combine(&combine->combination, store_secret(store),
                            store_limits(store)));
}

static void finish_count(struct store *store, struct request *request,
                         struct combine *combine)
{
    (void)store;
    reply_integer(&request->reply,
                  zset_count_common(&combine->combination, combine->limit));
}

static void zunion_run(struct store *store, struct request *request)
{
    struct combine combine = {
        .combination.operation = ZSET_UNION,
        .words = WORD_WEIGHTS | WORD_SCORES,
        .numkeys = 1,
    };
    combine_run(store, request, combine, finish_reply);
}

static void zinter_run(struct store *store, struct request *request)
{
    struct combine combine = {
        .combination.operation = ZSET_INTERSECTION,
        .words = WORD_WEIGHTS | WORD_SCORES,
        .numkeys = 1,
    };
    combine_run(store, request, combine, finish_reply);
}

static void zdiff_run(struct store *store, struct request *request)
{
    struct combine combine = {
        .combination.operation = ZSET_DIFFERENCE,
        .words = WORD_SCORES,
        .numkeys = 1,
    };
    combine_run(store, request, combine, finish_reply);
}

static void zunionstore_run(struct store *store, struct request *request)
{
    struct combine combine = {
        .combination.operation = ZSET_UNION,
        .words = WORD_WEIGHTS,
        .numkeys = 2,
    };
    combine_run(store, request, combine, finish_store);
}

static void zinterstore_run(struct store *store, struct request *request)
{
    struct combine combine = {
        .combination.operation = ZSET_INTERSECTION,
        .words = WORD_WEIGHTS,
        .numkeys = 2,
    };
    combine_run(store, request, combine, finish_store);
}

static void zdiffstore_run(struct store *store, struct request *request)
{
    struct combine combine = {
        .combination.operation = ZSET_DIFFERENCE,
        .numkeys = 2,
    };
    combine_run(store, request, combine, finish_store);
}

static void zintercard_run(struct store *store, struct request *request)
{
    struct combine combine = {
        .combination.operation = ZSET_INTERSECTION,
        .words = WORD_LIMIT,
        .numkeys = 1,
    };
    combine_run(store, request, combine, finish_count);
}

// ---- Rows

enum {
    MOVABLE_READ = READ | COMMAND_MOVABLE_KEYS,
    MOVABLE_STORE = STORE | COMMAND_MOVABLE_KEYS,
};
#define KEYS "numkeys key [key ...]"
#define WEIGHTS " [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]"

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_zset_store[] = {
    {"zunion", -3, MOVABLE_READ, 0, 0, 0,
     "Returns the members of any of several sorted sets",
     KEYS WEIGHTS " [WITHSCORES]", "sorted-set", "6.2.0", .run = zunion_run,
     .key_count = 1, .access = "RO access"},
    {"zinter", -3, MOVABLE_READ, 0, 0, 0,
     "Returns the members that several sorted sets share",
     KEYS WEIGHTS " [WITHSCORES]", "sorted-set", "6.2.0", .run = zinter_run,
     .key_count = 1, .access = "RO access"},
    {"zdiff", -3, MOVABLE_READ, 0, 0, 0,
     "Returns the members of the first sorted set that no other has",
     KEYS " [WITHSCORES]", "sorted-set", "6.2.0", .run = zdiff_run,
     .key_count = 1, .access = "RO access"},
    {"zunionstore", -4, MOVABLE_STORE, 1, 1, 1,
     "Keeps the members of any of several sorted sets",
     "destination " KEYS WEIGHTS, "sorted-set", "2.0.0", .run = zunionstore_run,
     .key_count = 2, .access = "OW update; RO access"},
    {"zinterstore", -4, MOVABLE_STORE, 1, 1, 1,
     "Keeps the members that several sorted sets share",
     "destination " KEYS WEIGHTS, "sorted-set", "2.0.0", .run = zinterstore_run,
     .key_count = 2, .access = "OW update; RO access"},
    {"zdiffstore", -4, MOVABLE_STORE, 1, 1, 1,
     "Keeps the members of the first sorted set that no other has",
     "destination " KEYS, "sorted-set", "6.2.0", .run = zdiffstore_run,
     .key_count = 2, .access = "OW update; RO access"},
    {"zintercard", -3, MOVABLE_READ, 0, 0, 0,
     "Counts the members that several sorted sets share", KEYS " [LIMIT limit]",
     "sorted-set", "7.0.0", .run = zintercard_run, .key_count = 1,
     .access = "RO access"},
    {0},
};
