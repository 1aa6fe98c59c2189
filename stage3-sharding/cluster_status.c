// cluster_status.c -- `vega-client cluster status`.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_status.h"

#include <inttypes.h>
#include <jansson.h>

#include "stage3-sharding/text_table.h"

// Of the nodes that answered; the slots of all.
struct sums {
    uint32_t slots;
    int64_t keys, memory_bytes;
    double ops_per_second, p99_us; // The worst.
};

static struct sums status_sums(const struct cluster_view *view)
{
    struct sums sums = {0};
    for (uint16_t i = 0; i < view->topology.count; i++) {
        const struct cluster_view_node *node = &view->nodes[i];
        sums.slots += topology_share(&view->topology, i);
        sums.keys += node->keys;
        sums.memory_bytes += node->memory_bytes;
        sums.ops_per_second += node->ops_per_second;
        if (node->p99_us > sums.p99_us)
            sums.p99_us = node->p99_us;
    }
    return sums;
}

// ---- Text

static void add_size(struct text_table *table, int64_t bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double size = (double)bytes;
    size_t unit = 0;
    while (size >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        size /= 1024;
        unit++;
    }
    text_table_add(table, unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

static void add_figures(struct text_table *table, int64_t keys,
                        int64_t memory_bytes, double ops_per_second,
                        double p99_us)
{
    text_table_add(table, "%" PRId64, keys);
    add_size(table, memory_bytes);
    text_table_add(table, "%.0f", ops_per_second);
    text_table_add(table, "%.1f us", p99_us);
}

static void add_node(struct text_table *table, const struct cluster_view *view,
                     uint16_t index)
{
    const struct topology_node *known = &view->topology.nodes[index];
    const struct cluster_view_node *node = &view->nodes[index];
    char address[TOPOLOGY_ADDRESS_MAX] = "-";
    if (known->client.port)
        topology_address_format(&known->client, address);
    text_table_add(table, "%s", known->id);
    text_table_add(table, "%s", address);
    text_table_add(table, "%" PRIu32, topology_share(&view->topology, index));
    if (node->answered) {
        add_figures(table, node->keys, node->memory_bytes, node->ops_per_second,
                    node->p99_us);
    } else {
        for (int i = 0; i < 4; i++)
            text_table_add(table, "-");
    }
    text_table_add(table, "%" PRIu64,
                   topology_node_epoch(&view->topology, index));
    text_table_add(table, "%s%s", node->answered ? "" : "no answer: ",
                   node->answered ? node->health : node->problem);
}

void cluster_status_text(const struct cluster_view *view, struct buffer *out)
{
    static const char *const heads[] = {"id",   "address", "slots",
                                        "keys", "memory",  "ops/s",
                                        "p99",  "epoch",   "health"};
    struct sums sums = status_sums(view);
    struct text_table table;
    text_table_init(&table, "llrrrrrrl");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        text_table_add(&table, "%s", heads[i]);
    for (uint16_t i = 0; i < view->topology.count; i++)
        add_node(&table, view, i);
    text_table_add(&table, "all");
    text_table_add(&table, " ");
    text_table_add(&table, "%" PRIu32, sums.slots);
    add_figures(&table, sums.keys, sums.memory_bytes, sums.ops_per_second,
                sums.p99_us);
    text_table_add(&table, "%" PRIu64, topology_epoch(&view->topology));
    text_table_add(&table, "%u of %u nodes answer", cluster_view_answered(view),
                   view->topology.count);
    text_table_format(&table, out);
    text_table_deinit(&table);
}

// ---- JSON

static void set_figures(json_t *json, int64_t keys, int64_t memory_bytes,
                        double ops_per_second, double p99_us)
{
    json_object_set_new(json, "keys", json_integer(keys));
    json_object_set_new(json, "memory_bytes", json_integer(memory_bytes));
    json_object_set_new(json, "ops_per_second", json_real(ops_per_second));
    json_object_set_new(json, "p99_us", json_real(p99_us));
}

static json_t *json_of_node(const struct cluster_view *view, uint16_t index)
{
    static const char *const figures[] = {"keys", "memory_bytes",
                                          "ops_per_second", "p99_us"};
    const struct topology_node *known = &view->topology.nodes[index];
    const struct cluster_view_node *node = &view->nodes[index];
    char address[TOPOLOGY_ADDRESS_MAX] = "";
    if (known->client.port)
        topology_address_format(&known->client, address);
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:i, s:I, s:b}", "id", known->id, "address",
                  address, "weight", (int)known->weight, "slots",
                  (int)topology_share(&view->topology, index), "epoch",
                  (json_int_t)topology_node_epoch(&view->topology, index),
                  "answered", node->answered);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        json_object_set_new(json, figures[i], json_null());
    if (node->answered)
        set_figures(json, node->keys, node->memory_bytes, node->ops_per_second,
                    node->p99_us);
    json_object_set_new(
        json, node->answered ? "health" : "problem",
        json_string(node->answered ? node->health : node->problem));
    return json;
}

json_t *cluster_status_json(const struct cluster_view *view)
{
    struct sums sums = status_sums(view);
    json_t *nodes = json_array();
    for (uint16_t i = 0; i < view->topology.count; i++)
        json_array_append_new(nodes, json_of_node(view, i));
    json_t *all = json_pack(
        "{s:i, s:i, s:i, s:I}", "nodes", (int)view->topology.count, "answered",
        (int)cluster_view_answered(view), "slots", (int)sums.slots, "epoch",
        (json_int_t)topology_epoch(&view->topology));
    set_figures(all, sums.keys, sums.memory_bytes, sums.ops_per_second,
                sums.p99_us);
    return json_pack("{s:o, s:o}", "nodes", nodes, "all", all);
}
