// bench_store.c -- how fast the store is without a network in front of it.
//
//     bench_store [--json] [KEYS...]      default: 1000000 10000000
//
// Keys of 16 bytes, values of 64. Reads and writes, one at a time and in
// batches of 16 whose memory is fetched ahead (as the store's layer does),
// over keys that are uniform or Zipfian with theta 0.99 (the generator of Gray
// et al. 1994, as in YCSB). Times are CPU time of the thread, so that other
// work on the machine disturbs little; "longest insert" is the worst single
// store_set_string while the store grows from empty.
// SPDX-License-Identifier: MIT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "stage1-singlenode/store.h"

enum { KEY_SIZE = 16, VALUE_SIZE = 64, BATCH = 16, ROUNDS = 3 };
enum { OPERATIONS = 2 * 1000 * 1000 }; // A multiple of BATCH.

struct bench {
    struct store *store;
    uint32_t key_count;
    uint32_t *uniform, *zipfian; // OPERATIONS key numbers each.
    char value[VALUE_SIZE];
    double entry_bytes;
    double insert_ns, longest_insert_us;
};

static int64_t thread_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// What one reading of that clock takes.
static double clock_ns(void)
{
    enum { READINGS = 100 * 1000 };
    int64_t start = thread_ns();
    for (int i = 1; i < READINGS; i++)
        thread_ns();
    return (double)(thread_ns() - start) / READINGS;
}

// The i-th key: scattered, so that neighbours in number are strangers.
static struct key make_key(const struct store *store, char bytes[KEY_SIZE],
                           uint32_t i)
{
    uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(bytes, &mixed, sizeof mixed);
    memcpy(bytes + sizeof mixed, "-a--key-", sizeof mixed);
    return store_key(store, (struct slice){bytes, KEY_SIZE});
}

static void draw_uniform(struct bench *bench, struct random *random)
{
    for (int i = 0; i < OPERATIONS; i++)
        bench->uniform[i] = (uint32_t)random_below(random, bench->key_count);
}

static void draw_zipfian(struct bench *bench, struct random *random)
{
    check(bench->key_count > 0);
    const double theta = 0.99;
    double n = bench->key_count, zeta_n = 0;
    for (uint32_t i = 1; i <= bench->key_count; i++)
        zeta_n += 1 / pow(i, theta);
    double zeta_2 = 1 + pow(0.5, theta);
    double alpha = 1 / (1 - theta);
    double eta = (1 - pow(2 / n, 1 - theta)) / (1 - zeta_2 / zeta_n);

    for (int i = 0; i < OPERATIONS; i++) {
        double u = random_unit(random);
        double rank = n * pow(eta * u - eta + 1, alpha);
        if (u * zeta_n < 1)
            rank = 0;
        else if (u * zeta_n < zeta_2)
            rank = 1;
        bench->zipfian[i] = (uint32_t)rank % bench->key_count;
    }
}

// Touches as much memory as the fill will take, and gives it back: in a
// virtual machine the first use of a page may wait for the host, which would
// be measured as the store's.
static void warm_memory(const struct bench *bench)
{
    size_t size = (size_t)bench->key_count * 2 * (KEY_SIZE + VALUE_SIZE);
    char *memory = memory_map(size);
    memset(memory, 1, size);
    memory_unmap(memory, size);
}

static void fill(struct bench *bench)
{
    warm_memory(bench);
    size_t before = memory_resident();
    int64_t start = thread_ns(), last = start, longest = 0;
    for (uint32_t i = 0; i < bench->key_count; i++) {
        char bytes[KEY_SIZE];
        struct key key = make_key(bench->store, bytes, i);
        store_set_string(bench->store, key,
                         (struct slice){bench->value, VALUE_SIZE},
                         ENTRY_NO_EXPIRY);
        int64_t now = thread_ns();
        if (now - last > longest)
            longest = now - last;
        last = now;
    }
    bench->insert_ns = (double)(last - start) / bench->key_count - clock_ns();
    bench->longest_insert_us = (double)longest / 1000;
    while (store_tick(bench->store))
        ;
    bench->entry_bytes =
        (double)(memory_resident() - before) / bench->key_count;
}

static void run_one(struct bench *bench, bool set, struct key key)
{
    if (set) {
        store_set_string(bench->store, key,
                         (struct slice){bench->value, VALUE_SIZE},
                         ENTRY_NO_EXPIRY);
        return;
    }
    const struct entry *entry = store_find(bench->store, key);
    check(entry);
    // A reply copies the value, so its memory must have come.
    char reply[VALUE_SIZE];
    memcpy(reply, entry_string(entry).data, VALUE_SIZE);
    __asm__ volatile("" : : "r"(reply) : "memory");
}

static void run_singly(struct bench *bench, const uint32_t *numbers, bool set)
{
    for (int i = 0; i < OPERATIONS; i++) {
        char bytes[KEY_SIZE];
        run_one(bench, set, make_key(bench->store, bytes, numbers[i]));
    }
}

static void run_batched(struct bench *bench, const uint32_t *numbers, bool set)
{
    for (int i = 0; i < OPERATIONS; i += BATCH) {
        char bytes[BATCH][KEY_SIZE];
        struct key keys[BATCH];
        for (int j = 0; j < BATCH; j++) {
            keys[j] = make_key(bench->store, bytes[j], numbers[i + j]);
            store_prefetch_bucket(bench->store, keys[j].hash);
        }
        for (int j = 0; j < BATCH; j++)
            store_prefetch_entry(bench->store, keys[j].hash);
        for (int j = 0; j < BATCH; j++)
            run_one(bench, set, keys[j]);
    }
}

// The best of a few rounds, in nanoseconds an operation.
static double measure(struct bench *bench, const uint32_t *numbers, bool set,
                      bool batched)
{
    double best = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = thread_ns();
        if (batched)
            run_batched(bench, numbers, set);
        else
            run_singly(bench, numbers, set);
        double ns = (double)(thread_ns() - start) / OPERATIONS;
        best = ns < best ? ns : best;
    }
    return best;
}

static void report(struct bench *bench, bool json)
{
    static const char *const names[2][2] = {{"uniform get", "uniform set"},
                                            {"zipfian get", "zipfian set"}};
    if (json)
        printf("{\"keys\":%u,\"bytes_per_entry\":%.1f,\"insert_ns\":%.0f,"
               "\"longest_insert_us\":%.0f",
               bench->key_count, bench->entry_bytes, bench->insert_ns,
               bench->longest_insert_us);
    else
        printf("%u keys: %.1f bytes an entry, insert %.0f ns, "
               "longest insert %.0f us\n"
               "  ns an operation    one at a time   batches of %d\n",
               bench->key_count, bench->entry_bytes, bench->insert_ns,
               bench->longest_insert_us, BATCH);
    for (int zipfian = 0; zipfian < 2; zipfian++) {
        const uint32_t *numbers = zipfian ? bench->zipfian : bench->uniform;
        for (int set = 0; set < 2; set++) {
            double single = measure(bench, numbers, set, false);
            double batched = measure(bench, numbers, set, true);
            printf(json ? ",\"%s\":{\"single_ns\":%.1f,\"batch_ns\":%.1f}"
                        : "  %-16s %12.1f %16.1f\n",
                   names[zipfian][set], single, batched);
        }
    }
    printf(json ? "}\n" : "\n");
}

static void run(uint32_t key_count, bool json)
{
    struct hash_secret secret;
    struct random random;
    random_init(&random, 1);
    for (int i = 0; i < HASH_SECRET_SIZE; i++)
        secret.bytes[i] = (unsigned char)random_next(&random);

    struct bench bench = {.key_count = key_count};
    bench.store = store_create(&secret);
    store_begin(bench.store, 1000, 1);
    bench.uniform = xmalloc(OPERATIONS * sizeof(uint32_t));
    bench.zipfian = xmalloc(OPERATIONS * sizeof(uint32_t));
    memset(bench.value, 'v', VALUE_SIZE);
    draw_uniform(&bench, &random);
    draw_zipfian(&bench, &random);
    fill(&bench);
    report(&bench, json);
    store_destroy(bench.store);
    free(bench.uniform);
    free(bench.zipfian);
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && !strcmp(argv[1], "--json");
    int first = json ? 2 : 1;
    if (first == argc) {
        run(1000000, json);
        run(10000000, json);
    }
    for (int i = first; i < argc; i++) {
        char *end;
        unsigned long count = strtoul(argv[i], &end, 10);
        if (*end || count == 0 || count > UINT32_MAX) {
            fprintf(stderr, "usage: bench_store [--json] [KEYS...]\n");
            return 2;
        }
        run((uint32_t)count, json);
    }
    return 0;
}
