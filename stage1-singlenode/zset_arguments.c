// zset_arguments.c -- what the commands on sorted sets share.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/zset_arguments.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/check.h"

enum { BOUND_TEXT_MAX = 1023 }; // Of a score; DBL_MAX in full has 309 digits.

// ---- Ranges

// What strtod() makes of it, as in Redis: leading space, nothing for 0, and too
// large for infinite are all allowed here.
static bool bound_to_double(struct slice text, double *value)
{
    char copy[BOUND_TEXT_MAX + 1], *end;
    if (text.size > BOUND_TEXT_MAX)
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    *value = strtod(copy, &end);
    return *end == '\0' && !isnan(*value);
}

// "1.5" or "(1.5". An upper bound takes the items that equal it unless it is
// exclusive, a lower bound leaves them out only if it is.
static bool score_bound_read(struct slice text, bool upper, struct cut *cut)
{
    bool exclusive = text.size > 0 && text.data[0] == '(';
    *cut = (struct cut){.kind = CUT_SCORE, .after = exclusive != upper};
    return bound_to_double(
        (struct slice){text.data + exclusive, text.size - exclusive},
        &cut->score);
}

// "[member", "(member", "-" or "+".
static bool lex_bound_read(struct slice text, bool upper, struct cut *cut)
{
    char first = text.size > 0 ? text.data[0] : '\0';
    if (first == '[' || first == '(') {
        *cut = (struct cut){
            .kind = CUT_MEMBER,
            .member = {text.data + 1, text.size - 1},
            .after = (first == '(') != upper,
        };
        return true;
    }
    *cut = (struct cut){.kind = CUT_SCORE, .after = first == '+'};
    cut->score = first == '+' ? INFINITY : -INFINITY;
    return text.size == 1 && (first == '-' || first == '+');
}

bool zset_range_read(struct request *request, uint32_t lower, uint32_t upper,
                     struct zset_range *range)
{
    const struct slice *argv = request->argv;
    switch (range->kind) {
    case ZSET_BY_RANK:
        return argument_int64(request, lower, &range->first) &&
               argument_int64(request, upper, &range->last);
    case ZSET_BY_SCORE:
        if (score_bound_read(argv[lower], false, &range->from) &&
            score_bound_read(argv[upper], true, &range->until))
            return true;
        reply_error(&request->reply, "ERR min or max is not a float");
        return false;
    case ZSET_BY_LEX:
        if (lex_bound_read(argv[lower], false, &range->from) &&
            lex_bound_read(argv[upper], true, &range->until))
            return true;
        reply_error(&request->reply,
                    "ERR min or max not valid string range item");
        return false;
    }
    check(!"a known kind");
}

static struct zset_span span_of_ranks(const struct zset_range *range,
                                      size_t count)
{
    int64_t size = (int64_t)count, first = range->first, last = range->last;
    if (first < 0)
        first = first + size > 0 ? first + size : 0;
    if (last < 0)
        last += size;
    if (last >= size)
        last = size - 1;
    if (first > last)
        return (struct zset_span){0};
    return (struct zset_span){
        (size_t)(range->reverse ? size - 1 - last : first),
        (size_t)(last - first + 1),
    };
}

struct zset_span zset_range_resolve(const struct zset_range *range,
                                    const struct zset *zset)
{
    if (range->kind == ZSET_BY_RANK)
        return span_of_ranks(range, zset_count(zset));

    size_t from = zset_rank(zset, &range->from);
    size_t until = zset_rank(zset, &range->until);
    size_t count = until > from ? until - from : 0;
    if (range->offset < 0 || (size_t)range->offset >= count)
        return (struct zset_span){0};
    count -= (size_t)range->offset;
    if (!range->reverse)
        from += (size_t)range->offset;
    if (range->limit >= 0 && (size_t)range->limit < count) {
        if (range->reverse)
            from += count - (size_t)range->limit;
        count = (size_t)range->limit;
    }
    return (struct zset_span){from, count};
}

void zset_walk(const struct zset *zset, struct zset_span span, bool reverse,
               void (*each)(void *context, const struct zset_item *item),
               void *context)
{
    struct zset_item item;
    if (span.count == 0)
        return;
    check(zset_at(zset, span.rank + (reverse ? span.count - 1 : 0), &item));
    for (;;) {
        each(context, &item);
        if (--span.count == 0)
            return;
        check(reverse ? zset_previous(zset, &item) : zset_next(zset, &item));
    }
}

void zset_remove_span(struct store *store, struct request *request,
                      struct key key, struct entry *entry,
                      struct zset_span span, const char *event)
{
    if (span.count == 0)
        return;
    request_changed(request);
    store_notify(store, NOTIFY_ZSET, event, key.name);
    if (span.count == zset_count(zset_of(entry))) {
        store_delete(store, key); // In slices, if it is huge.
        return;
    }
    zset_remove_range(zset_of(entry), span.rank, span.count);
    store_object_changed(store, key, entry);
}

// ---- Replies

void zset_reply_head(struct reply *reply, size_t count, bool with_scores)
{
    bool flat = with_scores && reply->protocol == 2;
    reply_array(reply, flat ? 2 * count : count);
}

void zset_reply_item(struct reply *reply, const struct zset_item *item,
                     bool with_scores)
{
    if (with_scores && reply->protocol > 2)
        reply_array(reply, 2);
    reply_bulk(reply, item->member);
    if (with_scores)
        reply_double(reply, item->score);
}

struct zset_replying {
    struct reply *reply;
    bool with_scores;
};

static void reply_each(void *context, const struct zset_item *item)
{
    const struct zset_replying *replying = context;
    zset_reply_item(replying->reply, item, replying->with_scores);
}

void zset_reply_span(struct reply *reply, const struct zset *zset,
                     struct zset_span span, bool reverse, bool with_scores)
{
    struct zset_replying replying = {reply, with_scores};
    zset_reply_head(reply, span.count, with_scores);
    zset_walk(zset, span, reverse, reply_each, &replying);
}

void zset_store(struct store *store, struct request *request, struct key key,
                struct zset *taken)
{
    size_t count = zset_count(taken);
    if (count > 0) {
        store_put_object(store, key, zset_object(taken));
        request_changed(request);
        store_notify(store, NOTIFY_ZSET, request->command->name, key.name);
    } else {
        zset_destroy(taken);
        if (store_delete(store, key))
            request_changed(request);
    }
    reply_integer(&request->reply, (int64_t)count);
}
