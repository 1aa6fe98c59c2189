// check_snapshots.c -- reads the snapshots of a directory, every byte of them.
//
// A snapshot is sound when it can be loaded, so that is what is done with it.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/check_snapshots.h"

#include <stdlib.h>

#include "common/base/memory.h"

enum { ENTRIES_AT_ONCE = 65536 };

const char *const check_type_names[CHECK_TYPE_COUNT] = {
    [ENTRY_STRING] = "string", [ENTRY_LIST] = "list", [ENTRY_SET] = "set",
    [ENTRY_ZSET] = "zset",     [ENTRY_HASH] = "hash",
};

static void snapshots_add(void *context, const char *name)
{
    struct check_snapshots *snapshots = context;
    struct check_snapshot snapshot = {.result = SNAPSHOT_DONE};
    bool draft;
    if (!snapshot_parse_name(name, &snapshot.lsn, &draft) || draft)
        return;
    snapshot_format_name(snapshot.name, snapshot.lsn, false);
    snapshots->each = xrealloc(snapshots->each, (snapshots->count + 1) *
                                                    sizeof *snapshots->each);
    snapshots->each[snapshots->count++] = snapshot;
}

static int snapshot_compare(const void *left, const void *right)
{
    const struct check_snapshot *a = left, *b = right;
    return (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

static void count_entry(void *context, struct entry *entry)
{
    struct check_snapshot *snapshot = context;
    if (entry->type < CHECK_TYPE_COUNT)
        snapshot->keys[entry->type]++;
}

static void snapshot_load(struct check_snapshot *snapshot, struct env *env,
                          struct store *store)
{
    enum status status;
    struct snapshot_reader *reader =
        snapshot_reader_create(env, snapshot->name, store, &status);
    if (!reader) {
        snapshot->result = SNAPSHOT_IO;
        snapshot->error = xstrdup(status_name(status));
        return;
    }
    do {
        snapshot->result = snapshot_read_some(reader, ENTRIES_AT_ONCE);
    } while (snapshot->result == SNAPSHOT_MORE);
    if (snapshot->result == SNAPSHOT_DONE)
        snapshot->info = *snapshot_reader_info(reader);
    else
        snapshot->error = xstrdup(snapshot_reader_error(reader));
    snapshot_reader_destroy(reader);
}

static void snapshot_check(struct check_snapshot *snapshot, struct env *env)
{
    struct hash_secret secret;
    env_random(env, &secret, sizeof secret);
    struct store *store = store_create(&secret);
    snapshot_load(snapshot, env, store);
    if (snapshot->result == SNAPSHOT_DONE) {
        uint64_t cursor = 0;
        do {
            cursor = store_scan(store, cursor, count_entry, snapshot);
        } while (cursor != 0);
    }
    store_destroy(store);
}

static void snapshots_sum_up(struct check_snapshots *snapshots)
{
    for (size_t i = 0; i < snapshots->count; i++) {
        if (snapshots->each[i].result != SNAPSHOT_DONE)
            continue;
        snapshots->newest = snapshots->each[i].lsn;
        if (snapshots->oldest == 0)
            snapshots->oldest = snapshots->newest;
    }
}

enum status check_snapshots_list(struct check_snapshots *snapshots,
                                 struct env *env)
{
    *snapshots = (struct check_snapshots){0};
    enum status status = env_disk_list(env, snapshots_add, snapshots);
    if (snapshots->count != 0)
        qsort(snapshots->each, snapshots->count, sizeof *snapshots->each,
              snapshot_compare);
    snapshots_sum_up(snapshots);
    return status;
}

enum status check_snapshots_read(struct check_snapshots *snapshots,
                                 struct env *env)
{
    enum status status = check_snapshots_list(snapshots, env);
    for (size_t i = 0; i < snapshots->count; i++)
        snapshot_check(&snapshots->each[i], env);
    snapshots->oldest = snapshots->newest = 0;
    snapshots_sum_up(snapshots);
    return status;
}

void check_snapshots_deinit(struct check_snapshots *snapshots)
{
    for (size_t i = 0; i < snapshots->count; i++)
        free(snapshots->each[i].error);
    free(snapshots->each);
    *snapshots = (struct check_snapshots){0};
}
