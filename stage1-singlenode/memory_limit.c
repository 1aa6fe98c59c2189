// memory_limit.c -- keeps a node within maxmemory.
//
// What is evicted is submitted at the top of the stack as a DEL of the node's
// own: the layers between log and replicate it like a client's, and replay
// needs no eviction.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/memory_limit.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "common/base/list.h"
#include "common/server/info.h"
#include "common/server/server.h"

enum {
    SAMPLE_MS = 100,
    TICK_US = 500,
    TICK_VICTIMS = 16, // Between two looks at the clock.
    // That one request may evict: some 0.3 ms of work. A write that needs more
    // is admitted, and the next ones and the ticks go on. When memory is far
    // above the limit a write's room is more urgent than latency.
    VICTIMS_MAX = 256,
    VICTIMS_URGENT_MAX = 4096,
    URGENT_SHARE = 16, // Above the limit by one in so many.
};

static void sample(struct memory_limit *limit, int64_t now_ms)
{
    struct server *server = limit->server;
    struct world_memory memory = {0};
    limit->sampled_ms = now_ms;
    if (server->world_memory)
        server->world_memory(server, &memory);
    size_t store = store_memory(limit->store);
    limit->other = memory.allocated > store ? memory.allocated - store : 0;
    if (memory_limit_used(limit) > limit->peak)
        limit->peak = memory_limit_used(limit);
}

size_t memory_limit_used(const struct memory_limit *limit)
{
    return store_memory(limit->store) + limit->other;
}

// Bytes above the limit, without what is being freed.
static size_t excess(const struct memory_limit *limit)
{
    size_t max = (size_t)limit->settings->maxmemory;
    size_t live = memory_limit_used(limit) - store_memory_freeing(limit->store);
    return max && live > max ? live - max : 0;
}

static void submit_del(struct memory_limit *limit, struct slice key,
                       int64_t now_ms)
{
    struct server *server = limit->server;
    struct slice argv[] = {SLICE("DEL"), key};
    internal_requests_submit(&limit->dels,
                             command_find(server->commands, argv[0]), argv,
                             sizeof argv / sizeof *argv, now_ms);
}

// Evicts at most `count` keys while there is excess. False when there was
// nothing to evict.
static bool evict_some(struct memory_limit *limit, size_t count, int64_t now_ms)
{
    const struct node_settings *settings = limit->settings;
    struct slice key;
    for (size_t i = 0; i < count && excess(limit); i++) {
        if (!evict_pick(&limit->evict, limit->store,
                        (enum evict_policy)settings->maxmemory_policy,
                        (size_t)settings->maxmemory_samples,
                        &limit->server->random, &key))
            return false;
        submit_del(limit, key, now_ms);
        // A layer that answers later frees the memory later.
        if (limit->dels.pending)
            return true;
    }
    return true;
}

static bool limit_admit(struct admission *admission, int64_t now_ms,
                        bool needs_memory)
{
    struct memory_limit *limit = (struct memory_limit *)admission;
    size_t max = (size_t)limit->settings->maxmemory;
    if (now_ms - limit->sampled_ms >= SAMPLE_MS)
        sample(limit, now_ms);
    if (memory_limit_used(limit) <= max)
        return true;
    store_free_some(limit->store);
    if (excess(limit) == 0 || limit->dels.pending)
        return true;
    store_begin(limit->store, now_ms, 0); // What expired by now is reclaimed.
    bool urgent = needs_memory && excess(limit) > max / URGENT_SHARE;
    return evict_some(limit, urgent ? VICTIMS_URGENT_MAX : VICTIMS_MAX,
                      now_ms) ||
           excess(limit) == 0;
}

// Goes on with what one request could not evict, or what a lower limit asks
// for.
static bool limit_tick(struct admission *admission, int64_t now_ms)
{
    struct memory_limit *limit = (struct memory_limit *)admission;
    struct env *env = limit->server->env;
    sample(limit, now_ms);
    store_begin(limit->store, now_ms, 0);
    int64_t end_us = env_now_us(env) + TICK_US;
    while (excess(limit) && !limit->dels.pending && env_now_us(env) < end_us) {
        if (!evict_some(limit, TICK_VICTIMS, now_ms))
            return false;
    }
    return excess(limit) && !limit->dels.pending;
}

// "field:123456" and, for people, "field_human:120.56K", as Redis rounds it.
static void info_bytes(struct info *info, const char *field, size_t bytes)
{
    static const char units[] = "BKMGTP";
    double scaled = (double)bytes;
    size_t unit = 0;
    for (; scaled >= 1024 && unit < sizeof units - 2; unit++)
        scaled /= 1024;
    char human[64];
    snprintf(human, sizeof human, "%s_human", field);
    info_field(info, field, "%zu", bytes);
    info_field(info, human, "%.*f%c", unit ? 2 : 0, scaled, units[unit]);
}

// Only what the process knows.
static void info_resident(struct server *server, size_t used, struct info *info)
{
    struct world_memory memory = {0};
    if (server->world_memory)
        server->world_memory(server, &memory);
    if (memory.resident == 0)
        return;
    info_bytes(info, "used_memory_rss", memory.resident);
    info_field(info, "mem_fragmentation_ratio", "%.2f",
               (double)memory.resident / (double)used);
    info_field(info, "mem_fragmentation_bytes", "%lld",
               (long long)memory.resident - (long long)used);
}

static void limit_info(struct admission *admission, struct info *info)
{
    struct memory_limit *limit = (struct memory_limit *)admission;
    struct server *server = limit->server;
    sample(limit, server->now_ms);
    size_t used = memory_limit_used(limit);
    struct store_stats stats;
    store_stats(limit->store, &stats);

    info_section(info, "Memory", false);
    info_bytes(info, "used_memory", used);
    info_bytes(info, "used_memory_peak", limit->peak);
    info_field(info, "used_memory_peak_perc", "%.2f%%",
               limit->peak ? 100 * (double)used / (double)limit->peak : 0);
    info_field(info, "used_memory_overhead", "%zu",
               limit->other + stats.table_memory);
    info_field(info, "used_memory_dataset", "%zu",
               stats.entry_memory + stats.object_memory);
    info_field(info, "used_memory_tables", "%zu", stats.table_memory);
    info_resident(server, used, info);
    info_bytes(info, "maxmemory", (size_t)limit->settings->maxmemory);
    info_field(info, "maxmemory_policy", "%s",
               evict_policy_names[limit->settings->maxmemory_policy]);
    info_field(info, "lazyfree_pending_objects", "%zu", stats.lazy_free_count);
}

// Adds to what the store layer has said.
static void limit_stats(struct admission *admission, json_t *object)
{
    struct memory_limit *limit = (struct memory_limit *)admission;
    const struct node_settings *settings = limit->settings;
    sample(limit, limit->server->now_ms);
    json_t *storage = json_object_get(object, "storage");
    json_object_set_new(storage, "memory_bytes",
                        json_integer((json_int_t)memory_limit_used(limit)));
    json_object_set_new(storage, "memory_bytes_max",
                        json_integer(settings->maxmemory));
    json_object_set_new(
        storage, "policy",
        json_string(evict_policy_names[settings->maxmemory_policy]));
}

static void limit_reset_stats(struct admission *admission)
{
    struct memory_limit *limit = (struct memory_limit *)admission;
    limit->peak = memory_limit_used(limit);
}

void memory_limit_init(struct memory_limit *limit, struct server *server,
                       struct store *store,
                       const struct node_settings *settings)
{
    *limit = (struct memory_limit){
        .admission =
            {
                .admit = limit_admit,
                .tick = limit_tick,
                .info = limit_info,
                .stats = limit_stats,
                .reset_stats = limit_reset_stats,
            },
        .server = server,
        .store = store,
        .settings = settings,
    };
    internal_requests_init(&limit->dels, server);
    limit->dels.flags = REQUEST_EVICTS;
}

void memory_limit_apply(struct memory_limit *limit)
{
    limit->admission.limited = limit->settings->maxmemory > 0;
}

void memory_limit_deinit(struct memory_limit *limit)
{
    evict_deinit(&limit->evict);
    internal_requests_deinit(&limit->dels);
}
