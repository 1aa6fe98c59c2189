// test_evict.c -- which keys go, under each policy, on a virtual clock.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/evict.h"

#include <stdio.h>

#include "tests/test.h"

#define START_MS INT64_C(1700000000000)
enum { KEYS = 1000, HOT = 100, SAMPLES = 5 };

struct world {
    struct store *store;
    struct evict evict;
    struct random random;
    int64_t now_ms;
};

static void setup(struct world *world)
{
    struct hash_secret secret;
    memset(&secret, 0x5a, sizeof secret);
    *world = (struct world){.store = store_create(&secret), .now_ms = START_MS};
    random_init(&world->random, 42);
    store_begin(world->store, START_MS, 1);
}

static void teardown(struct world *world)
{
    store_check_invariants(world->store);
    evict_deinit(&world->evict);
    store_destroy(world->store);
}

static struct key key_of(struct world *world, const char *prefix, int number,
                         char text[32])
{
    int size = snprintf(text, 32, "%s%d", prefix, number);
    return store_key(world->store, (struct slice){text, (size_t)size});
}

static void pass(struct world *world, int64_t ms)
{
    world->now_ms += ms;
    store_begin(world->store, world->now_ms, 1);
}

// prefix0, prefix1, ...; with `ttl_ms` > 0 the i-th expires i ms after it.
static void fill(struct world *world, const char *prefix, int count,
                 int64_t ttl_ms)
{
    char text[32];
    for (int i = 0; i < count; i++)
        store_set_string(world->store, key_of(world, prefix, i, text),
                         SLICE("value"),
                         ttl_ms ? world->now_ms + ttl_ms + i : ENTRY_NO_EXPIRY);
}

static void use(struct world *world, const char *prefix, int number)
{
    char text[32];
    ck_assert(store_find(world->store, key_of(world, prefix, number, text)));
}

static int count_left(struct world *world, const char *prefix, int first,
                      int end)
{
    char text[32];
    int count = 0;
    for (int i = first; i < end; i++)
        count +=
            store_peek(world->store, key_of(world, prefix, i, text)) != NULL;
    return count;
}

// Evicts `count` keys; false when there were fewer.
static bool evict(struct world *world, enum evict_policy policy, int count)
{
    while (count-- > 0) {
        struct slice key;
        if (!evict_pick(&world->evict, world->store, policy, SAMPLES,
                        &world->random, &key))
            return false;
        ck_assert(store_delete(world->store, store_key(world->store, key)));
    }
    return true;
}

static void expect_lru_keeps_the_hot(enum evict_policy policy, int64_t ttl_ms)
{
    struct world world;
    setup(&world);
    fill(&world, "k", KEYS, ttl_ms);
    pass(&world, 300);
    for (int i = 0; i < HOT; i++)
        use(&world, "k", i);
    pass(&world, 100);
    ck_assert(evict(&world, policy, KEYS / 2));
    ck_assert_uint_eq(store_count(world.store), KEYS / 2);
    ck_assert_int_ge(count_left(&world, "k", 0, HOT), HOT - 1);
    teardown(&world);
}

TEST(allkeys_lru_keeps_what_was_used_within_the_same_second)
{
    expect_lru_keeps_the_hot(EVICT_ALLKEYS_LRU, 0);
}

TEST(volatile_lru_keeps_it_too)
{
    expect_lru_keeps_the_hot(EVICT_VOLATILE_LRU, 3600 * 1000);
}

TEST(lru_evicts_nearly_in_the_order_of_use)
{
    struct world world;
    setup(&world);
    char text[32];
    for (int i = 0; i < KEYS; i++) {
        store_set_string(world.store, key_of(&world, "k", i, text),
                         SLICE("value"), ENTRY_NO_EXPIRY);
        pass(&world, 100);
    }
    ck_assert(evict(&world, EVICT_ALLKEYS_LRU, KEYS / 2));
    // At random half of each half would be left.
    ck_assert_int_lt(count_left(&world, "k", 0, KEYS / 4), KEYS / 4 / 10);
    ck_assert_int_gt(count_left(&world, "k", KEYS * 3 / 4, KEYS),
                     KEYS / 4 * 9 / 10);
    teardown(&world);
}

TEST(a_candidate_that_was_used_since_stays)
{
    struct world world;
    setup(&world);
    fill(&world, "k", 10, 0);
    pass(&world, 1000);
    for (int i = 1; i < 10; i++)
        use(&world, "k", i);
    pass(&world, 1000);
    struct slice key; // Fills the pool: k0 first, then others.
    ck_assert(evict_pick(&world.evict, world.store, EVICT_ALLKEYS_LRU, 200,
                         &world.random, &key));
    ck_assert(slice_is(key, "k0"));
    for (int i = 0; i < 10; i++) {
        if (i != 4)
            use(&world, "k", i);
    }
    ck_assert(evict_pick(&world.evict, world.store, EVICT_ALLKEYS_LRU, 200,
                         &world.random, &key));
    ck_assert(slice_is(key, "k4"));
    teardown(&world);
}

static void expect_lfu_keeps_the_frequent(enum evict_policy policy,
                                          int64_t ttl_ms)
{
    struct world world;
    setup(&world);
    store_note_frequency(world.store, 10, 1);
    fill(&world, "k", KEYS, ttl_ms);
    for (int turn = 0; turn < 100; turn++) {
        for (int i = 0; i < HOT; i++)
            use(&world, "k", i);
    }
    // What was used last is not what was used most.
    pass(&world, 10 * 1000);
    for (int i = HOT; i < KEYS; i++)
        use(&world, "k", i);
    ck_assert(evict(&world, policy, KEYS / 2));
    ck_assert_int_ge(count_left(&world, "k", 0, HOT), HOT - 2);
    teardown(&world);
}

TEST(allkeys_lfu_keeps_what_is_used_often)
{
    expect_lfu_keeps_the_frequent(EVICT_ALLKEYS_LFU, 0);
}

TEST(volatile_lfu_keeps_it_too)
{
    expect_lfu_keeps_the_frequent(EVICT_VOLATILE_LFU, 3600 * 1000);
}

TEST(volatile_policies_touch_only_keys_with_an_expiry)
{
    const enum evict_policy policies[] = {
        EVICT_VOLATILE_LRU, EVICT_VOLATILE_LFU, EVICT_VOLATILE_RANDOM,
        EVICT_VOLATILE_TTL};
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        struct world world;
        setup(&world);
        fill(&world, "lasting", KEYS, 0);
        fill(&world, "passing", HOT, 3600 * 1000);
        ck_assert(evict(&world, policies[i], HOT));
        ck_assert_int_eq(count_left(&world, "lasting", 0, KEYS), KEYS);
        ck_assert(!evict(&world, policies[i], 1));
        teardown(&world);
    }
}

TEST(volatile_ttl_evicts_what_expires_soonest)
{
    struct world world;
    setup(&world);
    fill(&world, "k", KEYS, 3600 * 1000);
    ck_assert(evict(&world, EVICT_VOLATILE_TTL, KEYS / 2));
    ck_assert_int_lt(count_left(&world, "k", 0, KEYS / 4), KEYS / 4 / 10);
    ck_assert_int_gt(count_left(&world, "k", KEYS * 3 / 4, KEYS),
                     KEYS / 4 * 9 / 10);
    teardown(&world);
}

TEST(allkeys_random_spares_nobody)
{
    struct world world;
    setup(&world);
    fill(&world, "k", KEYS, 0);
    pass(&world, 1000);
    for (int i = 0; i < KEYS / 2; i++)
        use(&world, "k", i);
    ck_assert(evict(&world, EVICT_ALLKEYS_RANDOM, KEYS / 2));
    int used = count_left(&world, "k", 0, KEYS / 2);
    ck_assert_int_gt(used, KEYS / 4 - KEYS / 10);
    ck_assert_int_lt(used, KEYS / 4 + KEYS / 10);
    teardown(&world);
}

TEST(every_policy_empties_the_store_and_then_finds_nothing)
{
    for (int policy = EVICT_ALLKEYS_LRU; evict_policy_names[policy]; policy++) {
        struct world world;
        setup(&world);
        fill(&world, "k", KEYS, 3600 * 1000);
        ck_assert_msg(evict(&world, (enum evict_policy)policy, KEYS), "%s",
                      evict_policy_names[policy]);
        ck_assert(!evict(&world, (enum evict_policy)policy, 1));
        teardown(&world);
    }
}

TEST(no_eviction_means_none)
{
    struct world world;
    setup(&world);
    fill(&world, "k", 10, 0);
    ck_assert(!evict(&world, EVICT_NOTHING, 1));
    ck_assert_uint_eq(store_count(world.store), 10);
    teardown(&world);
}

TEST(expired_keys_are_reclaimed_and_not_evicted)
{
    struct world world;
    setup(&world);
    fill(&world, "old", 100, 1000);
    fill(&world, "new", 1, 3600 * 1000);
    pass(&world, 10 * 1000);
    struct slice key;
    while (store_count(world.store) > 1) {
        if (evict_pick(&world.evict, world.store, EVICT_VOLATILE_TTL, SAMPLES,
                       &world.random, &key))
            ck_assert(slice_is(key, "new0"));
    }
    ck_assert_int_eq(count_left(&world, "new", 0, 1), 1);
    teardown(&world);
}

TEST(keys_of_any_size_pass_through_the_pool)
{
    struct world world;
    setup(&world);
    static char name[100 * 1000];
    memset(name, 'x', sizeof name);
    for (size_t i = 0; i < 40; i++)
        store_set_string(
            world.store,
            store_key(world.store,
                      (struct slice){name, i % 2 ? sizeof name - i : i}),
            SLICE("value"), ENTRY_NO_EXPIRY);
    ck_assert(evict(&world, EVICT_ALLKEYS_LRU, 40));
    ck_assert_uint_eq(store_count(world.store), 0);
    teardown(&world);
}
