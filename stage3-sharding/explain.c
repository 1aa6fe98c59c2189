// explain.c -- `vega-client explain KEY`.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/explain.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/client/cli_format.h"

static void explain_token(const struct topology *topology,
                          struct explanation *explanation)
{
    struct ring_node *nodes = topology_ring_nodes(topology);
    explanation->token.node = TOPOLOGY_NOBODY;
    if (!nodes)
        return;
    struct ring ring;
    ring_init(&ring, nodes, topology->count);
    explanation->token = *ring_token_of(&ring, explanation->slot);
    ring_deinit(&ring);
    const char *id = nodes[explanation->token.node].id;
    while (ring_token_position(id, explanation->token_index) !=
           explanation->token.position)
        explanation->token_index++;
    free(nodes);
}

void explain_key(const struct topology *topology, struct slice key,
                 struct explanation *explanation)
{
    uint16_t slot = slot_of_key(key);
    *explanation = (struct explanation){
        .key = key,
        .counted = slot_tag(key),
        .crc = slot_crc16(slot_tag(key)),
        .slot = slot,
        .position = ring_position(slot),
        .owner = topology->slots[slot].owner,
        .epoch = topology->slots[slot].epoch,
    };
    explain_token(topology, explanation);
}

bool explain_agrees(const struct explanation *explanation)
{
    return explanation->owner == TOPOLOGY_NOBODY ||
           explanation->token.node == TOPOLOGY_NOBODY ||
           explanation->owner == explanation->token.node;
}

static void append_node(const struct topology *topology, uint32_t node,
                        struct buffer *out)
{
    char address[TOPOLOGY_ADDRESS_MAX];
    const struct topology_node *known = &topology->nodes[node];
    buffer_append_text(out, known->id);
    if (!known->client.port)
        return;
    topology_address_format(&known->client, address);
    buffer_printf(out, " at %s", address);
}

static void append_ring(const struct topology *topology,
                        const struct explanation *explanation,
                        struct buffer *out)
{
    uint32_t node = explanation->token.node;
    if (node == TOPOLOGY_NOBODY) {
        buffer_append_text(out, "by the ring    not known: the weight of a "
                                "node is missing\n");
        return;
    }
    buffer_printf(out,
                  "token          0x%016" PRIx64 ", the first from there on: "
                  "%s/%" PRIu32 "\n",
                  explanation->token.position, topology->nodes[node].id,
                  explanation->token_index);
    buffer_append_text(out, "by the ring    ");
    append_node(topology, node, out);
    buffer_append_byte(out, '\n');
}

void explain_text(const struct topology *topology,
                  const struct explanation *explanation, struct buffer *out)
{
    bool is_tag = explanation->counted.size != explanation->key.size;
    buffer_append_text(out, "key            ");
    cli_format_quoted(out, explanation->key);
    buffer_append_text(out, is_tag ? ", of which only the tag counts: " : "");
    if (is_tag)
        cli_format_quoted(out, explanation->counted);
    buffer_printf(out, "\nCRC-16         %u (0x%04x)\n", explanation->crc,
                  explanation->crc);
    buffer_printf(out, "slot           %u, CRC-16 mod %d\n", explanation->slot,
                  SLOT_COUNT);
    buffer_printf(out, "ring position  0x%016" PRIx64 ", slot << %d\n",
                  explanation->position, 64 - SLOT_BITS);
    append_ring(topology, explanation, out);
    buffer_append_text(out, "by the map     ");
    if (explanation->owner == TOPOLOGY_NOBODY) {
        buffer_append_text(out, "not known: no node told of it\n");
        return;
    }
    append_node(topology, explanation->owner, out);
    buffer_printf(out, ", epoch %" PRIu64 "\n", explanation->epoch);
    if (!explain_agrees(explanation))
        buffer_append_text(out, "Map and ring disagree; the nodes follow the "
                                "map.\n");
}

static json_t *json_of_bytes(struct slice bytes)
{
    struct buffer text = {0};
    cli_format_json_text(&text, bytes);
    json_t *json = json_loadb(text.data, text.size,
                              JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    buffer_deinit(&text);
    return json;
}

static json_t *json_of_node(const struct topology *topology, uint32_t node)
{
    char address[TOPOLOGY_ADDRESS_MAX] = "";
    if (node == TOPOLOGY_NOBODY)
        return json_null();
    if (topology->nodes[node].client.port)
        topology_address_format(&topology->nodes[node].client, address);
    return json_pack("{s:s, s:s}", "id", topology->nodes[node].id, "address",
                     address);
}

// Positions are texts: a number of JSON is no 64 bits everywhere.
static json_t *json_of_position(uint64_t position)
{
    return json_sprintf("0x%016" PRIx64, position);
}

json_t *explain_json(const struct topology *topology,
                     const struct explanation *explanation)
{
    uint32_t node = explanation->token.node;
    json_t *json = json_pack(
        "{s:o, s:o, s:i, s:i, s:o}", "key", json_of_bytes(explanation->key),
        "counted", json_of_bytes(explanation->counted), "crc16",
        (int)explanation->crc, "slot", (int)explanation->slot, "position",
        json_of_position(explanation->position));
    if (node != TOPOLOGY_NOBODY)
        json_object_set_new(
            json, "token",
            json_pack("{s:o, s:s, s:i}", "position",
                      json_of_position(explanation->token.position), "node",
                      topology->nodes[node].id, "index",
                      (int)explanation->token_index));
    json_object_set_new(json, "by_ring", json_of_node(topology, node));
    json_object_set_new(json, "by_map",
                        json_of_node(topology, explanation->owner));
    json_object_set_new(json, "epoch",
                        json_integer((json_int_t)explanation->epoch));
    json_object_set_new(json, "agree",
                        json_boolean(explain_agrees(explanation)));
    return json;
}
