// keys_moved.c -- `vega-client cluster keys-moved`.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/keys_moved.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "stage3-sharding/text_table.h"

void keys_moved_init(struct keys_moved *moved, const struct topology *today)
{
    *moved = (struct keys_moved){.today = today};
    moved->counted = xcalloc(today->count, sizeof *moved->counted);
    topology_init(&moved->after);
    for (uint16_t i = 0; i < today->count; i++)
        *topology_add(&moved->after, slice_of(today->nodes[i].id)) =
            today->nodes[i];
}

void keys_moved_deinit(struct keys_moved *moved)
{
    topology_deinit(&moved->after);
    free(moved->counted);
}

// ---- The change

__attribute__((format(printf, 2, 3))) static bool
refuse(char why[VIEW_TEXT_MAX], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, VIEW_TEXT_MAX, format, args);
    va_end(args);
    return false;
}

// "n6=2", or "n6" with the weight that *weight has.
static bool parse_change(struct slice text, struct slice *id, uint32_t *weight)
{
    int64_t number = *weight;
    const char *sign = memchr(text.data, '=', text.size);
    *id = text;
    if (sign) {
        id->size = (size_t)(sign - text.data);
        struct slice rest = {sign + 1, text.size - id->size - 1};
        if (!slice_to_int64(rest, &number))
            return false;
    }
    *weight = (uint32_t)number;
    return topology_id_is_valid(*id) && number >= 1 &&
           number <= RING_WEIGHT_MAX;
}

static void remove_node(struct topology *topology, uint16_t node)
{
    topology->count--;
    memmove(&topology->nodes[node], &topology->nodes[node + 1],
            (topology->count - node) * sizeof *topology->nodes);
}

bool keys_moved_change(struct keys_moved *moved, enum keys_change change,
                       struct slice text, char why[VIEW_TEXT_MAX])
{
    struct slice id;
    uint32_t weight = change == KEYS_WEIGHT ? 0 : 1;
    if (!parse_change(text, &id, &weight) ||
        (change == KEYS_REMOVE && id.size != text.size))
        return refuse(why, "%.*s: %s is needed", SLICE_PRINT(text),
                      change == KEYS_ADD      ? "an id, or id=weight,"
                      : change == KEYS_REMOVE ? "the id of a node"
                                              : "id=weight, from 1 to 100,");
    uint16_t node = topology_find(&moved->after, id);
    if (change == KEYS_ADD && node != TOPOLOGY_NOBODY)
        return refuse(why, "there is a node %.*s already", SLICE_PRINT(id));
    if (change != KEYS_ADD && node == TOPOLOGY_NOBODY)
        return refuse(why, "there is no node %.*s", SLICE_PRINT(id));
    if (change == KEYS_REMOVE && moved->after.count == 1)
        return refuse(why, "%.*s is the last node", SLICE_PRINT(id));
    if (change == KEYS_REMOVE)
        remove_node(&moved->after, node);
    else if (change == KEYS_WEIGHT)
        moved->after.nodes[node].weight = weight;
    else if (topology_add(&moved->after, id))
        moved->after.nodes[moved->after.count - 1].weight = weight;
    else
        return refuse(why, "there are %d nodes already", TOPOLOGY_NODES_MAX);
    return true;
}

// ---- What it moves

// A node's part of all weights, from 0 to 1; 0 for one that is not there.
static double part_of(const struct topology *topology, const char *id)
{
    uint16_t node = topology_find(topology, slice_of(id));
    uint32_t sum = 0;
    for (uint16_t i = 0; i < topology->count; i++)
        sum += topology->nodes[i].weight;
    return node == TOPOLOGY_NOBODY ? 0
                                   : (double)topology->nodes[node].weight / sum;
}

static double moved_optimum(const struct keys_moved *moved)
{
    double part = 0;
    for (uint16_t i = 0; i < moved->after.count; i++) {
        const char *id = moved->after.nodes[i].id;
        double grows = part_of(&moved->after, id) - part_of(moved->today, id);
        part += grows > 0 ? grows : 0;
    }
    return part * SLOT_COUNT;
}

void keys_moved_plan(struct keys_moved *moved)
{
    struct ring ring;
    struct ring_node *nodes = topology_ring_nodes(&moved->after);
    ring_init(&ring, nodes, moved->after.count);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        uint16_t owner = moved->today->slots[slot].owner;
        uint32_t next = ring_token_of(&ring, (uint16_t)slot)->node;
        moved->to[slot] = (uint16_t)next;
        moved->moves[slot] =
            owner != TOPOLOGY_NOBODY &&
            strcmp(moved->today->nodes[owner].id, nodes[next].id) != 0;
    }
    ring_deinit(&ring);
    free(nodes);
    moved->optimum = moved_optimum(moved);
}

uint32_t keys_moved_from(const struct keys_moved *moved, uint16_t node,
                         bool wanted[SLOT_COUNT])
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        wanted[slot] =
            moved->moves[slot] && moved->today->slots[slot].owner == node;
        count += wanted[slot];
    }
    return count;
}

// ---- Telling it

// What leaves a node, in all or to one of those after the change.
struct flow {
    uint32_t slots;
    uint64_t keys;
};

enum { TO_ANY = TOPOLOGY_NOBODY };

static struct flow flow_of(const struct keys_moved *moved, uint16_t from,
                           uint16_t to)
{
    struct flow flow = {0};
    bool wanted[SLOT_COUNT];
    keys_moved_from(moved, from, wanted);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (!wanted[slot] || (to != TO_ANY && moved->to[slot] != to))
            continue;
        flow.slots++;
        flow.keys += moved->keys[slot];
    }
    return flow;
}

static void add_flow(struct text_table *table, const char *from, const char *to,
                     const struct flow *flow, bool counted)
{
    text_table_add(table, "%s", from);
    text_table_add(table, "%s", to);
    text_table_add(table, "%" PRIu32, flow->slots);
    if (counted)
        text_table_add(table, "%" PRIu64, flow->keys);
    else
        text_table_add(table, "unknown");
}

static void add_flows(struct text_table *table, const struct keys_moved *moved,
                      uint16_t from)
{
    for (uint16_t to = 0; to < moved->after.count; to++) {
        struct flow flow = flow_of(moved, from, to);
        if (flow.slots > 0)
            add_flow(table, moved->today->nodes[from].id,
                     moved->after.nodes[to].id, &flow, moved->counted[from]);
    }
}

// All that moves; false when the keys of some of it are not known.
static bool moved_sum(const struct keys_moved *moved, struct flow *sum)
{
    bool counted = true;
    *sum = (struct flow){0};
    for (uint16_t from = 0; from < moved->today->count; from++) {
        struct flow flow = flow_of(moved, from, TO_ANY);
        sum->slots += flow.slots;
        sum->keys += flow.keys;
        counted &= flow.slots == 0 || moved->counted[from];
    }
    return counted;
}

void keys_moved_text(const struct keys_moved *moved, struct buffer *out)
{
    static const char *const heads[] = {"from", "to", "slots", "keys"};
    struct text_table table;
    struct flow sum;
    bool counted = moved_sum(moved, &sum);
    text_table_init(&table, "llrr");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        text_table_add(&table, "%s", heads[i]);
    for (uint16_t from = 0; from < moved->today->count; from++)
        add_flows(&table, moved, from);
    add_flow(&table, "all", "", &sum, counted);
    text_table_format(&table, out);
    text_table_deinit(&table);
    buffer_printf(out,
                  "%.1f %% of all slots would move; the optimum, by the "
                  "weights, is %.0f slots (%.1f %%).\n"
                  "Nothing was changed.\n",
                  100.0 * sum.slots / SLOT_COUNT, moved->optimum,
                  100.0 * moved->optimum / SLOT_COUNT);
}

static json_t *json_of_flow(const struct flow *flow, bool counted)
{
    return json_pack("{s:i, s:o}", "slots", (int)flow->slots, "keys",
                     counted ? json_integer((json_int_t)flow->keys)
                             : json_null());
}

json_t *keys_moved_json(const struct keys_moved *moved)
{
    struct flow sum;
    bool counted = moved_sum(moved, &sum);
    json_t *moves = json_array();
    for (uint16_t from = 0; from < moved->today->count; from++) {
        for (uint16_t to = 0; to < moved->after.count; to++) {
            struct flow flow = flow_of(moved, from, to);
            if (flow.slots == 0)
                continue;
            json_t *one = json_of_flow(&flow, moved->counted[from]);
            json_object_set_new(one, "from",
                                json_string(moved->today->nodes[from].id));
            json_object_set_new(one, "to",
                                json_string(moved->after.nodes[to].id));
            json_array_append_new(moves, one);
        }
    }
    return json_pack("{s:o, s:o, s:f}", "moves", moves, "all",
                     json_of_flow(&sum, counted), "optimum_slots",
                     moved->optimum);
}
