// zset_pairs.c -- a small sorted set: pairs of member and score, packed.
//
// A pair is two items: the member's bytes, and the eight of its score.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/zset_pairs.h"

#include "common/base/check.h"
#include "stage1-singlenode/packed.h"

// Completes *item from its member's place; true.
static bool pair_read(const struct packed *packed, struct packed_item member,
                      struct zset_item *item)
{
    *item = (struct zset_item){.member = member.value, .at = member.at};
    check(packed_next(packed, &member));
    check(member.value.size == sizeof item->score);
    memcpy(&item->score, member.value.data, sizeof item->score);
    return true;
}

bool pairs_find(const struct packed *packed, struct slice member,
                struct zset_item *item)
{
    struct packed_item found = {0};
    return packed_find(packed, member, PAIR, &found) &&
           pair_read(packed, found, item);
}

bool pairs_at(const struct packed *packed, size_t rank, struct zset_item *item)
{
    struct packed_item found;
    return packed_get(packed, (int64_t)(rank * PAIR), &found) &&
           pair_read(packed, found, item);
}

bool pairs_next(const struct packed *packed, struct zset_item *item)
{
    struct packed_item place = {.at = item->at};
    return packed_next(packed, &place) && packed_next(packed, &place) &&
           pair_read(packed, place, item);
}

bool pairs_previous(const struct packed *packed, struct zset_item *item)
{
    struct packed_item place = {.at = item->at};
    return packed_previous(packed, &place) && packed_previous(packed, &place) &&
           pair_read(packed, place, item);
}

size_t pairs_rank(const struct packed *packed, const struct cut *cut,
                  size_t *at)
{
    struct zset_item item;
    size_t rank = 0;
    *at = packed_size(packed);
    for (bool more = pairs_at(packed, 0, &item); more;
         more = pairs_next(packed, &item)) {
        if (!cut_is_after(cut, item.score, item.member)) {
            *at = item.at;
            break;
        }
        rank++;
    }
    return rank;
}

void pairs_insert(struct packed **packed, struct slice member, double score)
{
    // Redis forgets the sign of a zero here, too.
    score += 0.0;
    size_t at;
    struct cut cut = {CUT_ITEM, score, member, false};
    pairs_rank(*packed, &cut, &at);
    packed_insert(packed, at, (struct slice){(char *)&score, sizeof score});
    packed_insert(packed, at, member); // Before its score.
}

bool pairs_append(struct packed **packed, struct slice member, double score)
{
    struct packed_item found;
    struct zset_item item;
    struct cut cut = {CUT_ITEM, score, member, false};
    if (packed_get(*packed, -PAIR, &found) &&
        pair_read(*packed, found, &item) &&
        !cut_is_after(&cut, item.score, item.member))
        return false;
    if (pairs_find(*packed, member, &item) ||
        !packed_has_room(*packed, member.size + sizeof score))
        return false;
    packed_append(packed, member);
    packed_append(packed, (struct slice){(char *)&score, sizeof score});
    return true;
}
