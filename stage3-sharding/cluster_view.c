// cluster_view.c -- a cluster seen from outside.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_view.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/client/reply_parser.h"

// One node of a reply to CLUSTER TOPOLOGY. Texts are borrowed from that.
struct entry {
    struct slice id;
    struct topology_address client, peer; // Port 0: not known.
    uint32_t weight;
    enum cluster_view_state state;
    const struct vega_reply *ranges; // first, last, epoch, first, ...
};

enum { RANGE_ITEMS = 3 };

// ---- Reading

static struct slice field_text(const struct vega_reply *map, const char *name)
{
    const struct vega_reply *value = reply_field(map, name);
    if (!value || !value->text)
        return (struct slice){"", 0};
    return (struct slice){value->text, value->size};
}

static bool read_address(struct slice text, struct topology_address *address)
{
    *address = (struct topology_address){0};
    return text.size == 0 || topology_address_parse(text, address);
}

static bool is_range(const struct vega_reply *items)
{
    for (int i = 0; i < RANGE_ITEMS; i++) {
        if (items[i].type != VEGA_INTEGER)
            return false;
    }
    return items[0].integer >= 0 && items[0].integer <= items[1].integer &&
           items[1].integer < SLOT_COUNT && items[2].integer >= 1;
}

static bool are_ranges(const struct vega_reply *reply)
{
    if (!reply || reply->type != VEGA_ARRAY || reply->count % RANGE_ITEMS)
        return false;
    for (size_t i = 0; i < reply->count; i += RANGE_ITEMS) {
        if (!is_range(&reply->elements[i]))
            return false;
    }
    return true;
}

static bool read_state(struct slice text, enum cluster_view_state *state)
{
    static const char *const words[] = {
        [VIEW_UNKNOWN] = "unknown",
        [VIEW_SILENT] = "silent",
        [VIEW_ONLINE] = "online",
        [VIEW_MYSELF] = "myself",
    };
    for (int i = VIEW_UNKNOWN; i <= VIEW_MYSELF; i++) {
        if (slice_equal(text, slice_of(words[i]))) {
            *state = (enum cluster_view_state)i;
            return true;
        }
    }
    return false;
}

static bool read_entry(const struct vega_reply *element, struct entry *entry)
{
    const struct vega_reply *weight = reply_field(element, "weight");
    entry->id = field_text(element, "id");
    entry->ranges = reply_field(element, "slots");
    if (!topology_id_is_valid(entry->id) || !weight ||
        weight->type != VEGA_INTEGER || weight->integer < 0 ||
        weight->integer > RING_WEIGHT_MAX)
        return false;
    entry->weight = (uint32_t)weight->integer;
    return read_state(field_text(element, "state"), &entry->state) &&
           read_address(field_text(element, "address"), &entry->client) &&
           read_address(field_text(element, "peer-address"), &entry->peer) &&
           are_ranges(entry->ranges);
}

// Of a map that was checked already.
static struct entry entry_at(const struct vega_reply *map, size_t i)
{
    struct entry entry;
    check(read_entry(&map->elements[i], &entry));
    return entry;
}

// Whether all of it makes sense, one of the nodes being who says it.
static bool map_is_sound(const struct vega_reply *map)
{
    struct entry entry;
    size_t tellers = 0;
    if (map->type != VEGA_ARRAY || map->count > TOPOLOGY_NODES_MAX)
        return false;
    for (size_t i = 0; i < map->count; i++) {
        if (!read_entry(&map->elements[i], &entry))
            return false;
        tellers += entry.state == VIEW_MYSELF;
    }
    return tellers == 1;
}

// ---- Nodes

static struct topology_node *view_add(struct cluster_view *view,
                                      struct slice id)
{
    struct topology_node *node = topology_add(&view->topology, id);
    if (!node)
        return NULL;
    view->nodes =
        xrealloc(view->nodes, view->topology.count * sizeof *view->nodes);
    view->nodes[view->topology.count - 1] = (struct cluster_view_node){0};
    return node;
}

void cluster_view_init(struct cluster_view *view)
{
    topology_init(&view->topology);
    view->nodes = NULL;
}

void cluster_view_deinit(struct cluster_view *view)
{
    for (uint16_t i = 0; i < view->topology.count; i++)
        vega_reply_free(view->nodes[i].map);
    free(view->nodes);
    topology_deinit(&view->topology);
}

void cluster_view_know(struct cluster_view *view, const struct topology *list)
{
    for (uint16_t i = 0; i < list->count; i++) {
        struct topology_node *node =
            view_add(view, slice_of(list->nodes[i].id));
        *node = list->nodes[i];
    }
}

// The first list that knows a node settles what it is like.
static bool view_learn_node(struct cluster_view *view,
                            const struct entry *entry)
{
    uint16_t at = topology_find(&view->topology, entry->id);
    struct topology_node *node = at == TOPOLOGY_NOBODY
                                     ? view_add(view, entry->id)
                                     : &view->topology.nodes[at];
    if (!node)
        return false;
    if (node->weight)
        return true;
    node->weight = entry->weight;
    node->client = entry->client;
    node->peer = entry->peer;
    return true;
}

static void view_learn_ranges(struct cluster_view *view,
                              const struct entry *entry)
{
    uint16_t owner = topology_find(&view->topology, entry->id);
    const struct vega_reply *items = entry->ranges->elements;
    for (size_t i = 0; i < entry->ranges->count; i += RANGE_ITEMS) {
        for (int64_t s = items[i].integer; s <= items[i + 1].integer; s++)
            topology_learn(&view->topology, (uint16_t)s, owner,
                           (uint64_t)items[i + 2].integer);
    }
}

bool cluster_view_hear_map(struct cluster_view *view, struct vega_reply *taken,
                           uint16_t *teller)
{
    if (!map_is_sound(taken))
        return false;
    for (size_t i = 0; i < taken->count; i++) {
        struct entry entry = entry_at(taken, i);
        if (!view_learn_node(view, &entry))
            return false; // There are too many.
        if (entry.state == VIEW_MYSELF)
            *teller = topology_find(&view->topology, entry.id);
    }
    for (size_t i = 0; i < taken->count; i++) {
        struct entry entry = entry_at(taken, i);
        view_learn_ranges(view, &entry);
    }
    vega_reply_free(view->nodes[*teller].map);
    view->nodes[*teller].map = taken;
    return true;
}

// ---- Figures

static int64_t integer_at(json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void text_at(json_t *object, const char *name, char *text, size_t size)
{
    const char *value = json_string_value(json_object_get(object, name));
    snprintf(text, size, "%s", value ? value : "");
}

static double recent_p99(json_t *stats)
{
    json_t *all = json_object_get(stats, "reads_and_writes");
    json_t *recent = json_object_get(all, "recent");
    return json_number_value(json_object_get(recent, "p99_us"));
}

bool cluster_view_hear_stats(struct cluster_view_node *node, struct slice json)
{
    json_t *stats = json_loadb(json.data, json.size, 0, NULL);
    if (!json_is_object(stats)) {
        json_decref(stats);
        return false;
    }
    json_t *storage = json_object_get(stats, "storage");
    json_t *health = json_object_get(stats, "health");
    json_t *network = json_object_get(stats, "network");
    json_t *cluster = json_object_get(stats, "cluster");
    node->keys = integer_at(storage, "keys");
    node->memory_bytes = integer_at(storage, "memory_bytes");
    node->memory_bytes_max = integer_at(storage, "memory_bytes_max");
    node->stranded_keys = integer_at(cluster, "stranded_keys");
    node->disputes = json_is_true(json_object_get(cluster, "map_disputed"));
    node->ops_per_second =
        json_number_value(json_object_get(network, "requests_per_second"));
    node->p99_us = recent_p99(stats);
    text_at(health, "state", node->health, sizeof node->health);
    text_at(health, "reason", node->reason, sizeof node->reason);
    json_decref(stats);
    return true;
}

// ---- What follows

enum cluster_view_state cluster_view_sees(const struct cluster_view *view,
                                          uint16_t teller, uint16_t node,
                                          uint32_t *weight)
{
    const struct vega_reply *map = view->nodes[teller].map;
    struct slice id = slice_of(view->topology.nodes[node].id);
    *weight = 0;
    for (size_t i = 0; map && i < map->count; i++) {
        struct entry entry = entry_at(map, i);
        if (!slice_equal(entry.id, id))
            continue;
        *weight = entry.weight;
        return entry.state;
    }
    return VIEW_ABSENT;
}

static uint32_t entry_disputed(const struct cluster_view *view,
                               const struct entry *entry)
{
    uint16_t owner = topology_find(&view->topology, entry->id);
    const struct vega_reply *items = entry->ranges->elements;
    uint32_t count = 0;
    for (size_t i = 0; i < entry->ranges->count; i += RANGE_ITEMS) {
        for (int64_t s = items[i].integer; s <= items[i + 1].integer; s++) {
            const struct topology_slot *slot = &view->topology.slots[s];
            count += slot->owner != owner &&
                     slot->epoch == (uint64_t)items[i + 2].integer;
        }
    }
    return count;
}

uint32_t cluster_view_disputed(const struct cluster_view *view, uint16_t teller)
{
    const struct vega_reply *map = view->nodes[teller].map;
    uint32_t count = 0;
    for (size_t i = 0; map && i < map->count; i++) {
        struct entry entry = entry_at(map, i);
        count += entry_disputed(view, &entry);
    }
    return count;
}

uint16_t cluster_view_answered(const struct cluster_view *view)
{
    uint16_t count = 0;
    for (uint16_t i = 0; i < view->topology.count; i++)
        count += view->nodes[i].answered;
    return count;
}
