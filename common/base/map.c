// map.c -- linear hashing: a chained table that grows bucket by bucket.
//
// With 2^k <= n < 2^(k+1) buckets a hash is reduced by 2^(k+1), and if there is
// no such bucket yet, by 2^k. Growing adds bucket n, which takes its share out
// of bucket n - 2^k alone; shrinking gives it back. (W. Litwin, "Linear
// Hashing: A New Tool for File and Table Addressing", VLDB 1980.)
//
// Invariants
// (M1) level is a power of 2, level <= bucket_count < 2 * level.
// (M2) An element is in the chain of map_bucket(hash).
// SPDX-License-Identifier: MIT
#include "common/base/map.h"

#include "common/base/check.h"
#include "common/base/memory.h"

enum { MAP_BUCKETS_MIN = 4 };

void map_init(struct map *map, const struct hash_secret *secret)
{
    *map = (struct map){.secret = secret};
}

void map_deinit(struct map *map)
{
    free(map->buckets);
    map_init(map, map->secret);
}

static size_t map_bucket(const struct map *map, uint64_t hash)
{
    size_t bucket = hash & (2 * map->level - 1);
    return bucket < map->bucket_count ? bucket : bucket - map->level;
}

// Where the pointer to the element is, or the end of its chain.
static struct map_link **map_place(const struct map *map, uint64_t hash,
                                   struct slice name)
{
    struct map_link **place = &map->buckets[map_bucket(map, hash)];
    while (*place &&
           ((*place)->hash != hash || !slice_equal((*place)->name, name)))
        place = &(*place)->next;
    return place;
}

struct map_link *map_find(const struct map *map, struct slice name)
{
    if (map->count == 0)
        return NULL;
    return *map_place(map, hash_bytes(map->secret, name), name);
}

static void map_create_buckets(struct map *map)
{
    map->buckets = xcalloc(MAP_BUCKETS_MIN, sizeof *map->buckets);
    map->bucket_count = map->level = MAP_BUCKETS_MIN;
}

// Adds a bucket and moves to it what belongs there now. The array itself
// doubles when level does. Upholds (M1) and (M2).
static void map_grow(struct map *map)
{
    size_t added = map->bucket_count, split = added - map->level;
    if (added == map->level)
        map->buckets =
            xrealloc(map->buckets, 2 * map->level * sizeof *map->buckets);
    if (++map->bucket_count == 2 * map->level)
        map->level *= 2;

    struct map_link *link = map->buckets[split];
    map->buckets[split] = map->buckets[added] = NULL;
    while (link) {
        struct map_link *next = link->next;
        struct map_link **head = &map->buckets[map_bucket(map, link->hash)];
        link->next = *head;
        *head = link;
        link = next;
    }
}

// The reverse. Upholds (M1) and (M2).
static void map_shrink(struct map *map)
{
    size_t removed = --map->bucket_count;
    if (removed < map->level)
        map->level /= 2;
    struct map_link **end = &map->buckets[removed - map->level];
    while (*end)
        end = &(*end)->next;
    *end = map->buckets[removed];
    if (map->bucket_count == map->level)
        map->buckets =
            xrealloc(map->buckets, map->level * sizeof *map->buckets);
}

void map_insert(struct map *map, struct map_link *link)
{
    if (!map->buckets)
        map_create_buckets(map);
    else if (map->count == map->bucket_count)
        map_grow(map);
    link->hash = hash_bytes(map->secret, link->name);
    struct map_link **place = map_place(map, link->hash, link->name);
    check(!*place);
    link->next = NULL;
    *place = link;
    map->count++;
}

void map_remove(struct map *map, struct map_link *link)
{
    check(map->count > 0);
    struct map_link **place = map_place(map, link->hash, link->name);
    check(*place == link);
    *place = link->next;
    if (--map->count == 0) {
        map_deinit(map);
        return;
    }
    // By two, or a table that empties would stay half as large as it was.
    for (int i = 0; i < 2 && map->bucket_count > MAP_BUCKETS_MIN &&
                    map->count < map->bucket_count / 2;
         i++)
        map_shrink(map);
}

void map_check_invariants(const struct map *map)
{
    if (!map->buckets) {
        check(map->count == 0);
        return;
    }
    check((map->level & (map->level - 1)) == 0);
    check(map->level <= map->bucket_count);
    check(map->bucket_count < 2 * map->level);
    size_t count = 0;
    for (size_t i = 0; i < map->bucket_count; i++) {
        for (const struct map_link *link = map->buckets[i]; link;
             link = link->next) {
            check(link->hash == hash_bytes(map->secret, link->name));
            check(map_bucket(map, link->hash) == i);
            count++;
        }
    }
    check(count == map->count);
}
