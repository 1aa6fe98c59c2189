// verdict.c -- the rules of cluster.h, checked.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/list.h"
#include "common/sim/kv_model.h"
#include "common/sim/linearizability.h"
#include "stage3-sharding/request_slot.h"
#include "stage3-sharding/slot.h"

static const char *name_of(const struct member *member)
{
    return member->host->name;
}

// ---- Who executes

// Upholds (S1).
static void verdict_executes(struct cluster *cluster,
                             const struct member *member,
                             const struct request *request)
{
    uint16_t slot;
    enum request_slot found = request_slot(request, &slot);
    if (found == REQUEST_SLOT_NONE)
        return;
    const struct topology_slot *known = &member->map.slots[slot];
    if (found == REQUEST_SLOT_MANY)
        cluster_fail(cluster, "S1: %s executes '%.*s' of several slots",
                     name_of(member), SLICE_PRINT(request->argv[0]));
    else if (!topology_is_own(&member->map, slot) ||
             ledger_owner(&cluster->ledger, slot, known->epoch) !=
                 member->index)
        cluster_fail(cluster,
                     "S1: %s executes '%.*s' of slot %u at epoch %" PRIu64
                     ", which is not its own",
                     name_of(member), SLICE_PRINT(request->argv[0]), slot,
                     known->epoch);
}

// Of a transaction those of its commands count: request_slot looks into it.
static void verdict_submit(struct layer *layer, struct request *request)
{
    struct member *member = container_of(layer, struct member, spy);
    if (request->origin)
        verdict_executes(member->context, member, request);
    layer->below->submit(layer->below, request);
}

static void verdict_is_made(void *context, struct member *member)
{
    (void)context;
    member->spy = (struct layer){
        .name = "spy",
        .below = member->shard->layer.below,
        .prepare = layer_prepare_below,
        .submit = verdict_submit,
    };
    member->shard->layer.below = &member->spy;
}

static void verdict_begins(void *context, struct member *member)
{
    struct cluster *cluster = context;
    memset(cluster->epochs[member->index], 0,
           sizeof cluster->epochs[member->index]);
    mover_tell(&cluster->mover, member);
}

// ---- What clients are shown

static bool is_listed(const struct topology *list, const char *host,
                      unsigned port)
{
    for (uint16_t i = 0; i < list->count; i++) {
        const struct topology_address *address = &list->nodes[i].client;
        if (strcmp(address->host, host) == 0 && address->port == port)
            return true;
    }
    return false;
}

// Upholds (S7) and (S8). `reply` begins with MOVED, and is whole.
static void verdict_on_moved(struct cluster *cluster,
                             const struct member *member,
                             const struct customer *customer, const char *reply)
{
    unsigned slot = SLOT_COUNT, port = 0;
    char host[64] = "";
    sscanf(reply, "-MOVED %u %63[^:]:%u", &slot, host, &port);
    if (slot >= SLOT_COUNT || !is_listed(&cluster->list, host, port))
        cluster_fail(cluster, "S8: %s sends c%zu to '%s:%u', which is nobody's",
                     name_of(member), customer->index + 1, host, port);
    else if (customer->has_map && !customer->is_transacting &&
             ledger_epoch(&cluster->ledger, (uint16_t)slot) == 1)
        cluster_fail(cluster,
                     "S7: the router of c%zu sent a key of slot %u to %s, "
                     "which never had it",
                     customer->index + 1, slot, name_of(member));
}

// Replies are told apart by their first bytes; no value that is written here
// looks like one.
static void verdict_shows(void *context, struct member *member,
                          const struct guest *guest, struct slice bytes)
{
    static const char word[] = "-MOVED ";
    struct cluster *cluster = context;
    size_t index = guest->end.far->index - cluster->plan->member_count;
    const char *end = bytes.data + bytes.size, *at = bytes.data;
    while ((at = memmem(at, (size_t)(end - at), word, strlen(word)))) {
        char reply[100] = "";
        const char *line_end = memchr(at, '\r', (size_t)(end - at));
        if (line_end && (size_t)(line_end - at) < sizeof reply) {
            memcpy(reply, at, (size_t)(line_end - at));
            verdict_on_moved(cluster, member, &cluster->customers[index],
                             reply);
        }
        at++;
    }
}

const struct member_watch verdict_watch = {
    .begins = verdict_begins,
    .is_made = verdict_is_made,
    .shows = verdict_shows,
};

// ---- What nodes hold

struct verdict_store {
    struct cluster *cluster;
    const struct member *member;
};

static void verdict_on_key(void *context, struct entry *entry)
{
    const struct verdict_store *seen = context;
    struct slice key = entry_key(entry);
    uint16_t slot = slot_of_key(key);
    if (!ledger_had(&seen->cluster->ledger, slot, seen->member->index))
        cluster_fail(seen->cluster,
                     "S2: %s holds '%.*s' of slot %u, which was never its own",
                     name_of(seen->member), SLICE_PRINT(key), slot);
}

void verdict_on_store(struct cluster *cluster, const struct member *member)
{
    struct verdict_store seen = {cluster, member};
    uint64_t cursor = 0;
    do
        cursor =
            store_scan(member->durable->store, cursor, verdict_on_key, &seen);
    while (cursor);
    topology_check_invariants(&member->map);
}

// Upholds (S6).
void verdict_look(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->plan->member_count; i++) {
        const struct member *member = &cluster->members[i];
        if (!member_is_alive(member))
            continue;
        for (size_t t = 0; t < KEYS_TAGS; t++) {
            uint16_t slot = slot_of_key(slice_of(keys_tagged[t][0]));
            uint64_t epoch = member->map.slots[slot].epoch;
            if (epoch < cluster->epochs[i][t])
                cluster_fail(cluster,
                             "S6: to %s the epoch of slot %u has fallen from "
                             "%" PRIu64 " to %" PRIu64,
                             name_of(member), slot, cluster->epochs[i][t],
                             epoch);
            cluster->epochs[i][t] = epoch;
        }
    }
}

// ---- How it ends

static void verdict_on_slot(struct cluster *cluster,
                            const struct member *member, uint16_t slot)
{
    const struct topology_slot *known = &member->map.slots[slot];
    uint64_t epoch = ledger_epoch(&cluster->ledger, slot);
    uint16_t owner = ledger_owner(&cluster->ledger, slot, epoch);
    if (known->epoch != epoch || known->owner != owner)
        cluster_fail(cluster,
                     "S5: to %s slot %u belongs to n%u at epoch %" PRIu64
                     ", but it is n%u's at epoch %" PRIu64,
                     name_of(member), slot, known->owner + 1u, known->epoch,
                     owner + 1u, epoch);
}

static void verdict_on_peer(struct cluster *cluster,
                            const struct member *member, uint16_t peer)
{
    const struct topology_node *known = &member->map.nodes[peer];
    const struct topology_node *listed = &cluster->list.nodes[peer];
    if (!membership_is_alive(&member->shard->membership, peer))
        cluster_fail(cluster, "S5: to %s n%u is silent", name_of(member),
                     peer + 1u);
    if (known->weight != listed->weight ||
        known->client.port != listed->client.port ||
        strcmp(known->client.host, listed->client.host) != 0)
        cluster_fail(cluster, "S5: %s has a wrong address of n%u",
                     name_of(member), peer + 1u);
}

void verdict_on_maps(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->plan->member_count; i++) {
        const struct member *member = &cluster->members[i];
        for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
            verdict_on_slot(cluster, member, (uint16_t)slot);
        for (uint16_t peer = 0; peer < cluster->plan->member_count; peer++)
            verdict_on_peer(cluster, member, peer);
        if (membership_is_disputed(&member->shard->membership))
            cluster_fail(cluster, "S5: %s disputes the map", name_of(member));
        verdict_on_store(cluster, member);
    }
}

void verdict_on_silence(struct cluster *cluster, const struct member *dead)
{
    for (size_t i = 0; i < cluster->plan->member_count; i++) {
        const struct member *member = &cluster->members[i];
        if (member != dead &&
            membership_is_alive(&member->shard->membership, dead->index))
            cluster_fail(cluster, "S9: to %s the dead %s is alive",
                         name_of(member), name_of(dead));
    }
}

void verdict_on_history(struct cluster *cluster)
{
    struct linear_report report = {0};
    linearizability_check(&cluster->history, &kv_model,
                          &(struct linear_limits){0}, &report);
    if (report.verdict == LINEAR_BROKEN)
        cluster_fail(cluster, "S3: %.*s",
                     SLICE_PRINT(buffer_slice(&report.story)));
    if (report.verdict == LINEAR_UNDECIDED)
        cluster_fail(cluster, "S3 could not be decided: %.*s",
                     SLICE_PRINT(buffer_slice(&report.story)));
    linear_report_deinit(&report);
}
