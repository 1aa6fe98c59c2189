// zset_combine.c -- unions, intersections and differences of sorted sets.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/zset_combine.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "stage1-singlenode/set.h"

// ---- Sources

// The place of a walk through a source; starts zeroed but for `source`.
struct walk {
    const struct zset_source *source;
    size_t index;
    struct zset_item item;
    struct set_text text;
};

static bool walk_next(struct walk *walk)
{
    const struct zset_source *source = walk->source;
    size_t index = walk->index++;
    if (source->zset)
        return index == 0 ? zset_at(source->zset, 0, &walk->item)
                          : zset_next(source->zset, &walk->item);
    if (index >= source->count)
        return false;
    walk->item.member = set_at(source->set, index, &walk->text);
    walk->item.score = 1;
    return true;
}

static bool source_find(const struct zset_source *source, struct slice member,
                        double *score)
{
    if (source->zset)
        return zset_find(source->zset, member, score);
    *score = 1;
    return source->set && set_contains(source->set, member);
}

static int source_compare(const void *left, const void *right)
{
    const struct zset_source *a = left, *b = right;
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    return a->position < b->position ? -1 : 1;
}

// ---- Combining

// Infinity times zero, and infinities that cancel out, are 0 as in Redis.
static double number_or_0(double score)
{
    return isnan(score) ? 0 : score;
}

static void aggregate_add(enum zset_aggregate aggregate, double *total,
                          double score)
{
    switch (aggregate) {
    case ZSET_SUM:
        *total = number_or_0(*total + score);
        return;
    case ZSET_MIN:
        *total = score < *total ? score : *total;
        return;
    case ZSET_MAX:
        *total = score > *total ? score : *total;
        return;
    }
    check(!"a known aggregate");
}

// True if an item of the first source belongs into the result, with which
// score.
static bool first_admits(const struct zset_combination *combination,
                         const struct zset_item *item, double *score)
{
    const struct zset_source *sources = combination->sources;
    bool wanted = combination->operation == ZSET_INTERSECTION;
    *score = number_or_0(sources[0].weight * item->score);
    for (uint32_t i = 1; i < combination->count; i++) {
        double other;
        if (source_find(&sources[i], item->member, &other) != wanted)
            return false;
        if (wanted)
            aggregate_add(combination->aggregate, score,
                          sources[i].weight * other);
    }
    return true;
}

static void unite(const struct zset_combination *combination,
                  struct zset *result)
{
    for (uint32_t i = 0; i < combination->count; i++) {
        const struct zset_source *source = &combination->sources[i];
        struct walk walk = {.source = source};
        while (walk_next(&walk)) {
            double score = number_or_0(source->weight * walk.item.score), total;
            if (zset_find(result, walk.item.member, &total))
                aggregate_add(combination->aggregate, &total, score);
            else
                total = score;
            zset_put(result, walk.item.member, total);
        }
    }
}

struct zset *zset_combine(struct zset_combination *combination,
                          const struct hash_secret *secret,
                          const struct limits *limits)
{
    struct zset *result = zset_create(secret, limits);
    if (combination->operation != ZSET_DIFFERENCE)
        qsort(combination->sources, combination->count,
              sizeof *combination->sources, source_compare);
    if (combination->operation == ZSET_UNION) {
        unite(combination, result);
        return result;
    }
    struct walk walk = {.source = combination->sources};
    double score;
    while (walk_next(&walk)) {
        if (first_admits(combination, &walk.item, &score))
            zset_put(result, walk.item.member, score);
    }
    return result;
}

int64_t zset_count_common(struct zset_combination *combination, int64_t limit)
{
    int64_t common = 0;
    double score;
    qsort(combination->sources, combination->count,
          sizeof *combination->sources, source_compare);
    struct walk walk = {.source = combination->sources};
    while (walk_next(&walk)) {
        common += first_admits(combination, &walk.item, &score);
        if (limit > 0 && common == limit)
            break;
    }
    return common;
}
