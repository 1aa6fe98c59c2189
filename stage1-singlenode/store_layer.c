// store_layer.c -- the lowest layer: runs a command against the store.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/store_layer.h"

#include <jansson.h>

#include "common/base/memory.h"
#include "common/server/command.h"
#include "common/server/info.h"
#include "common/server/request.h"

// What one tick may take from the clients; its last step comes on top.
enum { STORE_TICK_US = 500 };

// Three passes over the batch: hash and fetch buckets, fetch entries, and then
// (store_submit) execute. While one request's memory is on its way, the others'
// are asked for; that hides most of the cost of cache misses.
static void store_prepare(struct layer *layer, struct request **requests,
                          size_t count)
{
    const struct store *store = ((struct store_layer *)layer)->store;
    for (size_t i = 0; i < count; i++) {
        struct request *request = requests[i];
        int first_key = request->command->first_key;
        if (first_key == 0 || (uint32_t)first_key >= request->argc)
            continue;
        request->key_hash = store_key(store, request->argv[first_key]).hash;
        request->flags |= REQUEST_HASHED;
        store_prefetch_bucket(store, request->key_hash);
    }
    for (size_t i = 0; i < count; i++) {
        if (requests[i]->flags & REQUEST_HASHED)
            store_prefetch_entry(store, requests[i]->key_hash);
    }
}

static void store_submit(struct layer *layer, struct request *request)
{
    struct store *store = ((struct store_layer *)layer)->store;
    store_begin(store, request->now_ms, request->seed);
    request->command->run(store, request);
    request_complete(request);
}

static bool store_layer_tick(struct layer *layer, int64_t now_ms)
{
    struct store_layer *self = (struct store_layer *)layer;
    store_begin(self->store, now_ms, 0);
    int64_t end_us = env_now_us(self->env) + STORE_TICK_US;
    bool more = true;
    while (more && env_now_us(self->env) < end_us)
        more = store_tick(self->store);
    return more;
}

static void store_info(struct layer *layer, struct info *info)
{
    const struct store *store = ((struct store_layer *)layer)->store;
    struct store_stats stats;
    store_stats(store, &stats);

    info_section(info, "Stats", false);
    info_field(info, "expired_keys", "%llu", (unsigned long long)stats.expired);
    info_field(info, "evicted_keys", "%llu", (unsigned long long)stats.evicted);
    info_field(info, "keyspace_hits", "%llu", (unsigned long long)stats.hits);
    info_field(info, "keyspace_misses", "%llu",
               (unsigned long long)stats.misses);

    info_section(info, "Keyspace", false);
    if (store_count(store))
        info_field(info, "db0", "keys=%zu,expires=%zu,avg_ttl=%lld",
                   store_count(store), store_expiring_count(store),
                   (long long)stats.average_ttl_ms);
}

static void store_layer_stats(struct layer *layer, json_t *object)
{
    const struct store *store = ((struct store_layer *)layer)->store;
    struct store_stats stats;
    store_stats(store, &stats);
    json_object_set_new(
        object, "storage",
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", //
                  "keys", (json_int_t)store_count(store), "keys_expiring",
                  (json_int_t)store_expiring_count(store), "data_bytes",
                  (json_int_t)(stats.table_memory + stats.entry_memory +
                               stats.object_memory),
                  "expirations", (json_int_t)stats.expired, "evictions",
                  (json_int_t)stats.evicted, "hits", (json_int_t)stats.hits,
                  "misses", (json_int_t)stats.misses));
}

static void store_layer_reset_stats(struct layer *layer)
{
    store_reset_stats(((struct store_layer *)layer)->store);
}

void store_layer_init(struct store_layer *self, struct store *store,
                      struct env *env)
{
    *self = (struct store_layer){
        .layer =
            {
                .name = "store",
                .prepare = store_prepare,
                .submit = store_submit,
                .tick = store_layer_tick,
                .info = store_info,
                .stats = store_layer_stats,
                .reset_stats = store_layer_reset_stats,
            },
        .store = store,
        .env = env,
    };
}
