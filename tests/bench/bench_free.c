// bench_free.c -- for how long freeing keeps a store's thread at once.
//
//     bench_free [ELEMENTS]      default: 5000000
//
// One huge value of each type is deleted, overwritten and cleared away; then a
// store of that many elements in keys of several kinds. What counts is the
// longest single step: of the command, and of the ticks that follow until all
// is freed. CPU time of the thread, so that a busy machine hardly matters.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/check.h"
#include "stage1-singlenode/hash.h"
#include "stage1-singlenode/quicklist.h"
#include "stage1-singlenode/set.h"
#include "stage1-singlenode/store.h"
#include "stage1-singlenode/zset.h"

enum { NAME_SIZE = 16 };

// The longest of several steps.
struct longest {
    double us;
    size_t count;
};

static double thread_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static void note(struct longest *longest, double started_us)
{
    double us = thread_us() - started_us;
    if (us > longest->us)
        longest->us = us;
    longest->count++;
}

static struct store *make_store(void)
{
    struct hash_secret secret;
    hash_secret_derive(&secret, SLICE("free"));
    struct store *store = store_create(&secret);
    store_begin(store, 1000, 1);
    return store;
}

// The i-th name: scattered, so that neighbours in number are strangers.
static struct slice make_name(char bytes[NAME_SIZE], size_t i)
{
    uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(bytes, &mixed, sizeof mixed);
    memcpy(bytes + sizeof mixed, "-a--name", sizeof mixed);
    return (struct slice){bytes, NAME_SIZE};
}

// ---- Values of each type, all of `count` elements

static struct object *make_list(struct store *store, size_t count)
{
    char name[NAME_SIZE];
    struct quicklist *list = quicklist_create(store_limits(store));
    for (size_t i = 0; i < count; i++)
        quicklist_push(list, QUICKLIST_TAIL, make_name(name, i));
    return &list->object;
}

static struct object *make_set(struct store *store, size_t count)
{
    char name[NAME_SIZE];
    struct object *set = set_create(store_secret(store), store_limits(store));
    for (size_t i = 0; i < count; i++)
        set_add(set, make_name(name, i));
    return set;
}

static struct object *make_hash(struct store *store, size_t count)
{
    char name[NAME_SIZE];
    struct object *hash = hash_create(store_secret(store), store_limits(store));
    for (size_t i = 0; i < count; i++)
        hash_set(hash, make_name(name, i), SLICE("value"));
    return hash;
}

static struct object *make_zset(struct store *store, size_t count)
{
    char name[NAME_SIZE];
    struct zset *zset = zset_create(store_secret(store), store_limits(store));
    for (size_t i = 0; i < count; i++)
        zset_put(zset, make_name(name, i), (double)(i % 1000));
    return zset_object(zset);
}

static const struct kind {
    const char *name;
    struct object *(*make)(struct store *store, size_t count);
} kinds[] = {
    {"list", make_list},
    {"set", make_set},
    {"hash", make_hash},
    {"zset", make_zset},
};

// ---- Ways to be rid of them

static void by_delete(struct store *store)
{
    store_delete(store, store_key(store, SLICE("huge")));
}

static void by_overwriting(struct store *store)
{
    store_set_string(store, store_key(store, SLICE("huge")), SLICE("small"),
                     ENTRY_NO_EXPIRY);
}

static void by_expiry(struct store *store)
{
    store_set_expiry(store, store_key(store, SLICE("huge")), 2000);
    store_begin(store, 3000, 1);
}

static const struct way {
    const char *name;
    void (*run)(struct store *store);
} ways[] = {
    {"delete", by_delete},
    {"overwrite", by_overwriting},
    {"expiry", by_expiry},
    {"clear", store_clear},
};

static void tick_to_the_end(struct store *store, struct longest *longest)
{
    for (bool more = true; more;) {
        double started_us = thread_us();
        more = store_tick(store);
        note(longest, started_us);
    }
}

static void measure(const char *what, const char *how, struct store *store,
                    void (*run)(struct store *store))
{
    struct longest command = {0}, step = {0};
    double started_us = thread_us();
    run(store);
    note(&command, started_us);
    tick_to_the_end(store, &step);
    printf("%-22s %-10s command %7.0f us, longest of %7zu steps %7.0f us\n",
           what, how, command.us, step.count, step.us);
    fflush(stdout);
}

static void measure_huge(const struct kind *kind, size_t count)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct store *store = make_store();
        store_put_object(store, store_key(store, SLICE("huge")),
                         kind->make(store, count));
        measure(kind->name, ways[i].name, store, ways[i].run);
        store_destroy(store);
    }
}

// ---- Many keys

static void clear_twice(struct store *store)
{
    store_clear(store);
    store_clear(store);
}

static void refill_and_clear(struct store *store)
{
    char name[NAME_SIZE];
    store_clear(store);
    for (size_t i = 0; i < 1000; i++)
        store_set_string(store, store_key(store, make_name(name, i)),
                         SLICE("value"), ENTRY_NO_EXPIRY);
    store_clear(store);
}

static void fill_strings(struct store *store, size_t count, int64_t expires_ms)
{
    char name[NAME_SIZE];
    for (size_t i = 0; i < count; i++)
        store_set_string(store, store_key(store, make_name(name, i)),
                         SLICE("value"), expires_ms);
}

static void measure_strings(size_t count)
{
    static const struct way clears[] = {
        {"clear", store_clear},
        {"twice", clear_twice},
        {"and again", refill_and_clear},
    };
    for (size_t i = 0; i < sizeof clears / sizeof *clears; i++) {
        struct store *store = make_store();
        fill_strings(store, count, 1000000);
        measure("strings, expiring", clears[i].name, store, clears[i].run);
        store_destroy(store);
    }
}

// Keys with values of `each` elements.
static void measure_many(const struct kind *kind, size_t count, size_t each)
{
    char name[NAME_SIZE], what[64];
    struct store *store = make_store();
    for (size_t i = 0; i < count / each; i++)
        store_put_object(store, store_key(store, make_name(name, i)),
                         kind->make(store, each));
    snprintf(what, sizeof what, "%s of %zu", kind->name, each);
    measure(what, "clear", store, store_clear);
    store_destroy(store);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000000;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        measure_huge(&kinds[i], count);
    measure_strings(count);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        measure_many(&kinds[i], count, 20);
        measure_many(&kinds[i], count, 600);
    }
    return 0;
}
