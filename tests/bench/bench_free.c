// bench_free.c -- for how long freeing keeps a store's thread at once.
//
//     bench_free [ELEMENTS]      default: 1000000
//
// One huge value of each type is deleted, overwritten and cleared away; then a
// store of that many elements in keys of several kinds. What counts is the
// longest single step: of the command, and of the ticks that follow until all
// is freed. Each run takes the same steps, so a step's time is its shortest of
// several runs: what a busy machine adds does not hit one step every time. CPU
// time of the thread.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/hash.h"
#include "stage1-singlenode/quicklist.h"
#include "stage1-singlenode/set.h"
#include "stage1-singlenode/store.h"
#include "stage1-singlenode/zset.h"

enum { NAME_SIZE = 16, RUNS = 5 };

// Of the steps of a run, in order, the shortest time that each has taken. The
// first is the command.
struct steps {
    double *us;
    size_t count, capacity;
    size_t known; // Of the runs before.
};

static double thread_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static void note(struct steps *steps, double started_us)
{
    double us = thread_us() - started_us;
    if (steps->count == steps->capacity) {
        steps->capacity = 2 * steps->capacity + 1024;
        steps->us = xrealloc(steps->us, steps->capacity * sizeof *steps->us);
    }
    size_t step = steps->count++;
    if (step >= steps->known || us < steps->us[step])
        steps->us[step] = us;
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

// A store to measure, and what to do to it.
struct plan {
    const char *what, *how;
    struct object *(*make)(struct store *store, size_t count); // NULL: strings.
    size_t keys, each;
    void (*run)(struct store *store);
};

static void fill(struct store *store, const struct plan *plan)
{
    char name[NAME_SIZE];
    for (size_t i = 0; i < plan->keys; i++) {
        struct slice key = plan->keys == 1 ? SLICE("huge") : make_name(name, i);
        if (plan->make)
            store_put_object(store, store_key(store, key),
                             plan->make(store, plan->each));
        else
            store_set_string(store, store_key(store, key), SLICE("value"),
                             1000000);
    }
}

static void run_once(const struct plan *plan, struct steps *steps)
{
    struct store *store = make_store();
    fill(store, plan);
    steps->count = 0;
    double started_us = thread_us();
    plan->run(store);
    note(steps, started_us);
    for (bool more = true; more;) {
        started_us = thread_us();
        more = store_tick(store);
        note(steps, started_us);
    }
    check(!steps->known || steps->known == steps->count);
    steps->known = steps->count;
    store_destroy(store);
}

static void measure(const struct plan *plan)
{
    struct steps steps = {0};
    double longest = 0;
    for (int i = 0; i < RUNS; i++)
        run_once(plan, &steps);
    for (size_t i = 1; i < steps.count; i++)
        longest = steps.us[i] > longest ? steps.us[i] : longest;
    printf("%-22s %-10s command %5.0f us, longest of %6zu steps %5.0f us\n",
           plan->what, plan->how, steps.us[0], steps.count - 1, longest);
    fflush(stdout);
    free(steps.us);
}

static void measure_huge(const struct kind *kind, size_t count)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        measure(&(struct plan){kind->name, ways[i].name, kind->make, 1, count,
                               ways[i].run});
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

static void measure_strings(size_t count)
{
    static const struct way clears[] = {
        {"clear", store_clear},
        {"twice", clear_twice},
        {"and again", refill_and_clear},
    };
    for (size_t i = 0; i < sizeof clears / sizeof *clears; i++)
        measure(&(struct plan){"strings, expiring", clears[i].name, NULL, count,
                               1, clears[i].run});
}

// Keys with values of `each` elements.
static void measure_many(const struct kind *kind, size_t count, size_t each)
{
    char what[64];
    snprintf(what, sizeof what, "%s of %zu", kind->name, each);
    measure(&(struct plan){what, "clear", kind->make, count / each, each,
                           store_clear});
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        measure_huge(&kinds[i], count);
    measure_strings(count);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        measure_many(&kinds[i], count, 20);
        measure_many(&kinds[i], count, 600);
    }
    return 0;
}
