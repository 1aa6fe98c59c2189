// shard_layer.c -- the layer of stage 3: a node answers for its slots only.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/shard_layer.h"

#include <inttypes.h>
#include <jansson.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/server/health.h"
#include "common/server/info.h"
#include "common/server/request.h"
#include "stage3-sharding/request_slot.h"

static struct shard_layer *shard_of(struct layer *layer)
{
    return container_of(layer, struct shard_layer, layer);
}

// Whether this node runs requests for keys of the slot. While one moves here,
// only those of clients that were told so by its owner.
static bool shard_answers_for(const struct shard_layer *self, uint16_t slot,
                              const struct request *request)
{
    if (topology_is_own(self->topology, slot))
        return true;
    return request->flags & REQUEST_ASKING &&
           self->topology->slots[slot].state == TOPOLOGY_IMPORTING;
}

// Of another node's slot. What its owner may have, nobody else can know.
static void shard_redirect(struct shard_layer *self, uint16_t slot,
                           struct request *request)
{
    uint16_t owner = self->topology->slots[slot].owner;
    if (owner == TOPOLOGY_NOBODY ||
        !topology_has_address(self->topology, owner) ||
        !membership_is_alive(&self->membership, owner)) {
        self->refused++;
        reply_error(&request->reply, "CLUSTERDOWN Hash slot not served");
        return;
    }
    const struct topology_address *address =
        &self->topology->nodes[owner].client;
    self->moved++;
    reply_error(&request->reply, "MOVED %u %s:%u", slot, address->host,
                address->port);
}

static bool shard_refuse(struct layer *layer, struct request *request)
{
    struct shard_layer *self = shard_of(layer);
    uint16_t slot;
    enum request_slot found = request_slot(request, &slot);
    if (found == REQUEST_SLOT_NONE)
        return false;
    if (found == REQUEST_SLOT_MANY) {
        self->refused++;
        reply_error(&request->reply, "CROSSSLOT Keys in request don't hash to "
                                     "the same slot");
        return true;
    }
    if (shard_answers_for(self, slot, request))
        return false;
    shard_redirect(self, slot, request);
    return true;
}

// What the node itself submits (expiry, eviction) concerns what it has,
// whoever should have it.
static void shard_submit(struct layer *layer, struct request *request)
{
    if (request->origin && shard_refuse(layer, request))
        request_complete(request);
    else
        layer->below->submit(layer->below, request);
}

// Keys that no client gets to see here: their slots are other nodes'.
static size_t shard_stranded(const struct shard_layer *self)
{
    size_t count = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        uint16_t owner = self->topology->slots[slot].owner;
        if (owner != self->topology->self && owner != TOPOLOGY_NOBODY)
            count += slot_keys_count(&self->keys, (uint16_t)slot);
    }
    return count;
}

static void shard_info(struct layer *layer, struct info *info)
{
    const struct shard_layer *self = shard_of(layer);
    info_section(info, "Cluster", false);
    info_field(info, "cluster_moved_replies", "%" PRIu64, self->moved);
    info_field(info, "cluster_refused_requests", "%" PRIu64, self->refused);
}

static void shard_stats(struct layer *layer, json_t *object)
{
    const struct shard_layer *self = shard_of(layer);
    const struct topology *topology = self->topology;
    uint16_t node = topology->self;
    json_object_set_new(
        object, "cluster",
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:I}", //
                  "node", topology->nodes[node].id,           //
                  "nodes", (json_int_t)topology->count,       //
                  "slots", (json_int_t)topology_share(topology, node), "epoch",
                  (json_int_t)topology_node_epoch(topology, node),
                  "stranded_keys", (json_int_t)shard_stranded(self),
                  "map_disputed", membership_is_disputed(&self->membership),
                  "moved_replies", (json_int_t)self->moved, "refused_requests",
                  (json_int_t)self->refused));
}

static void shard_reset_stats(struct layer *layer)
{
    struct shard_layer *self = shard_of(layer);
    self->moved = self->refused = 0;
}

static void shard_health(struct layer *layer, struct health *health)
{
    const struct shard_layer *self = shard_of(layer);
    const struct topology *topology = self->topology;
    size_t stranded = shard_stranded(self);
    if (stranded > 0)
        health_note(health, HEALTH_DEGRADED,
                    "keys in slots of other nodes, which are not served: %zu; "
                    "was the list of nodes changed?",
                    stranded);
    if (membership_is_disputed(&self->membership))
        health_note(health, HEALTH_DEGRADED,
                    "a peer has another map of the cluster");
    for (uint16_t i = 0; i < topology->count; i++) {
        if (topology->nodes[i].weight == 0)
            health_note(health, HEALTH_DEGRADED,
                        "node %s was not heard of yet; slots are given out "
                        "when it is there",
                        topology->nodes[i].id);
        else if (self->membership.known[i].cut)
            health_note(health, HEALTH_DEGRADED,
                        "FAULT has cut node %s off from this one",
                        topology->nodes[i].id);
        else if (!membership_is_alive(&self->membership, i))
            health_note(health, HEALTH_DEGRADED,
                        "node %s is silent; its slots are not served",
                        topology->nodes[i].id);
    }
}

void shard_layer_init(struct shard_layer *self, struct server *server,
                      struct layer *below, struct store *store,
                      struct topology *topology)
{
    check(topology->self != TOPOLOGY_NOBODY);
    *self = (struct shard_layer){
        .layer =
            {
                .name = "shard",
                .below = below,
                .prepare = layer_prepare_below,
                .submit = shard_submit,
                .refuse = shard_refuse,
                .info = shard_info,
                .stats = shard_stats,
                .health = shard_health,
                .reset_stats = shard_reset_stats,
            },
        .topology = topology,
    };
    slot_keys_init(&self->keys, store);
    membership_init(&self->membership, server->env, server->log, topology);
}

void shard_layer_deinit(struct shard_layer *self)
{
    membership_deinit(&self->membership);
    slot_keys_deinit(&self->keys);
}

struct shard_layer *shard_layer_of(const struct server *server)
{
    struct layer *layer = server->stack;
    while (layer && layer->submit != shard_submit)
        layer = layer->below;
    check(layer);
    return shard_of(layer);
}
