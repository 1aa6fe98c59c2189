// bench_snapshot.c -- how fast a store is written to a snapshot, and loaded.
//
//     bench_snapshot [--json] [KEYS...]      default: 1000000 5000000
//
// Strings: keys of 16 bytes, values of 64, of which half are the same in every
// key, so that there is something to compress. The snapshot is written by a
// forked child of this process into a new directory under TMPDIR or /tmp, and
// the sync is part of the time; loading reads it out of the page cache. The
// best of a few rounds, by the clock on the wall, and the CPU time of that
// round, which other work on the machine disturbs less.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "common/env/env_posix.h"
#include "stage2-persistence/snapshot.h"

enum { KEY_SIZE = 16, VALUE_SIZE = 64, STEP = 10000, ROUNDS = 3 };

struct bench {
    struct loop *loop;
    struct env *env;
    struct store *store;
    struct snapshot snapshot;
    char name[SNAPSHOT_NAME_SIZE];
    struct env_job job;
    bool done;
    enum status status;
};

// Of this process, or of its children that have ended.
static double cpu_seconds(int who)
{
    struct rusage usage;
    check(getrusage(who, &usage) == 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct lap {
    struct env *env;
    int who;
    int64_t start_us;
    double start_cpu;
    double wall, cpu; // Seconds of the best one.
};

static void lap_start(struct lap *lap)
{
    lap->start_us = env_now_us(lap->env);
    lap->start_cpu = cpu_seconds(lap->who);
}

static void lap_end(struct lap *lap)
{
    double wall = (double)(env_now_us(lap->env) - lap->start_us) / 1e6;
    if (lap->wall > 0 && wall > lap->wall)
        return;
    lap->wall = wall;
    lap->cpu = cpu_seconds(lap->who) - lap->start_cpu;
}

static struct store *make_store(void)
{
    struct hash_secret secret;
    memset(&secret, 42, sizeof secret);
    struct store *store = store_create(&secret);
    store_begin(store, 1000, 1);
    return store;
}

static void fill(struct store *store, uint32_t key_count)
{
    struct random random;
    random_init(&random, 1);
    for (uint32_t i = 0; i < key_count; i++) {
        char key[KEY_SIZE + 1], value[VALUE_SIZE];
        snprintf(key, sizeof key, "key:%012" PRIu32, i);
        memset(value, 'v', sizeof value);
        for (size_t at = 0; at < sizeof value / 2; at += sizeof(uint64_t)) {
            uint64_t word = random_next(&random);
            memcpy(value + at, &word, sizeof word);
        }
        store_set_string(store, store_key(store, (struct slice){key, KEY_SIZE}),
                         (struct slice){value, VALUE_SIZE}, ENTRY_NO_EXPIRY);
    }
    while (store_tick(store))
        ;
}

static enum status bench_write(struct env_job *job, struct env_output *output)
{
    struct bench *bench = container_of(job, struct bench, job);
    return snapshot_write(bench->store, &bench->snapshot, output);
}

static void bench_done(struct env_job *job, enum status status)
{
    struct bench *bench = container_of(job, struct bench, job);
    bench->done = true;
    bench->status = status;
    loop_stop(bench->loop);
}

static void write_it(struct bench *bench, struct lap *fork_lap,
                     struct lap *write_lap)
{
    bench->job = (struct env_job){
        .name = bench->name, .write = bench_write, .done = bench_done};
    bench->done = false;
    lap_start(write_lap);
    lap_start(fork_lap);
    env_job_start(bench->env, &bench->job);
    lap_end(fork_lap);
    loop_run(bench->loop);
    lap_end(write_lap);
    check(bench->done && bench->status == STATUS_OK);
}

static void load_it(struct bench *bench, struct lap *lap)
{
    struct store *store = make_store();
    lap_start(lap);
    enum status status;
    struct snapshot_reader *reader =
        snapshot_reader_create(bench->env, bench->name, store, &status);
    check(reader);
    enum snapshot_result result;
    do
        result = snapshot_read_some(reader, STEP);
    while (result == SNAPSHOT_MORE);
    check(result == SNAPSHOT_DONE);
    lap_end(lap);
    check(store_count(store) == store_count(bench->store));
    snapshot_reader_destroy(reader);
    store_destroy(store);
}

static void run_one(struct bench *bench, bool compress, bool json)
{
    bench->snapshot = (struct snapshot){
        .compressed = compress,
        .key_count = store_count(bench->store),
    };
    snapshot_format_name(bench->name, 0, false);
    struct lap fork = {.env = bench->env, .who = RUSAGE_SELF}, load = fork,
               write = {.env = bench->env, .who = RUSAGE_CHILDREN};
    for (int round = 0; round < ROUNDS; round++) {
        write_it(bench, &fork, &write);
        load_it(bench, &load);
        check(env_disk_remove(bench->env, bench->name) == STATUS_OK);
    }
    const char *format =
        json ? "{\"keys\":%zu,\"compressed\":%d,\"mb\":%.1f,"
               "\"fork_s\":%.4f,\"write_s\":%.3f,\"write_cpu_s\":%.3f,"
               "\"load_s\":%.3f,\"load_cpu_s\":%.3f}\n"
             : "%8zu keys, compressed %d: %6.1f MB, fork %.4f s, "
               "write %.3f s (CPU %.3f s), load %.3f s (CPU %.3f s)\n";
    printf(format, store_count(bench->store), compress,
           (double)bench->job.size / 1e6, fork.wall, write.wall, write.cpu,
           load.wall, load.cpu);
}

static void run(uint32_t key_count, bool json)
{
    const char *temporary = getenv("TMPDIR");
    char directory[256];
    snprintf(directory, sizeof directory, "%s/bench-snapshot-XXXXXX",
             temporary ? temporary : "/tmp");
    check(mkdtemp(directory));
    struct bench bench = {.loop = loop_create(), .store = make_store()};
    bench.env = env_posix_create(
        bench.loop, &(struct env_posix_options){.directory = directory});
    check(bench.env);
    fill(bench.store, key_count);
    run_one(&bench, false, json);
    run_one(&bench, true, json);
    store_destroy(bench.store);
    env_posix_destroy(bench.env);
    loop_destroy(bench.loop);
    check(rmdir(directory) == 0);
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && !strcmp(argv[1], "--json");
    int first = json ? 2 : 1;
    if (first == argc) {
        run(1000000, json);
        run(5000000, json);
    }
    for (int i = first; i < argc; i++) {
        char *end;
        unsigned long count = strtoul(argv[i], &end, 10);
        if (*end || count == 0 || count > UINT32_MAX) {
            fprintf(stderr, "usage: bench_snapshot [--json] [KEYS...]\n");
            return 2;
        }
        run((uint32_t)count, json);
    }
    return 0;
}
