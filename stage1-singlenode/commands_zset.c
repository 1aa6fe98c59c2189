// commands_zset.c -- members of sorted sets: ZADD, ZREM, ZSCORE, ZRANK, ...
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/zset_arguments.h"

#include <math.h>

#include "common/base/memory.h"

// ---- ZADD

enum zadd_flag {
    ZADD_NX = 1,   // Only new members.
    ZADD_XX = 2,   // Only members that are there.
    ZADD_GT = 4,   // Only if the score rises,
    ZADD_LT = 8,   // or falls.
    ZADD_CH = 16,  // Reply how many changed, not only how many are new.
    ZADD_INCR = 32 // The score is added to the present one, and replied.
};

struct zadd {
    uint32_t flags; // enum zadd_flag
    uint32_t first; // The argument of the first score.
    uint32_t pairs;
    double *scores;
    int64_t added, updated;
    bool skipped; // NX, XX, GT or LT was in the way of the last one.
    bool nan;     // The sum was not a number.
};

static bool zadd_flag_read(const struct request *request, struct zadd *zadd)
{
    static const struct {
        const char *word;
        enum zadd_flag flag;
    } words[] = {{"NX", ZADD_NX}, {"XX", ZADD_XX}, {"GT", ZADD_GT},
                 {"LT", ZADD_LT}, {"CH", ZADD_CH}, {"INCR", ZADD_INCR}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!argument_is(request, zadd->first, words[i].word))
            continue;
        zadd->flags |= words[i].flag;
        zadd->first++;
        return true;
    }
    return false;
}

static bool zadd_has(const struct zadd *zadd, uint32_t flags)
{
    return (zadd->flags & flags) == flags;
}

static bool zadd_options_read(struct request *request, struct zadd *zadd)
{
    zadd->first = 2;
    while (zadd_flag_read(request, zadd))
        continue;
    uint32_t left = request->argc - zadd->first;
    zadd->pairs = left / 2;
    const char *error = NULL;
    if (left == 0 || left % 2)
        error = "ERR syntax error";
    else if (zadd_has(zadd, ZADD_NX | ZADD_XX))
        error = "ERR XX and NX options at the same time are not compatible";
    else if (zadd_has(zadd, ZADD_GT | ZADD_NX) ||
             zadd_has(zadd, ZADD_LT | ZADD_NX) ||
             zadd_has(zadd, ZADD_GT | ZADD_LT))
        error = "ERR GT, LT, and/or NX options at the same time are not "
                "compatible";
    else if (zadd_has(zadd, ZADD_INCR) && zadd->pairs > 1)
        error = "ERR INCR option supports a single increment-element pair";
    if (error)
        reply_error(&request->reply, "%s", error);
    return !error;
}

static bool zadd_scores_read(struct request *request, struct zadd *zadd)
{
    for (uint32_t i = 0; i < zadd->pairs; i++) {
        struct slice text = request->argv[zadd->first + 2 * i];
        if (!slice_to_double(text, &zadd->scores[i])) {
            reply_error(&request->reply, "ERR value is not a valid float");
            return false;
        }
    }
    return true;
}

// Adds one pair; *score becomes what the member has then.
static void zadd_put(struct zadd *zadd, struct zset *zset, struct slice member,
                     double *score)
{
    double old;
    bool found = zset_find(zset, member, &old);
    zadd->skipped = zadd_has(zadd, found ? ZADD_NX : ZADD_XX);
    if (zadd->skipped)
        return;
    if (found && zadd_has(zadd, ZADD_INCR))
        *score += old;
    zadd->nan = isnan(*score);
    zadd->skipped = found && ((zadd_has(zadd, ZADD_LT) && *score >= old) ||
                              (zadd_has(zadd, ZADD_GT) && *score <= old));
    if (zadd->nan || zadd->skipped || (found && *score == old))
        return;
    zset_put(zset, member, *score);
    zadd->added += !found;
    zadd->updated += found;
}

static void zadd_all(struct store *store, struct request *request,
                     struct zadd *zadd)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    if (!typed_peek(store, request, key, ENTRY_ZSET, &entry))
        return;
    zadd->skipped = !entry && zadd_has(zadd, ZADD_XX);
    if (!zadd->skipped) {
        struct zset *zset =
            entry ? zset_of(entry)
                  : zset_create(store_secret(store), store_limits(store));
        for (uint32_t i = 0; i < zadd->pairs; i++)
            zadd_put(zadd, zset, request->argv[zadd->first + 2 * i + 1],
                     &zadd->scores[i]);
        bool changed = zadd->added + zadd->updated > 0;
        if (!entry)
            store_put_object(store, key, zset_object(zset));
        else if (changed)
            store_object_changed(store, key, entry);
        if (changed) {
            request_changed(request);
            store_notify(store, NOTIFY_ZSET,
                         zadd_has(zadd, ZADD_INCR) ? "zincr" : "zadd",
                         key.name);
        }
    }

    if (zadd->nan)
        reply_error(&request->reply,
                    "ERR resulting score is not a number (NaN)");
    else if (!zadd_has(zadd, ZADD_INCR))
        reply_integer(&request->reply,
                      zadd->added +
                          (zadd_has(zadd, ZADD_CH) ? zadd->updated : 0));
    else if (zadd->skipped)
        reply_null(&request->reply);
    else
        reply_double(&request->reply, zadd->scores[0]);
}

static void zadd_start(struct store *store, struct request *request,
                       struct zadd *zadd)
{
    zadd->scores = xmalloc(zadd->pairs * sizeof *zadd->scores);
    if (zadd_scores_read(request, zadd))
        zadd_all(store, request, zadd);
    free(zadd->scores);
}

static void zadd_run(struct store *store, struct request *request)
{
    struct zadd zadd = {0};
    if (zadd_options_read(request, &zadd))
        zadd_start(store, request, &zadd);
}

static void zincrby_run(struct store *store, struct request *request)
{
    struct zadd zadd = {.flags = ZADD_INCR, .first = 2, .pairs = 1};
    zadd_start(store, request, &zadd);
}

// ---- The rest

static void zrem_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    int64_t removed = 0;
    if (!typed_peek(store, request, key, ENTRY_ZSET, &entry))
        return;
    for (uint32_t i = 2; entry && i < request->argc; i++)
        removed += zset_remove(zset_of(entry), request->argv[i]);
    if (removed > 0) {
        store_notify(store, NOTIFY_ZSET, "zrem", key.name);
        store_object_changed(store, key, entry);
        request_changed(request);
    }
    reply_integer(&request->reply, removed);
}

static void zcard_run(struct store *store, struct request *request)
{
    struct entry *entry;
    if (!typed_find(store, request, request_key(store, request, 1), ENTRY_ZSET,
                    &entry))
        return;
    reply_integer(&request->reply,
                  entry ? (int64_t)zset_count(zset_of(entry)) : 0);
}

static void reply_score(struct reply *reply, const struct entry *entry,
                        struct slice member)
{
    double score;
    if (entry && zset_find(zset_of(entry), member, &score))
        reply_double(reply, score);
    else
        reply_null(reply);
}

static void zscore_run(struct store *store, struct request *request)
{
    struct entry *entry;
    if (typed_find(store, request, request_key(store, request, 1), ENTRY_ZSET,
                   &entry))
        reply_score(&request->reply, entry, request->argv[2]);
}

static void zmscore_run(struct store *store, struct request *request)
{
    struct entry *entry;
    if (!typed_find(store, request, request_key(store, request, 1), ENTRY_ZSET,
                    &entry))
        return;
    reply_array(&request->reply, request->argc - 2);
    for (uint32_t i = 2; i < request->argc; i++)
        reply_score(&request->reply, entry, request->argv[i]);
}

static void reply_rank(struct store *store, struct request *request,
                       bool reverse)
{
    struct entry *entry;
    struct cut cut = {.kind = CUT_ITEM, .member = request->argv[2]};
    if (!typed_find(store, request, request_key(store, request, 1), ENTRY_ZSET,
                    &entry))
        return;
    if (!entry || !zset_find(zset_of(entry), cut.member, &cut.score)) {
        reply_null(&request->reply);
        return;
    }
    const struct zset *zset = zset_of(entry);
    size_t rank = zset_rank(zset, &cut);
    reply_integer(&request->reply,
                  (int64_t)(reverse ? zset_count(zset) - 1 - rank : rank));
}

static void zrank_run(struct store *store, struct request *request)
{
    reply_rank(store, request, false);
}

static void zrevrank_run(struct store *store, struct request *request)
{
    reply_rank(store, request, true);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_zset[] = {
    {"zadd", -4, STORE | FAST, 1, 1, 1,
     "Adds members to a sorted set, or changes their scores",
     "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
     "sorted-set", "1.2.0", .run = zadd_run, .access = "RW update"},
    {"zincrby", 4, STORE | FAST, 1, 1, 1, "Adds to the score of a member",
     "key increment member", "sorted-set", "1.2.0", .run = zincrby_run},
    {"zrem", -3, WRITE | FAST, 1, 1, 1, "Removes members from a sorted set",
     "key member [member ...]", "sorted-set", "1.2.0", .run = zrem_run,
     .access = "RW delete"},
    {"zcard", 2, READ | FAST, 1, 1, 1,
     "Returns the number of members of a sorted set", "key", "sorted-set",
     "1.2.0", .run = zcard_run, .access = "RO"},
    {"zscore", 3, READ | FAST, 1, 1, 1, "Returns the score of a member",
     "key member", "sorted-set", "1.2.0", .run = zscore_run},
    {"zmscore", -3, READ | FAST, 1, 1, 1, "Returns the scores of members",
     "key member [member ...]", "sorted-set", "6.2.0", .run = zmscore_run},
    {"zrank", 3, READ | FAST, 1, 1, 1,
     "Returns the rank of a member, the lowest score first", "key member",
     "sorted-set", "2.0.0", .run = zrank_run},
    {"zrevrank", 3, READ | FAST, 1, 1, 1,
     "Returns the rank of a member, the highest score first", "key member",
     "sorted-set", "2.0.0", .run = zrevrank_run},
    {0},
};
